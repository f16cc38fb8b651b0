"""Verdicts on claims of the paper as pages show them: one by one with what they rest on, and as a table."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pandas as pd

from polyner.book.markup import escaped, show_markup
from polyner.book.tables import number
from polyner.corpora.languages import is_language, language_name, table2
from polyner.names import ARCHITECTURE_NAMES, GROUP_NAMES, group_name

if TYPE_CHECKING:
    from polyner.paper import Verdict
    from polyner.recorded import Recorded

# The type of a verdict as data, which goes with what is shown.
VERDICT = "application/vnd.polyner.verdict+json"

# How the detail of a verdict names what it is about: a group, and the codes of its languages.
_BASIS = re.compile(r"(?<![\w-])([\w-]+): ([a-z]{3}(?: [a-z]{3})*)(?=[;.,]| \(|$)")
# What the detail of an undecided verdict says, and how that is put in a table.
_REASONS = {
    r"seeds? in common, too few": "too few seeds",
    r"languages, too few": "too few languages",
    r"can fail but not hold": "results missing",
}


def show_verdicts(judged: Iterable[Verdict], recorded: Iterable[Recorded] = ()) -> None:
    """Display verdicts on claims of the paper: what is claimed, what this run, recorded results and the paper have, and
    on what basis."""
    from polyner.recorded.summary import summary

    elsewhere: dict[str, dict[str, Any]] = {}
    for each in recorded:
        for row in summary(each)["verdicts"].itertuples():
            elsewhere.setdefault(row.id, {})[f"Recorded, {each.title}"] = row
    for verdict in judged:
        ours, theirs = (verdict_figure(value, verdict.unit) for value in (verdict.figure, verdict.paper_figure))
        if verdict.low is not None and verdict.high is not None:
            low, high = (verdict_figure(value, verdict.unit, spelled=False) for value in (verdict.low, verdict.high))
            ours += f" (95 % interval {low} to {high})"
        basis_of_run = ", profile ".join(filter(None, (verdict.corpora, verdict.profile)))
        facts = {
            "Read as": verdict.claim.reading,
            "This run": f"{verdict.name}: {ours}" if ours else "",
            **{title: _with_figure(row, row.verdict) for title, row in elsewhere.get(verdict.claim.id, {}).items()},
            "The line": _line(verdict.line, verdict.above, verdict.unit, spelled=True),
            "The paper, same models and languages": theirs,
            "The paper prints": verdict.claim.paper,
            "Corpora": basis_of_run if ours else "",
        }
        rows = "".join(f"<dt>{key}</dt><dd>{escaped(value)}</dd>" for key, value in facts.items() if value)
        basis = f"<p>{escaped(with_names(verdict.detail))}</p>" if verdict.detail else ""
        name = verdict.verdict.replace(" ", "-")
        show_markup(
            f'<div class="polyner-claim {name}" id="claim-{verdict.claim.id}">'
            f"<p><b>{escaped(verdict.label)}</b> {escaped(verdict.claim.claim)}</p>"
            f"<dl>{rows}</dl>{basis}</div>",
            {VERDICT: _verdict_data(verdict)},
        )


def verdict_figure(value: float | None, unit: str, *, spelled: bool = True) -> str:
    """A figure of a verdict as text, with its unit where it is to be `spelled`; empty for None.

    A difference has a sign, as its unit says points. What is a share or a correlation has two decimals, percent one,
    and a divergence in bits, which is small, three.
    """
    if value is None:
        return ""
    digits = {"percent": 1, "bits": 3}.get(unit, 2)
    text = number(value, digits, sign="points" in unit)
    unit = {"percent": "%"}.get(unit, unit)
    return f"{text} {unit}".strip() if spelled else text


def verdict_rows(table: pd.DataFrame, source: str) -> pd.DataFrame:
    """A table of verdicts (`paper.verdict_table`) as people read it: figures as text with their names, units and
    intervals, and what the paper prints where it has no such figure."""
    rows = []
    for row in table.itertuples():
        why = undecided_because(str(row.detail)) if row.verdict == "undecided" else ""
        verdict = f"{row.verdict} ({why})" if why else row.verdict
        printed = row.paper if isinstance(row.paper, str) else "–"
        paper = printed if pd.isna(row.paper_figure) else verdict_figure(row.paper_figure, row.unit, spelled=False)
        line = "–" if pd.isna(row.line) else _line(row.line, row.above, row.unit)
        rows.append((verdict, row.claim, _with_figure(row), line, paper, f"§{row.section}"))
    columns = ["verdict", "claim", f"{source} (95 % interval)", "claimed", "the paper", "section"]
    return pd.DataFrame(rows, columns=columns)


def _with_figure(row: Any, verdict: str = "") -> str:
    """The figure of a row of verdicts with its name, unit and interval, after the verdict if one is given."""
    if pd.isna(row.figure):
        return verdict or "–"
    figure = verdict_figure(row.figure, row.unit)
    if pd.notna(row.low) and pd.notna(row.high):
        low, high = (verdict_figure(value, row.unit, spelled=False) for value in (row.low, row.high))
        figure += f" ({low} to {high})"
    return ": ".join(filter(None, (verdict, row.name, figure)))


def _line(line: float | None, above: bool | None, unit: str, spelled: bool = False) -> str:
    """What a claim wants of its figure, in words; nothing where there is no line."""
    return "" if line is None else f"{'more' if above else 'less'} than {verdict_figure(line, unit, spelled=spelled)}"


def with_names(detail: str) -> str:
    """What a verdict rests on, with names where it has the codes of architectures, groups and languages."""
    names = ARCHITECTURE_NAMES | {group: GROUP_NAMES[group] for group in ("conll", "lorelei")}
    names |= {code: language_name(code) for code in table2()}
    for group, codes in _BASIS.findall(detail):
        if all(map(is_language, codes.split())):
            names |= {group: group_name(group), **{code: language_name(code) for code in codes.split()}}
    known = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    # One code or several, between what does not belong to a word.
    found = re.compile(rf"(?<![\w-])(?:{known})(?: (?:{known}))*(?![\w-])")
    return found.sub(lambda codes: ", ".join(names[code] for code in codes[0].split()), detail)


def undecided_because(detail: str) -> str:
    """In a few words, why a verdict with this detail is undecided; nothing where the detail does not say."""
    return next((reason for said, reason in _REASONS.items() if re.search(said, detail)), "")


def _verdict_data(verdict: Verdict) -> dict[str, Any]:
    """What the front page of the website takes from a page with verdicts."""
    return {
        "claim": verdict.claim.id,
        "verdict": verdict.verdict,
        "detail": verdict.detail,
        "sample": verdict.sample,
        "corpora": verdict.corpora,
        "profile": verdict.profile,
    }
