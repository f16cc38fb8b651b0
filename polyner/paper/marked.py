"""Table 1 from several seeds: spread, intervals, and marks where a regime differs from monolingual."""

from __future__ import annotations

import pandas as pd

from polyner.analysis.averages import average_changes, language_averages
from polyner.analysis.differences import Comparison
from polyner.analysis.significance import LEAST_SEEDS
from polyner.paper.published import table1
from polyner.study.tables import best_of_seeds

UP, DOWN = "▲", "▼"
_BASE = "monolingual"


def table1_cells(results: pd.DataFrame, counts: pd.DataFrame | None = None) -> pd.DataFrame:
    """Table 1's cells from several seeds, each with what it differs from the monolingual cell.

    Columns: those of `study.best_of_seeds` less precision and recall; difference (of the means over seeds, F1 points,
    from the monolingual cell), low, high (95 %, over seeds and test sentences, paired) and mark: ▲ or ▼ where the
    interval leaves out 0 and there are three seeds at least. Variants are left out.
    """
    plain = results[results["variant"] == ""]
    cells = best_of_seeds(plain).drop(columns=["precision", "recall"])
    # Apart for each model and group: the seeds that one lacks are no reason to leave them out of another.
    changes = [
        Comparison(rows, {"regime": _BASE}, {"regime": regime}).table(counts).assign(regime=regime)
        for _, rows in plain.groupby(["model", "group"], sort=False)
        for regime in dict.fromkeys(rows["regime"])
        if regime != _BASE
    ]
    columns = ["model", "regime", "group", "language"]
    if not changes:
        return cells.assign(difference=float("nan"), low=float("nan"), high=float("nan"), mark="")
    change = pd.concat(changes, ignore_index=True)
    change["mark"] = marks(change)
    cells = cells.merge(change[[*columns, "difference", "low", "high", "mark"]], on=columns, how="left")
    return cells.assign(mark=cells["mark"].fillna(""))


def table1_averages_with_marks(results: pd.DataFrame, counts: pd.DataFrame | None = None) -> pd.DataFrame:
    """The averages over languages (`analysis.averages.language_averages`), with best_by_dev, the average of the chosen
    seeds' F1, and difference, difference_low, difference_high and mark against the monolingual average."""
    plain = results[results["variant"] == ""]
    keys = ["model", "regime", "variant", "group"]
    best = best_of_seeds(plain).groupby(keys, sort=False)["f1"].mean().rename("best_by_dev").reset_index()
    changes = average_changes(plain, counts)
    changes["mark"] = marks(changes)
    changes = changes.rename(columns={"low": "difference_low", "high": "difference_high"})
    changes = changes.drop(columns=["languages", "seeds"])
    averages = language_averages(plain, counts).merge(best, on=keys).merge(changes, on=keys, how="left")
    return averages.assign(mark=averages["mark"].fillna(""))


def marks(changes: pd.DataFrame) -> list[str]:
    """▲ or ▼ for each row of a table of changes (low, high, seeds), nothing where it is not significant."""
    return [
        "" if row.seeds < LEAST_SEEDS else UP if row.low > 0 else DOWN if row.high < 0 else ""
        for row in changes.itertuples()
    ]


def marked_table1(cells: pd.DataFrame, averages: pd.DataFrame, group: str) -> pd.DataFrame:
    """Table 1 of one group as text, ready to be shown: for each model and regime, rows of several sources.

    "best by dev" has the test F1 of the seed that development data choose, as the paper does; "mean ± spread" the mean
    and the standard deviation over seeds, with a mark where it differs from monolingual (of a single seed, which is
    both, "one seed" is the only row); then the paper's. `cells` and `averages` are those of `table1_cells` and
    `table1_averages_with_marks`. The column before the languages is the average over them, with its 95 % interval
    beside the mean, and with the number of languages where some of the group's are missing; the paper has one where it
    has all languages of the cells.
    The axis of the columns is called language. Raises ValueError where there are no cells of the group.
    """
    own = cells[cells["group"] == group]
    if own.empty:
        raise ValueError(f"no results for the group {group!r}")
    languages = list(dict.fromkeys(own["language"]))
    paper = _by_cell(table1())
    averaged = averages[averages["group"] == group].set_index(["model", "regime"])
    rows = []
    for (model, regime), part in own.groupby(["model", "regime"], sort=False):
        by_language = part.set_index("language")
        average = averaged.loc[(model, regime)]
        some = f" ({len(by_language)} language{'s' if len(by_language) > 1 else ''})"
        of = "" if len(by_language) == len(languages) else some
        spread = [_with_spread(by_language.loc[code]) if code in by_language.index else None for code in languages]
        several = part["seeds"].max() > 1
        if several:
            best = f"{average['best_by_dev']:.2f}{of}"
            rows.append((model, regime, "best by dev", best, *(by_language["f1"].get(code) for code in languages)))
        source = "mean ± spread" if several else "one seed"
        rows.append((model, regime, source, f"{_with_interval(average)}{of}", *spread))
        f1 = {code: paper[model, regime, code] for code in by_language.index if (model, regime, code) in paper}
        if f1:
            whole = sum(f1.values()) / len(f1) if len(f1) == len(by_language) else None
            rows.append((model, regime, "the paper", whole, *(f1.get(code) for code in languages)))
    table = pd.DataFrame(rows, columns=pd.Index(["model", "regime", "source", "average", *languages], name="language"))
    return table.map(_text)


def _by_cell(table: pd.DataFrame) -> dict[tuple[str, str, str], float]:
    return {tuple(row[:3]): row[3] for row in table[["model", "regime", "language", "f1"]].itertuples(index=False)}


def _with_spread(cell: pd.Series) -> str:
    spread = f" ± {cell['f1_std']:.2f}" if cell["seeds"] > 1 else ""
    return f"{cell['f1_mean']:.2f}{spread} {cell['mark']}".strip()


def _with_interval(average: pd.Series) -> str:
    interval = f" ({average['low']:.2f} to {average['high']:.2f})" if pd.notna(average["low"]) else ""
    return f"{average['f1']:.2f}{interval} {average['mark']}".strip()


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return "–" if value is None or pd.isna(value) else f"{round(value, 6):.2f}"
