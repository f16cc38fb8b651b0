"""`polyner tag`: a trained tagger on new text."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, Annotated, Any, Literal

import typer

from polyner.cli.options import Device, RunsFolder, TaggerArgument, open_tagger, opened, tagger_folder
from polyner.cli.output import examples, printable
from polyner.cli.words import Untagged, sentences_in_text
from polyner.corpora.columns import Columns
from polyner.corpora.spans import spans_of
from polyner.errors import SettingsError

EXAMPLES = examples(
    "polyner tag RUN letter.txt --punctuation",
    "polyner tag RUN test.conll > tagged.conll",
    "polyner tag RUN test.conll | polyner score -",
    "echo 'Ada Lovelace lived in London .' | polyner tag RUN --output json",
)
_COLUMN_FILES = (".bio", ".conll", ".conllu", ".iob", ".iob2", ".tsv")


def tag(
    tagger: TaggerArgument,
    file: Annotated[str, typer.Argument(metavar="FILE", help="What to tag; - for standard input.")] = "-",
    language: Annotated[
        str | None,
        typer.Option(
            "--language", "-l", metavar="CODE", help="For a tagger whose languages have their own transitions."
        ),
    ] = None,
    form: Annotated[
        Literal["auto", "conll", "text"],
        typer.Option("--format", help="What comes in: by default CoNLL columns if FILE is named so, else text."),
    ] = "auto",
    punctuation: Annotated[
        bool, typer.Option("--punctuation", help="In text, take punctuation marks for words of their own.")
    ] = False,
    output: Annotated[Literal["conll", "json"], typer.Option("--output", "-o", help="What goes out.")] = "conll",
    block: Annotated[
        int, typer.Option("--block", min=1, help="How many sentences to wait for at most; 1 answers each at once.")
    ] = 256,
    runs: RunsFolder = None,
    device: Device = "auto",
) -> None:
    """Tag new text with a trained tagger.

    In: CoNLL columns (the word in the one that a line '# global.columns = …'
    names FORM, else in the first; the others are kept), or text, one sentence
    a line, words split at blanks.
    Out: the columns and the predicted tag, by tabs; or, for each sentence,
    a line of JSON with its words, tags and entities, whose ends are exclusive.

    Sentences are tagged in blocks as they come.
    """
    if form == "auto":
        form = "conll" if Path(file).suffix.lower() in _COLUMN_FILES else "text"
    if punctuation and form != "text":
        raise SettingsError("--punctuation is for text; in CoNLL columns the words are given")
    with opened(file) as (name, stream):
        model = open_tagger(tagger_folder(tagger, runs), device)
        columns = Columns(name, stream)
        sentences = (
            (Untagged(words, [fields for _, fields in rows]) for words, rows in columns.with_words())
            if form == "conll"
            else sentences_in_text(name, stream, punctuation=punctuation)
        )
        for number, together in enumerate(_blocks(sentences, 1 if stream.isatty() else block)):
            words = [[unicodedata.normalize("NFC", word) for word in sentence.words] for sentence in together]
            if columns.names and output == "conll" and not number:
                print("# global.columns =", *map(printable, columns.names), "PREDICTED")
            _write(sys.stdout, together, model.tag(words, language), output)


def _blocks(sentences: Iterable[Untagged], size: int) -> Iterator[list[Untagged]]:
    """The sentences in blocks that grow up to `size`, so that the first answer comes soon and the rest fast."""
    remaining = iter(sentences)
    grown = 1
    while block := list(islice(remaining, grown)):
        yield block
        grown = min(2 * grown, size)


def _write(stream: IO[str], sentences: Sequence[Untagged], tags: Sequence[Sequence[str]], output: str) -> None:
    shown = printable if stream.isatty() else str
    for sentence, predicted in zip(sentences, tags, strict=True):
        if output == "json":
            stream.write(shown(json.dumps(_as_json(sentence.words, predicted), ensure_ascii=False)) + "\n")
        elif sentence.words:
            rows = zip(sentence.columns, predicted, strict=True)
            stream.write("".join("\t".join(map(shown, [*columns, tag])) + "\n" for columns, tag in rows) + "\n")
    stream.flush()


def _as_json(words: Sequence[str], tags: Sequence[str]) -> dict[str, Any]:
    entities = [
        {"type": span.type, "start": span.start, "end": span.end, "text": " ".join(words[span.start : span.end])}
        for span in spans_of(tags)
    ]
    return {"words": list(words), "tags": list(tags), "entities": entities}
