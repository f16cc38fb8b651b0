"""The figures of §5 with their intervals, by name and key, as claims are judged on them (`Evidence.figures`).

They are here as tables, too, which are recorded and shown.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from polyner.analysis.changes import change_table
from polyner.analysis.estimates import Estimate
from polyner.analysis.pruning import efficiency, pruning_curve
from polyner.paper.evidence import Evidence
from polyner.sections.errors import (
    common_interactions,
    common_rate_changes,
    common_share_changes,
    recall_error_changes,
)
from polyner.sections.fisher import overlap_figures
from polyner.sections.pruning import area_differences, efficiency_ratios, threshold_differences

Figures = dict[str, Mapping[Any, Any]]

_FIELDS = [entry.name for entry in dataclasses.fields(Estimate)]


def figures_of_errors(recall: pd.DataFrame, common: pd.DataFrame) -> Figures:
    """From the tables of `sections.errors.recall_error_table` and `common_table`: recall_errors by group, gold tag and
    two regimes; common_rates (on common names), common_shares and common_interactions by group and two regimes."""
    rates = {(group, *pair): each for (group, names, *pair), each in common_rate_changes(common).items() if names}
    return {
        "recall_errors": recall_error_changes(recall),
        "common_rates": rates,
        "common_shares": common_share_changes(common),
        "common_interactions": common_interactions(common),
    }


def figures_of_pruning(counts: pd.DataFrame, drop: float) -> Figures:
    """From the table of `sections.pruning.span_counts`: pruning_areas and pruning_thresholds by group and two regimes,
    pruning_ratios by group."""
    return {
        "pruning_areas": area_differences(counts),
        "pruning_thresholds": threshold_differences(counts, drop),
        "pruning_ratios": efficiency_ratios(counts, drop),
    }


def figure_table(figures: Figures) -> pd.DataFrame:
    """Figures as a table to record: name, key (JSON), and the fields of `Estimate`, languages with blanks between."""
    rows = [
        (name, json.dumps(key), *(getattr(each, entry) for entry in _FIELDS))
        for name, of_it in figures.items()
        for key, each in of_it.items()
    ]
    table = pd.DataFrame(rows, columns=["name", "key", *_FIELDS])
    return table.assign(languages=table["languages"].map(" ".join))


def figures_of_table(table: pd.DataFrame) -> Figures:
    """What `figure_table` wrote."""
    figures: dict[str, dict[Any, Any]] = {}
    for row in table.to_dict("records"):
        key = json.loads(row["key"])
        values = {name: row[name] for name in _FIELDS}
        values["languages"] = tuple(str(row["languages"]).split()) if isinstance(row["languages"], str) else ()
        each = Estimate(**{**values, "seeds": int(row["seeds"])})
        figures.setdefault(row["name"], {})[tuple(key) if isinstance(key, list) else key] = each
    return figures


def with_figures(evidence: Evidence, known: Figures) -> Evidence:
    """The same evidence with figures: those that are known, of Fisher information those of its table, and of tables
    that were recorded without figures what their bounds tell."""
    figures = _of_bounds(evidence) | known
    if evidence.fisher is not None:
        figures["overlaps"] = overlap_figures(evidence.fisher)
    return dataclasses.replace(evidence, figures=figures)


def error_tables(recall: pd.DataFrame, common: pd.DataFrame) -> dict[str, pd.DataFrame | None]:
    """From the tables of `sections.errors.recall_error_table` and `common_table`."""
    rates = change_table(recall_error_changes(recall), ["group", "gold", "first", "second"])
    common_rates = change_table(common_rate_changes(common), ["group", "common", "first", "second"])
    return {"recall_errors": _some(rates), "common_errors": _some(common_rates.assign(without=0))}


def pruning_tables(counts: pd.DataFrame, drop: float) -> dict[str, pd.DataFrame | None]:
    """From the table of `sections.pruning.span_counts`."""
    found = threshold_differences(counts, drop)
    table = change_table(found, ["group", "first", "second"])
    table = table.rename(columns={"first_rate": "first_share", "second_rate": "second_share"})
    table["languages"] = [" ".join(each.languages) for each in found.values()]
    languages = counts.groupby("group")["language"].unique()
    table["left_out"] = [
        " ".join(code for code in languages[group] if code not in each.languages) for (group, *_), each in found.items()
    ]
    ratios = change_table({(group,): each for group, each in efficiency_ratios(counts, drop).items()}, ["group"])
    ratios = ratios.drop(columns=["first_rate", "second_rate"]).rename(columns={"difference": "ratio"})
    if len(ratios):
        own = efficiency(pruning_curve(counts), drop).groupby("group")[["kept", "f1_difference"]].mean()
        ratios = ratios.merge(own.reset_index(), on="group")
    return {"pruning": _some(table), "efficiency": _some(ratios)}


def _of_bounds(evidence: Evidence) -> Figures:
    figures: Figures = {}
    if evidence.recall_errors is not None:
        rows = list(evidence.recall_errors.itertuples())
        figures["recall_errors"] = {
            (row.group, row.gold, row.first, row.second): _estimate(row, row.difference) for row in rows
        }
    for name, table in (("common_rates", evidence.common_errors), ("pruning_thresholds", evidence.pruning)):
        if table is not None:
            rows = (table[table["common"].astype(bool)] if "common" in table else table).itertuples()
            figures[name] = {(row.group, row.first, row.second): _estimate(row, row.difference) for row in rows}
    if evidence.efficiency is not None:
        figures["pruning_ratios"] = {
            row.group: _estimate(row, row.ratio, ("",) * int(row.languages)) for row in evidence.efficiency.itertuples()
        }
    return figures


def _estimate(row: Any, figure: float, languages: tuple[str, ...] = ()) -> Estimate:
    """A figure from the bounds that its table has."""
    variance = ((row.high - row.low) / (2 * 1.96)) ** 2
    return Estimate(figure, variance, float("inf"), seeds=int(row.seeds), languages=languages)


def _some(table: pd.DataFrame) -> pd.DataFrame | None:
    """The table, None where it is empty."""
    return None if table.empty else table
