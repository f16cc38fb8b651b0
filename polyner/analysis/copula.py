"""What the overlap of two rankings at one share implies at others, where they differ by noise alone (§5.3)."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import cumulative_trapezoid
from scipy.stats import norm


def copula_overlap(overlap: ArrayLike, share: float, at: float) -> NDArray[np.float64]:
    """What overlap of the top `share` implies for the top `at`, where importances differ by noise alone (§5.3).

    Then the ranks on the two sides are those of a bivariate normal distribution (a Gaussian copula), of which the
    overlap at one share gives the correlation, and this the overlap at any other. Overlaps are between 0 and 1. A
    smaller share overlaps less by this alone; below it, the very top is less alike than what comes behind it.
    """
    known, wanted = _normal_overlaps(share), _normal_overlaps(at)
    return np.interp(np.asarray(overlap, dtype=float), known, wanted)


@cache
def _normal_overlaps(share: float) -> NDArray[np.float64]:
    """P(both in the top `share`) / share of a bivariate normal pair, for correlations sin θ on a grid of θ.

    By Plackett's identity, ∂P/∂ρ is the density at the two quantiles (a, a), which becomes smooth in θ:
    ∂P/∂θ = exp(−a² / (1 + sin θ)) / 2π; and P is share² at θ = 0.
    """
    theta = np.linspace(-np.pi / 2, np.pi / 2, 4001)
    density = np.exp(-(norm.isf(share) ** 2) / np.maximum(1 + np.sin(theta), 1e-300)) / (2 * np.pi)
    both = cumulative_trapezoid(density, theta, initial=0)
    return (share**2 + both - both[len(theta) // 2]) / share
