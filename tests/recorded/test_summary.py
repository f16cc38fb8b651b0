"""What is computed from records: kept with them, and computed anew where it is out of date."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

import polyner
from polyner.recorded import Recorded
from polyner.recorded import summary as summaries


def no_computing(*_):
    raise AssertionError("computed again")


def test_kept_tables_are_those_that_are_computed(summarised, monkeypatch):
    computed = {name: make(summarised) for name, make in summaries._MAKE.items()}
    monkeypatch.setattr(summaries, "_MAKE", dict.fromkeys(summaries._MAKE, no_computing))
    kept = summaries.summary(Recorded(summarised.folder))
    for name, table in computed.items():
        pd.testing.assert_frame_equal(kept[name], table, check_dtype=False, atol=1e-4)


def test_changed_records_are_computed_anew(summarised, tmp_path, monkeypatch):
    folder = tmp_path / "results"
    shutil.copytree(summarised.folder, folder)
    next((folder / "runs").rglob("*.json")).unlink()
    monkeypatch.setattr(summaries, "_MAKE", dict.fromkeys(summaries._MAKE, no_computing))
    with pytest.raises(AssertionError, match="computed again"):
        summaries.summary(Recorded(folder))


@pytest.mark.parametrize("name", ["analysis/estimates.py", "paper/claims.yaml", "recorded/read.py"])
def test_a_changed_constant_or_data_file_leaves_no_old_verdicts(summarised, tmp_path, monkeypatch, name):
    package = tmp_path / "polyner"
    shutil.copytree(Path(polyner.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(polyner, "__file__", str(package / "__init__.py"))
    before = summaries.key(summarised.folder)
    with (package / name).open("a", encoding="utf-8") as file:
        file.write("\n# 1\n")
    assert summaries.key(summarised.folder) != before


def test_variants_are_compared_with_the_plain_runs(summarised):
    assert summaries._variants(summarised).empty
    results, plain = summarised.results, summarised.results[summarised.results["regime"] == "polyglot"]
    counts = summarised.counts[summarised.counts["run"].isin(plain["run"])]
    other = Recorded(summarised.folder)
    other.__dict__["results"] = pd.concat(
        [results, plain.assign(variant="language_transitions", run=plain["run"] + "-own")], ignore_index=True
    )
    other.__dict__["counts"] = pd.concat([summarised.counts, counts.assign(run=counts["run"] + "-own")])
    table = summaries._variants(other)
    assert list(table["language"]) == ["eng", "spa", "amh", "swa", "average", "average"]
    assert (table["difference"] == 0).all()
