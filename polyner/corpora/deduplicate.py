"""Splits that share no sentence, and repeat none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from polyner.corpora.quality import spellings
from polyner.corpora.sentence import SPLITS, Sentence


def deduplicated(
    splits: Mapping[str, Sequence[Sentence]], *, keep: Literal["train", "test"] = "train"
) -> tuple[dict[str, tuple[Sentence, ...]], dict[str, int]]:
    """The splits without repeated sentences, and how many each lost.

    Sentences are the same where their words are, whatever their tags; of those in one split, the first stays. Of those
    in several splits, with `keep="train"` the training set's stays (the test set shrinks), with `keep="test"` the test
    set's (published scores stay comparable).
    """
    order = [split for split in (SPLITS if keep == "train" else SPLITS[::-1]) if split in splits]
    seen: set[tuple[str, ...]] = set()
    kept: dict[str, tuple[Sentence, ...]] = {}
    for split in order:
        chosen = []
        for sentence, key in zip(splits[split], spellings(splits[split]), strict=True):
            if key not in seen:
                seen.add(key)
                chosen.append(sentence)
        kept[split] = tuple(chosen)
    lost = {split: len(splits[split]) - len(kept[split]) for split in order}
    return {split: kept[split] for split in SPLITS if split in kept}, lost
