"""Table 1 from several seeds: spread, intervals, and marks where a regime differs from monolingual."""

from __future__ import annotations

import pandas as pd

from polyner.analysis.contrasts import Contrasts
from polyner.analysis.contrasts import plain as sides
from polyner.analysis.estimates import LEAST_SEEDS
from polyner.findings.runs import best_of_seeds
from polyner.paper.published import by_cell, table1

UP, DOWN = "▲", "▼"
_UNIT = ["model", "regime", "variant", "group"]


def table1_cells(results: pd.DataFrame, contrasts: Contrasts) -> pd.DataFrame:
    """Table 1's cells from several seeds, each with what it differs from the monolingual cell.

    Columns: those of `findings.runs.best_of_seeds`; difference (of the means over seeds, F1
    points, from the monolingual cell), low, high (95 %, over seeds and test sentences) and mark: ▲ or ▼ where the
    interval leaves out 0 and both sides have two seeds at least. Variants are left out. `contrasts` are of the study.
    """
    plain = results[results["variant"] == ""]
    cells = best_of_seeds(plain)
    changes = _changes(plain, contrasts)[["model", "regime", "group", "language", *_CHANGE]]
    return _marked(cells.merge(changes, on=["model", "regime", "group", "language"], how="left"))


def table1_averages_with_marks(results: pd.DataFrame, contrasts: Contrasts) -> pd.DataFrame:
    """Test F1 averaged over languages, for every model, regime and group of a table of results; variants are left out.

    Columns: model, regime, variant, group, languages and seeds (how many), f1, spread (standard deviation over seeds of
    the average over languages), low, high (95 %), best_by_dev (the average of the chosen seeds' F1), and difference,
    difference_low, difference_high and mark against the monolingual average of the languages that both have.
    """
    plain = results[results["variant"] == ""]
    best = best_of_seeds(plain).groupby(_UNIT, sort=False)["f1"].mean().rename("best_by_dev").reset_index()
    # A polyglot run is scored on all languages of its group, and the table may be of some.
    means, rows = contrasts.only(plain).means(), []
    for key, cells in plain[plain["split"] == "test"].groupby(_UNIT, sort=False):
        mean, by_seed = means[key], cells.pivot(index="language", columns="seed", values="f1").dropna(axis="columns")
        rows.append((*key, len(mean.languages), mean.seeds, mean.figure, by_seed.mean().std(), mean.low, mean.high))
    averages = pd.DataFrame(rows, columns=[*_UNIT, "languages", "seeds", "f1", "spread", "low", "high"])
    names = {"low": "difference_low", "high": "difference_high"}
    changes = _changes(plain, contrasts, average=True)[["model", "regime", "group", *_CHANGE]]
    changes = _marked(averages[_UNIT].merge(changes, how="left")).rename(columns=names)
    return averages.merge(best, on=_UNIT).merge(changes, on=_UNIT, how="left")


_CHANGE = ["difference", "low", "high", "fewest"]


def _changes(plain: pd.DataFrame, contrasts: Contrasts, average: bool = False) -> pd.DataFrame:
    """What every regime differs from monolingual; `fewest`: the seeds of the cell that has fewest."""
    regimes = dict.fromkeys(plain["regime"])
    tables = [contrasts.table(*sides("monolingual", name), average).assign(regime=name) for name in regimes]
    table = pd.concat(tables, ignore_index=True).rename(columns={"seeds": "fewest"})
    return table[table["regime"] != "monolingual"]


def _marked(changes: pd.DataFrame) -> pd.DataFrame:
    """With ▲ or ▼ for each row whose interval leaves out 0, nothing for the others."""
    enough, mark = changes["fewest"] >= LEAST_SEEDS, pd.Series("", changes.index)
    mark = mark.mask(enough & (changes["low"] > 0), UP).mask(enough & (changes["high"] < 0), DOWN)
    return changes.drop(columns="fewest").assign(mark=mark)


def marked_table1(cells: pd.DataFrame, averages: pd.DataFrame, group: str) -> pd.DataFrame:
    """Table 1 of one group as text, ready to be shown: for each model and regime, rows of several sources.

    "best by dev" has the test F1 of the seed that development data choose, as the paper does; "mean ± spread" the mean
    and the standard deviation over seeds, with a mark where it differs from monolingual (of a single seed, which is
    both, "one seed" is the only row); then the paper's. `cells` and `averages` are those of `table1_cells` and
    `table1_averages_with_marks`. The column before the languages is the average over them, with its 95 % interval
    beside the mean, and with the number of languages where some of the group's are missing; the paper has one where it
    has all languages of the cells.
    The axis of the columns is called language.
    """
    own = cells[cells["group"] == group]
    languages = list(dict.fromkeys(own["language"]))
    paper = by_cell(table1())
    averaged = averages[averages["group"] == group].set_index(["model", "regime"])
    rows = []
    for (model, regime), part in own.groupby(["model", "regime"], sort=False):
        by_language, average = part.set_index("language"), averaged.loc[(model, regime)]
        count, several = len(by_language), part["seeds"].max() > 1
        of = "" if count == len(languages) else f" ({count} language{'s' if count > 1 else ''})"
        if several:
            best = f"{average['best_by_dev']:.2f}{of}"
            rows.append((model, regime, "best by dev", best, *by_language["f1"].reindex(languages)))
        spread, source = by_language.apply(_with_spread, axis="columns"), "mean ± spread" if several else "one seed"
        rows.append((model, regime, source, f"{_with_interval(average)}{of}", *spread.reindex(languages)))
        f1 = pd.Series({code: paper.get((model, regime, code)) for code in by_language.index}, dtype=float)
        if f1.notna().any():
            rows.append((model, regime, "the paper", f1.mean(skipna=False), *f1.reindex(languages)))
    table = pd.DataFrame(rows, columns=pd.Index(["model", "regime", "source", "average", *languages], name="language"))
    return table.map(_text)


def _with_spread(cell: pd.Series) -> str:
    spread = f" ± {cell['f1_std']:.2f}" if cell["seeds"] > 1 else ""
    return f"{cell['f1_mean']:.2f}{spread} {cell['mark']}".strip()


def _with_interval(average: pd.Series) -> str:
    interval = f" ({average['low']:.2f} to {average['high']:.2f})" if pd.notna(average["low"]) else ""
    return f"{average['f1']:.2f}{interval} {average['mark']}".strip()


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return "–" if pd.isna(value) else f"{round(value, 6):.2f}"
