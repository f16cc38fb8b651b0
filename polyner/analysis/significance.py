"""Resampled sentences and t intervals, for the tables of §5 and the label distributions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from polyner.analysis.sentences import f1_of

__all__ = [
    "LEAST_SEEDS",
    "Interval",
    "f1_of",
    "jackknife_interval",
    "percentile_interval",
    "resampled_counts",
    "seed_interval",
]

# Fewer seeds give a t interval too wide to say anything.
LEAST_SEEDS = 3

# Cells of a block of resampling weights: 2 million of them take 16 MB.
_BLOCK = 2_000_000


@dataclass(frozen=True)
class Interval:
    """A figure with its confidence interval, and the number of observations (seeds, resamples) that gave it."""

    figure: float
    low: float
    high: float
    observations: int


def resampled_counts(counts: ArrayLike, draws: int = 1000, seed: int | Sequence[int] = 0) -> NDArray[np.float64]:
    """Sums of per-sentence counts over `draws` resamples of the sentences, drawn with replacement.

    `counts` is (sentences, …), the result (draws, …). Arrays of the same number of sentences are resampled alike
    for the same seed, which is what makes a comparison of two systems paired. Raises ValueError without sentences.
    """
    counts = np.asarray(counts, dtype=float)
    if len(counts) == 0:
        raise ValueError("there are no sentences to resample")
    columns = counts.reshape(len(counts), -1)
    sums = np.concatenate([weights @ columns for weights in _weights(len(counts), draws, seed)])
    return sums.reshape(draws, *counts.shape[1:])


def percentile_interval(replicates: ArrayLike, confidence: float = 0.95) -> tuple[float, float]:
    """The bounds that hold the middle `confidence` of bootstrap replicates."""
    tail = (1 - confidence) / 2
    low, high = np.quantile(np.asarray(replicates, dtype=float), [tail, 1 - tail])
    return float(low), float(high)


def seed_interval(values: ArrayLike, confidence: float = 0.95) -> Interval:
    """Mean over seeds and its t interval. Raises ValueError for fewer than three seeds."""
    from scipy import stats

    values = np.asarray(values, dtype=float)
    if len(values) < LEAST_SEEDS:
        raise ValueError(f"an interval over seeds needs at least {LEAST_SEEDS} of them, not {len(values)}")
    mean = float(values.mean())
    error = float(values.std(ddof=1) / np.sqrt(len(values)))
    half = error * float(stats.t.ppf((1 + confidence) / 2, df=len(values) - 1))
    return Interval(mean, mean - half, mean + half, len(values))


def jackknife_interval(figure: float, left_out: ArrayLike, confidence: float = 0.95) -> Interval:
    """The interval of a figure from what it is without each of several equal parts of the sentences in turn.

    For figures that cost too much to be computed on a thousand resamples. Of the mean of n numbers, each a part, it is
    the t interval. Raises ValueError for fewer than two parts.
    """
    from scipy import stats

    values = np.asarray(left_out, dtype=float)
    if len(values) < 2:
        raise ValueError(f"a jackknife needs at least two parts to leave out, not {len(values)}")
    parts = len(values)
    error = float(np.sqrt((parts - 1) / parts * np.sum((values - values.mean()) ** 2)))
    half = error * float(stats.t.ppf((1 + confidence) / 2, df=parts - 1))
    return Interval(figure, figure - half, figure + half, parts)


def _weights(sentences: int, draws: int, seed: int | Sequence[int]) -> Iterator[NDArray[np.float64]]:
    """How often each sentence is drawn: blocks (some of the draws, sentences), to bound the memory."""
    generator = np.random.default_rng(seed)
    block = max(1, _BLOCK // sentences)
    for start in range(0, draws, block):
        rows = min(block, draws - start)
        drawn = generator.integers(sentences, size=(rows, sentences))
        drawn += np.arange(rows)[:, None] * sentences
        yield np.bincount(drawn.ravel(), minlength=rows * sentences).reshape(rows, sentences).astype(float)
