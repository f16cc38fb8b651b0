"""Recorded Table 1 beside the paper's as Markdown: for README, which must not fall behind the records."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from polyner.errors import PolynerError
from polyner.names import REGIME_NAMES, architecture_name, group_name
from polyner.paper.published import table1
from polyner.recorded.read import Recorded
from polyner.recorded.summary import summary

BEGIN, END = "<!-- polyner table1 -->", "<!-- end of polyner table1 -->"
REGIMES = ("monolingual", "polyglot", "fine_tuned")


def averages_as_markdown(records: Iterable[Recorded]) -> str:
    """Averages over the languages of each group, a row for each model, group and source.

    For recorded results the mean over seeds, with the spread over them and the mark of `paper.marked` where it differs
    from monolingual; for the paper the mean of its cells in the same languages. Sample corpora are left out: they
    are no evidence.
    """
    head = ["", "", "from", "languages", "seeds", *(REGIME_NAMES[regime] for regime in REGIMES)]
    rows = [head, ["---"] * 3 + ["--:"] * (len(head) - 3)]
    for each in records:
        if not each.about["sample"]:
            rows += _rows(each)
    if len(rows) == 2:
        return "No results are recorded yet."
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


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


def _rows(each: Recorded) -> list[list[str]]:
    tables = summary(each)
    averages, cells, rows = tables["averages"], tables["cells"], []
    for (model, group), part in averages.groupby(["model", "group"], sort=False):
        by_regime = part.set_index("regime")
        own = cells[(cells["model"] == model) & (cells["group"] == group)]
        languages = own["language"].unique()
        name = [architecture_name(model), group_name(group)]
        count, seeds = str(len(languages)), str(int(by_regime["seeds"].max()))
        rows.append([*name, each.title, count, seeds, *(_cell(by_regime, regime) for regime in REGIMES)])
        theirs = table1()
        theirs = theirs[(theirs["model"] == model) & theirs["language"].isin(languages)]
        if not theirs.empty:
            means = theirs.groupby("regime")["f1"].mean()
            printed = [f"{round(means[regime], 6):.2f}" if regime in means else "–" for regime in REGIMES]
            rows.append(["", "", "the paper", str(theirs["language"].nunique()), "5", *printed])
    return rows


def _cell(by_regime: pd.DataFrame, regime: str) -> str:
    if regime not in by_regime.index:
        return "–"
    row = by_regime.loc[regime]
    spread = f" ± {row['spread']:.2f}" if row["seeds"] > 1 else ""
    return f"{round(row['f1'], 6):.2f}{spread} {row['mark'] if isinstance(row['mark'], str) else ''}".strip()
