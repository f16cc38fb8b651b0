"""The numbers of a run beside those of the paper's Table 1."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from polyner.analysis.contrasts import Contrasts, plain
from polyner.paper.published import published_results, table1


def table1_beside(best: pd.DataFrame, group: str, not_run: Iterable[str] = ()) -> pd.DataFrame:
    """Table 1 for one group of languages: for every model and regime of a run, its row and below it the paper's.

    `best` has a row for each model, regime and language with its test F1 (`study.best_of_seeds`). Models in `not_run`
    have empty rows above the paper's.
    Columns (their axis is called language): model, regime, source ("this run" or "the paper"), one for each language of
    the run (F1, percent), and average, which is on both sides over just the languages that this run has of the model
    and regime, so that the two can be compared; it is missing where the paper lacks one of them.
    Raises ValueError where the run has none of the group.
    """
    ours = best[best["group"] == group]
    if ours.empty:
        raise ValueError(f"no results for the group {group!r}")
    languages, keys = list(dict.fromkeys(ours["language"])), ["model", "regime"]
    theirs = table1()
    f1 = {
        "this run": ours.set_index([*keys, "language"])["f1"],
        "the paper": theirs[theirs["language"].isin(languages)].set_index([*keys, "language"])["f1"],
    }
    regimes = list(dict.fromkeys(ours["regime"]))
    rows = []
    for model in dict.fromkeys([*ours["model"], *not_run]):
        for regime in regimes:
            cells = {source: [column.get((model, regime, code)) for code in languages] for source, column in f1.items()}
            # Of a model that this run has nothing of, the paper's cells stand alone.
            counted = [cell is not None for cell in cells["this run" if model not in not_run else "the paper"]]
            for source, row in cells.items():
                if source == "the paper" and not any(cell is not None for cell in row):
                    continue
                used = [cell for cell, counts in zip(row, counted, strict=True) if counts]
                average = sum(used) / len(used) if used and None not in used else None
                rows.append((model, regime, source, *row, average))
    columns = pd.Index([*keys, "source", *languages, "average"], name="language")
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys([*languages, "average"], float))


def differences_beside(contrasts: Contrasts, first: str, second: str) -> pd.DataFrame:
    """How far the regime `second` is from `first` in F1, by model and language, in a run and in the paper.

    The columns are those of `Contrasts.table`, and paper, the difference of the paper's F1s, missing where it has none.
    """
    ours, theirs = (each.table(*plain(first, second)) for each in (contrasts, Contrasts(published_results())))
    theirs = theirs.rename(columns={"difference": "paper"})[["model", "language", "paper"]]
    return ours.merge(theirs, on=["model", "language"], how="left")
