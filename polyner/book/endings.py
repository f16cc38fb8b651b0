"""How many runs were ended by the limit of epochs, perhaps before they had learnt all they could."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from polyner.names import REGIME_NAMES

CUT_OFF = "Ended by the limit of epochs before their patience was used up, and so perhaps too early"


def cut_off(runs: Iterable[tuple[str, bool]]) -> str:
    """By regime, as in "2 of 4 monolingual, 0 of 1 polyglot runs"; nothing of no runs.

    `runs`: the regime of each run, and whether the limit ended it.
    """
    all_of: Counter[str] = Counter()
    ended: Counter[str] = Counter()
    for regime, by_limit in runs:
        all_of[regime] += 1
        ended[regime] += by_limit
    order = [regime for regime in REGIME_NAMES if all_of[regime]]
    told = ", ".join(f"{ended[regime]} of {all_of[regime]} {REGIME_NAMES[regime]}" for regime in order)
    return f"{told} runs" if told else ""
