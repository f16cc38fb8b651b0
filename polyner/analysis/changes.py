"""Changes from regime to regime of figures that are made of sums over sentences (§5.1, §5.2), with their intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from polyner.analysis.estimates import Estimate
from polyner.analysis.inference import KEYS, Array, Scores

# What tells the runs of a table of counts apart.
CELL = [*KEYS, "seed", "run"]


def widened(
    counts: pd.DataFrame, place: ArrayLike, places: int, columns: Sequence[str]
) -> tuple[pd.DataFrame, list[str]]:
    """A row for each run, language and sentence with all its counts, and the names of their columns.

    `place` (0 to places − 1) says where each row of `counts` goes: the columns are (places, columns), flattened, and 0
    where nothing goes. Every run of a language has the same sentences.
    """
    long = (counts if "variant" in counts else counts.assign(variant="")).reset_index(drop=True)
    rows = long[CELL].drop_duplicates().merge(long[["language", "sentence"]].drop_duplicates(), on="language")
    numbers = rows.assign(number=range(len(rows)))
    number = long[[*CELL, "sentence"]].merge(numbers, how="left", on=[*CELL, "sentence"])["number"].to_numpy()
    array = np.zeros((len(rows), places, len(columns)))
    array[number, place] = long[list(columns)]
    names = [str(column) for column in range(places * len(columns))]
    return rows.join(pd.DataFrame(array.reshape(len(rows), len(names)), columns=names)), names


def sums_of(counts: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """The sums over sentences: a row a run and language."""
    return counts.groupby(CELL, sort=False, as_index=False)[list(columns)].sum()


def changes(
    counts: pd.DataFrame, columns: Sequence[str], figure: Callable[[Array], Array], pairs: Iterable[tuple[str, str]]
) -> dict[tuple[str, str, str], Estimate]:
    """By group, first and second regime: how a figure changes (second − first), the mean over languages.

    `counts` has a row a run, language and sentence: `CELL`, sentence, and the `columns` whose sums (…, columns) the
    function `figure` turns into the figure (…). Runs of which there is none (nan) are left out.
    """
    sums = sums_of(counts, columns)
    results = sums.assign(value=figure(sums[list(columns)].to_numpy(float))).dropna(subset="value")
    return regime_differences(Scores(results, counts, "value", columns, figure), pairs)


def regime_differences(scores: Scores, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str, str], Estimate]:
    """The differences between regimes, by group, first and second regime."""
    return {
        (group, first, second): each
        for first, second in pairs
        for (_, group), each in scores.differences({"regime": first}, {"regime": second}).items()
    }
