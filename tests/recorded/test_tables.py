"""Recorded tables of the analyses: judged on them, a claim has the verdict that the tables themselves give it."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest

from polyner.errors import StoreError
from polyner.paper import verdict_table, verdicts
from polyner.recorded import Recorded
from polyner.recorded.tables import read_table, write_table
from polyner.recorded.write import record
from polyner.sections.figures import with_figures

CHANGE = {"difference": 100 / 7, "low": 40 / 3, "high": 46 / 3, "seeds": 3}


@pytest.fixture(scope="module")
def folder(study, settings, tmp_path_factory):
    return record(settings, tmp_path_factory.mktemp("results") / "sample-smoke").folder


def pruning() -> pd.DataFrame:
    shares = {"first_share": 200 / 3, "second_share": 80.0, "languages": "eng spa"}
    pairs = [("polyglot", "monolingual"), ("monolingual", "fine_tuned")]
    rows = [
        {"group": group, "first": first, "second": second, **shares, **CHANGE, "left_out": left_out}
        for group, left_out in (("conll", ""), ("lorelei", "som"))
        for first, second in pairs
    ]
    return pd.DataFrame(rows)


def efficiency() -> pd.DataFrame:
    row = {"group": "conll", "ratio": 1 / 3, "low": 0.2, "high": 3 / 7, "seeds": 3, "languages": 4}
    return pd.DataFrame([{**row, "kept": 2 / 3, "f1_difference": -1 / 3}])


def common_errors() -> pd.DataFrame:
    pairs = [("monolingual", "polyglot"), ("polyglot", "fine_tuned")]
    rows = [
        {"group": "conll", "common": common, "first": first, "second": second, **CHANGE, "without": 1}
        for first, second in pairs
        for common in (True, False)
    ]
    return pd.DataFrame(rows)


def fisher() -> pd.DataFrame:
    drawn = np.random.default_rng(0)
    cells = [(kind, share, seed) for kind in ("languages", "retained") for share in (0.05, 0.25) for seed in (1, 2, 3)]
    table = pd.DataFrame(cells, columns=["comparison", "share", "seed"])
    table = table.assign(group="lorelei", first="amh", second="swa", layer="unit LSTM 1", model="byte-crf")
    for column in ("overlap", *(f"overlap_without_{part}" for part in range(10))):
        table[column] = 0.4 + 0.05 * drawn.random(len(table))
    return table


def test_verdicts_on_tables_read_again_are_those_on_the_tables(folder, tmp_path):
    tables = {"pruning": pruning(), "efficiency": efficiency(), "common_errors": common_errors(), "fisher": fisher()}
    copied = tmp_path / "results"
    shutil.copytree(folder, copied)
    for name, table in tables.items():
        write_table(copied / "tables" / f"{name}.csv", table)
    expected = verdict_table(verdicts(with_figures(Recorded(folder).evidence().with_tables(**tables), {})))
    found = verdict_table(verdicts(Recorded(copied).evidence()))
    pd.testing.assert_frame_equal(found, expected, rtol=1e-8)
    assert {"pruning-mono-sparser", "common-polyglot-lower", "fisher-retained"} <= set(
        found.dropna(subset="part_low")["id"]
    )
    write_table(tmp_path / "verdicts.csv", found)
    pd.testing.assert_frame_equal(read_table(tmp_path / "verdicts.csv"), found, check_dtype=False)


def test_empty_text_is_text_and_an_empty_number_is_missing(tmp_path):
    table = pd.DataFrame({"left_out": ["", ""], "low": [np.nan, 1 / 3], "group": ["conll", "lorelei"]})
    write_table(tmp_path / "table.csv", table)
    pd.testing.assert_frame_equal(read_table(tmp_path / "table.csv"), table, check_dtype=False)


def test_a_table_of_an_older_kind_is_to_be_recorded_again(folder, tmp_path):
    copied = tmp_path / "results"
    shutil.copytree(folder, copied)
    write_table(copied / "tables" / "pruning.csv", pd.DataFrame({"group": ["conll"], "share": [0.5], "f1": [50.0]}))
    with pytest.raises(StoreError, match=r"pruning\.csv: lacks first, second, .*: record its section again"):
        Recorded(copied).evidence()
