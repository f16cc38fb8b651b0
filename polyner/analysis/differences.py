"""A figure with its intervals over seeds and over sentences, for the tables of §5 until these give variances."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from polyner.analysis.significance import LEAST_SEEDS, Interval, percentile_interval, seed_interval


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


def mean_over_seeds(
    figures: Sequence[float], resampled: Sequence[ArrayLike], below: float = 0.0, above: float = 0.0
) -> Difference:
    """The mean of what each seed gives, with both intervals; `resampled` has each seed's figures on resamples (draws,).

    All seeds must see the same resamples. The interval over sentences is that of the mean over seeds on each resample,
    without resamples on which a seed has none (nan). It is wider by `below` and `above`, and holds the figure.
    """
    figure = float(np.mean(figures))
    drawn = np.mean(np.asarray(resampled, dtype=float), axis=0)
    drawn = drawn[~np.isnan(drawn)]
    low, high = percentile_interval(drawn) if len(drawn) else (float("nan"), float("nan"))
    over_seeds = seed_interval(figures) if len(figures) >= LEAST_SEEDS else None
    sentences = Interval(figure, min(low, figure) - below, max(high, figure) + above, len(drawn))
    return Difference(figure, len(figures), over_seeds, sentences)


def _together(half_widths: Iterable[float]) -> float:
    """The half-width of a sum of independent errors; nan for none. A bound on the figure's far side counts as 0."""
    squares = [max(half, 0.0) ** 2 for half in half_widths]
    return float(np.sqrt(sum(squares))) if squares else float("nan")
