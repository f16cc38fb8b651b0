"""How many runs the limit of epochs ended, and not early stopping: they may not have learnt all they could."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from polyner.names import REGIME_NAMES

CUT_OFF = "Ended by the limit of epochs before their patience was used up, and so perhaps too early"


def cut_off(runs: Iterable[tuple[Mapping[str, Any], int]]) -> str:
    """By regime, as in "2 of 4 monolingual, 0 of 1 polyglot runs"; nothing of no runs.

    `runs`: the specification of each run, and its best epoch.
    """
    all_of: Counter[str] = Counter()
    ended: Counter[str] = Counter()
    for spec, best in runs:
        training = spec["training"]
        all_of[spec["regime"]] += 1
        ended[spec["regime"]] += best + training["patience"] > training["max_epochs"]
    order = [regime for regime in REGIME_NAMES if all_of[regime]]
    told = ", ".join(f"{ended[regime]} of {all_of[regime]} {REGIME_NAMES[regime]}" for regime in order)
    return f"{told} runs" if told else ""
