"""`polyner corpora validate`: is this a corpus, what is in it, and what is wrong with it?"""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from polyner.cli.options import AsJson
from polyner.cli.output import examples, print_error, print_json, print_lines, print_note, print_table
from polyner.corpora.conll import ConllFile, read_conll, write_conll
from polyner.corpora.folder import is_sample, mark_sample, read_corpora
from polyner.corpora.languages import is_language
from polyner.corpora.prepare import deduplicated, too_long
from polyner.corpora.quality import COLUMNS, described_scripts, splits_quality
from polyner.corpora.sentence import SPLITS
from polyner.corpora.sources.provenance import read_sources, record_derived
from polyner.disk import files_below
from polyner.errors import CorpusError, SettingsError

EXAMPLES = examples(
    "polyner corpora validate FOLDER",
    "polyner corpora validate spa/train.conll",
    "polyner corpora validate FOLDER --json",
    "polyner corpora validate FOLDER --deduplicate CLEANED --keep test",
)
_Read = dict[Path, ConllFile]


def validate(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A file, or a folder with .conll files at any depth.")],
    deduplicate: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write the splits there without repeated sentences.")
    ] = None,
    keep: Annotated[
        Literal["train", "test"],
        typer.Option(help="Which split keeps a sentence that several have, with --deduplicate."),
    ] = "train",
    as_json: AsJson = False,
) -> None:
    """Check corpus files and count what they hold.

    Shown are the tagging scheme, sentences, words and entities by type; then
    sentences that are repeated in the file, or occur in the language's train
    and dev file; tags repaired and lines cleaned while reading; words that are
    not in Unicode's composed form (NFC), or only marks, or turned by
    characters that set a direction; the longest sentence (words) and word
    (bytes); words in scripts that the language is not written in, and words
    that seem to be decoded wrongly. Notes name sentences too long to learn
    from.

    Every malformed file is named with its first bad line, and so is every
    language without all three splits; the exit code is then 2.
    """
    files = _files(path)
    read: _Read = {}
    broken: dict[Path, str] = {}
    for file in files:
        try:
            read[file] = read_conll(file, normalise=False)
        except CorpusError as error:
            broken[file] = str(error)
    reports = _reports(read) | {file: {"file": str(file), "error": error} for file, error in broken.items()}
    missing, notes = _layout(files) if path.is_dir() else ([], [])
    errors = [*broken.values(), *missing]
    said = {file: too_long(found.sentences) for file, found in read.items() if _split(file) in ("train", "dev")}
    notes += [f"{file}, {text}" for file, text in said.items() if text]
    written = [] if errors or deduplicate is None else _write_deduplicated(path, read, deduplicate, keep)
    if as_json:
        deduplicated = {"deduplicated": written} if deduplicate else {}
        of_files = [reports[file] for file in files]
        print_json({"ok": not errors, "files": of_files, "errors": errors, "notes": notes, **deduplicated})
    else:
        _print(path, [reports[file] for file in read])
        print_lines(*(f"wrote {item['file']}: {item['removed']:,} sentences removed" for item in written))
        for note in notes:
            print_note(note)
    for error in errors:
        print_error(error)
    if errors:
        raise typer.Exit(2)


def _files(path: Path) -> list[Path]:
    """The file, or all of the folder. Raises CorpusError where there is none."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise CorpusError(f"{path}: no such file or folder")
    if not (files := [file for file in files_below(path) if file.suffix == ".conll"]):
        raise CorpusError(f"{path}: no .conll file in it")
    return files


def _reports(read: _Read) -> dict[Path, dict[str, Any]]:
    """What `polyner corpora validate --json` says about each file that could be read."""
    reports = {}
    for folder in dict.fromkeys(file.parent for file in read):
        whole = {_split(file): file for file in read if file.parent == folder}
        qualities = splits_quality({split: read[file] for split, file in whole.items()}, _language(folder))
        for split, file in whole.items():
            reports[file] = {"file": str(file), "error": None, "scheme": read[file].scheme, **qualities[split]}
    return reports


def _language(folder: Path) -> str:
    """The folder's own name, not that of where a symbolic link leads."""
    return Path(os.path.abspath(folder)).name


def _split(file: Path) -> str:
    return file.stem if file.stem in SPLITS and file.suffix == ".conll" else file.name


def _write_deduplicated(path: Path, read: _Read, target: Path, keep: str) -> list[dict[str, Any]]:
    """Write every language's splits without repeated sentences to `target`, laid out as below `path`.

    Before anything is written, raises SettingsError where a file is there already, and CorpusError where nothing is
    left of a split.
    """
    root = path if path.is_dir() else path.parent
    splits = {file: found.sentences for file, found in read.items() if _split(file) in SPLITS}
    if not splits:
        raise SettingsError(f"{path}: --deduplicate is for files named train.conll, dev.conll and test.conll")
    if there := [file for file in splits if (target / file.relative_to(root)).exists()]:
        raise SettingsError(f"{target / there[0].relative_to(root)} is there already: name another folder")
    result = {}
    for folder in dict.fromkeys(file.parent for file in splits):
        own = {file.stem: sentences for file, sentences in splits.items() if file.parent == folder}
        kept, lost = deduplicated(own, keep=keep)
        if empty := [split for split in kept if not kept[split]]:
            raise CorpusError(f"{folder.relative_to(root)}: nothing is left of {empty[0]}.conll")
        result |= {target / folder.relative_to(root) / f"{split}.conll": (kept[split], lost[split]) for split in kept}
    if is_sample(root):
        mark_sample(target)
    with ExitStack() as undo:
        for file, (sentences, _) in result.items():
            write_conll(file, sentences)
            undo.callback(file.unlink)
        undo.pop_all()
    if known := [code for code in read_sources(root) if (target / code).is_dir()]:
        said = f"repeated sentences removed, {keep} keeps those of several splits"
        record_derived(target, root, read_corpora(target, known).values(), said)
    return [{"file": str(file), "removed": removed, "sentences": len(kept)} for file, (kept, removed) in result.items()]


def _layout(files: list[Path]) -> tuple[list[str], list[str]]:
    """What is missing from the languages' folders, and which folders are named by no language's code."""
    missing, notes = [], []
    for folder in dict.fromkeys(file.parent for file in files):
        absent = [f"{split}.conll" for split in SPLITS if folder / f"{split}.conll" not in files]
        if absent and len(absent) < len(SPLITS):
            missing.append(f"{folder}: {' and '.join(absent)} missing")
        if not is_language(_language(folder)):
            notes.append(f"{folder}: not named by an ISO 639-3 code, so it is not read as a corpus")
    return missing, notes


def _print(path: Path, reports: list[dict[str, Any]]) -> None:
    """A table of what is there, and one of what is wrong."""
    if not reports:
        return
    types = sorted({entity_type for report in reports for entity_type in report["by_type"]})
    columns = ("scheme", "sentences", "words", "entities")
    counts, faults = [], []
    for report in reports:
        name = str(Path(report["file"]).relative_to(path)) if path.is_dir() else report["file"]
        counts.append([name, *map(report.get, columns), *(report["by_type"].get(kind, 0) for kind in types)])
        shown = report | {"other_scripts": described_scripts(report["other_scripts"])}
        words = f" ({' '.join(report['examples'])})" if report["examples"] else ""
        faults.append([name, *(shown[key] for key in list(COLUMNS)[:-1]), f"{report['suspicious']}{words}"])
    print_table(["file", *columns, *types], counts)
    print_lines("")
    print_table(["file", *COLUMNS.values()], faults)
