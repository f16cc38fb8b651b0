"""Means and differences of kinds of runs: every interval of F1 that is shown or judged comes from here.

Of F1, what is pooled must not depend on who asks. So a comparison sees the plain runs and those of the variants it
names, novel languages (§4.2) apart from the others, and nothing else of a study's results. Other figures that are made
of sums over sentences (§5.1, §5.2) are compared from regime to regime (`changes`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from polyner.analysis.estimates import Estimate
from polyner.analysis.inference import KEYS, Array, Key, Scores

# What tells the runs of a table of counts apart.
CELL = [*KEYS, "seed", "run"]


def novel_groups(results: pd.DataFrame) -> set[str]:
    """The groups of a table of results whose languages no polyglot model was trained on (§4.2)."""
    return {"heldout", *results.loc[results["regime"] == "zero_shot", "group"]}


def plain(*regimes: str) -> list[dict[str, str]]:
    """The plain runs of each regime, as a side of a comparison."""
    return [{"regime": regime, "variant": ""} for regime in regimes]


def change_table(estimates: Mapping[Any, Estimate], by: Sequence[str], sides: Sequence[str]) -> pd.DataFrame:
    """Changes, one a row: the columns `by` of their keys, the means of the two `sides`, difference, low, high (95 %;
    missing where the spread over seeds is not known), seeds (of the cell with fewest), languages (how many)."""
    rows = [
        (*key, each.first, each.second, each.figure, *each.interval(), each.seeds, len(each.languages))
        for key, each in estimates.items()
    ]
    return pd.DataFrame(rows, columns=[*by, *sides, "difference", "low", "high", "seeds", "languages"])


class Contrasts:
    """Test scores of a table of results, and of its runs' span counts, which give the doubt that sentences leave.

    `results` and `counts` are as `Scores` has them. A side of a comparison names columns with their values, as
    `{"regime": "polyglot", "variant": "pcgrad"}`; without a variant, it is the plain runs.
    """

    def __init__(self, results: pd.DataFrame, counts: pd.DataFrame | None = None) -> None:
        self._results, self._counts = results, counts
        self._known: dict[Any, Any] = {}

    def only(self, results: pd.DataFrame) -> Contrasts:
        """The same of some of the results."""
        return Contrasts(results, self._counts)

    def means(self, by: Sequence[str] = KEYS[:-1], **where: str) -> dict[Key, Estimate]:
        """The mean of the plain runs over the cells that agree in `by`, and have the values in `where`."""
        return {key: one for scores in self._scores({""}) for key, one in scores.means(by, **where).items()}

    def differences(
        self,
        first: Mapping[str, str],
        second: Mapping[str, str],
        by: Sequence[str] = ("model", "group"),
        ratio: bool = False,
    ) -> dict[Key, Estimate]:
        """second − first (or, as a `ratio`, second ÷ first): the mean over the languages both have, by `by`."""
        asked = (*(tuple(sorted(side.items())) for side in (first, second)), tuple(by), ratio)
        if asked not in self._known:
            found: dict[Key, Estimate] = {}
            for scores in self._scores({side.get("variant", "") for side in (first, second)}):
                found |= scores.differences(first, second, by, ratio)
            self._known[asked] = found
        return self._known[asked]

    def table(self, first: Mapping[str, str], second: Mapping[str, str], average: bool = False) -> pd.DataFrame:
        """`change_table` of the differences by language, or of the `average` over them: columns first and second, and
        what tells the cells apart (model, regime, group, language, less what the sides name)."""
        named = {*first, *second, "variant", *(["language"] if average else [])}
        by = [key for key in KEYS if key not in named]
        return change_table(self.differences(first, second, by), by, ("first", "second"))

    def gains(self, variant: str = "") -> pd.DataFrame:
        """What polyglot training and fine-tuning gain over monolingual training on average, all with a variant: `table`
        with the column regime (polyglot, fine_tuned)."""
        alone, *others = ({"regime": each, "variant": variant} for each in ("monolingual", "polyglot", "fine_tuned"))
        found = [self.table(alone, side, average=True).assign(regime=side["regime"]) for side in others]
        return pd.concat([gains for gains in found if len(gains)] or found)

    def _scores(self, variants: set[str]) -> list[Scores]:
        key = frozenset(variants | {""})
        if key not in self._known:
            rows = self._results[self._results["variant"].isin(key) & (self._results["split"] == "test")]
            novel = rows["group"].isin(novel_groups(self._results))
            parts = (rows[~novel], rows[novel])
            self._known[key] = [Scores(part, self._counts) for part in parts if len(part)]
        return self._known[key]


def stacked(tables: Sequence[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    """These columns of the tables, one below the other; none at all where there is no table."""
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)


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
