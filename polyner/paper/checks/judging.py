"""What the checks share: figures with intervals, and how one or several of them decide a claim."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from polyner.analysis.differences import Comparison, Difference
from polyner.analysis.significance import LEAST_SEEDS, seed_interval
from polyner.paper.claims import Claim, Verdict
from polyner.paper.evidence import Evidence, decide

GROUPS = ("conll", "lorelei")


class Figure(NamedTuple):
    """A figure, its 95 % interval (nan where there is none), and how many seeds it rests on."""

    value: float
    low: float
    high: float
    seeds: int

    @classmethod
    def of(cls, difference: Difference) -> Figure:
        return cls(difference.figure, difference.low, difference.high, difference.seeds)

    def __neg__(self) -> Figure:
        return Figure(0.0 - self.value, 0.0 - self.high, 0.0 - self.low, self.seeds)

    def __str__(self) -> str:
        interval = "" if np.isnan(self.low) else f" ({signed(self.low)} to {signed(self.high)})"
        return f"{signed(self.value)}{interval}"


def judged(
    claim: Claim,
    evidence: Evidence,
    figure: Figure,
    *,
    line: float,
    above: bool,
    unit: str,
    detail: str,
    decision: str | None = None,
) -> Verdict:
    """The verdict on a claim that `figure` lies above (or below) `line`, or `decision` where more than that decides.

    With fewer than three seeds it is "undecided" whatever the figure; `detail` gets a sentence about the seeds.
    """
    decision = decision or decide(figure.low, figure.high, line, above)
    enough = figure.seeds >= LEAST_SEEDS
    seeds = f"{figure.seeds} {'seed' if figure.seeds == 1 else 'seeds'} in common"
    return evidence.verdict(
        claim,
        decision if enough else "undecided",
        figure=figure.value,
        low=figure.low,
        high=figure.high,
        line=line,
        unit=unit,
        detail=f"{detail} {seeds}." if enough else f"{detail} {seeds}, too few to decide (at least {LEAST_SEEDS}).",
    )


def signed(value: float) -> str:
    """A change to two decimals, with its sign."""
    return f"{value:+.2f}".replace("-", "−")


def conjunction(decisions: Iterable[str]) -> str:
    """The verdict on a claim of several parts: it holds where all do, and does not where one does not."""
    decisions = set(decisions)
    if "does not hold" in decisions:
        return "does not hold"
    return "holds" if decisions == {"holds"} else "undecided"


def weakest(figures: Sequence[Figure], above: bool) -> Figure:
    """Of several figures that must all lie above (or below) a line, the one that is furthest from doing so.

    Its interval is that of the smallest (largest) of them: it lies above the line where all do, below where one does.
    """
    value, low, high, seeds = np.array(figures, dtype=float).T
    extreme = np.min if above else np.max
    return Figure(float(extreme(value)), float(extreme(low)), float(extreme(high)), int(seeds.min()))


def widened(figure: Figure, comparisons: int) -> Figure:
    """The figure with the interval that it needs as one of several comparisons (Bonferroni).

    The interval grows as one over seeds (t) would; an interval over sentences would grow by less.
    """
    from scipy import stats

    freedom = figure.seeds - 1 if figure.seeds >= LEAST_SEEDS else np.inf
    factor = float(stats.t.ppf(1 - 0.025 / comparisons, freedom) / stats.t.ppf(0.975, freedom))
    low, high = (figure.value + factor * (bound - figure.value) for bound in (figure.low, figure.high))
    return figure._replace(low=low, high=high)


def over_seeds(table: pd.DataFrame, value: str, cells: Sequence[str], confidence: float = 0.95) -> Figure:
    """The mean of a column over the cells of each group, then over the groups, with its t interval over seeds.

    `table` has a row a cell and seed; `cells` are the columns that tell cells apart, among them group. Where at least
    three seeds have every cell, only these are used; else there is no interval.
    """
    wide = table.pivot(index=list(cells), columns="seed", values=value)
    complete = wide.dropna(axis="columns")
    if complete.shape[1] < LEAST_SEEDS:
        means = wide.mean(axis="columns").groupby(level="group").mean()
        return Figure(float(means.mean()), float("nan"), float("nan"), complete.shape[1])
    interval = seed_interval(complete.groupby(level="group").mean().mean(), confidence)
    return Figure(interval.figure, interval.low, interval.high, interval.observations)


def average_against_zero(claim: Claim, evidence: Evidence, comparison: Comparison, above: bool) -> Verdict:
    """The verdict on a claim that the average difference of a comparison is above (or below) 0."""
    if comparison.cells.empty:
        return evidence.verdict(claim, "not run", detail="the runs to compare are not all there")
    average = Figure.of(comparison.mean(evidence.counts))
    return judged(
        claim, evidence, average, line=0.0, above=above, unit="F1 points", detail=f"From {basis(comparison.cells)};"
    )


def basis(cells: pd.DataFrame) -> str:
    """The models (where there is such a column) and the languages of each group that cells are about, in words."""
    languages = "; ".join(f"{group}: {' '.join(codes.unique())}" for group, codes in cells.groupby("group")["language"])
    return f"{', '.join(cells['model'].unique())} on {languages}" if "model" in cells else languages


def not_run(claim: Claim, evidence: Evidence, needs: str) -> Verdict:
    """The verdict where there is nothing to judge the claim on."""
    return evidence.verdict(claim, "not run", detail=f"needs {needs}")


def regimes(*names: str) -> list[dict[str, Any]]:
    """The plain runs of each regime, as a `Comparison` takes them."""
    return [{"regime": name, "variant": ""} for name in names]
