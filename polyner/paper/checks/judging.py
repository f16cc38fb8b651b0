"""What the checks share: figures with intervals, and how one or several of them decide a claim."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from polyner.analysis.differences import Comparison, Difference
from polyner.analysis.significance import LEAST_SEEDS
from polyner.paper.claims import Claim, Verdict
from polyner.paper.evidence import Evidence, decide


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


@dataclass(frozen=True)
class Measure:
    """What a check's figure is, and where the claim wants it: above or below a line.

    `name`, `unit`, `signed` and `decimals` are those of `Verdict`.
    """

    name: str
    unit: str
    line: float
    above: bool
    signed: bool = False
    decimals: int = 2

    def decide(self, figure: Figure) -> str:
        """What the figure's interval says; "undecided" with fewer than three seeds, whatever the figure."""
        if figure.seeds < LEAST_SEEDS:
            return "undecided"
        return decide(figure.low, figure.high, self.line, self.above)


def judged(
    claim: Claim, evidence: Evidence, figure: Figure, measure: Measure, detail: str, decision: str | None = None
) -> Verdict:
    """The verdict of one figure, or `decision` where more than that decides.

    With fewer than three seeds it is "undecided" whatever the figure; `detail` gets a sentence about the seeds.
    """
    enough = figure.seeds >= LEAST_SEEDS
    seeds = f"{figure.seeds} {'seed' if figure.seeds == 1 else 'seeds'} in common"
    return evidence.verdict(
        claim,
        (decision or measure.decide(figure)) if enough else "undecided",
        figure=figure.value,
        low=figure.low,
        high=figure.high,
        detail=f"{detail} {seeds}." if enough else f"{detail} {seeds}, too few to decide (at least {LEAST_SEEDS}).",
        **asdict(measure),
    )


def judged_parts(
    claim: Claim,
    evidence: Evidence,
    parts: Mapping[str, Figure],
    measure: Measure,
    detail: str,
    missing: Iterable[str] = (),
) -> Verdict:
    """The verdict on a claim of several parts, each of which must lie on the measure's side of its line.

    The figure is that of the part that is furthest from doing so. The claim does not hold where one part does not. It
    holds where all do; not where the claim is also about something that is `missing`. The intervals must be widened for
    the number of parts already. The seeds that are named are those of the parts that decide.
    """
    decisions = {name: measure.decide(figure) for name, figure in parts.items()}
    failing = [parts[name].seeds for name, decision in decisions.items() if decision == "does not hold"]
    missing = list(missing)
    figure = weakest(list(parts.values()), measure.above)
    if failing:
        figure = figure._replace(seeds=min(failing))
    listed = "; ".join(f"{name} {part}" for name, part in parts.items())
    absent = ""
    if missing:
        absent = (
            f" Not at hand, or only from models that find nothing: {', '.join(missing)}; so it can fail but not hold."
        )
    decided = conjunction([*decisions.values(), *("undecided" for _ in missing[:1])])
    return judged(claim, evidence, figure, measure, f"{listed}.{absent} {detail}", decision=decided)


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
    return nearly_all(figures, above, len(figures))


def nearly_all(figures: Sequence[Figure], above: bool, least: int) -> Figure:
    """What at least `least` of the figures reach: of the figures the `least`-th largest (or, not `above`, smallest).

    The same of the lower and of the upper bounds makes its interval: it lies above a line where that many of the
    intervals do, and below it where so many lie below that no such number is left.
    """
    value, low, high, seeds = np.sort(np.array(figures, dtype=float), axis=0).T
    position = len(figures) - least if above else least - 1
    # A bound that is not known is sorted behind all numbers, and makes none of them the one that counts.
    bounds = [bound[position] if not np.isnan(bound).any() else np.nan for bound in (low, high)]
    return Figure(float(value[position]), *map(float, bounds), int(seeds.min()))


def widened(figures: Mapping[str, Figure]) -> dict[str, Figure]:
    """The figures with the intervals that they need as so many comparisons at once (Bonferroni).

    An interval grows as one over seeds (t) would; an interval over sentences would grow by less.
    """
    from scipy import stats

    wider = {}
    for name, figure in figures.items():
        freedom = figure.seeds - 1 if figure.seeds >= LEAST_SEEDS else np.inf
        factor = float(stats.t.ppf(1 - 0.025 / len(figures), freedom) / stats.t.ppf(0.975, freedom))
        low, high = (figure.value + factor * (bound - figure.value) for bound in (figure.low, figure.high))
        wider[name] = figure._replace(low=low, high=high)
    return wider


def comparisons(
    results: pd.DataFrame, first: Mapping[str, str], second: Mapping[str, str], by: Sequence[str]
) -> dict[str, Comparison]:
    """The comparison of two kinds of runs apart for each value of the columns `by`, under a name made of these.

    Each uses the seeds that it has. Those without any cell in common are left out, and those of models that find
    nothing on either side: they neither gain nor lose, whatever is claimed of them.
    """
    apart = {
        " on ".join(map(str, key)): Comparison(rows, first, second) for key, rows in results.groupby(by, sort=False)
    }
    return {name: each for name, each in apart.items() if (each.table()[["first", "second"]] > 0).any(axis=None)}


def averages(apart: Mapping[str, Comparison], evidence: Evidence) -> dict[str, Figure]:
    """The average difference of each comparison, its interval widened for their number (Bonferroni)."""
    confidence = 1 - 0.05 / max(1, len(apart))
    return {name: Figure.of(each.mean(evidence.counts, confidence)) for name, each in apart.items()}


def basis(cells: pd.DataFrame) -> str:
    """The models (where there is such a column) and the languages of each group that cells are about, in words."""
    languages = "; ".join(f"{group}: {' '.join(codes.unique())}" for group, codes in cells.groupby("group")["language"])
    return f"{', '.join(cells['model'].unique())} on {languages}" if "model" in cells else languages


def all_cells(apart: Mapping[str, Comparison]) -> pd.DataFrame:
    """The cells of several comparisons."""
    return pd.concat([comparison.cells for comparison in apart.values()], ignore_index=True)


def not_run(claim: Claim, evidence: Evidence, needs: str) -> Verdict:
    """The verdict where there is nothing to judge the claim on."""
    return evidence.verdict(claim, "not run", detail=f"needs {needs}")


def regimes(*names: str) -> list[dict[str, Any]]:
    """The plain runs of each regime, as a `Comparison` takes them."""
    return [{"regime": name, "variant": ""} for name in names]
