"""Made-up studies whose true scores are known: seeds and test sentences are drawn anew each time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

REGIMES = ("monolingual", "polyglot", "fine_tuned")

# One unit on the scale of difficulties moves F1 by about 15 points.
_ENTITIES, _SENTENCES = 2.5, 1.5


@dataclass(frozen=True)
class Simulation:
    """How runs and sentences vary, on the scale of logits: 0.05 moves F1 by less than a point.

    An entity is as hard for all runs, up to `taste` by regime. A polyglot run has a share in common for all its
    languages, and one for each; what was fine-tuned from it keeps half of either.
    `levels` says how good each regime is.
    """

    groups: Mapping[str, int] = field(default_factory=lambda: {"conll": 4})
    seeds: int = 3
    sentences: int = 400
    levels: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(REGIMES, 0.8))
    own: float = 0.04
    common: float = 0.02
    taste: float = 0.8
    spread: float = 1.0  # of the runs' own shares over languages: up to this factor more, or less

    def languages(self) -> Iterator[tuple[str, str, float]]:
        """Group, language, and what its runs vary."""
        for group, count in self.groups.items():
            for place in range(count):
                yield group, f"{group}{place}", self.own * self.spread ** np.linspace(-1, 1, max(count, 2))[place]

    def truth(self, regime: str) -> dict[str, float]:
        """The mean F1 of all runs on all sentences, by language."""
        points, mass = np.polynomial.hermite_e.hermegauss(41)
        mass = mass / mass.sum()
        found = {}
        for _, language, own in self.languages():
            effects = points * self._deviation(regime, own)
            deviation = np.hypot(_ENTITIES, self.taste)
            logits = self.levels[regime] + effects[:, None] + points * deviation
            right = _probability(logits) @ mass
            spurious = _probability(-2.0 - logits) @ mass
            found[language] = float(mass @ _f1(right, spurious))
        return found

    def _deviation(self, regime: str, own: float) -> float:
        together = np.hypot(own, self.common)
        return {"monolingual": own, "polyglot": together, "fine_tuned": np.hypot(together / 2, own)}[regime]

    def draw(self, generator: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Results and counts of one study."""
        results, counts = [], []
        shared = {group: generator.normal(0, self.common, self.seeds) for group in self.groups}
        for group, language, own in self.languages():
            gold = 1 + generator.poisson(0.6, self.sentences)
            place = np.repeat(np.arange(self.sentences), gold)
            hard = _hardness(generator, place)
            polyglot = shared[group] + generator.normal(0, own, self.seeds)
            effects = {
                "monolingual": generator.normal(0, own, self.seeds),
                "polyglot": polyglot,
                "fine_tuned": polyglot / 2 + generator.normal(0, own, self.seeds),
            }
            for regime, level in self.levels.items():
                logits = level + hard + generator.normal(0, self.taste, len(place))
                for seed, effect in enumerate(effects[regime]):
                    right = generator.random(len(place)) < _probability(logits + effect)
                    wrong = generator.random(len(place)) < 0.6 * ~right
                    spurious = generator.random(len(place)) < _probability(-2.0 - logits - effect)
                    correct, more, other = (
                        np.bincount(place, what, self.sentences) for what in (right, wrong, spurious)
                    )
                    predicted = correct + more + other
                    of = group if regime == "polyglot" else language
                    run = f"{regime} {of} {seed}"
                    f1 = 200 * correct.sum() / (predicted.sum() + gold.sum())
                    results.append(("crf", regime, "", group, language, seed, "test", f1, run))
                    columns = {"correct": correct, "predicted": predicted, "gold": gold}
                    counts.append(pd.DataFrame({"run": run, "language": language, **columns}))
        columns = ["model", "regime", "variant", "group", "language", "seed", "split", "f1", "run"]
        return pd.DataFrame(results, columns=columns), pd.concat(counts, ignore_index=True)


def _hardness(generator: np.random.Generator, place: np.ndarray) -> np.ndarray:
    """How easy entities are; those of a sentence are alike."""
    sentences = generator.normal(0, _SENTENCES, place.max() + 1)
    return sentences[place] + generator.normal(0, np.sqrt(_ENTITIES**2 - _SENTENCES**2), len(place))


def _probability(logits: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-logits))


def _f1(right: np.ndarray, spurious: np.ndarray) -> np.ndarray:
    """F1 from what share of entities is found, and how many spurious ones there are for each."""
    return 200 * right / (right + 0.6 * (1 - right) + spurious + 1)
