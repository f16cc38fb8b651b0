"""Verdicts on claims of the paper as pages show them: part by part, with what each rests on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from polyner.book.markup import escaped, folded, show_markup
from polyner.paper import Claim, Verdict
from polyner.paper.words import COLUMNS, part_cells

# The type of verdicts as data, which go with what is shown.
VERDICT = "application/vnd.polyner.verdicts+json"

SIGNS = {"holds": "✓", "does not hold": "✗", "undecided": "?", "not run": "–", "not testable here": "∅"}
_ALWAYS = COLUMNS[:3]


def verdict_markup(judged: Iterable[Verdict], caption: str) -> str:
    """Verdicts as a table in HTML: a row for each claim with its verdict, and below it a row for each of its parts."""
    judged, rows = list(judged), []
    cells = {part: part_cells(part) for each in judged for part in each.parts}
    # Of what no part has there is no column.
    shown = [n for n, name in enumerate(COLUMNS) if name in _ALWAYS or any(row[n] != "–" for row in cells.values())]
    for each in judged:
        told = (each.reason, each.missing and f"not run: {'; '.join(each.missing)}", each.note)
        why = "".join(f"<small>{escaped(text)}</small>" for text in told if text)
        sign, kind = SIGNS[each.verdict], each.verdict.replace(" ", "-")
        name = f'<a href="08-claims.html#claim-{each.claim.id}">{escaped(each.claim.claim)}</a>'
        rows.append(
            f'<tr class="claim {kind}"><th scope="rowgroup" colspan="{len(shown)}"><div>{name} '
            f'<b><span aria-hidden="true">{sign}</span> {each.name}</b> {why}</div></th></tr>'
        )
        rows += [f"<tr>{''.join(f'<td>{escaped(cells[part][n])}</td>' for n in shown)}</tr>" for part in each.parts]
    head = "".join(f'<th scope="col">{COLUMNS[n]}</th>' for n in shown)
    return (
        f'<div class="polyner-scroll full-width" tabindex="0" role="region" aria-label="{escaped(caption)}">'
        f'<table class="polyner-table polyner-verdicts"><caption>{escaped(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def show_claims(claims: Iterable[Claim]) -> None:
    """Display claims, each to be unfolded: how it is judged, what its figure would be by chance, what the paper has."""
    markup = []
    for each in claims:
        facts = {"Judged as": each.reading, "By chance": each.null, "The paper prints": each.paper}
        rows = "".join(f"<dt>{key}</dt><dd>{escaped(value)}</dd>" for key, value in facts.items() if value)
        name = f"<summary>§{escaped(each.section)}: {escaped(each.claim)}</summary>"
        # A link to what is folded unfolds it.
        markup.append(f'<details class="polyner-claim">{name}<dl id="claim-{each.id}">{rows}</dl></details>')
    show_markup(folded(f"How each of the {len(markup)} claims is judged", "".join(markup)))


def verdict_data(judged: Iterable[Verdict]) -> list[dict[str, Any]]:
    """What the front page of the website takes from a page with verdicts."""
    return [
        {
            "claim": each.claim.id,
            "parts": [part.verdict for part in each.parts if part.verdict in SIGNS],
            "by_chance": any(part.verdict == "holds" and part.by_chance for part in each.parts),
            **{name: getattr(each, name) for name in ("verdict", "name", "reason", "sample", "corpora", "profile")},
        }
        for each in judged
    ]
