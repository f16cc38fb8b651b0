"""The doubt that sentences leave: how much each moves a score (the jackknife), and resamples (the bootstrap)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def f1_of(counts: ArrayLike) -> Array:
    """Micro F1 (percent) of span counts (…, 3): correct, predicted, gold. 0 where there are no spans at all."""
    correct, predicted, gold = np.moveaxis(np.asarray(counts, dtype=float), -1, 0)
    return 200.0 * ratio(correct, predicted + gold, 0.0)


def ratio(part: ArrayLike, whole: ArrayLike, otherwise: float = np.nan) -> Array:
    """part / whole, `otherwise` where the whole is 0."""
    part, whole = np.asarray(part, dtype=float), np.asarray(whole, dtype=float)
    return np.divide(part, whole, out=np.full(np.broadcast_shapes(part.shape, whole.shape), otherwise), where=whole > 0)


def jackknife(counts: ArrayLike, figure: Callable[[Array], Array] = f1_of) -> Array:
    """How much each sentence moves a figure of summed counts (sentences, columns), as an array (sentences,).

    The squares add up to the figure's variance over sentences, the products of two runs to their covariance.
    """
    counts = np.asarray(counts, dtype=float)
    left_out = figure(counts.sum(axis=0) - counts)
    return (left_out.mean() - left_out) * np.sqrt((len(counts) - 1) / len(counts))


def by_sentence(
    counts: pd.DataFrame, columns: list[str], figure: Callable[[Array], Array], rows: pd.DataFrame, value: str
) -> dict[tuple[str, ...], Array]:
    """How much each sentence moves the score of each run on each language: by run, language and, where the counts of a
    run depend on the group and say it in a column `group`, by that too.

    Raises ValueError where the runs of a language have other sentences or gold entities, and where counts and scores
    (column `value` of `rows`) disagree.
    """
    keys = ["run", "language", *(["group"] if "group" in counts else [])]
    scores = dict(zip(rows[keys].itertuples(index=False, name=None), rows[value], strict=True))
    if "sentence" in counts:
        counts = counts.sort_values("sentence", kind="stable")
    table, is_gold = counts[columns].to_numpy(dtype=float), np.array(columns) == "gold"
    moved, sizes, gold = {}, {}, {}
    for key, places in counts.groupby(keys, sort=False).indices.items():
        if key not in scores:
            continue
        (run, language, *_), values = key, table[places]
        if sizes.setdefault(language, len(values)) != len(values):
            told = f"{len(values)} sentences of {language}, others on {sizes[language]}"
            raise ValueError(f"run {run} was scored on {told}")
        own = values[:, is_gold]
        if not np.array_equal(gold.setdefault(language, own), own):
            raise ValueError(f"run {run} was scored against other gold entities of {language} than others")
        found, said = float(figure(values.sum(axis=0))), scores[key]
        # Counts of other predictions would give intervals that have nothing to do with the figures.
        if abs(found - said) > 0.05:
            raise ValueError(f"the counts of run {run} give {found:.2f} on {language}, the results say {said:.2f}")
        moved[key] = jackknife(values, figure)
    return moved


# Cells of a block of resampling weights: 2 million of them take 16 MB.
_BLOCK = 2_000_000


def resampled_counts(counts: ArrayLike, draws: int = 1000, seed: int | Sequence[int] = 0) -> NDArray[np.float64]:
    """Sums of per-sentence counts over `draws` resamples of the sentences, drawn with replacement.

    `counts` is (sentences, …), the result (draws, …). Arrays of the same number of sentences are resampled alike
    for the same seed, which is what makes a comparison of two systems paired.
    """
    counts = np.asarray(counts, dtype=float)
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
