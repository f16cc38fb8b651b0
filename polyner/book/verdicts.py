"""Verdicts on claims of the paper as pages show them: part by part, with what each rests on."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from polyner.book.markup import escaped, show_markup
from polyner.book.tables import number
from polyner.names import architecture_name, group_name

if TYPE_CHECKING:
    from polyner.paper import Claim, Part, Verdict

# The type of verdicts as data, which go with what is shown.
VERDICT = "application/vnd.polyner.verdicts+json"

SIGNS = {"holds": "✓", "does not hold": "✗", "undecided": "?", "not run": "–", "not testable here": "∅"}
_AIMS = {"above": "more than ", "below": "less than ", "within": "within ±"}
_COLUMNS = ("part", "figure", "95 % interval", "claimed", "by chance", "the paper", "seeds, languages", "verdict")
_ALWAYS = (_COLUMNS[0], _COLUMNS[1], _COLUMNS[-1])


def verdict_markup(judged: Iterable[Verdict], caption: str) -> str:
    """Verdicts as a table in HTML: a row for each claim with its verdict, and below it a row for each of its parts."""
    judged, rows = list(judged), []
    cells = {part: part_cells(part) for each in judged for part in each.parts}
    # Of what no part has there is no column.
    shown = [n for n, name in enumerate(_COLUMNS) if name in _ALWAYS or any(row[n] != "–" for row in cells.values())]
    for each in judged:
        told = (each.reason, each.missing and f"not run: {'; '.join(each.missing)}", each.note)
        why = "".join(f"<small>{escaped(text)}</small>" for text in told if text)
        sign, kind = SIGNS[each.verdict], each.verdict.replace(" ", "-")
        partly = " of the parts run" if each.missing and each.parts else ""
        name = f'<a href="08-claims.html#claim-{each.claim.id}">{escaped(each.claim.claim)}</a>'
        rows.append(
            f'<tr class="claim {kind}"><th scope="rowgroup" colspan="{len(shown)}"><div>{name} '
            f'<b><span aria-hidden="true">{sign}</span> {each.verdict}{partly}</b> {why}</div></th></tr>'
        )
        rows += [f"<tr>{''.join(f'<td>{escaped(cells[part][n])}</td>' for n in shown)}</tr>" for part in each.parts]
    head = "".join(f'<th scope="col">{_COLUMNS[n]}</th>' for n in shown)
    return (
        f'<div class="polyner-scroll full-width" tabindex="0" role="region" aria-label="{escaped(caption)}">'
        f'<table class="polyner-table polyner-verdicts"><caption>{escaped(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def part_cells(part: Part) -> list[str]:
    """A part of a claim as text: what it is, figure, 95 % interval, claimed, by chance, the paper (the same figure from
    its printed cells), seeds and languages, the verdict on it."""
    unit = part.unit
    names = [architecture_name(part.architecture), group_name(part.group) if part.group else "", part.what]
    low, high = (figure_text(bound, unit, spelled=False) for bound in (part.low, part.high))
    line = figure_text(part.line, unit, spelled=False, signed=part.aim != "within")
    null = f"{part.null:.3g}" if isinstance(part.null, float) else part.null
    cells = [
        ", ".join(filter(None, names)),
        figure_text(part.figure, unit),
        f"{low} to {high}" if low and high else f"from {low}" if low else "",
        f"{_AIMS[part.aim]}{line}" if line and part.aim else "",
        null,
        figure_text(part.paper, unit, spelled=False),
        f"{part.seeds or '–'}, {part.languages or '–'}" if part.seeds or part.languages else "",
        f"{part.verdict} ({part.reason})" if part.reason else part.verdict,
    ]
    return [cell or "–" for cell in cells]


def figure_text(value: float | None, unit: str, *, spelled: bool = True, signed: bool = True) -> str:
    """A figure of a verdict as text, with its unit where it is to be `spelled`; empty where it is missing.

    A difference has a sign, as its unit says points. What is a share or a correlation has two decimals, percent one,
    and a divergence in bits, which is small, three.
    """
    if value is None or math.isnan(value):
        return ""
    digits = {"percent": 1, "bits": 3}.get(unit, 2)
    text = number(value, digits, sign=signed and "points" in unit)
    unit = {"percent": "%", "F1 points": "F1", "percentage points": "points"}.get(unit, unit)
    return f"{text} {unit}".strip() if spelled else text


def show_claims(claims: Iterable[Claim]) -> None:
    """Display claims, each to be unfolded: how it is judged, what its figure would be by chance, what the paper has."""
    markup = []
    for each in claims:
        facts = {"Judged as": each.reading, "By chance": each.null, "The paper prints": each.paper}
        rows = "".join(f"<dt>{key}</dt><dd>{escaped(value)}</dd>" for key, value in facts.items() if value)
        name = f"<summary>§{escaped(each.section)}: {escaped(each.claim)}</summary>"
        # A link to what is folded unfolds it.
        markup.append(f'<details class="polyner-claim">{name}<dl id="claim-{each.id}">{rows}</dl></details>')
    summary = f"<summary>How each of the {len(markup)} claims is judged</summary>"
    show_markup(f'<details class="polyner-tables">{summary}{"".join(markup)}</details>')


def verdict_data(judged: Iterable[Verdict]) -> list[dict[str, Any]]:
    """What the front page of the website takes from a page with verdicts."""
    fields = ("verdict", "reason", "sample", "corpora", "profile")
    return [{"claim": each.claim.id, **{name: getattr(each, name) for name in fields}} for each in judged]
