"""Text as numbers: its UTF-8 bytes, so that one alphabet of 256 serves every language, or its characters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from polyner.corpora.sentence import Sentence


class Speller:
    """Spells by bytes, or by these characters from 1 on; all others are then 0."""

    def __init__(self, characters: Sequence[str] | None = None):
        self.characters = None if characters is None else tuple(characters)
        self._index = {character: position for position, character in enumerate(self.characters or (), start=1)}

    def __len__(self) -> int:
        return 256 if self.characters is None else 1 + len(self.characters)

    def __call__(self, text: str) -> list[int]:
        """The bytes or characters of a text as indices of an embedding."""
        if self.characters is None:
            return list(text.encode("utf-8", errors="replace"))
        return [self._index.get(character, 0) for character in text]


def character_inventory(training: Mapping[str, Sequence[Sentence]], at_least: int, always: str = "") -> tuple[str, ...]:
    """The characters that occur `at_least` so often in the words of the training sentences, and those of `always`."""
    counts = Counter(c for sentences in training.values() for s in sentences for word in s.words for c in word)
    return tuple(sorted({c for c, count in counts.items() if count >= at_least} | set(always)))
