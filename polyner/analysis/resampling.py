"""The bootstrap over sentences, for the label distributions and the weights a language needs (§4, §5.2)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

# Cells of a block of resampling weights: 2 million of them take 16 MB.
_BLOCK = 2_000_000


def resampled_counts(counts: ArrayLike, draws: int = 1000, seed: int | Sequence[int] = 0) -> NDArray[np.float64]:
    """Sums of per-sentence counts over `draws` resamples of the sentences, drawn with replacement.

    `counts` is (sentences, …), the result (draws, …). Arrays of the same number of sentences are resampled alike
    for the same seed, which is what makes a comparison of two systems paired. Raises ValueError without sentences.
    """
    counts = np.asarray(counts, dtype=float)
    if len(counts) == 0:
        raise ValueError("there are no sentences to resample")
    columns, sentences = counts.reshape(len(counts), -1), len(counts)
    generator, sums = np.random.default_rng(seed), []
    block = max(1, _BLOCK // sentences)  # of draws, to bound the memory
    for start in range(0, draws, block):
        rows = min(block, draws - start)
        drawn = generator.integers(sentences, size=(rows, sentences)) + np.arange(rows)[:, None] * sentences
        # How often each sentence is drawn: (rows, sentences).
        weights = np.bincount(drawn.ravel(), minlength=rows * sentences).reshape(rows, sentences).astype(float)
        sums.append(weights @ columns)
    return np.concatenate(sums).reshape(draws, *counts.shape[1:])
