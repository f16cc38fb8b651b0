"""Tests and intervals that need no runs: several p-values at once, counts, and languages as the sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from polyner.analysis.estimates import Estimate


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


def least_share(successes: int, trials: int, confidence: float = 0.95) -> float:
    """The exact lower bound (Clopper and Pearson's, one-sided) of the share of successes, between 0 and 1.

    Raises ValueError where there are no trials, or more successes than trials.
    """
    if not 0 <= successes <= trials or trials == 0:
        raise ValueError(f"{successes} successes of {trials} trials")
    return float(stats.beta.ppf(1 - confidence, successes, trials - successes + 1)) if successes else 0.0


@dataclass(frozen=True)
class Heterogeneity:
    """Cochran's Q: how much more estimates differ than their variances explain, with degrees of freedom and p-value."""

    q: float
    freedom: int
    p_value: float


def cochran_q(estimates: Sequence[Estimate]) -> Heterogeneity:
    """Whether independent estimates, one a language, are of one and the same figure.

    Variances from few seeds make Q too large now and then; pooled ones, as `Scores` has them, hardly do. Raises
    ValueError for fewer than two estimates, or where a variance is not known or 0.
    """
    figures = np.array([each.figure for each in estimates])
    variances = np.array([each.variance for each in estimates])
    if len(figures) < 2 or not (variances > 0).all():
        raise ValueError("Cochran's Q needs at least two estimates with known variances")
    mean = np.average(figures, weights=1 / variances)
    q = float(((figures - mean) ** 2 / variances).sum())
    return Heterogeneity(q, len(figures) - 1, float(stats.chi2.sf(q, len(figures) - 1)))


def difference_over_languages(first: ArrayLike, second: ArrayLike) -> Estimate:
    """The mean of `second` less the mean of `first`, a figure a language, other languages on either side.

    Doubt comes from the choice of languages (and with it from all that varies by language): the jackknife's variance,
    with Satterthwaite's degrees of freedom, which is Welch's test. Raises ValueError for fewer than two languages on a
    side.
    """
    sides = [np.asarray(side, dtype=float) for side in (first, second)]
    if min(map(len, sides)) < 2:
        raise ValueError(f"two languages a side are the least to compare, not {len(sides[0])} and {len(sides[1])}")
    means = [side.mean() for side in sides]
    without = [(side.sum() - side) / (len(side) - 1) for side in sides]
    parts = [(len(each) - 1) / len(each) * ((each - each.mean()) ** 2).sum() for each in without]
    variance = float(sum(parts))
    squares = sum(part**2 / (len(side) - 1) for part, side in zip(parts, sides, strict=True))
    freedom = variance**2 / squares if squares else min(map(len, sides)) - 1
    first_mean, second_mean = map(float, means)
    return Estimate(second_mean - first_mean, variance, float(freedom), first=first_mean, second=second_mean)


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
    levels = [each[:, None] == np.unique(each) for each in (languages, occasions)]
    both = np.column_stack([predictors, figures])
    fixed = np.concatenate(levels, axis=1).astype(float)
    left = both - fixed @ np.linalg.lstsq(fixed, both, rcond=None)[0]
    slopes, _, rank, _ = np.linalg.lstsq(left[:, :-1], left[:, -1], rcond=1e-8)
    return slopes if rank == predictors.shape[1] and np.abs(left[:, :-1]).max(initial=0) > 1e-8 else None
