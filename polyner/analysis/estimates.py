"""A figure with its variance: intervals, p-values against a line, and equivalence."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

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

        The two add up. What runs differ by on these sentences only is in both, so this errs on the safe side. Degrees
        of freedom are Satterthwaite's.
        """
        both = self.variance + variance
        squares = self.variance**2 / self.freedom + variance**2 / freedom
        joined = both**2 / squares if squares else self.freedom
        return replace(self, variance=both, freedom=joined, variance_sentences=variance)

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """The t interval; nan on both sides where the variance is not known."""
        half = float(stats.t.ppf((1 + confidence) / 2, self.freedom)) * self.variance**0.5
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

    def equivalent(self, margin: float, line: float = 0.0) -> bool:
        """Whether the 95 % interval lies inside line ± margin."""
        return line - margin < self.low and self.high < line + margin
