"""How sure the shares of weights are that can be pruned (§5.2): on resamples of the sentences, for several seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from polyner.analysis.differences import Difference, mean_over_seeds
from polyner.analysis.pruning import ROUNDING
from polyner.analysis.significance import f1_of, resampled_counts

DRAWS = 2000


def last_shares(counts: ArrayLike, shares: Sequence[float], drop: float = 1.0) -> NDArray[np.float64]:
    """The last share of weights that can be pruned before F1 is more than `drop` points below that of the whole model.

    `counts` (…, shares, 3) are correct, predicted and gold spans with each of the rising `shares` pruned, the first of
    which is 0. The result (…) is the largest share where F1 never falls so far. What comes behind the first drop does
    not matter. Raises ValueError where the first share is not 0, or their number is not that of the counts.
    """
    counts, shares = np.asarray(counts, dtype=float), np.asarray(shares, dtype=float)
    if counts.shape[-2:] != (len(shares), 3) or shares[0] != 0 or (np.diff(shares) <= 0).any():
        raise ValueError(f"counts {counts.shape} do not go with rising shares from 0: {shares.tolist()}")
    f1 = f1_of(counts)
    over = f1[..., :1] - f1 > drop + ROUNDING
    first = np.where(over.any(axis=-1), over.argmax(axis=-1), len(shares))
    return shares[first - 1]


@dataclass(frozen=True)
class Threshold:
    """The last share that can be pruned: on the sentences as they are, and on resamples of them (draws,).

    `found` tells whether there is one: a model whose F1 is so low that it cannot fall far enough has none.
    """

    share: float
    resampled: NDArray[np.float64]
    found: bool

    @classmethod
    def of(
        cls, counts: ArrayLike, shares: Sequence[float], language: str, drop: float = 1.0, draws: int = DRAWS
    ) -> Threshold:
        """From the span counts (sentences, shares, 3) of one model on one language.

        All models see the same resamples of a language's sentences, and two languages others.
        """
        counts = np.asarray(counts, dtype=float)
        drawn, summed = resampled_counts(counts, draws, list(language.encode())), counts.sum(axis=0)
        found = bool(f1_of(summed[0]) > drop + ROUNDING)
        return cls(float(last_shares(summed, shares, drop)), last_shares(drawn, shares, drop), found)


def mean_change(
    first: Mapping[int, Sequence[Threshold]], second: Mapping[int, Sequence[Threshold]], step: float
) -> Difference:
    """How much more of the second models' weights can be pruned (second − first), the mean over languages.

    `first` and `second` hold by seed the thresholds of the same languages. `step` is that between two shares: a
    threshold is known no better, so the interval is half a step wider on either side.
    """
    figures = [np.mean([s.share - f.share for f, s in zip(first[x], second[x], strict=True)]) for x in first]
    resampled = [
        np.mean([s.resampled - f.resampled for f, s in zip(first[x], second[x], strict=True)], axis=0) for x in first
    ]
    return mean_over_seeds(figures, resampled, step / 2, step / 2)


def mean_ratio(
    polyglot: Mapping[int, Sequence[Threshold]],
    monolingual: Mapping[int, Sequence[Threshold]],
    weights: Mapping[int, tuple[float, Sequence[float]]],
    step: float,
) -> Difference:
    """The weights that the polyglot model needs over those that the monolingual models need together.

    The polyglot model keeps what its most demanding language needs. `polyglot` and `monolingual` hold by seed the
    thresholds of the same languages, `weights` the number of prunable weights of the polyglot model and of each
    monolingual one. A seed whose monolingual models need no weights at all has no ratio and is left out; all figures
    are nan where none is left. The interval is widened for thresholds half a step further, all against the ratio.
    """
    figures, resampled, nearer, further = [], [], [], []
    for seed, (together, apart) in weights.items():
        needed, drawn = _needed(polyglot[seed], [together]), _needed(monolingual[seed], apart)
        if not drawn[0] > 0:
            continue
        slack = step / 2 * together, step / 2 * sum(apart)
        figures.append(needed[0] / drawn[0])
        with np.errstate(divide="ignore", invalid="ignore"):
            resampled.append(np.where(drawn[1] > 0, needed[1] / drawn[1], np.nan))
        nearer.append(max(0.0, needed[0] - slack[0]) / (drawn[0] + slack[1]))
        further.append((needed[0] + slack[0]) / (drawn[0] - slack[1]) if drawn[0] > slack[1] else np.inf)
    if not figures:
        return Difference(float("nan"), 0)
    below, above = np.mean(figures) - np.mean(nearer), np.mean(further) - np.mean(figures)
    return mean_over_seeds(figures, resampled, below, above)


def _needed(thresholds: Sequence[Threshold], weights: Sequence[float]) -> tuple[float, NDArray[np.float64]]:
    """How many weights are needed: of one model for all languages, or of one model for each language together."""
    shares = np.array([threshold.share for threshold in thresholds])
    resampled = np.stack([threshold.resampled for threshold in thresholds])
    if len(weights) == 1:
        return weights[0] * (1 - shares.min()), weights[0] * (1 - resampled.min(axis=0))
    return float(weights @ (1 - shares)), np.asarray(weights, dtype=float) @ (1 - resampled)
