"""Findings as small text files, in `book/results/<name>/`: about.json, corpora.json, a file a run, tables as CSV."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from polyner.errors import StoreError
from polyner.findings.findings import ESTIMATES_OF, Estimates, Findings, estimate_table, estimates_of
from polyner.findings.runs import Record
from polyner.study.settings import book_folder

_ABOUT, _CORPORA, _ESTIMATES = "about.json", "corpora.json", "estimates.csv"
# Compressed: a row for each pair of languages, layer and seed.
_LARGE = {"fisher"}
_DEPTH = 4  # levels that are spread over lines
# Columns of text that may be empty: there an empty cell is no missing value.
_TEXT = {"variant", "languages"}


def save(findings: Findings, folder: Path) -> None:
    """Write findings into a folder, in place of what was there of the same models.

    Tables and estimates that they do not have stay as they were recorded, if they are of the same runs.
    """
    wanted = {folder / "runs" / name: each for name, each in _by_name(findings).items()}
    for path, each in wanted.items():
        write_json(path, each)
    for model in findings.about["settings"]["models"]:
        for path in (folder / "runs" / model).rglob("*.json"):
            if path not in wanted:
                path.unlink()
    write_json(folder / _CORPORA, findings.corpora)
    write_json(folder / _ABOUT, {key: value for key, value in findings.about.items() if key != "name"})
    _drop_outdated(findings, folder / "tables")
    for name, table in findings.tables.items():
        write_table(folder / "tables" / f"{name}.csv{'.gz' * (name in _LARGE)}", table)
    computed = {name: of_it for name, of_it in findings.estimates.items() if of_it}
    if estimates := _estimates(folder) | computed:
        write_table(folder / "tables" / _ESTIMATES, estimate_table(estimates))


def _drop_outdated(findings: Findings, folder: Path) -> None:
    """Delete what is recorded of an analysis of runs that are none of these, with its estimates."""
    ids, gone = {each["run"] for each in findings.runs}, set()
    for path in folder.glob("*.csv*"):
        table, name = read_table(path), _name(path)
        if name not in findings.tables and "run" in table and not set(table["run"]) <= ids:
            path.unlink()
            gone |= set(ESTIMATES_OF.get(name, ()))
    if gone and (path := folder / _ESTIMATES).is_file():
        table = read_table(path)
        write_table(path, table[~table["name"].isin(gone)])


def load(folder: Path) -> Findings:
    """The findings in a folder. Raises StoreError for a file that is missing or damaged."""
    paths = sorted(path for path in (folder / "tables").glob("*.csv*") if path.name != _ESTIMATES)
    tables, estimates = {_name(path): read_table(path) for path in paths}, _estimates(folder)
    about = {**read_json(folder / _ABOUT), "name": folder.name}
    runs, corpora = list(earlier_records(folder)), read_json(folder / _CORPORA)
    try:
        return Findings.of_runs(runs, corpora, about, tables=tables, estimates=estimates)
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(f"{folder}: damaged: {error}: record it again") from None
    except StoreError as error:
        raise StoreError(f"{folder}: {error}") from None


def _name(path: Path) -> str:
    return path.name.partition(".")[0]


def results_folder() -> Path:
    """Where findings are recorded, a folder each."""
    return book_folder() / "results"


def recorded_titles(folder: Path | None = None) -> dict[str, str]:
    """The titles of all recorded findings below a folder (default: the book's), by name."""
    paths = sorted((folder or results_folder()).glob(f"*/{_ABOUT}"))
    return {path.parent.name: read_json(path).get("title") or path.parent.name for path in paths}


def all_recorded(folder: Path | None = None) -> list[Findings]:
    """All findings recorded below a folder (default: the book's): those of the largest training sets first, but those
    without polyglot results, which leave most questions open, last."""

    def place(each: Findings) -> tuple[bool, float, str]:
        return "polyglot" not in set(each.results["regime"]), -each.training_sentences, each.name

    return sorted((load((folder or results_folder()) / name) for name in recorded_titles(folder)), key=place)


def recorded(name: str, folder: Path | None = None) -> Findings:
    """The recorded findings of that name, or in the folder of that path. Raises StoreError where there are none."""
    if name in (known := recorded_titles(folder)):
        return load((folder or results_folder()) / name)
    if (Path(name) / _ABOUT).is_file():
        return load(Path(name).resolve())
    there = f"there are {', '.join(known)}" if known else "there are none"
    raise StoreError(f"no recorded results {name!r} in {folder or results_folder()}: {there}")


def _by_name(findings: Findings) -> dict[str, Record]:
    """The runs by their file below `runs/`: model, regime and variant, languages (and the number of sentences, where
    these are not all that the corpora have), the group where a language is fine-tuned from several, and seed."""
    names = [_named(each, findings.corpora) for each in findings.runs]
    often, found = Counter(names), {}
    for (stem, seed), each in zip(names, findings.runs, strict=True):
        group = "-" + re.sub(r"\W+", "_", each["asks"][0]["group"]) if often[stem, seed] > 1 else ""
        found[f"{stem}{group}-s{seed}.json"] = each
    return found


def _named(record: Record, corpora: Mapping[str, Any]) -> tuple[str, int]:
    spec, asks = record["spec"], record["asks"]
    variant = asks[0]["variant"] if asks else ""
    regime = f"{spec['regime']}-{variant}" if variant else spec["regime"]
    codes = spec["languages"]
    languages = "+".join(codes) if len(codes) <= 20 else f"{len(codes)}+languages"
    sentences = record["sentences"][codes[0]]
    cut = f"-{sentences}" if sentences != corpora[codes[0]]["sentences"]["train"] else ""
    return f"{spec['model']}/{regime}/{languages}{cut}", spec["seed"]


def earlier_records(folder: Path) -> Iterable[Record]:
    """What is recorded of runs in a folder."""
    return map(read_json, sorted((folder / "runs").rglob("*.json")))


def _estimates(folder: Path) -> Estimates:
    path = folder / "tables" / _ESTIMATES
    with reading(path):
        return estimates_of(read_table(path)) if path.is_file() else {}


def read_json(path: Path) -> Any:
    """The value in a file. Raises StoreError where there is none."""
    with reading(path):
        return json.loads(path.read_text(encoding="utf-8"))


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write a value: its upper levels a line an entry, what lies deeper on one line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_text(value) + "\n", encoding="utf-8", newline="\n")


def _text(value: Any, depth: int = 0) -> str:
    inner, end = ("\n" + "  " * level for level in (depth + 1, depth))
    if isinstance(value, Mapping) and value and depth < _DEPTH:
        items = (f"{json.dumps(name)}: {_text(item, depth + 1)}" for name, item in value.items())
        return "{" + inner + f",{inner}".join(items) + end + "}"
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        return "[" + inner + f",{inner}".join(json.dumps(item, ensure_ascii=False) for item in value) + end + "]"
    return json.dumps(value, ensure_ascii=False)


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table as CSV, its numbers to ten significant digits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # The same table is the same file, whenever it is compressed.
    compression = {"method": "infer", "mtime": 0}
    table.to_csv(path, index=False, float_format="%.10g", lineterminator="\n", compression=compression)


def read_table(path: Path) -> pd.DataFrame:
    """A table that `write_table` wrote. Raises StoreError where it cannot be read."""
    with reading(path):
        missing_values = {name: [""] for name in pd.read_csv(path, nrows=0).columns if name not in _TEXT}
        return pd.read_csv(path, keep_default_na=False, na_values=missing_values, float_precision="round_trip")


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """What is wrong with a file that is read here, as a StoreError."""
    try:
        yield
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}") from None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise StoreError(f"{path}: damaged: {error}") from None
