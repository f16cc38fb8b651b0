"""What is computed from records, kept beside them: Table 1, averages and verdicts take time that pages do not have.

The tables are only taken as they are where neither the records nor the code that makes them have changed since.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from polyner.analysis.differences import Comparison
from polyner.paper.marked import table1_averages_with_marks, table1_cells
from polyner.paper.verdicts import verdict_table, verdicts
from polyner.recorded.read import Recorded
from polyner.recorded.tables import read_table, write_table
from polyner.runs.source import code_version

_KEY = "key.txt"
_CHANGES = ["model", "regime", "variant", "group", "language", "first", "second", "difference", "low", "high", "seeds"]


def summary(recorded: Recorded) -> dict[str, pd.DataFrame]:
    """Tables of recorded results.

    cells, averages: of Table 1; novel: cells of Table 3 (`paper.marked` has their columns). variants: what each
    variant changes in each language, and on average (language "average"): model, regime, variant, group, language,
    first (plain), second, difference, low, high, seeds. verdicts: on all claims (`paper.verdict_table`).
    """
    folder = recorded.folder / "summary"
    if _kept(folder) != key(recorded.folder):
        return {name: make(recorded) for name, make in _MAKE.items()}
    return {name: read_table(folder / f"{name}.csv") for name in _MAKE}


def write_summary(recorded: Recorded) -> None:
    """Compute the tables and keep them in the records' folder."""
    folder = recorded.folder / "summary"
    for name, make in _MAKE.items():
        write_table(folder / f"{name}.csv", make(recorded), digits=6)
    (folder / _KEY).write_text(key(recorded.folder) + "\n", encoding="utf-8")


def key(folder: Path) -> str:
    """A hash of all records in a folder and of the code that computes the tables."""
    digest = hashlib.sha256(code_version(__name__).encode())
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.parent.name != "summary":
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:32]


def _cells(recorded: Recorded) -> pd.DataFrame:
    return table1_cells(_of_table1(recorded), recorded.counts)


def _averages(recorded: Recorded) -> pd.DataFrame:
    return table1_averages_with_marks(_of_table1(recorded), recorded.counts)


def _novel(recorded: Recorded) -> pd.DataFrame:
    results = recorded.results
    novel = results[(results["variant"] == "") & results["group"].map(recorded.is_novel).astype(bool)]
    return table1_cells(novel, recorded.counts)


def _variants(recorded: Recorded) -> pd.DataFrame:
    results, tables = recorded.results, [pd.DataFrame(columns=_CHANGES)]
    for (regime, variant), cells in results[results["variant"] != ""].groupby(["regime", "variant"], sort=False):
        seen = ~results["group"].map(recorded.is_novel).astype(bool)
        own = results[results["model"].isin(cells["model"].unique()) & seen]
        sides = {"regime": regime, "variant": ""}, {"regime": regime, "variant": variant}
        change = Comparison(own, *sides)
        if change.cells.empty:
            continue
        parts = [Comparison(rows, *sides) for _, rows in own.groupby(["model", "group"], sort=False)]
        table = pd.concat([part.table(recorded.counts) for part in parts if len(part.cells)], ignore_index=True)
        mean = change.mean(recorded.counts)
        first, second = table.groupby(["model", "group"])[["first", "second"]].mean().mean()
        table.loc[len(table)] = {
            **{"model": "all" if table["model"].nunique() > 1 else table["model"].iloc[0], "group": "all"},
            **{"language": "average", "first": first, "second": second},
            **{"difference": mean.figure, "low": mean.low, "high": mean.high, "seeds": mean.seeds},
        }
        tables.append(table.assign(regime=regime, variant=variant))
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
