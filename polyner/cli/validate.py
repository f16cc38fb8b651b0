"""`polyner corpora validate`: is this a corpus, and what is in it?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from polyner.cli.options import AsJson
from polyner.cli.output import examples, print_error, print_json, print_note, print_table
from polyner.corpora.languages import LANGUAGES
from polyner.corpora.sentence import SPLITS, Sentence
from polyner.corpora.spans import spans_of
from polyner.errors import CorpusError

EXAMPLES = examples(
    "polyner corpora validate FOLDER",
    "polyner corpora validate spa/train.conll",
    "polyner corpora validate FOLDER --json",
)


def validate(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A file, or a folder with .conll files at any depth.")],
    as_json: AsJson = False,
) -> None:
    """Check corpus files and count what they hold.

    Shown are the tagging scheme, sentences, words, entities by type, and tags
    that had to be repaired. Every malformed file is named with its first bad
    line, and so is every language without all three splits; the exit code is
    then 2.
    """
    files = _files(path)
    reports = [_report(file) for file in files]
    errors = [report["error"] for report in reports if report["error"]]
    notes: list[str] = []
    if path.is_dir():
        missing, notes = _layout(files)
        errors += missing
    if as_json:
        print_json({"ok": not errors, "files": reports, "errors": errors, "notes": notes})
    else:
        _print(path, [report for report in reports if not report["error"]])
        for note in notes:
            print_note(note)
    for error in errors:
        print_error(error)
    if errors:
        raise typer.Exit(2)


def entity_counts(sentences: Iterable[Sentence]) -> dict[str, int]:
    """How many entities of each type the sentences hold, types sorted."""
    counts = Counter(span.type for sentence in sentences for span in spans_of(sentence.tags))
    return dict(sorted(counts.items()))


def _files(path: Path) -> list[Path]:
    """The file, or all of the folder. Raises CorpusError where there is none."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise CorpusError(f"{path}: no such file or folder")
    files = sorted(file for file in path.rglob("*.conll") if file.is_file())
    if not files:
        raise CorpusError(f"{path}: no .conll file in it")
    return files


def _report(file: Path) -> dict[str, Any]:
    """What `polyner corpora validate --json` says about a file."""
    from polyner.corpora.conll import read_conll

    try:
        read = read_conll(file)
    except CorpusError as error:
        return {"file": str(file), "error": str(error)}
    by_type = entity_counts(read.sentences)
    return {
        "file": str(file),
        "error": None,
        "scheme": read.scheme,
        "sentences": len(read.sentences),
        "words": sum(map(len, read.sentences)),
        "entities": sum(by_type.values()),
        "by_type": by_type,
        "repairs": read.repairs,
    }


def _layout(files: list[Path]) -> tuple[list[str], list[str]]:
    """What is missing from the languages' folders, and which folders are named by no language of Table 2."""
    missing, notes = [], []
    for folder in dict.fromkeys(file.parent for file in files):
        absent = [f"{split}.conll" for split in SPLITS if folder / f"{split}.conll" not in files]
        if absent and len(absent) < len(SPLITS):
            missing.append(f"{folder}: {' and '.join(absent)} missing")
        if folder.resolve().name not in LANGUAGES:
            notes.append(f"{folder}: not named by a language code of Table 2, so it is not read as a corpus")
    return missing, notes


def _print(path: Path, reports: list[dict[str, Any]]) -> None:
    types = sorted({entity_type for report in reports for entity_type in report["by_type"]})
    rows = [
        [
            str(Path(report["file"]).relative_to(path)) if path.is_dir() else report["file"],
            *(report[name] for name in ("scheme", "sentences", "words", "entities")),
            *(report["by_type"].get(entity_type, 0) for entity_type in types),
            report["repairs"],
        ]
        for report in reports
    ]
    if rows:
        print_table(["file", "scheme", "sentences", "words", "entities", *types, "repairs"], rows)
