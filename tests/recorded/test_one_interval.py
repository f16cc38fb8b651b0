"""One contrast has one interval: in README's table, tables and charts of pages, and in the claims."""

from __future__ import annotations

import pytest

from polyner.analysis.contrasts import Contrasts, plain
from polyner.book import recorded as on_pages
from polyner.paper import table1, verdict
from polyner.paper.beside import differences_beside
from polyner.recorded import recorded
from polyner.recorded.markdown import averages_as_markdown
from polyner.recorded.summary import summary


@pytest.fixture(scope="module")
def study():
    return recorded("open-small")


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
        assert values == pytest.approx(other[key], abs=1e-3, nan_ok=True), key


@pytest.mark.parametrize(
    ("claim", "regime", "what"),
    [
        ("baselines-polyglot-worse", "polyglot", "polyglot − monolingual"),
        ("finetune-beats-mono", "fine_tuned", "fine-tuned − monolingual"),
    ],
)
def test_averages_in_table_1_and_parts_of_claims(study, claim, regime, what):
    parts = [part for part in verdict(claim, study.evidence()).parts if part.what == what]
    judged = {(part.architecture, part.group): (part.figure, part.low, part.high) for part in parts}
    averages = summary(study)["averages"]
    shown = contrasts_of(averages[averages["regime"] == regime], "model", "group")
    same(judged, {key: shown[key] for key in judged})
    # A mark stands in README's table exactly where such an interval leaves out 0 and no side has one seed.
    for part in parts:
        row = averages[(averages[["model", "group", "regime"]] == [part.architecture, part.group, regime]).all(axis=1)]
        clear = part.seeds > 1 and (part.low > 0 or part.high < 0)
        (mark,) = row["mark"]
        assert (mark in ("▲", "▼")) == clear
        if clear:
            (f1,), (spread,) = row["f1"].round(6), row["spread"]
            assert f"{f1:.2f} ± {spread:.2f} {mark}" in averages_as_markdown([study])


@pytest.mark.parametrize("regime", ["polyglot", "fine_tuned"])
def test_cells_of_tables_and_whiskers_of_charts(study, regime):
    results = study.results[~study.results["group"].map(study.is_novel)]
    tables, keys = summary(study), ("model", "group", "language")
    cells = tables["cells"][tables["cells"]["regime"] == regime]
    chart = on_pages._changes(cells, regime, table1())
    # What a page of a live study draws, of its own results only, and a page of records of all that is recorded.
    live = differences_beside(Contrasts(results[results["variant"] == ""], study.counts), "monolingual", regime)
    same(contrasts_of(live, *keys), contrasts_of(chart, *keys))
    same(contrasts_of(live, *keys), contrasts_of(cells, *keys))
    judged = study.evidence().contrasts.table(*plain("monolingual", regime))
    same(contrasts_of(judged[~judged["group"].map(study.is_novel)], *keys), contrasts_of(live, *keys))


def test_variants_and_novel_languages(study):
    evidence, tables = study.evidence(), summary(study)
    parts = verdict("baselines-transitions", evidence).parts
    averages = tables["variants"].query("variant == 'language_transitions' and language == 'average'")
    judged = {(part.architecture, part.group): (part.figure, part.low, part.high) for part in parts}
    same(judged, contrasts_of(averages, "model", "group"))
    parts = verdict("novel-finetune", evidence).parts
    novel = tables["novel"].query("regime == 'fine_tuned'")
    assert [(part.figure, part.low, part.high) for part in parts] == [
        pytest.approx(values, abs=1e-3) for values in contrasts_of(novel, "language").values()
    ]
    # Page 4 has results of novel languages only.
    alone = study.results[study.results["group"].map(study.is_novel)]
    page = Contrasts(alone, study.counts).table(*plain("monolingual", "fine_tuned"))
    same(contrasts_of(page, "language"), contrasts_of(novel, "language"))
