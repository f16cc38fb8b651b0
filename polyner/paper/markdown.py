"""Recorded Table 1 beside the paper's as Markdown: for README, which must not fall behind the records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from polyner.errors import PolynerError
from polyner.findings.findings import Findings
from polyner.names import REGIME_NAMES, architecture_name, group_name
from polyner.paper.marked import table1_averages_with_marks
from polyner.paper.published import table1
from polyner.runs.spec import REGIMES

BEGIN, END = "<!-- polyner table1 -->", "<!-- end of polyner table1 -->"


def averages(records: Iterable[Findings]) -> list[dict[str, Any]]:
    """Averages over the languages of each group, a row for each model, group and source, as JSON can hold them.

    model, group; source, the record's name, or "paper" for the mean of its cells in the same languages; title;
    languages and seeds, how many; then for each regime None, or f1, its spread over seeds (None of one seed or the
    paper) and the mark of `paper.marked` where it differs from monolingual. Sample corpora, no evidence, are left out.
    """
    return [row for each in records if not each.sample for row in _rows(each)]


def averages_as_markdown(records: Iterable[Findings]) -> str:
    """`averages` as a table."""
    head = ["", "", "from", "languages", "seeds", *(REGIME_NAMES[regime] for regime in REGIMES)]
    table = [head, ["---"] * 3 + ["--:"] * (len(head) - 3)]
    for row in averages(records):
        names = architecture_name(row["model"]), group_name(row["group"])
        cells = [_cell(row[regime]) for regime in REGIMES]
        first = ("", "") if row["source"] == "paper" else names
        table.append([*first, row["title"], str(row["languages"]), str(row["seeds"]), *cells])
    if len(table) == 2:
        return "No results are recorded yet."
    return "\n".join(f"| {' | '.join(row)} |" for row in table)


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


def _rows(each: Findings) -> Iterator[dict[str, Any]]:
    cells = each.of_table1
    if cells.empty:
        return
    averages = table1_averages_with_marks(cells, each.contrasts)
    for (model, group), part in averages.groupby(["model", "group"], sort=False):
        own = cells[(cells["model"] == model) & (cells["group"] == group)]
        languages = own["language"].unique()
        row = {"model": model, "group": group, "source": each.name, "title": each.title, "languages": len(languages)}
        row |= {"seeds": int(part["seeds"].max()), **dict.fromkeys(REGIMES)}
        for each_regime in part.itertuples():
            spread = float(each_regime.spread) if each_regime.seeds > 1 else None
            row[each_regime.regime] = {"f1": float(each_regime.f1), "spread": spread, "mark": each_regime.mark}
        yield row
        theirs = table1()
        theirs = theirs[(theirs["model"] == model) & theirs["language"].isin(languages)]
        if not theirs.empty:
            means, count = theirs.groupby("regime")["f1"].mean().round(6).to_dict(), theirs["language"].nunique()
            own = {r: {"f1": means[r], "spread": None, "mark": ""} if r in means else None for r in REGIMES}
            yield row | {"source": "paper", "title": "the paper", "languages": count, "seeds": 5, **own}


def _cell(average: dict[str, Any] | None) -> str:
    if average is None:
        return "–"
    spread = "" if average["spread"] is None else f" ± {average['spread']:.2f}"
    return f"{round(average['f1'], 6):.2f}{spread} {average['mark']}".strip()
