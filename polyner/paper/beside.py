"""The numbers of a run beside those of the paper's Table 1."""

from __future__ import annotations

import pandas as pd

from polyner.analysis.differences import Comparison
from polyner.paper.published import published_results, table1


def table1_beside(best: pd.DataFrame, group: str) -> pd.DataFrame:
    """Table 1 for one group of languages: for every model and regime of a run, its row and below it the paper's.

    `best` has a row for each model, regime and language with its test F1 (`study.best_of_seeds`).
    Columns: model, regime, source ("this run" or "the paper"), one for each language of the run (F1, percent), and
    average, which is on both sides over just the languages that this run has of the model and regime, so that the two
    can be compared; it is missing where the paper lacks one of them.
    Raises ValueError where the run has none of the group.
    """
    ours = best[best["group"] == group]
    if ours.empty:
        raise ValueError(f"no results for the group {group!r}")
    languages = list(dict.fromkeys(ours["language"]))
    published = table1()
    published = published[published["language"].isin(languages)].merge(ours[["model", "regime"]].drop_duplicates())
    columns = ["model", "regime", "language", "f1"]
    both = pd.concat(
        [ours[columns].assign(source="this run"), published[columns].assign(source="the paper")], ignore_index=True
    )
    keys = ["model", "regime", "source"]
    for key in keys:
        both[key] = pd.Categorical(both[key], categories=list(dict.fromkeys(both[key])))
    wide = both.pivot_table(index=keys, columns="language", values="f1", observed=True)[languages]
    has = wide.xs("this run", level="source").notna()
    has = has.reindex(wide.index.droplevel("source")).set_axis(wide.index)
    wide["average"] = wide.where(has, 0.0).sum(axis="columns", skipna=False) / has.sum(axis="columns")
    return wide.reset_index().rename_axis(columns=None).astype(dict.fromkeys(keys, str))


def differences_beside(
    results: pd.DataFrame, first: str, second: str, counts: pd.DataFrame | None = None
) -> pd.DataFrame:
    """How far the regime `second` is from `first` in F1, by model and language, in a run and in the paper.

    `results` is a table of results, `counts` the span counts of its runs, for the intervals. The columns are those of
    `analysis.differences.Comparison.table`, and paper, the difference of the paper's F1s, missing where it has none.
    """
    sides = [{"regime": regime, "variant": ""} for regime in (first, second)]
    ours = Comparison(results, *sides).table(counts)
    theirs = Comparison(published_results(), *sides).table().rename(columns={"difference": "paper"})
    return ours.merge(theirs[["model", "language", "paper"]], on=["model", "language"], how="left")
