"""A figure with its variance, from which intervals and tests follow; several tests at once; languages as the sample."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

# The spread over seeds is not known of fewer.
LEAST_SEEDS = 2


@dataclass(frozen=True)
class Estimate:
    """A figure with its variance and degrees of freedom, from which intervals and tests follow.

    `variance` joins `variance_seeds` and `variance_sentences`. It is nan where one of them is not known, as over seeds
    where nothing comparable was run twice: then there is no interval, and p-values are nan. `seeds` is the number that
    the cell with the fewest has; `first` and `second` are the two means that a difference or ratio compares.
    Intervals end at `least` and `most`, beyond which no figure of its kind is.
    """

    figure: float
    variance: float
    freedom: float
    variance_seeds: float = float("nan")
    variance_sentences: float = float("nan")
    seeds: int = 0
    languages: tuple[str, ...] = ()
    first: float = float("nan")
    second: float = float("nan")
    least: float = -math.inf
    most: float = math.inf

    @property
    def low(self) -> float:
        """The lower bound of the 95 % interval."""
        return self.interval()[0]

    @property
    def high(self) -> float:
        """The upper bound of the 95 % interval."""
        return self.interval()[1]

    def with_sentences(self, variance: float, freedom: float = math.inf) -> Estimate:
        """An estimate that knows the variance over seeds, and now also one over sentences, found on its own.

        The two add up. What runs differ by on these sentences only is in both, so this errs on the safe side.
        """
        return replace(self.with_more_doubt(variance, freedom), variance_sentences=variance)

    def with_more_doubt(self, variance: float, freedom: float = math.inf) -> Estimate:
        """An estimate whose variance grows by that of what else it rests on; degrees of freedom are Satterthwaite's."""
        both = self.variance + variance
        squares = self.variance**2 / self.freedom + variance**2 / freedom
        return replace(self, variance=both, freedom=both**2 / squares if squares else self.freedom)

    def interval(self) -> tuple[float, float]:
        """The 95 % t interval; nan on both sides where the variance is not known."""
        half = float(stats.t.ppf(0.975, self.freedom)) * self.variance**0.5
        return max(self.figure - half, self.least), min(self.figure + half, self.most)

    def p_above(self, line: float = 0.0) -> float:
        """One-sided p-value for the claim that the figure is above a line."""
        distance = self.figure - line
        if self.variance == 0:
            return 0.5 if distance == 0 else float(distance < 0)
        return float(stats.t.sf(distance / self.variance**0.5, self.freedom))

    def p_below(self, line: float = 0.0) -> float:
        """One-sided p-value for the claim that the figure is below a line."""
        return 1 - self.p_above(line)

    def p_value(self, line: float = 0.0) -> float:
        """Two-sided p-value for the claim that the figure is not on a line."""
        above = self.p_above(line)
        return 2 * min(above, 1 - above)


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """Holm's adjusted p-values, in the order given: below 0.05 where rejecting keeps the family's error rate at 5 %.

    A test that was not run (nan) stays nan and does not count.
    """
    p_values = np.asarray(p_values, dtype=float)
    known = np.flatnonzero(~np.isnan(p_values))
    order = known[np.argsort(p_values[known], kind="stable")]
    adjusted = np.full(p_values.shape, np.nan)
    steps = p_values[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted


def cochran_q(estimates: Sequence[Estimate]) -> tuple[float, float]:
    """Cochran's Q, how much more independent estimates, one a language, differ than their variances say; its p-value.

    Of two estimates or more, whose variances are known. Variances from few seeds make Q too large now and then; pooled
    ones, as `Scores` has them, hardly do.
    """
    figures = np.array([each.figure for each in estimates])
    weights = 1 / np.array([each.variance for each in estimates])
    q = float((weights * (figures - np.average(figures, weights=weights)) ** 2).sum())
    return q, float(stats.chi2.sf(q, len(figures) - 1))


def difference_over_languages(first: ArrayLike, second: ArrayLike) -> Estimate:
    """The mean of `second` less the mean of `first`, a figure a language, two languages or more on either side.

    Doubt comes from the choice of languages (and with it from all that varies by language), as in Welch's test.
    """
    sides = [np.asarray(side, dtype=float) for side in (first, second)]
    means = [float(side.mean()) for side in sides]
    parts = [side.var(ddof=1) / len(side) for side in sides]
    variance = float(sum(parts))
    squares = sum(part**2 / (len(side) - 1) for part, side in zip(parts, sides, strict=True))
    freedom = variance**2 / squares if squares else min(map(len, sides)) - 1
    return Estimate(means[1] - means[0], variance, float(freedom), first=means[0], second=means[1])


def slopes_over_languages(
    figures: ArrayLike, predictors: ArrayLike, languages: Sequence[str], occasions: Sequence[str]
) -> list[Estimate] | None:
    """The slope of a figure on each of the predictors (figures, predictors), by least squares, where every language and
    every occasion (such as a group that it was trained in) has a level of its own.

    So a slope says how the figure moves within a language, beyond what moves it in all. Doubt comes from the choice of
    languages: the jackknife's variance, over what the slopes are without each of them in turn. None where a slope
    cannot be told from the levels, with all languages or without one of them.
    """
    figures, predictors = np.asarray(figures, dtype=float), np.asarray(predictors, dtype=float)
    names, occasions = np.asarray(languages), np.asarray(occasions)
    distinct = list(dict.fromkeys(languages))
    found = [_slopes(*(each[names != left] for each in (figures, predictors, names, occasions))) for left in distinct]
    whole = _slopes(figures, predictors, names, occasions)
    if whole is None or any(each is None for each in found):
        return None
    without, count = np.array(found), len(distinct)
    variances = (count - 1) / count * ((without - without.mean(axis=0)) ** 2).sum(axis=0)
    return [
        Estimate(float(slope), float(variance), count - 1, languages=tuple(distinct))
        for slope, variance in zip(whole, variances, strict=True)
    ]


def _slopes(
    figures: NDArray, predictors: NDArray, languages: NDArray, occasions: NDArray
) -> NDArray[np.float64] | None:
    """The slopes beside levels of each language and occasion; None where these leave one of them open."""
    levels = np.column_stack([each[:, None] == np.unique(each) for each in (languages, occasions)]).astype(float)
    both, count = np.column_stack([predictors, levels]), predictors.shape[1]
    known = np.linalg.matrix_rank(both) == np.linalg.matrix_rank(levels) + count
    return np.linalg.lstsq(both, figures, rcond=None)[0][:count] if known else None
