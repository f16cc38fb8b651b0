"""`polyner corpora`: what corpora there are and what is in them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from polyner.cli import corpora_sources, validate
from polyner.cli.options import AsJson, CorporaRoot, Languages, language_codes
from polyner.cli.output import examples, print_json, print_lines, print_note, print_records, print_table
from polyner.corpora.folder import is_sample, mark_sample, read_corpora, write_corpus
from polyner.corpora.languages import in_order, language, language_name, table2
from polyner.corpora.quality import counts
from polyner.corpora.sentence import SPLITS, Corpus, Sentence
from polyner.corpora.spans import spans_of
from polyner.errors import CorpusError, SettingsError

app = typer.Typer(no_args_is_help=True, help="List, show, check and make corpora.")
app.command("validate", epilog=validate.EXAMPLES)(validate.validate)
app.command("fetch", epilog=corpora_sources.FETCH_EXAMPLES)(corpora_sources.fetch_corpora)
app.add_typer(corpora_sources.app, name="import")


@app.command("list", epilog=examples("polyner corpora list", "polyner corpora list --corpora FOLDER --json"))
def list_corpora(
    corpora: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="Show beside it what is there; or 'sample'.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the languages of the paper's Table 2, and those of corpora at hand.

    The column "paper" has the paper's numbers of training sentences; with
    --corpora, those of the corpora at hand and their types stand beside it.
    """
    found = read_corpora(corpora) if corpora else {}
    rows: list[dict[str, Any]] = []
    for each in map(language, in_order([*table2(), *found])):
        row = {name: getattr(each, name) for name in ("code", "name", "family", "genus", "script")}
        row |= {"group": each.group, "paper": each.train_sentences}
        if corpora:
            at_hand = found.get(each.code)
            row |= {split: len(at_hand[split]) if at_hand else None for split in SPLITS}
            row["types"] = list(at_hand.types) if at_hand else None
        rows.append(row)
    if as_json:
        print_json(rows)
        return
    left_out = ("family", "genus", "script") if corpora else ()
    print_records(rows, {name: name for name in rows[0] if name not in left_out})


@app.command(
    "show", epilog=examples("polyner corpora show spa", "polyner corpora show spa deu --corpora FOLDER --sentences 0")
)
def show_corpora(
    languages: Annotated[
        list[str] | None, typer.Argument(metavar="LANGUAGE…", help="ISO 639-3 codes or names; all by default.")
    ] = None,
    corpora: CorporaRoot = "sample",
    sentences: Annotated[int, typer.Option(min=0, help="How many training sentences to show.")] = 3,
    as_json: AsJson = False,
) -> None:
    """Show what corpora hold.

    Shown are sentences, words and entities by split and type, how many tags
    had to be repaired, the fingerprint, and the first sentences."""
    wanted = language_codes(languages)
    found = read_corpora(corpora, wanted)
    if missing := [code for code in wanted or () if code not in found]:
        raise CorpusError(f"{corpora}: no corpus of {', '.join(missing)}")
    described = [_described(corpus, sentences) for corpus in found.values()]
    if as_json:
        print_json(described)
        return
    for number, corpus in enumerate(described):
        types = list(dict.fromkeys(t for split in corpus["splits"].values() for t in split["by_type"]))
        counts = ("sentences", "words", "entities")
        rows = [
            [name, *(split[c] for c in counts), *(split["by_type"].get(t, 0) for t in types), split["repairs"]]
            for name, split in corpus["splits"].items()
        ]
        title = f"{language_name(corpus['language'])} ({corpus['language']}), {corpus['source']}"
        print_lines(*([""] if number else []), title, f"fingerprint {corpus['fingerprint']}", "")
        print_table(["split", *counts, *types, "repairs"], rows)
        print_lines(*([""] if corpus["first"] else []), *(f"  {text}" for text in corpus["first"]))


@app.command(
    "sample",
    epilog=examples("polyner corpora sample --out corpora", "polyner corpora sample --out corpora -l eng,swa --seed 7"),
)
def write_sample(
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where to: FOLDER/LANGUAGE/train.conll, …")],
    languages: Languages = None,
    seed: Annotated[int, typer.Option(min=0, help="Another seed makes other sentences.")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that are there.")] = False,
) -> None:
    """Write the built-in sample corpora, generated sentences, as files."""
    from polyner.corpora.sample import sample_corpus

    codes = language_codes(languages) or tuple(table2())
    there = [path for code in codes for split in SPLITS if (path := out / code / f"{split}.conll").exists()]
    if there and not force:
        raise SettingsError(f"{there[0]} is there already; --force overwrites it")
    made = [sample_corpus(code, seed) for code in codes]
    if not is_sample(out) and (others := {path.parent.name for path in out.glob("*/*.conll")} - set(codes)):
        raise SettingsError(f"{out} holds other corpora ({', '.join(sorted(others))}): name another folder")
    mark_sample(out)
    for corpus in made:
        write_corpus(out, corpus)
    print_lines(f"wrote {', '.join(codes)} to {out}")
    print_note("these sentences are generated: scores on them say nothing about a language or a model")


def _described(corpus: Corpus, sentences: int) -> dict[str, Any]:
    return {
        "language": corpus.language,
        "source": corpus.source,
        "fingerprint": corpus.fingerprint,
        "splits": {s: {**counts(corpus[s]), "repairs": corpus.repairs.get(s, 0)} for s in SPLITS},
        "first": [_bracketed(sentence) for sentence in corpus.train[:sentences]],
    }


def _bracketed(sentence: Sentence) -> str:
    """The sentence with its entities in brackets: `[PER Ada Lovelace] lived in [LOC London] .`"""
    words = list(sentence.words)
    for span in spans_of(sentence.tags):
        words[span.start] = f"[{span.type} {words[span.start]}"
        words[span.end - 1] += "]"
    return " ".join(words)
