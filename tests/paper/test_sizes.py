"""What polyglot training and fine-tuning gain, by the size of the training sets."""

from __future__ import annotations

import pandas as pd
import pytest

from polyner.analysis.contrasts import plain
from polyner.charts.sizes import finding
from polyner.charts.sizes import gains_by_size as draw
from polyner.findings.files import all_recorded
from polyner.names import PAPER
from polyner.paper.sizes import gains_by_size


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return gains_by_size(all_recorded())


def test_gains_are_the_differences_that_claims_are_judged_on(table):
    for each in all_recorded():
        own = table[table["source"] == each.title]
        for regime in ("polyglot", "fine_tuned"):
            for (model, group), found in each.contrasts.differences(*plain("monolingual", regime)).items():
                if group in each.novel:
                    continue
                row = own[(own[["model", "group", "regime"]] == [model, group, regime]).all(axis=1)].iloc[0]
                expected = pytest.approx((found.figure, found.low, found.high), nan_ok=True)
                assert (row["gain"], row["low"], row["high"]) == expected


def test_the_papers_own_sizes_and_gains_are_among_them(table):
    (row,) = (
        table[(table["source"] == PAPER) & (table["model"] == "byte-crf") & (table["group"] == "conll")]
        .query("regime == 'fine_tuned'")
        .to_dict("records")
    )
    assert row["sentences"] == 11986
    assert row["gain"] == pytest.approx(1.505)
    assert (row["seeds"], row["languages"]) == (5, 4)
    assert set(gains_by_size(())["source"]) == {PAPER}


def test_the_chart_has_a_menu_and_says_between_what_gains_lie(table):
    chart = draw(table).to_dict()
    (menu,) = (param for param in chart["params"] if param["name"] == "sizes_architecture")
    assert {"byte-crf", "mbert-crf"} <= set(menu["bind"]["options"])
    regimes = ["polyglot", "polyglot", "polyglot", "fine_tuned"]
    rows = pd.DataFrame({"regime": regimes, "source": ["a", "b", PAPER, PAPER], "gain": [0.5, 5.0, 2.0, 1.5]})
    told = finding(rows.assign(model="byte-crf", low=[-0.5, 4.0, None, None]))
    assert told == "Byte CRF against monolingual: polyglot clearly gains in 1 of 2, fine-tuned +1.5"
