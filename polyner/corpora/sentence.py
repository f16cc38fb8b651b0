"""What a corpus is: tagged sentences in three splits, in one language."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

SPLITS = ("train", "dev", "test")


@dataclass(frozen=True, slots=True)
class Sentence:
    """The words of one sentence and their IOB2 tags (`O`, `B-PER`, `I-PER`, …), one a word."""

    words: tuple[str, ...]
    tags: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.words) != len(self.tags):
            raise ValueError(f"a sentence has {len(self.words)} words but {len(self.tags)} tags")

    def __len__(self) -> int:
        return len(self.words)


@dataclass(frozen=True)
class Corpus:
    """One language's training, development and test sentences.

    `language` is an ISO 639-3 code, `source` says where the sentences come from ("sample" or a folder), and
    `repairs` counts, for each split, the tags that had to be mended while reading.
    """

    language: str
    train: tuple[Sentence, ...]
    dev: tuple[Sentence, ...]
    test: tuple[Sentence, ...]
    source: str = ""
    repairs: Mapping[str, int] = field(default_factory=dict)

    def __getitem__(self, split: str) -> tuple[Sentence, ...]:
        if split not in SPLITS:
            raise KeyError(f"unknown split {split!r}: one of {', '.join(SPLITS)}")
        return getattr(self, split)

    @cached_property
    def types(self) -> tuple[str, ...]:
        """The entity types found in any split, sorted."""
        return entity_types(sentence for split in SPLITS for sentence in self[split])

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 (hexadecimal) of every word and tag, in order: equal exactly when the sentences are."""
        digest = hashlib.sha256()
        for split in SPLITS:
            digest.update(f"\x1d{split}".encode())
            for sentence in self[split]:
                digest.update(b"\x1e")
                for word, tag in zip(sentence.words, sentence.tags, strict=True):
                    digest.update(f"{word}\x1f{tag}\x1c".encode())
        return digest.hexdigest()


def entity_types(sentences: Iterable[Sentence]) -> tuple[str, ...]:
    """The entity types that occur in `sentences`, sorted."""
    return tuple(sorted({tag[2:] for sentence in sentences for tag in sentence.tags if tag != "O"}))
