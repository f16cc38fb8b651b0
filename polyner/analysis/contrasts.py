"""Means and differences of kinds of runs: every interval of F1 that is shown or judged comes from here.

What is pooled must not depend on who asks. So a comparison sees the plain runs and those of the variants it names,
novel languages (§4.2) apart from the others, and nothing else of a study's results.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from polyner.analysis.estimates import Estimate
from polyner.analysis.inference import KEYS, Key, Scores


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

    def _scores(self, variants: set[str]) -> list[Scores]:
        key = frozenset(variants | {""})
        if key not in self._known:
            rows = self._results[self._results["variant"].isin(key) & (self._results["split"] == "test")]
            novel = rows["group"].isin(novel_groups(self._results))
            parts = (rows[~novel], rows[novel])
            self._known[key] = [Scores(part, self._counts) for part in parts if len(part)]
        return self._known[key]
