"""Differences of test F1 between two kinds of runs, by language and averaged, with their intervals.

Two sources of doubt: other seeds would have given other models (a t interval over seeds, from three seeds on), and
other test sentences other scores (a paired bootstrap, where the span counts of the sentences are at hand). Where
both are known, the interval given takes both into account.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from polyner.analysis.significance import (
    LEAST_SEEDS,
    Interval,
    f1_of,
    percentile_interval,
    resampled_counts,
    seed_interval,
)

# What tells the cells of Table 1 apart; the seed comes on top.
KEYS = ("model", "regime", "variant", "group", "language")

# Resamples of the test sentences: enough for the tails that many comparisons at once need (Bonferroni).
DRAWS = 10_000

# Columns of a table of span counts: a row a test sentence, in the same order for every run of a language.
COUNTS = ("run", "language", "correct", "predicted", "gold")


@dataclass(frozen=True)
class Difference:
    """second − first in F1 points, or another figure: its intervals over seeds and over test sentences, or None.

    The two are independent sources of doubt, so `low` and `high` add their half-widths in quadrature, on either side
    of the figure; both are nan where there is no interval. `seeds` counts the seeds that both sides have for every
    cell.
    """

    figure: float
    seeds: int
    over_seeds: Interval | None = None
    over_sentences: Interval | None = None

    @property
    def low(self) -> float:
        return self.figure - _together(self.figure - interval.low for interval in self._intervals())

    @property
    def high(self) -> float:
        return self.figure + _together(interval.high - self.figure for interval in self._intervals())

    def _intervals(self) -> list[Interval]:
        return [interval for interval in (self.over_seeds, self.over_sentences) if interval is not None]


class Comparison:
    """The cells (model, regime, variant, group, language, less what differs) that two kinds of runs have in common.

    `results` is a table of results with columns model, regime, variant, group, language, seed, split, f1, run.
    `first` and `second` say which rows are compared, for example `{"regime": "monolingual"}` with
    `{"regime": "fine_tuned"}`; columns not named must be equal on both sides, which are then paired by seed.
    A cell's F1 is its mean over the seeds that both sides have of it, or over each side's own where there are none;
    where there are at least three that all cells have, only these are used. `cells` holds the cells in common, one a
    row; it may be empty.
    Raises ValueError where two rows of `results` are the same run of a cell.
    """

    def __init__(
        self, results: pd.DataFrame, first: Mapping[str, str], second: Mapping[str, str], split: str = "test"
    ) -> None:
        rows = results[results["split"] == split]
        self._keys = [key for key in KEYS if key not in {**first, **second}]
        sides = [_chosen(rows, side) for side in (first, second)]
        f1 = [_wide(side, self._keys, "f1") for side in sides]
        common = f1[0].index.intersection(f1[1].index, sort=False)
        f1 = [side.loc[common] for side in f1]
        complete = [seed for seed in f1[0] if seed in f1[1] and all(side[seed].notna().all() for side in f1)]
        self.seeds = complete if len(common) else []
        runs = [_wide(side, self._keys, "run").loc[common] for side in sides]
        self._f1, self._runs = (
            [side[self.seeds] for side in wide] if self.seeds_suffice else _paired(wide) for wide in (f1, runs)
        )
        self.cells = common.to_frame(index=False)

    @property
    def seeds_suffice(self) -> bool:
        """Whether there are seeds enough for an interval over them."""
        return len(self.seeds) >= LEAST_SEEDS

    def mean(self, counts: pd.DataFrame | None = None, confidence: float = 0.95) -> Difference:
        """The average difference: over the languages of each model and group, then over those averages.

        `counts` holds the span counts of the test sentences: run, language, correct, predicted, gold, a row a sentence
        (`scoring.count_spans_by_sentence` for each run). Where a run has none, there is no interval over sentences.
        Raises ValueError where there are no cells, or where counts and results disagree about a run's F1.
        """
        first, second = self._replicates(counts)
        return self._difference(self._weights(), second - first, confidence)

    def share(self, counts: pd.DataFrame | None = None, confidence: float = 0.95) -> Difference:
        """The average F1 of the second side over that of the first, both averaged as in `mean`.

        The ratio itself is resampled, and taken of each seed; nan where the first side's average is 0. `counts` and
        errors as for `mean`.
        """
        weights = self._weights()
        means, replicates = [side.mean(axis="columns").to_numpy() for side in self._f1], self._replicates(counts)
        first, second = (weights @ side for side in means)
        by_seed = None
        if self.seeds_suffice:
            by_seed = _ratio(*(weights @ side[self.seeds].to_numpy() for side in reversed(self._f1)))
        resampled = _ratio(*(weights @ side for side in reversed(replicates)))
        return self._with_intervals(float(_ratio(second, first)), by_seed, resampled, confidence, len(self.seeds))

    def table(self, counts: pd.DataFrame | None = None, confidence: float = 0.95) -> pd.DataFrame:
        """The cells with their differences: the cells' columns, first, second, difference (F1), low, high, seeds.

        `counts` as for `mean`; low and high are missing where there is no interval. Here each cell has its own seeds:
        `seeds` counts those that both sides have of it, and its interval is over these where there are three.
        """
        first, second = self._replicates(counts)
        replicates = second - first
        rows = []
        for position in range(len(self.cells)):
            sides = [side.iloc[position] for side in self._f1]
            first, second = (side.mean() for side in sides)
            by_seed = (sides[1] - sides[0]).dropna().to_numpy(float)
            difference = self._with_intervals(
                second - first,
                by_seed if len(by_seed) >= LEAST_SEEDS else None,
                replicates[position],
                confidence,
                len(by_seed),
            )
            rows.append((first, second, difference.figure, difference.low, difference.high, difference.seeds))
        columns = ["first", "second", "difference", "low", "high", "seeds"]
        return pd.concat([self.cells, pd.DataFrame(rows, columns=columns)], axis="columns")

    def _weights(self) -> np.ndarray:
        """What each cell counts in the average. Raises ValueError where there are no cells."""
        if self.cells.empty:
            raise ValueError("nothing to compare: the two sides have no cell in common")
        parts = self.cells.groupby([key for key in self._keys if key != "language"]).ngroup()
        sizes = parts.map(parts.value_counts())
        return (1 / (sizes * parts.nunique())).to_numpy()

    def _difference(self, weights: np.ndarray, replicates: np.ndarray, confidence: float) -> Difference:
        """The weighted sum over cells of the difference, with its intervals."""
        first, second = (side.mean(axis="columns").to_numpy() for side in self._f1)
        by_seed = None
        if self.seeds_suffice:
            by_seed = weights @ (self._f1[1][self.seeds].to_numpy() - self._f1[0][self.seeds].to_numpy())
        used = np.flatnonzero(weights)
        return self._with_intervals(
            float(weights @ (second - first)), by_seed, weights[used] @ replicates[used], confidence, len(self.seeds)
        )

    def _with_intervals(
        self, figure: float, by_seed: np.ndarray | None, resampled: np.ndarray, confidence: float, seeds: int
    ) -> Difference:
        """A figure with the intervals of its values of each of the seeds, and on resamples where these are known."""
        over_seeds = None if by_seed is None else seed_interval(by_seed, confidence)
        over_sentences = None
        if not np.isnan(resampled).any():
            over_sentences = Interval(figure, *percentile_interval(resampled, confidence), len(resampled))
        return Difference(figure, seeds, over_seeds, over_sentences)

    def _replicates(self, counts: pd.DataFrame | None) -> np.ndarray:
        """Each cell's F1 on resamples of its test sentences (2 sides, cells, draws); nan where counts are not known."""
        known = counts_by_run(counts)
        replicates = np.full((2, len(self.cells), DRAWS), np.nan)
        for language, positions in self.cells.groupby("language").indices.items():
            runs = [[side.iloc[cell].dropna() for cell in positions] for side in self._runs]
            ids = dict.fromkeys(run for side in runs for cell in side for run in cell)
            keys = {run: (run, language) for run in ids if (run, language) in known}
            if not keys:
                continue
            # All runs of a language see the same resamples; two languages of equal size must not.
            stacked = np.stack([known[key] for key in keys.values()], axis=1)
            f1 = dict(zip(keys, f1_of(resampled_counts(stacked, DRAWS, list(language.encode()))).T, strict=True))
            observed = dict(zip(keys, f1_of(stacked.sum(axis=0)), strict=True))
            for position, *cell_runs in zip(positions, *runs, strict=True):
                if not all(run in f1 for side in cell_runs for run in side):
                    continue
                for side, f1_side in zip(cell_runs, self._f1, strict=True):
                    _check_agreement(side, f1_side.iloc[position], observed)
                replicates[:, position] = [np.mean([f1[run] for run in side], axis=0) for side in cell_runs]
        return replicates


def _together(half_widths: Iterable[float]) -> float:
    """The half-width of a sum of independent errors; nan for none. A bound on the figure's far side counts as 0."""
    squares = [max(half, 0.0) ** 2 for half in half_widths]
    return float(np.sqrt(sum(squares))) if squares else float("nan")


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """part / whole, nan where the whole is 0."""
    part, whole = np.asarray(part, dtype=float), np.asarray(whole, dtype=float)
    return np.divide(part, whole, out=np.full_like(whole, np.nan), where=whole > 0)


def _chosen(rows: pd.DataFrame, side: Mapping[str, str]) -> pd.DataFrame:
    for column, value in side.items():
        rows = rows[rows[column] == value]
    return rows


def _wide(rows: pd.DataFrame, keys: list[str], value: str) -> pd.DataFrame:
    """Cells in the order of `rows` × seeds."""
    repeated = rows.duplicated([*keys, "seed"])
    if repeated.any():
        row = rows[repeated].iloc[0]
        cell = ", ".join(str(row[key]) for key in [*keys, "seed"])
        raise ValueError(f"more than one run of the same cell: {cell}")
    order = pd.MultiIndex.from_frame(rows[keys].drop_duplicates())
    return rows.pivot(index=keys, columns="seed", values=value).reindex(order)


def _paired(sides: Sequence[pd.DataFrame]) -> list[pd.DataFrame]:
    """Two sides (cells × seeds) with what both have of a cell; a cell of which they have no seed in common stays."""
    first, second = sides[0].align(sides[1], axis="columns")
    both = (first.notna() & second.notna()).to_numpy(dtype=bool)
    alone = ~both.any(axis=1, keepdims=True)
    return [side.where(both | alone) for side in (first, second)]


def _check_agreement(runs: pd.Series, f1: pd.Series, observed: Mapping[str, float]) -> None:
    """Counts of another split or of other predictions would give intervals that have nothing to do with the figures."""
    for seed, run in runs.items():
        if abs(observed[run] - f1[seed]) > 0.05:
            raise ValueError(
                f"the span counts of run {run} give F1 {observed[run]:.2f}, the results say {f1[seed]:.2f}"
            )


def counts_by_run(counts: pd.DataFrame | None) -> dict[tuple[str, str], np.ndarray]:
    """Span counts (sentences, 3) by run and language; none where there is no table."""
    if counts is None:
        return {}
    columns = list(COUNTS[2:])
    return {key: rows[columns].to_numpy(float) for key, rows in counts.groupby(list(COUNTS[:2]), sort=False)}
