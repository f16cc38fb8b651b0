"""Table 1 from several seeds: which cells are marked, and what stands in them."""

from __future__ import annotations

import pandas as pd
import pytest

from polyner.analysis.contrasts import Contrasts
from polyner.paper import marked, table1
from polyner.paper.marked import DOWN, UP, marked_table1
from tests.paper import made


def table1_cells(results):
    return marked.table1_cells(results, Contrasts(results))


def table1_averages_with_marks(results):
    return marked.table1_averages_with_marks(results, Contrasts(results))


def results(f1):
    """From {(regime, language): [test F1 by seed]}; development F1 is the test F1 of another seed."""
    rows = []
    for (regime, language), values in f1.items():
        for seed, value in enumerate(values, start=1):
            keys = ("byte-crf", regime, "", "conll", language, seed)
            rows.append((*keys, "test", value, f"{regime}-{language}-{seed}"))
            rows.append((*keys, "dev", 100 - value, f"{regime}-{language}-{seed}"))
    columns = ["model", "regime", "variant", "group", "language", "seed", "split", "f1", "run"]
    table = pd.DataFrame(rows, columns=columns).assign(precision=0.0, recall=0.0)
    return table.assign(selection_f1=table["f1"].where(table["split"] == "dev", 100 - table["f1"]))


TABLE = results(
    {
        ("monolingual", "eng"): [80.0, 80.1, 80.2],
        ("monolingual", "deu"): [70.0, 70.1, 70.2],
        ("fine_tuned", "eng"): [84.0, 84.1, 84.2],
        ("fine_tuned", "deu"): [66.0, 66.1, 66.2],
    }
)


def test_cells_that_differ_are_marked_and_hold_the_chosen_seed():
    cells = table1_cells(TABLE).set_index(["regime", "language"])
    assert cells["mark"].to_dict() == {
        ("monolingual", "eng"): "",
        ("monolingual", "deu"): "",
        ("fine_tuned", "eng"): UP,
        ("fine_tuned", "deu"): DOWN,
    }
    assert cells["f1"]["fine_tuned", "eng"] == 84.0  # the seed that is best on development data
    assert cells["difference"]["fine_tuned", "deu"] == pytest.approx(-4)


def test_one_seed_marks_nothing():
    one = TABLE[(TABLE["seed"] < 2) | (TABLE["regime"] == "monolingual")]
    assert set(table1_cells(one)["mark"]) == {""}
    assert set(table1_averages_with_marks(one)["mark"]) == {""}


def test_monolingual_runs_alone_have_nothing_to_differ_from():
    cells = table1_cells(TABLE[TABLE["regime"] == "monolingual"])
    assert list(cells["mark"]) == ["", ""]
    assert cells["low"].isna().all()


def test_averages_have_the_choice_the_spread_and_the_change():
    averages = table1_averages_with_marks(TABLE).set_index("regime")
    assert averages["best_by_dev"]["monolingual"] == 75.0
    assert averages["f1"]["fine_tuned"] == pytest.approx(75.1)
    assert averages["difference"]["fine_tuned"] == pytest.approx(0, abs=1e-9)
    assert averages["difference_low"]["fine_tuned"] < 0 < averages["difference_high"]["fine_tuned"]
    assert averages["mark"]["fine_tuned"] == ""


def test_averages_are_of_the_languages_of_the_table_whatever_the_study_has():
    averages = marked.table1_averages_with_marks(TABLE[TABLE["language"] == "eng"], Contrasts(TABLE))
    assert dict(zip(averages["regime"], averages["f1"], strict=True)) == pytest.approx(
        {"monolingual": 80.1, "fine_tuned": 84.1}
    )
    assert set(averages["languages"]) == {1}


def test_where_no_two_seeds_have_all_languages_there_is_no_spread():
    missing = (TABLE["language"] == "eng") & (TABLE["seed"] == 3) | (TABLE["language"] == "deu") & (TABLE["seed"] == 2)
    row, *_ = marked.averages([made.findings(TABLE[~missing])])
    assert (row["seeds"], row["monolingual"]["spread"], row["fine_tuned"]["spread"]) == (2, None, None)


def test_the_table_has_a_row_for_every_source():
    table = marked_table1(table1_cells(TABLE), table1_averages_with_marks(TABLE), "conll")
    rows = {(row["regime"], row["source"]): row for row in table.to_dict("records")}
    assert list(table.columns) == ["model", "regime", "source", "average", "eng", "deu"]
    assert rows["fine_tuned", "mean ± spread"]["eng"] == f"84.10 ± 0.10 {UP}"
    assert rows["fine_tuned", "mean ± spread"]["average"].startswith("75.10 (7")
    assert rows["monolingual", "best by dev"]["average"] == "75.00"
    paper = table1().set_index(["model", "regime", "language"])["f1"]
    assert rows["fine_tuned", "the paper"]["deu"] == f"{paper['byte-crf', 'fine_tuned', 'deu']:.2f}"
    assert {source for _, source in rows} == {"best by dev", "mean ± spread", "the paper"}


def test_one_seed_has_one_row_and_an_average_over_some_languages_says_so():
    short = TABLE[(TABLE["seed"] == 1) & ((TABLE["regime"] == "monolingual") | (TABLE["language"] == "eng"))]
    table = marked_table1(table1_cells(short), table1_averages_with_marks(short), "conll")
    rows = {(row["regime"], row["source"]): row for row in table.to_dict("records")}
    assert {source for _, source in rows} == {"one seed", "the paper"}
    assert "languages" not in rows["monolingual", "one seed"]["average"]
    assert rows["fine_tuned", "one seed"]["average"].endswith("(1 language)")
    assert rows["fine_tuned", "one seed"]["deu"] == "–"


def test_groups_with_nothing_to_compare_are_left_out_beside_others():
    alone = TABLE[TABLE["regime"] == "monolingual"].assign(group="alone")
    polyglot = alone.assign(regime="polyglot", group="polyglot")
    of_table1 = made.findings(pd.concat([TABLE, alone, polyglot], ignore_index=True)).of_table1
    assert set(of_table1["group"]) == {"conll"}
    assert set(made.findings(alone).of_table1["group"]) == {"alone"}
    only_polyglot = made.findings(polyglot)
    assert set(only_polyglot.of_table1["group"]) == {"polyglot"}
    assert marked.averages([only_polyglot]) == []
