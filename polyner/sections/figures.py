"""The figures of §5 with their intervals, by name and key, as the claims are judged on them (`Evidence.figures`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import pandas as pd

from polyner.analysis.estimates import Estimate
from polyner.analysis.significance import LEAST_SEEDS, jackknife_interval, seed_interval
from polyner.paper.evidence import Evidence

_WITHOUT = "overlap_without_"
_CELLS = ["group", "first", "second", "layer"]


class OverlapFigure(NamedTuple):
    """An overlap of important weights, all in percent: of the trained network with its interval, of an untrained one,
    what a Gaussian copula implies at this share, between two halves of one language's sentences, and with ranks taken
    within each gate; None where it was not computed."""

    estimate: Estimate
    untrained: float | None = None
    copula: float | None = None
    halves: float | None = None
    within_gates: Estimate | None = None


def with_figures(evidence: Evidence) -> Evidence:
    """The same evidence with the figures of its tables.

    recall_errors: by group, gold tag and two regimes. common_rates, and common_shares and common_interactions where
    the table has them; pruning_thresholds, and so pruning_areas: by group and two regimes. pruning_ratios: by group.
    overlaps: by group, comparison and share.
    """
    recall, efficiency, fisher = evidence.recall_errors, evidence.efficiency, evidence.fisher
    figures: dict[str, Mapping[Any, Any]] = {}
    for name, table in (("common_rates", evidence.common_errors), ("pruning_thresholds", evidence.pruning)):
        if table is not None:
            rows = table[table["common"].astype(bool)] if "common" in table else table
            figures[name] = {
                (row.group, row.first, row.second): _estimate(row, row.difference) for row in rows.itertuples()
            }
    if recall is not None:
        figures["recall_errors"] = {
            (row.group, row.gold, row.first, row.second): _estimate(row, row.difference) for row in recall.itertuples()
        }
    if efficiency is not None:
        figures["pruning_ratios"] = {
            row.group: _estimate(row, row.ratio, ("",) * int(row.languages)) for row in efficiency.itertuples()
        }
    if fisher is not None:
        figures["overlaps"] = _overlaps(fisher)
    return replace(evidence, figures=figures)


def _estimate(row: Any, figure: float, languages: tuple[str, ...] = ()) -> Estimate:
    """A figure from the bounds that its table has."""
    variance = ((row.high - row.low) / (2 * 1.96)) ** 2
    return Estimate(figure, variance, float("inf"), seeds=int(row.seeds), languages=languages)


def _overlaps(table: pd.DataFrame) -> dict[tuple[str, str, float], OverlapFigure]:
    """The mean over cells and seeds in the LSTMs, with its variance over seeds and over training sentences."""
    table = table[table["layer"].str.contains("LSTM")]
    columns = [name for name in table if name.startswith(_WITHOUT)]
    found = {}
    for (group, comparison, share), rows in table.groupby(["group", "comparison", "share"], sort=False):
        complete = rows.pivot(index=_CELLS, columns="seed", values="overlap").dropna(axis="columns")
        used = rows[rows["seed"].isin(complete)] if complete.shape[1] >= LEAST_SEEDS else rows
        means = 100 * used.groupby("seed")["overlap"].mean()
        figure, half = float(means.mean()), float("nan")
        if complete.shape[1] >= LEAST_SEEDS:
            half = seed_interval(means).high - figure
        if columns:
            parts = [100 * used.groupby("seed")[name].mean().mean() for name in columns]
            half = (half**2 + (jackknife_interval(figure, parts).high - figure) ** 2) ** 0.5
        seeds, languages = complete.shape[1], tuple(pd.unique(used[["first", "second"]].to_numpy().ravel()))
        estimate = Estimate(figure, (half / 1.96) ** 2, float("inf"), seeds=seeds, languages=languages)
        found[group, comparison, float(share)] = OverlapFigure(estimate)
    return found
