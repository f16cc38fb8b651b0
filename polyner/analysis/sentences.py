"""How much each test sentence moves a score: the jackknife, from which variances over sentences follow."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def f1_of(counts: ArrayLike) -> Array:
    """Micro F1 (percent) of span counts (…, 3): correct, predicted, gold. 0 where there are no spans at all."""
    correct, predicted, gold = np.moveaxis(np.asarray(counts, dtype=float), -1, 0)
    spans = predicted + gold
    return 200.0 * np.divide(correct, spans, out=np.zeros_like(spans), where=spans > 0)


def jackknife(counts: ArrayLike, figure: Callable[[Array], Array] = f1_of) -> Array:
    """How much each sentence moves a figure of summed counts (sentences, columns), as an array (sentences,).

    The squares add up to the figure's variance over sentences, the products of two runs to their covariance.
    """
    counts = np.asarray(counts, dtype=float)
    left_out = figure(counts.sum(axis=0) - counts)
    return (left_out.mean() - left_out) * np.sqrt((len(counts) - 1) / len(counts))


def by_sentence(
    counts: pd.DataFrame,
    columns: list[str],
    figure: Callable[[Array], Array],
    rows: pd.DataFrame,
    value: str,
) -> dict[tuple[str, str], Array]:
    """How much each sentence moves the score of each run on each language.

    Raises ValueError where the runs of a language have other sentences or gold entities, and where counts and scores
    (column `value` of `rows`) disagree.
    """
    scores = {(row.run, row.language): getattr(row, value) for row in rows.itertuples()}
    if "sentence" in counts:
        counts = counts.sort_values("sentence", kind="stable")
    table, is_gold = counts[columns].to_numpy(dtype=float), np.array(columns) == "gold"
    moved, sizes, gold = {}, {}, {}
    for (run, language), places in counts.groupby(["run", "language"], sort=False).indices.items():
        if (run, language) not in scores:
            continue
        values = table[places]
        if sizes.setdefault(language, len(values)) != len(values):
            raise ValueError(
                f"run {run} was scored on {len(values)} sentences of {language}, others on {sizes[language]}"
            )
        own = values[:, is_gold]
        if not np.array_equal(gold.setdefault(language, own), own):
            raise ValueError(f"run {run} was scored against other gold entities of {language} than others")
        found, said = float(figure(values.sum(axis=0))), scores[run, language]
        # Counts of other predictions would give intervals that have nothing to do with the figures.
        if abs(found - said) > 0.05:
            raise ValueError(f"the counts of run {run} give {found:.2f} on {language}, the results say {said:.2f}")
        moved[run, language] = jackknife(values, figure)
    return moved
