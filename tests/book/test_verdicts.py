"""Verdicts as tables: a row for each claim, below it one for each of its parts."""

from __future__ import annotations

import re

import pytest

from polyner.book.verdicts import show_claims, verdict_markup
from polyner.paper import Part, Verdict, claim, claims
from polyner.paper.words import figure_text

KNOWN = claim("finetune-beats-mono")


def rows(markup: str) -> list[str]:
    return re.findall("<tr.*?</tr>", markup.partition("<tbody>")[2], flags=re.S)


def cells(row: str) -> list[str]:
    return re.findall("<td>(.*?)</td>", row)


def test_the_parts_of_a_claim_stand_below_it_in_order():
    four = ("eng", "deu", "nld", "spa")
    first = Part(1.5, 0.25, 2.0, "byte-crf", "conll", "gain", "F1 points", 3, four, 0.0, "above", 0.05, 2.0, "holds")
    second = Part(-0.5, what="gain", unit="F1 points", verdict="undecided", reason="one seed")
    other = Verdict(claim("finetune-not-regularisation"), "not run", reason="needs runs")
    one, *parts, last = rows(verdict_markup([Verdict(KNOWN, "undecided", (first, second)), other], "Verdicts"))
    assert 'class="claim undecided"' in one
    assert [cells(part) for part in parts] == [
        ["Byte CRF, CoNLL languages, gain", "holds", "+1.50 F1", "+0.25 to +2.00", "above 0", "0.05", "+2.00", "3, 4"],
        ["gain", "undecided (one seed)", "−0.50 F1", "–", "–", "–", "–", "–"],
    ]
    assert 'class="claim not-run"' in last
    assert "<small>needs runs</small>" in last


def test_there_is_no_column_for_what_no_part_has():
    shown = [Part(1.0, what="a"), Part(2.0, what="b", seeds=3, verdict="holds")]
    markup = verdict_markup([Verdict(KNOWN, "holds", tuple(shown))], "Verdicts")
    assert re.findall('<th scope="col">(.*?)</th>', markup) == ["part", "verdict", "figure", "seeds, languages"]
    (claim_row, *parts) = rows(markup)
    assert 'colspan="4"' in claim_row
    assert list(map(cells, parts)) == [["a", "–", "+1.00 F1", "–"], ["b", "holds", "+2.00 F1", "3, –"]]
    empty = verdict_markup([Verdict(KNOWN, "not run")], "Verdicts")
    assert re.findall('<th scope="col">(.*?)</th>', empty) == ["part", "verdict", "figure"]


def test_what_is_not_run_is_named_and_decides_nothing():
    judged = Verdict(KNOWN, "holds", (Part(1.5),), ("CharNER, CoNLL languages", "LORELEI languages"))
    (row, _) = rows(verdict_markup([judged], ""))
    assert "holds in part</b>" in row
    assert "<small>not run: CharNER, CoNLL languages; LORELEI languages</small>" in row
    (row,) = rows(verdict_markup([Verdict(KNOWN, "not run", missing=("LORELEI languages",))], ""))
    assert "not run</b>" in row


def test_all_text_is_escaped():
    part = Part(1.5, what="<b>part", verdict="holds", reason="<b>reason")
    judged = Verdict(KNOWN, "holds", (part,), ("<b>missing",), "<b>why", "<b>note")
    markup = verdict_markup([judged], "<b>caption")
    own = markup.count('<b><span aria-hidden="true">')
    assert own == 1
    assert markup.count("<b>") == own
    assert markup.count("&lt;b&gt;") == 7  # the caption twice


def test_every_claim_leads_to_how_it_is_judged(shown):
    show_claims(claims())
    markup = verdict_markup([Verdict(each, "not run") for each in claims()], "")
    wanted = re.findall('href="08-claims.html#([^"]+)"', markup)
    assert len(wanted) == len(claims())
    assert re.findall('id="([^"]+)"', shown[0]) == wanted
    for each in claims():
        assert re.search(rf'id="claim-{each.id}">.*?<dt>Judged as</dt>', shown[0])


@pytest.mark.parametrize(
    ("unit", "text"),
    [
        ("F1 points", "+12.35 F1"),
        ("percentage points", "+12.35 points"),
        ("percent", "12.3 %"),
        ("bits", "12.346 bits"),
        ("of the monolingual F1", "12.35 of the monolingual F1"),
        ("", "12.35"),
    ],
)
def test_only_differences_have_a_sign(unit, text):
    assert figure_text(12.3456, unit) == text
    assert figure_text(-12.3456, unit, spelled=False).startswith("−12.3")
    assert figure_text(float("nan"), unit) == ""
