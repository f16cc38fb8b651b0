"""Table 1 with a run's rows and the paper's below them."""

import pandas as pd
import pytest

from polyner.analysis.contrasts import Contrasts
from polyner.paper.beside import differences_beside, table1_beside

COLUMNS = ["model", "regime", "group", "language", "f1"]


def test_each_row_of_the_run_has_the_papers_below_it_over_the_same_languages():
    best = pd.DataFrame(
        [
            ("byte-crf", "monolingual", "conll", "eng", 50.0),
            ("byte-crf", "monolingual", "conll", "spa", 60.0),
            ("byte-crf", "polyglot", "conll", "eng", 55.0),
            ("byte-crf", "polyglot", "conll", "spa", 65.0),
            ("byte-crf", "polyglot", "lorelei", "swa", 1.0),
        ],
        columns=COLUMNS,
    )
    rows = table1_beside(best, "conll").to_dict("records")
    assert [(row["regime"], row["source"]) for row in rows] == [
        (regime, source) for regime in ("monolingual", "polyglot") for source in ("this run", "the paper")
    ]
    assert (rows[0]["eng"], rows[0]["spa"], rows[0]["average"]) == (50.0, 60.0, 55.0)
    assert (rows[1]["eng"], rows[1]["spa"]) == (85.75, 81.19)
    assert rows[1]["average"] == pytest.approx((85.75 + 81.19) / 2)
    assert "swa" not in rows[0]


def test_what_the_paper_has_no_number_for_is_missing_there():
    best = pd.DataFrame(
        [("mbert-crf", "monolingual", "lorelei", code, 1.0) for code in ("amh", "ara")], columns=COLUMNS
    )
    ours, paper = table1_beside(best, "lorelei").to_dict("records")
    assert ours["average"] == 1.0
    assert pd.isna(paper["amh"])
    assert pd.isna(paper["average"])


def test_a_group_without_results_is_refused():
    with pytest.raises(ValueError, match="no results for the group 'conll'"):
        table1_beside(pd.DataFrame(columns=COLUMNS), "conll")


def test_differences_stand_beside_the_papers():
    rows = [
        ("byte-crf", regime, "", "conll", language, 1, "test", f1, f"{regime}-{language}")
        for regime, language, f1 in (
            ("monolingual", "eng", 50.0),
            ("monolingual", "spa", 60.0),
            ("polyglot", "eng", 51.0),
            ("polyglot", "spa", 58.0),
        )
    ]
    columns = ["model", "regime", "variant", "group", "language", "seed", "split", "f1", "run"]
    contrasts = Contrasts(pd.DataFrame(rows, columns=columns))
    table = differences_beside(contrasts, "monolingual", "polyglot").set_index("language")
    assert table["difference"].to_dict() == {"eng": 1.0, "spa": -2.0}
    assert table["paper"].to_dict() == pytest.approx({"eng": 83.79 - 85.75, "spa": 80.25 - 81.19})


def test_a_model_that_was_not_run_has_empty_rows_above_the_papers():
    best = pd.DataFrame(
        [("byte-crf", "monolingual", "lorelei", "amh", 50.0), ("byte-crf", "monolingual", "lorelei", "hin", 60.0)],
        columns=["model", "regime", "group", "language", "f1"],
    )
    table = table1_beside(best, "lorelei", ["mbert-crf"]).set_index(["model", "source"])
    assert table.loc[("mbert-crf", "this run"), ["amh", "hin", "average"]].isna().all()
    # The paper has no mBERT for Amharic, so its average is over the rest.
    assert table.loc[("mbert-crf", "the paper"), "average"] == table.loc[("mbert-crf", "the paper"), "hin"]


def test_averages_are_over_the_languages_that_this_run_has_of_a_model():
    rows = [("byte-crf", "amh", 50.0), ("byte-crf", "hin", 60.0), ("mbert-crf", "hin", 70.0)]
    best = pd.DataFrame(rows, columns=["model", "language", "f1"]).assign(regime="monolingual", group="lorelei")
    table = table1_beside(best, "lorelei").set_index(["model", "source"])["average"]
    assert table["byte-crf", "this run"] == 55.0
    assert table["mbert-crf", "this run"] == 70.0
    assert table["mbert-crf", "the paper"] > 60
