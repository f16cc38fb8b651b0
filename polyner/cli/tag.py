"""`polyner tag`: a trained tagger on new text."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from polyner.cli.options import Device, RunsFolder, open_tagger, opened, regime_named, tagger_folder
from polyner.cli.output import examples, print_json, print_note, print_table, printable
from polyner.cli.words import FORMS, Untagged, sentences_in_text, split_words
from polyner.corpora.columns import Columns
from polyner.corpora.languages import language_code
from polyner.errors import SettingsError
from polyner.names import REGIME_NAMES
from polyner.taggers.collection import Collection
from polyner.taggers.guess import guess_language

EXAMPLES = examples(
    "echo 'Werner Herzog drehte in Peru.' | polyner tag --language deu",
    "polyner tag letter.txt --regime polyglot",
    "polyner tag --list",
    "polyner tag RUN test.conll | polyner score -",
    "echo 'Ada Lovelace lived in London .' | polyner tag RUN --output json --marginals",
)
_COLUMN_FILES = (".bio", ".conll", ".conllu", ".iob", ".iob2", ".tsv")
_TO_GUESS = 20  # sentences from which a language is guessed


def tag(
    tagger: Annotated[
        str | None,
        typer.Argument(
            metavar="RUN",
            help="A run's id, its beginning or end, or a folder with a saved tagger; by default one that comes with "
            "the package.",
        ),
    ] = None,
    file: Annotated[
        str | None, typer.Argument(metavar="FILE", help="What to tag; by default, or for -, standard input.")
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(
            "--language",
            "-l",
            metavar="CODE",
            help="ISO 639-3 code or name, by default guessed from the text; with RUN only for a tagger whose languages "
            "have their own transitions.",
        ),
    ] = None,
    regime: Annotated[
        str | None, typer.Option(help="monolingual, polyglot or fine-tuned; by default the best on development data.")
    ] = None,
    taggers: Annotated[
        str | None,
        typer.Option(
            metavar="FOLDER",
            help="A folder that 'polyner export' wrote; by default $POLYNER_TAGGERS, or the package's.",
        ),
    ] = None,
    form: Annotated[
        Literal["auto", "conll", "text"],
        typer.Option("--format", help="What comes in: by default CoNLL columns if FILE is named so, else text."),
    ] = "auto",
    punctuation: Annotated[
        bool | None,
        typer.Option(
            "--punctuation/--no-punctuation",
            help="In text, take punctuation marks for words of their own; by default without RUN.",
        ),
    ] = None,
    output: Annotated[
        Literal["auto", "conll", "json", "text"],
        typer.Option("--output", "-o", help="What goes out: by default text on a terminal, else conll."),
    ] = "auto",
    marginals: Annotated[
        bool, typer.Option("--marginals", help="With p(tag | sentence) of each word, of architectures with a CRF.")
    ] = False,
    block: Annotated[
        int, typer.Option(min=1, help="How many sentences to wait for at most; 1 answers each at once.")
    ] = 256,
    listed: Annotated[bool, typer.Option("--list", help="Show which taggers there are, and tag nothing.")] = False,
    runs: RunsFolder = None,
    device: Device = "auto",
) -> None:
    """Tag text with a tagger that comes with the package, or with one of yours.

    In: CoNLL columns (the word in the one that a line '# global.columns = …'
    names FORM, else in the first; the others are kept), or text, one sentence
    a line, words split at blanks and, without RUN, from punctuation.
    Out: the columns and the predicted tag, by tabs (conll); for each sentence
    a line of JSON with its words, tags and entities, whose ends are exclusive;
    or the sentences with their entities marked (text).
    --marginals adds the probability of each tag, and to an entity the least
    one of its words.

    Sentences are tagged in blocks as they come.
    """
    if listed:
        _list(Collection.open(taggers), output == "json")
        return
    if file is None and tagger is not None and _means_file(tagger):
        tagger, file = None, tagger
    file = file or "-"
    if form == "auto":
        form = "conll" if Path(file).suffix.lower() in _COLUMN_FILES else "text"
    if punctuation and form != "text":
        raise SettingsError("--punctuation is for text; in CoNLL columns the words are given")
    if punctuation is None:
        punctuation = tagger is None
    if tagger is not None and (regime or taggers):
        raise SettingsError("--regime and --taggers choose among the taggers of a folder, so they go without RUN")
    regime = regime_named(regime, REGIME_NAMES) if regime else None
    collection = None if tagger is not None else Collection.open(taggers)
    language = language_code(language) if language else None
    if collection and language:
        collection.choose(language, regime)  # says what is there before anything is read
    if output == "auto":
        output = "text" if sys.stdout.isatty() else "conll"
    with opened(file) as (name, stream):
        columns = Columns(name, stream)
        sentences = (
            (Untagged(words, [fields for _, fields in rows]) for words, rows in columns.with_words())
            if form == "conll"
            else sentences_in_text(name, stream, punctuation=punctuation)
        )
        block = 1 if stream.isatty() else block
        if collection:
            language, sentences = _known(collection, language, sentences, block)
            chosen = collection.choose(language, regime)
            if chosen["regime"] == "zero_shot":
                print_note(f"no polyglot tagger has learnt {language}: this one tags it zero-shot")
            folder = collection.folder / chosen["run"]
        else:
            folder = tagger_folder(tagger, runs)
        model = open_tagger(folder, device)
        for number, together in enumerate(_blocks(sentences, block)):
            words = [[unicodedata.normalize("NFC", word) for word in sentence.words] for sentence in together]
            tags = model.tag(words, language)
            shares = _probabilities(model, words, language, tags) if marginals else [None] * len(words)
            if columns.names and output == "conll" and not number:
                print("# global.columns =", *map(printable, columns.names), "PREDICTED", *["PROBABILITY"] * marginals)
            for sentence, predicted, probabilities in zip(together, tags, shares, strict=True):
                sys.stdout.write(FORMS[output](sentence, predicted, probabilities))
            sys.stdout.flush()


def _means_file(text: str) -> bool:
    """Whether the only argument is something to tag: runs' ids have no ending, and a folder is a tagger."""
    return text == "-" or Path(text).is_file() or bool(Path(text).suffix and not Path(text).is_dir())


def _probabilities(
    model: Any, words: Sequence[Sequence[str]], language: str | None, tags: Sequence[Sequence[str]]
) -> list[list[float]]:
    """p(tag | sentence) of the tags that words were given."""
    index = {tag: at for at, tag in enumerate(model.tags)}
    return [
        [round(row[index[tag]], 4) for row, tag in zip(rows.tolist(), own, strict=True)]
        for rows, own in zip(model.marginals(words, language), tags, strict=True)
    ]


def _known(
    collection: Collection, language: str | None, sentences: Iterator[Untagged], block: int
) -> tuple[str, Iterator[Untagged]]:
    """The language, if need be guessed from the first sentences; and all sentences."""
    if language:
        return language, sentences
    first, filled = [], 0
    while filled < min(block, _TO_GUESS) and (sentence := next(sentences, None)) is not None:
        first.append(sentence)
        filled += bool(sentence.words)
    words = [part for sentence in first for word in sentence.words for part in split_words(word)]
    guess = guess_language(words, collection.languages)
    if guess.code is None:
        raise SettingsError(f"no tagger reads this script: there are taggers of {', '.join(collection.languages)}")
    name = collection.languages[guess.code]["name"]
    doubt = "" if guess.sure else ", not clearly"
    if words:
        print_note(f"the text is taken for {name} ({guess.code}){doubt}; --language says otherwise")
    return guess.code, chain(first, sentences)


def _blocks(sentences: Iterable[Untagged], size: int) -> Iterator[list[Untagged]]:
    """The sentences in blocks that grow up to `size`, so that the first answer comes soon and the rest fast."""
    remaining = iter(sentences)
    grown = 1
    while block := list(islice(remaining, grown)):
        yield block
        grown = min(2 * grown, size)


def _list(collection: Collection, as_json: bool) -> None:
    if as_json:
        print_json({"folder": str(collection.folder), **collection.about, "languages": collection.languages})
        return
    regimes = [name for name in REGIME_NAMES if any(name in each["models"] for each in collection.languages.values())]
    rows = [
        (code, each["name"], each["sentences"], *(each["models"].get(name, {}).get("f1") for name in regimes))
        for code, each in collection.languages.items()
    ]
    print_table(("code", "language", "sentences", *(f"F1 {REGIME_NAMES[name]}" for name in regimes)), rows)
