"""What is computed from records: kept with them, and computed anew where it is out of date; how pages show it."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest

from polyner.book import recorded as on_pages
from polyner.paper import verdict
from polyner.recorded import Recorded
from polyner.recorded import summary as summaries
from polyner.recorded.write import record


@pytest.fixture(scope="module")
def written(study, settings, tmp_path_factory) -> Recorded:
    return Recorded(record(settings, tmp_path_factory.mktemp("results") / "sample-smoke", ["4", "4.2", "5.1"]).folder)


@pytest.fixture
def shown(monkeypatch, written) -> list[str]:
    """The HTML that was displayed on a page of a book with these recorded results."""
    markup: list[str] = []
    monkeypatch.setattr("IPython.display.display", lambda output: markup.append(output.data))
    monkeypatch.setattr("polyner.recorded.all_recorded", lambda: [written])
    return markup


def no_computing(*_):
    raise AssertionError("computed again")


def test_kept_tables_are_those_that_are_computed(written, monkeypatch):
    computed = {name: make(written) for name, make in summaries._MAKE.items()}
    monkeypatch.setattr(summaries, "_MAKE", dict.fromkeys(summaries._MAKE, no_computing))
    kept = summaries.summary(Recorded(written.folder))
    for name, table in computed.items():
        pd.testing.assert_frame_equal(kept[name], table, check_dtype=False, atol=1e-4)


def test_changed_records_are_computed_anew(written, tmp_path, monkeypatch):
    folder = tmp_path / "results"
    shutil.copytree(written.folder, folder)
    next((folder / "runs").rglob("*.json")).unlink()
    monkeypatch.setattr(summaries, "_MAKE", dict.fromkeys(summaries._MAKE, no_computing))
    with pytest.raises(AssertionError, match="computed again"):
        summaries.summary(Recorded(folder))


def test_pages_show_table_1_beside_the_paper_with_provenance(shown, written):
    on_pages.show_recorded_table1(["monolingual", "polyglot"])
    text = "\n".join(shown)
    assert "Table 1, CoNLL: F1 on test, recorded (sample-smoke), and the paper&#x27;s" in text
    assert "mean ± spread" in text
    assert "85.75" in text  # the paper's monolingual Byte-CRF on English
    assert "fine-tuned" not in "".join(part for part in shown if "<table" in part)
    assert "<summary>Where the recorded numbers come from: sample-smoke, 20 runs</summary>" in text
    assert "Training took" in text


def test_pages_show_table_3_verdicts_and_every_run(shown, written):
    on_pages.show_recorded_table3()
    assert "zero-shot" in shown[0]
    assert "− monolingual" in shown[0]
    assert "29.02" in shown[0]  # the paper's zero-shot F1 on Yoruba
    shown.clear()
    on_pages.show_recorded_verdicts(["baselines-label-shift"])
    judged = verdict("baselines-label-shift", written.evidence())
    assert shown[0].count("<tr>") == 2
    assert judged.label in shown[0]
    assert f">{judged.figure:.2f}<" in shown[0]
    assert judged.detail in shown[1]
    shown.clear()
    on_pages.show_recorded_runs()
    assert all(each["run"] in shown[0] for each in written.runs)
    shown.clear()
    on_pages.show_recorded_table("pruning", no_computing, "nothing")
    assert "nothing is recorded of this section" in shown[0]


def test_variants_are_compared_with_the_plain_runs(written, shown):
    on_pages.show_recorded_variants(["language_transitions"])
    assert "nothing is recorded of this section" in shown[0]
    results, plain = written.results, written.results[written.results["regime"] == "polyglot"]
    counts = written.counts[written.counts["run"].isin(plain["run"])]
    other = Recorded(written.folder)
    other.__dict__["results"] = pd.concat(
        [results, plain.assign(variant="language_transitions", run=plain["run"] + "-own")], ignore_index=True
    )
    other.__dict__["counts"] = pd.concat([written.counts, counts.assign(run=counts["run"] + "-own")])
    table = summaries._variants(other)
    assert list(table["language"]) == ["eng", "spa", "amh", "swa", "average"]
    assert (table[["difference", "low", "high"]] == 0).all(axis=None)


def test_a_book_without_records_says_so(shown, monkeypatch):
    monkeypatch.setattr("polyner.recorded.all_recorded", list)
    on_pages.show_recorded_verdicts()
    assert "No results are recorded yet" in shown[0]
