"""Recording finished runs, and reading what was recorded: the same numbers, none of the text."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from polyner.analysis.contrasts import plain
from polyner.errors import SettingsError, StoreError
from polyner.paper import verdicts
from polyner.recorded import Recorded, all_recorded, recorded
from polyner.recorded.write import folder_name, record
from polyner.sections.gather import gather_evidence
from polyner.study.plan import look_up
from polyner.study.protocol import Study
from polyner.training.version import TRAINING_VERSION


@pytest.fixture(scope="module")
def written(study, settings, tmp_path_factory):
    return record(settings, tmp_path_factory.mktemp("results") / "sample-smoke", ["4", "4.2", "5.1", "5.2", "5.3"])


@pytest.fixture(scope="module")
def read(written) -> Recorded:
    return Recorded(written.folder)


def in_order(table):
    columns = [
        column for column in table if column not in ("f1", "precision", "recall", "correct", "predicted", "gold")
    ]
    return table.sort_values(columns, ignore_index=True)


def test_results_and_counts_are_those_of_the_study(study, written, read):
    assert written.problems == {}
    assert written.runs == len(study.used)
    results = study.results()
    recorded_results = read.results[read.results["regime"] != "zero_shot"]
    pd.testing.assert_frame_equal(
        in_order(recorded_results[results.columns]), in_order(results), check_dtype=False, rtol=1e-9
    )
    counts = study.span_counts(results)
    own = read.counts.merge(counts[["run", "language"]].drop_duplicates())
    pd.testing.assert_frame_equal(in_order(own), in_order(counts), check_dtype=False)


def test_zero_shot_scores_come_with_the_polyglot_run(read):
    zero_shot = read.results[read.results["regime"] == "zero_shot"]
    assert set(zero_shot["language"]) == {"yor"}
    assert set(zero_shot["group"]) == {"heldout"}
    assert set(zero_shot["seed"]) == {1, 2}
    assert (read.curves["sentences"] == 0).sum() == 2


def test_the_same_verdicts_come_from_the_records(settings, study, read):
    whole = gather_evidence(Study(settings, policy=look_up))
    live = {each.claim.id: each for each in verdicts(whole)}
    from_records = {each.claim.id: each for each in verdicts(read.evidence())}
    assert {each.verdict for each in from_records.values()} >= {"undecided", "not run"}
    for name, each in from_records.items():
        assert each.sample
        if name.startswith("novel"):
            continue  # a store answers about novel languages only where all regimes of Table 3 are there
        told = ("verdict", "reason", "missing", "note")
        assert [getattr(each, field) for field in told] == [getattr(live[name], field) for field in told], name
        for part, other in zip(each.parts, live[name].parts, strict=True):
            for field, value in dataclasses.asdict(other).items():
                expected = pytest.approx(value, abs=1e-6, nan_ok=True) if isinstance(value, float) else value
                assert getattr(part, field) == expected, (name, field)


def test_a_part_counts_its_own_languages(written, tmp_path):
    folder = tmp_path / "results"
    shutil.copytree(written.folder, folder)
    for path in (folder / "runs" / "byte-crf" / "monolingual").glob("spa-s*.json"):
        path.unlink()
    found = Recorded(folder).evidence().contrasts.differences(*plain("monolingual", "polyglot"))
    assert {group: each.languages for (_, group), each in found.items()} == {
        "conll": ("eng",),
        "lorelei": ("amh", "swa"),
    }


def test_no_text_and_no_path_is_recorded(study, settings, written):
    text = "\n".join(path.read_text(encoding="utf-8") for path in written.folder.rglob("*") if path.is_file())
    words = {word for corpus in study.corpora.values() for sentence in corpus.test for word in sentence.words}
    assert not [word for word in words if len(word) > 4 and f'"{word}' in text]
    assert settings.runs not in text
    assert str(Path.home()) not in text
    sizes = [path.stat().st_size for path in (written.folder / "runs").rglob("*.json")]
    assert max(sizes) < 5000


def test_what_was_not_run_is_listed(written, read):
    gaps = {(gap["model"], gap["regime"], gap["variant"]): gap for gap in written.not_run}
    assert gaps["byte-crf", "monolingual", "more_dropout"]["seeds"] == [1, 2]
    assert gaps["byte-crf", "monolingual", ""]["languages"] == ["yor", "yor-20"]
    assert "Byte CRF, polyglot (own transitions): CoNLL, LORELEI (seeds 1, 2)" in read.provenance()["Not run"]


def test_recording_again_changes_nothing(written, settings):
    before = {path: path.read_bytes() for path in written.folder.rglob("*") if path.is_file()}
    record(settings, written.folder)
    assert {path: path.read_bytes() for path in written.folder.rglob("*") if path.is_file()} == before


def test_records_of_other_machines_stay_and_those_of_other_settings_go(written, settings, tmp_path):
    folder = tmp_path / "results"
    shutil.copytree(written.folder, folder)
    elsewhere = dataclasses.replace(settings, runs=str(tmp_path / "empty"))
    again = record(elsewhere, folder)
    assert (again.runs, again.kept) == (0, written.runs)
    other = dataclasses.replace(elsewhere, training={**settings.training, "batch_size": 4})
    gone = record(other, folder)
    assert (gone.runs, gone.kept) == (0, 0)
    assert not list((folder / "runs").rglob("*.json"))


def test_runs_of_another_version_of_the_training_are_not_found(settings, tmp_path, monkeypatch):
    monkeypatch.setitem(TRAINING_VERSION, "byte-crf", 99)
    written = record(settings, tmp_path / "results")
    assert (written.runs, written.kept) == (0, 0)


def test_a_damaged_run_is_named_and_the_others_are_recorded(study, settings, tmp_path):
    store = tmp_path / "runs"
    shutil.copytree(settings.runs, store)
    run = study.run("byte-crf", "monolingual", ("eng",), 1).id
    (store / run / "predictions" / "eng.test.conll").write_text("cut\tO")
    written = record(dataclasses.replace(settings, runs=str(store)), tmp_path / "results")
    assert written.runs == len(study.used) - 1
    assert "is damaged" in written.problems[run]


def test_zero_shot_scores_stay_where_their_section_is_not_recorded_again(settings, study, tmp_path):
    written = record(settings, tmp_path / "results", ["4.2"])
    before = {path: path.read_text() for path in (written.folder / "runs").rglob("*.json")}
    assert any(json.loads(text)["zero_shot"] for text in before.values())
    record(settings, written.folder)
    assert {path: path.read_text() for path in before} == before


def test_results_keep_their_title_and_share_it_with_none(settings, study, tmp_path):
    first = record(settings, tmp_path / "first", title="Open corpora")
    assert Recorded(first.folder).title == "Open corpora"
    record(settings, first.folder)
    assert Recorded(first.folder).title == "Open corpora"
    with pytest.raises(SettingsError, match="first has the title 'Open corpora' already"):
        record(settings, tmp_path / "second", title="Open corpora")
    assert Recorded(record(settings, tmp_path / "second").folder).title == "second"


def test_recorded_results_are_found_by_name_and_by_folder(written, settings):
    assert folder_name(settings) == "sample-smoke"
    assert [each.name for each in all_recorded(written.folder.parent)] == ["sample-smoke"]
    assert recorded(str(written.folder)).folder == written.folder
    with pytest.raises(StoreError, match=r"no recorded results 'laptop' in .*: there are sample-smoke"):
        recorded("laptop", written.folder.parent)


def test_damage_is_named(written, tmp_path):
    folder = tmp_path / "damaged"
    shutil.copytree(written.folder, folder)
    (folder / "corpora.json").write_text("{")
    with pytest.raises(StoreError, match=r"corpora\.json: damaged"):
        _ = Recorded(folder).counts


def test_a_section_without_anything_to_record_is_a_mistake(settings, tmp_path):
    with pytest.raises(SettingsError, match="nothing to record of section '6'"):
        record(settings, tmp_path, ["6"])
