"""How the analyses of §4.2 and §5 are made."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from polyner.errors import SettingsError


@dataclass(frozen=True)
class AnalysisConfig:
    """Settings of the analyses.

    model: the architecture that is analysed; the paper does it with the Byte-CRF.
    curve_sizes: numbers of training sentences of the learning curves.
    pruning_step: the share of weights between two points of a pruning curve; pruning_drop: the loss of F1 that counts
        as over-pruned (§5.2).
    fisher_estimator, fisher_draws: see `analysis.fisher.fisher_information`; fisher_sentences: at most so many training
        sentences of a language, None for all.
    """

    model: str = "byte-crf"
    curve_sizes: tuple[int, ...] = (50, 100, 250, 500, 1000, 2500)
    pruning_step: float = 0.1
    pruning_drop: float = 1.0
    fisher_estimator: str = "signs"
    fisher_draws: int = 16
    fisher_sentences: int | None = None

    def __post_init__(self) -> None:
        sizes = self.curve_sizes
        if not sizes or any(not isinstance(size, int) or size < 1 for size in sizes) or sorted(set(sizes)) != [*sizes]:
            raise SettingsError(f"analysis: curve_sizes are rising numbers of sentences, not {list(sizes)}")
        if not 0 < self.pruning_step <= 1:
            raise SettingsError(f"analysis: pruning_step is more than 0 and at most 1, not {self.pruning_step}")
        if not self.pruning_drop > 0:
            raise SettingsError(f"analysis: pruning_drop is more than 0, not {self.pruning_drop}")
        for name in ("fisher_draws", "fisher_sentences"):
            if getattr(self, name) is not None and getattr(self, name) < 1:
                raise SettingsError(f"analysis: {name} is at least 1, not {getattr(self, name)}")

    @classmethod
    def of(cls, overrides: Mapping[str, Any]) -> AnalysisConfig:
        """The defaults with `overrides`. Raises SettingsError for an unknown field or one of another kind."""
        known = {field.name: field.default for field in dataclasses.fields(cls)}
        values = {}
        for name, value in overrides.items():
            if name not in known:
                raise SettingsError(f"unknown setting of the analyses {name!r}: one of {', '.join(known)}")
            if isinstance(known[name], tuple):
                fits, value = isinstance(value, list | tuple), tuple(value) if isinstance(value, list) else value
            elif isinstance(known[name], str):
                fits = isinstance(value, str)
            else:
                whole = isinstance(value, int) and not isinstance(value, bool)
                fits = whole or (isinstance(value, float) and isinstance(known[name], float))
                fits = fits or (value is None and known[name] is None)
            if not fits:
                raise SettingsError(f"analysis: {name} cannot be {value!r:.60}")
            values[name] = value
        return cls(**values)

    @property
    def shares(self) -> list[float]:
        """The shares of weights that are pruned: 0, step, 2 · step and so on, at most 1."""
        count = int(1 / self.pruning_step + 1e-9)
        return [round(i * self.pruning_step, 10) for i in range(count + 1)]
