"""One contrast has one interval: in README's table, in tables that pages show, and in the claims."""

from __future__ import annotations

import pytest

from polyner.analysis.contrasts import Contrasts, plain
from polyner.book.exhibits import analyses, scores
from polyner.findings.files import recorded
from polyner.paper import verdict
from polyner.paper.marked import averages_as_markdown, table1_averages_with_marks, table1_cells


@pytest.fixture(scope="module")
def findings():
    return recorded("conll-800")


def contrasts_of(table, *keys):
    """The differences of a table, with their bounds, by its keys."""
    before = "difference_" if "difference_low" in table else ""
    values = table.dropna(subset="difference")[[*keys, "difference", f"{before}low", f"{before}high"]]
    rows = values.itertuples(index=False)
    return {tuple(row[:-3]): tuple(row[-3:]) for row in rows}


def same(one, other):
    assert one.keys() == other.keys()
    assert one
    for key, values in one.items():
        assert values == pytest.approx(other[key], abs=1e-9, nan_ok=True), key


def judged(claim, findings, what=""):
    parts = [part for part in verdict(claim, findings).parts if what in ("", part.what)]
    return {(part.architecture, part.group): (part.figure, part.low, part.high) for part in parts}, parts


@pytest.mark.parametrize(
    ("claim", "regime", "what"),
    [
        ("baselines-polyglot-worse", "polyglot", "polyglot − monolingual"),
        ("finetune-beats-mono", "fine_tuned", "fine-tuned − monolingual"),
    ],
)
def test_averages_in_table_1_and_parts_of_claims(findings, claim, regime, what):
    own, parts = judged(claim, findings, what)
    averages = table1_averages_with_marks(findings.of_table1, findings.contrasts)
    shown = contrasts_of(averages[averages["regime"] == regime], "model", "group")
    same(own, {key: shown[key] for key in own})
    # A mark stands in README's table exactly where such an interval leaves out 0 and no side has one seed.
    for part in parts:
        row = averages[(averages[["model", "group", "regime"]] == [part.architecture, part.group, regime]).all(axis=1)]
        clear = part.seeds > 1 and (part.low > 0 or part.high < 0)
        (mark,) = row["mark"]
        assert (mark in ("▲", "▼")) == clear
        if clear:
            (f1,), (spread,) = row["f1"].round(6), row["spread"]
            assert f"{f1:.2f} ± {spread:.2f} {mark}" in averages_as_markdown([findings])


@pytest.mark.parametrize("regime", ["polyglot", "fine_tuned"])
def test_cells_of_table_1(findings, regime):
    keys = ("model", "group", "language")
    cells = table1_cells(findings.of_table1, findings.contrasts)
    shown = contrasts_of(cells[cells["regime"] == regime], *keys)
    whole = findings.contrasts.table(*plain("monolingual", regime))
    same(shown, contrasts_of(whole[~whole["group"].isin(findings.novel)], *keys))
    # The same from the results of a page that has no others.
    same(
        shown, contrasts_of(Contrasts(findings.of_table1, findings.counts).table(*plain("monolingual", regime)), *keys)
    )


def test_variants(read):
    changes = read.variant_changes().query("variant == 'mgda' and language == 'average'")
    own, _ = judged("beyond-multi-objective", read, "MGDA − plain, polyglot")
    same(own, contrasts_of(changes, "model", "group"))


def test_novel_languages():
    own = recorded("open-2500")
    _, parts = judged("novel-finetune", own)
    cells = table1_cells(own.of_table3, own.contrasts).query("regime == 'fine_tuned'")
    alone = Contrasts(own.of_table3, own.counts).table(*plain("monolingual", "fine_tuned"))
    same(contrasts_of(alone, "language"), contrasts_of(cells, "language"))
    figures = {
        key: (part.figure, part.low, part.high)
        for key, part in zip(contrasts_of(cells, "language"), parts, strict=True)
    }
    same(figures, contrasts_of(cells, "language"))


def drawn(chart):
    """The rows of data of a chart, whichever of its layers has them."""
    spec = chart.to_dict()
    return [row for rows in spec.get("datasets", {}).values() for row in rows]


@pytest.mark.parametrize("name", ["open-2500", "conll-800", "conll"])
def test_charts_of_a_page_have_the_bounds_of_the_contrasts(name):
    """The chart of changes by language on pages 02 and 03."""
    own = recorded(name)
    chart, *_ = scores.table1_of(own, ["monolingual", "fine_tuned"]).charts
    shown = {(row["model"], row["language"], row["difference"]) for row in drawn(chart) if "difference" in row}
    bounds = {row["difference"]: (row["low"], row["high"]) for row in drawn(chart) if "difference" in row}
    table = own.contrasts.table(*plain("monolingual", "fine_tuned"))
    table = table[~table["group"].isin(own.novel)]
    assert len(shown) == len(table)
    for row in table.itertuples():
        (found,) = (each for each in bounds if each == pytest.approx(row.difference, abs=1e-6))
        low, high = (float("nan") if bound is None else bound for bound in bounds[found])
        assert (low, high) == pytest.approx((row.low, row.high), abs=1e-3, nan_ok=True)


@pytest.mark.parametrize("name", ["open-2500", "conll"])
def test_changes_of_section_5_in_charts_and_parts_of_claims(name):
    own = recorded(name)
    rows = [row for chart in analyses.recall_errors(own).charts for row in drawn(chart) if "difference" in row]
    on_o, parts = [row for row in rows if row["what"] == "O"], verdict("errors-polyglot-precision", own).parts
    assert parts
    for part in parts:
        (row,) = (row for row in on_o if row["difference"] == pytest.approx(part.figure, abs=1e-3))
        low, high = (float("nan") if row[side] is None else row[side] for side in ("low", "high"))
        assert (low, high) == pytest.approx((part.low, part.high), abs=1e-3, nan_ok=True)
