"""Table 1 from several seeds, with spread, intervals, and marks where a regime differs from monolingual; its averages
beside the paper's as Markdown, for README."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from polyner.analysis.contrasts import Contrasts
from polyner.analysis.contrasts import plain as sides
from polyner.analysis.estimates import LEAST_SEEDS
from polyner.errors import PolynerError
from polyner.findings.findings import Findings
from polyner.findings.runs import best_of_seeds
from polyner.names import REGIME_NAMES, architecture_name, group_name
from polyner.paper.published import by_cell, table1
from polyner.runs.spec import REGIMES

UP, DOWN = "▲", "▼"
BEGIN, END = "<!-- polyner table1 -->", "<!-- end of polyner table1 -->"
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
    has all languages of the cells. The axis of the columns is called language.
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
        means = zip(by_language["f1_mean"], by_language["f1_std"], by_language["mark"], strict=True)
        texts = pd.Series([_with_spread(*cell) for cell in means], by_language.index).reindex(languages)
        source = "mean ± spread" if several else "one seed"
        rows.append((model, regime, source, f"{_with_interval(average)}{of}", *texts))
        f1 = pd.Series({code: paper.get((model, regime, code)) for code in by_language.index}, dtype=float)
        if f1.notna().any():
            rows.append((model, regime, "the paper", f1.mean(skipna=False), *f1.reindex(languages)))
    table = pd.DataFrame(rows, columns=pd.Index(["model", "regime", "source", "average", *languages], name="language"))
    return table.map(_text)


def _with_interval(average: pd.Series) -> str:
    interval = f" ({average['low']:.2f} to {average['high']:.2f})" if pd.notna(average["low"]) else ""
    return f"{average['f1']:.2f}{interval} {average['mark']}".strip()


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return "–" if pd.isna(value) else f"{round(value, 6):.2f}"


def averages(records: Iterable[Findings]) -> list[dict[str, Any]]:
    """Averages over the languages of each group, a row for each model, group and source, as JSON can hold them.

    model, group; source, the record's name, or "paper" for the mean of its cells in those of the languages; title;
    languages and seeds, how many; then for each regime None, or f1, its spread over seeds (None of one seed or the
    paper) and the mark where it differs from monolingual. Sample corpora, no evidence, are left out.
    """
    rows, paper = [], table1()
    for each in records:
        cells = each.of_table1
        if each.sample or cells.empty:
            continue
        found = table1_averages_with_marks(cells, each.contrasts)
        for (model, group), part in found.groupby(["model", "group"], sort=False):
            if "monolingual" not in set(part["regime"]):
                continue  # nothing to compare with
            own = (cells["model"] == model) & (cells["group"] == group)
            languages = cells.loc[own, "language"].unique()
            row = {"model": model, "group": group, "source": each.name, "title": each.title}
            row |= {"languages": len(languages), "seeds": int(part["seeds"].max()), **dict.fromkeys(REGIMES)}
            for cell in part.itertuples():
                spread = float(cell.spread) if pd.notna(cell.spread) else None
                row[cell.regime] = {"f1": float(cell.f1), "spread": spread, "mark": cell.mark}
            rows.append(row)
            theirs = paper[(paper["model"] == model) & paper["language"].isin(languages)]
            if not theirs.empty:
                told = {"source": "paper", "title": "the paper", "languages": theirs["language"].nunique(), "seeds": 5}
                means = theirs.groupby("regime")["f1"].mean().round(6).to_dict()
                printed = {regime: {"f1": f1, "spread": None, "mark": ""} for regime, f1 in means.items()}
                rows.append(row | told | dict.fromkeys(REGIMES) | printed)
    return rows


def averages_as_markdown(records: Iterable[Findings]) -> str:
    """`averages` as a table."""
    head = ["", "", "from", "languages", "seeds", *(REGIME_NAMES[regime] for regime in REGIMES)]
    table = [head, ["---"] * 3 + ["--:"] * (len(head) - 3)]
    for row in averages(records):
        names = architecture_name(row["model"]), group_name(row["group"])
        cells = [_with_spread(**row[regime]) if row[regime] else "–" for regime in REGIMES]
        first = ("", "") if row["source"] == "paper" else names
        table.append([*first, row["title"], str(row["languages"]), str(row["seeds"]), *cells])
    if len(table) == 2:
        return "No results are recorded yet."
    return "\n".join(f"| {' | '.join(row)} |" for row in table)


def _with_spread(f1: float, spread: float | None, mark: str) -> str:
    """A mean with its spread over seeds, where there are several, and its mark."""
    return f"{round(f1, 6):.2f}{f' ± {spread:.2f}' if pd.notna(spread) else ''} {mark}".strip()


def write_into(file: Path, markdown: str) -> bool:
    """Put Markdown between the two marks in a file, and say whether that changed it. Raises PolynerError where the file
    does not have them."""
    text = file.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise PolynerError(f"{file}: no lines {BEGIN} and {END}")
    new = f"{before}{BEGIN}\n{markdown}\n{END}{after}"
    if new != text:
        file.write_text(new, encoding="utf-8", newline="\n")
    return new != text
