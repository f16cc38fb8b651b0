"""Which characters a tagger over characters knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from polyner.corpora.sentence import Sentence


def character_inventory(training: Mapping[str, Sequence[Sentence]], at_least: int, always: str = "") -> tuple[str, ...]:
    """The characters that occur `at_least` so often in the words of the training sentences, and those of `always`."""
    counts = Counter(c for sentences in training.values() for s in sentences for word in s.words for c in word)
    return tuple(sorted({c for c, count in counts.items() if count >= at_least} | set(always)))
