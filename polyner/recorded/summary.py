"""What is computed from records, kept beside them: Table 1, averages and verdicts take time that pages do not have.

The tables are only taken as they are where neither the records nor the code that makes them have changed since.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

import polyner
from polyner.paper.marked import table1_averages_with_marks, table1_cells
from polyner.paper.verdicts import verdict_table, verdicts
from polyner.recorded.read import Recorded
from polyner.recorded.tables import read_table, write_table

_KEY = "key.txt"
# All of these make the tables: a changed constant or data file must not leave old ones.
_PACKAGES = ("analysis", "paper", "recorded", "sections")
_CHANGES = ["model", "regime", "variant", "group", "language", "first", "second", "difference", "low", "high", "seeds"]


def summary(recorded: Recorded) -> dict[str, pd.DataFrame]:
    """Tables of recorded results.

    cells, averages: of Table 1; novel: cells of Table 3 (`paper.marked` has their columns). variants: what each
    variant changes in each language, and on average over a group (language "average"): model, regime, variant, group,
    language, first (plain), second, difference, low, high, seeds. verdicts: on all claims (`paper.verdict_table`).
    """
    folder = recorded.folder / "summary"
    if _kept(folder) != key(recorded.folder):
        return {name: make(recorded) for name, make in _MAKE.items()}
    return {name: read_table(folder / f"{name}.csv") for name in _MAKE}


def write_summary(recorded: Recorded) -> None:
    """Compute the tables and keep them in the records' folder."""
    folder = recorded.folder / "summary"
    for name, make in _MAKE.items():
        write_table(folder / f"{name}.csv", make(recorded), digits=10)
    (folder / _KEY).write_text(key(recorded.folder) + "\n", encoding="utf-8")


def key(folder: Path) -> str:
    """A hash of all records in a folder and of what makes the tables: code, and the data files beside it."""
    root, digest = Path(polyner.__file__).parent, hashlib.sha256()
    made_by = [path for package in _PACKAGES for path in sorted((root / package).rglob("*")) if path.is_file()]
    records = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.parent.name != "summary"]
    for above, paths in ((root, made_by), (folder, records)):
        for path in paths:
            if path.suffix != ".pyc":
                digest.update(path.relative_to(above).as_posix().encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:32]


def _cells(recorded: Recorded) -> pd.DataFrame:
    return table1_cells(_of_table1(recorded), recorded.evidence().contrasts)


def _averages(recorded: Recorded) -> pd.DataFrame:
    return table1_averages_with_marks(_of_table1(recorded), recorded.evidence().contrasts)


def _novel(recorded: Recorded) -> pd.DataFrame:
    results = recorded.results
    novel = results[(results["variant"] == "") & results["group"].map(recorded.is_novel).astype(bool)]
    return table1_cells(novel, recorded.evidence().contrasts)


def _variants(recorded: Recorded) -> pd.DataFrame:
    results, contrasts = recorded.results, recorded.evidence().contrasts
    tables = [pd.DataFrame(columns=_CHANGES)]
    own = results.loc[results["variant"] != "", ["regime", "variant"]].drop_duplicates()
    for regime, variant in own.itertuples(index=False):
        sides = {"regime": regime, "variant": ""}, {"regime": regime, "variant": variant}
        average = contrasts.table(*sides, average=True).assign(language="average")
        table = pd.concat([contrasts.table(*sides), average], ignore_index=True)
        seen = ~table["group"].map(recorded.is_novel).astype(bool)
        tables.append(table[seen].assign(regime=regime, variant=variant))
    return pd.concat(tables[1:] or tables, ignore_index=True)[_CHANGES]


def _verdicts(recorded: Recorded) -> pd.DataFrame:
    return verdict_table(verdicts(recorded.evidence()))


def _of_table1(recorded: Recorded) -> pd.DataFrame:
    results = recorded.results
    return results[(results["variant"] == "") & ~results["group"].map(recorded.is_novel).astype(bool)]


_MAKE: Mapping[str, Callable[[Recorded], pd.DataFrame]] = {
    "cells": _cells,
    "averages": _averages,
    "novel": _novel,
    "variants": _variants,
    "verdicts": _verdicts,
}


def _kept(folder: Path) -> str:
    path = folder / _KEY
    return path.read_text(encoding="utf-8").strip() if path.is_file() else ""
