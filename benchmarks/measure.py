"""Timing of several ways to do one thing, turn by turn in one process, and what kind of machine it was."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import torch

OURS = "polyner"


class Elsewhere(float):
    """The seconds that a way took in another process, where it measured them itself."""


@dataclass(frozen=True)
class Measured:
    """One way of doing one thing.

    quantity, way: what was measured, and which way; "polyner" is ours. threads: torch's. amount, unit: a figure and
    its unit, the median over repeats; low, high: their range. ratio: how many times `polyner` is faster, the median
    over repeats of the ratio within each; ratio_low, ratio_high: its range. Ratios are missing for ours and for limits.
    """

    quantity: str
    way: str
    threads: int
    amount: float
    unit: str
    low: float
    high: float
    ratio: float | None = None
    ratio_low: float | None = None
    ratio_high: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """The fields, figures rounded to four digits."""
        return {
            name: float(f"{value:.4g}") if isinstance(value, float) else value for name, value in asdict(self).items()
        }


def compare(
    quantity: str,
    ways: Mapping[str, Callable[[], Any]],
    repeats: int,
    scale: Mapping[str, float] | None = None,
    unit: str = "s",
) -> list[Measured]:
    """Time every way `repeats` times, in turns, so that all have the same weather; ours once before, to warm up.

    With one thread it is the processor's time of this process that counts, which others on the machine hardly change;
    with several it is the clock's. `scale` multiplies the time of a way that does only part of the work.
    """
    clock = time.process_time if torch.get_num_threads() == 1 else time.perf_counter
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    for run in (run for way, run in ways.items() if way.startswith(OURS)):
        run()
    for _ in range(repeats):
        for way, run in ways.items():
            started = clock()
            answer = run()
            took = answer if isinstance(answer, Elsewhere) else clock() - started
            seconds[way].append(took * (scale or {}).get(way, 1.0))
    rows = []
    for way, own in seconds.items():
        ratios = [None] * 3
        if way != OURS and OURS in seconds:
            by_turn = [other / ours for other, ours in zip(own, seconds[OURS], strict=True)]
            ratios = [statistics.median(by_turn), min(by_turn), max(by_turn)]
        figures = statistics.median(own), unit, min(own), max(own)
        rows.append(Measured(quantity, way, torch.get_num_threads(), *figures, *ratios))
    return rows


def figure(quantity: str, way: str, amount: float, unit: str) -> Measured:
    """A figure that is no time."""
    return Measured(quantity, way, torch.get_num_threads(), amount, unit, amount, amount)


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Inside, torch computes with so many threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def machine() -> dict[str, Any]:
    """What the figures depend on beside the code. The class is what records of one kind of machine are filed under."""
    capability = torch.backends.cpu.get_cpu_capability()
    cores = os.cpu_count()
    return {
        "class": f"{platform.machine()}-{capability.lower()}-{cores}-cores",
        "processor": _processor(),
        "cores": cores,
        "capability": capability,
        "bfloat16": bool(torch.ops.mkldnn._is_mkldnn_bf16_supported()),
        "python": platform.python_version(),
        "system": platform.system(),
        "versions": {name: importlib.metadata.version(name) for name in ("polyner", "torch", "pytorch-crf", "numpy")},
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "unknown"
