"""Verdicts on claims of the paper as pages show them: part by part, with what each rests on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pandas as pd

from polyner.book.markup import escaped, show_markup
from polyner.book.tables import number
from polyner.names import architecture_name, group_name

if TYPE_CHECKING:
    from polyner.paper import Claim, Verdict

# The type of a verdict as data, which goes with what is shown.
VERDICT = "application/vnd.polyner.verdict+json"

_AIMS = {"above": "more than ", "below": "less than ", "within": "within ±"}


def show_claims(claims: Iterable[Claim]) -> None:
    """Display claims, each to be unfolded: how it is judged, what its figure would be by chance, what the paper has."""
    markup = []
    for each in claims:
        facts = {"Judged as": each.reading, "By chance": each.null, "The paper prints": each.paper}
        rows = "".join(f"<dt>{key}</dt><dd>{escaped(value)}</dd>" for key, value in facts.items() if value)
        name = f"§{escaped(each.section)}: {escaped(each.claim)}"
        markup.append(
            f'<details class="polyner-claim" id="claim-{each.id}"><summary>{name}</summary><dl>{rows}</dl></details>'
        )
    show_markup("".join(markup))


def verdict_rows(table: pd.DataFrame) -> pd.DataFrame:
    """A table of verdicts (`paper.verdict_table`) as people read it, a row a part: claim and verdict stand in the first
    of its rows."""
    first = ~table["id"].duplicated()
    verdicts = [with_reason(row.verdict + _partly(row), row.reason) for row in table.itertuples()]
    shown = part_rows(table)
    shown.insert(0, "section", ("§" + table["section"].str.partition(",")[0]).where(first, "").to_list())
    shown.insert(1, "claim", table["claim"].where(first, "").to_list())
    shown.insert(2, "verdict", pd.Series(verdicts, table.index, dtype=object).where(first, "").to_list())
    return shown


def part_rows(table: pd.DataFrame) -> pd.DataFrame:
    """The parts of a table of verdicts as text: architecture, group, what, figure, 95 % interval, claimed, by chance,
    the paper (the same figure from its printed cells), seeds, languages, part (the verdict on it)."""
    columns = ["architecture", "group", "what", "figure", "95 % interval", "claimed", "by chance", "the paper"]
    columns += ["seeds", "languages", "part"]
    rows = []
    for row in table.itertuples():
        unit = row.part_unit
        low, high = (figure_text(bound, unit, spelled=False) for bound in (row.part_low, row.part_high))
        line = figure_text(row.part_line, unit, spelled=False, signed=row.part_aim != "within")
        cells = [
            architecture_name(row.part_architecture),
            group_name(row.part_group) if row.part_group else "",
            row.part_what,
            figure_text(row.part_figure, unit),
            f"{low} to {high}" if low and high else f"from {low}" if low else "",
            f"{_AIMS[row.part_aim]}{line}" if line and row.part_aim else "",
            row.part_null,
            figure_text(row.part_paper, unit, spelled=False),
            *(f"{count:.0f}" if count > 0 else "" for count in (row.part_seeds, row.part_languages)),
            with_reason(row.part_verdict, row.part_reason),
        ]
        rows.append([cell or "–" for cell in cells])
    return pd.DataFrame(rows, columns=columns)


def figure_text(value: float, unit: str, *, spelled: bool = True, signed: bool = True) -> str:
    """A figure of a verdict as text, with its unit where it is to be `spelled`; empty where it is missing.

    A difference has a sign, as its unit says points. What is a share or a correlation has two decimals, percent one,
    and a divergence in bits, which is small, three.
    """
    if pd.isna(value):
        return ""
    digits = {"percent": 1, "bits": 3}.get(unit, 2)
    text = number(value, digits, sign=signed and "points" in unit)
    unit = {"percent": "%"}.get(unit, unit)
    return f"{text} {unit}".strip() if spelled else text


def with_reason(verdict: str, reason: str) -> str:
    """A verdict with why it is so, where that is said."""
    return f"{verdict} ({reason})" if reason else verdict


def _partly(row: Any) -> str:
    return " of the parts run" if row.missing and row.part_aim else ""


def verdict_data(judged: Iterable[Verdict]) -> list[dict[str, Any]]:
    """What the front page of the website takes from a page with verdicts."""
    fields = ("verdict", "reason", "sample", "corpora", "profile")
    return [{"claim": each.claim.id, **{name: getattr(each, name) for name in fields}} for each in judged]
