"""Recording findings, and reading what was recorded: the same tables and verdicts, none of the text."""

from __future__ import annotations

import dataclasses
import gzip
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from polyner.analysis.contrasts import plain
from polyner.errors import SettingsError, StoreError
from polyner.findings.files import (
    all_recorded,
    load,
    read_table,
    recorded,
    recorded_titles,
    results_folder,
    save,
    write_table,
)
from polyner.findings.findings import COLUMNS, Findings, estimate_table
from polyner.findings.provenance import provenance, run_table
from polyner.findings.study import SECTIONS, findings_of, folder_name, record
from polyner.paper import claims, verdict_records, verdicts
from polyner.study.plan import look_up
from polyner.study.protocol import Study
from polyner.training.config import TRAINING_VERSION


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    """To the ten digits that are recorded."""
    pd.testing.assert_frame_equal(one, other, check_dtype=False, rtol=1e-9)


@pytest.fixture
def copied(written, tmp_path) -> Path:
    """A folder of what is recorded, to be changed."""
    return shutil.copytree(written.folder, tmp_path / "results" / "copied")


@pytest.mark.parametrize("name", ["results", "counts", "histories", "curves", "unreachable"])
def test_the_tables_of_runs_are_read_as_they_were(live, read, name):
    assert getattr(live, name).empty == (name == "unreachable")
    same(getattr(read, name), getattr(live, name))


@pytest.mark.parametrize("name", COLUMNS)
def test_the_tables_of_analyses_are_read_as_they_were(live, read, name):
    assert live.tables.keys() == read.tables.keys() == set(COLUMNS)
    same(read.tables[name], live.tables[name])


def test_estimates_are_read_as_they_were(live, read):
    assert {name for name, of_it in live.estimates.items() if of_it} == read.estimates.keys() != set()
    same(estimate_table(read.estimates), estimate_table(live.estimates))


def parts_of(judged):
    """Verdicts as a table, a row a part."""
    return pd.DataFrame(
        [
            {"verdict_of": each["id"], "label": each["label"], "why": each["reason"], "note": each["note"], **part}
            for each in verdict_records(judged)
            for part in each["parts"] or [{}]
        ]
    )


def test_what_was_read_gives_the_verdicts_of_what_was_live(live, read):
    judged = verdicts(read)
    same(parts_of(judged), parts_of(verdicts(live)))
    assert [each.claim for each in judged] == list(claims())
    assert all(each.sample for each in judged)
    assert {"undecided", "not run"} <= {each.verdict for each in judged}
    assert {each.claim.section.partition(",")[0] for each in judged if each.parts} >= {"4", "4.1", "5.1", "5.3"}


def test_questions_choose_the_runs_and_sections_the_tables(study, live):
    from polyner.study.questions import MONOLINGUAL_AND_POLYGLOT

    some = findings_of(study, [MONOLINGUAL_AND_POLYGLOT], ["4.2"])
    plain = live.results[(live.results["variant"] == "") & ~live.results["group"].isin(live.novel)]
    same(some.results, plain[plain["regime"].isin(["monolingual", "polyglot"])].reset_index(drop=True))
    assert some.tables.keys() == {"settings", "relatedness"}


def test_zero_shot_scores_come_with_the_polyglot_run(study, read):
    zero_shot = read.results[(read.results["regime"] == "zero_shot") & (read.results["split"] == "test")]
    assert set(zip(zero_shot["language"], zero_shot["group"], strict=True)) == {("yor", "heldout")}
    for row in zero_shot.itertuples():
        run = study.run("byte-crf", "polyglot", ("amh", "swa"), row.seed)
        assert row.run == run.id
        assert row.selection_f1 == pytest.approx(run.metrics["dev_f1"], abs=1e-3)
        own = read.counts[(read.counts["run"] == run.id) & (read.counts["language"] == "yor")]
        assert len(own) == len(study.corpora["yor"].test)
        correct, predicted, gold = own[["correct", "predicted", "gold"]].sum()
        assert row.f1 == pytest.approx(200 * correct / (predicted + gold) if correct else 0.0)


def test_a_part_counts_its_own_languages(copied):
    for path in (copied / "runs" / "byte-crf" / "monolingual").glob("spa-s*.json"):
        path.unlink()
    found = load(copied).contrasts.differences(*plain("monolingual", "polyglot"))
    assert {group: each.languages for (_, group), each in found.items()} == {
        "conll": ("eng",),
        "lorelei": ("amh", "swa"),
    }


def test_no_text_and_no_path_is_recorded(study, settings, written):
    files = {path: path.read_bytes() for path in written.folder.rglob("*") if path.is_file()}
    contents = [gzip.decompress(own) if path.suffix == ".gz" else own for path, own in files.items()]
    text = b"\n".join(contents).decode("utf-8")
    words = {word for corpus in study.corpora.values() for sentence in corpus.test for word in sentence.words}
    assert not [word for word in words if len(word) > 4 and f'"{word}' in text]
    assert settings.runs not in text
    assert str(Path.home()) not in text
    sizes = [path.stat().st_size for path in (written.folder / "runs").rglob("*.json")]
    assert max(sizes) < 5000


def test_what_was_not_run_is_listed(written, read):
    gaps = {(gap["model"], gap["regime"], gap["variant"]): gap for gap in written.not_run}
    assert gaps["byte-crf", "monolingual", "more_dropout"]["seeds"] == [1, 2]
    assert ("byte-crf", "monolingual", "") not in gaps
    assert (
        "Byte CRF, polyglot (own transitions): CoNLL languages, LORELEI languages (seeds 1, 2)"
        in provenance(read)["Not run"]
    )
    assert len(run_table(read)) == len(read.runs) == written.runs


def test_recording_again_changes_no_byte(written, settings):
    before = {path: path.read_bytes() for path in written.folder.rglob("*") if path.is_file()}
    record(settings, written.folder, ["4", "5.1"])
    assert {path: path.read_bytes() for path in written.folder.rglob("*") if path.is_file()} == before


def test_records_of_other_machines_stay_and_those_of_other_settings_go(written, copied, settings, tmp_path):
    elsewhere = dataclasses.replace(settings, runs=str(tmp_path / "empty"))
    before = {path: path.read_bytes() for path in copied.rglob("*") if path.is_file()}
    again = record(elsewhere, copied, SECTIONS)
    assert (again.runs, again.kept, again.problems) == (0, written.runs, {})
    assert {path: path.read_bytes() for path in copied.rglob("*") if path.is_file()} == before
    one_seed = record(dataclasses.replace(elsewhere, seeds=(1,)), copied)
    assert 0 < one_seed.kept < written.runs
    assert len(list((copied / "runs").rglob("*.json"))) == one_seed.kept


def test_settings_without_a_run_leave_what_is_recorded(copied, settings, tmp_path):
    before = {path: path.read_bytes() for path in copied.rglob("*") if path.is_file()}
    training = {**settings.training, "batch_size": 4}
    other = dataclasses.replace(settings, runs=str(tmp_path / "empty"), training=training)
    with pytest.raises(SettingsError, match="copied has runs of other settings or corpora, and none of these"):
        record(other, copied)
    assert {path: path.read_bytes() for path in copied.rglob("*") if path.is_file()} == before


def test_a_run_that_has_other_scores_than_were_recorded_is_named(copied, settings):
    assert record(settings, copied).changed == []
    path = next((copied / "runs").rglob("*.json"))
    other = json.loads(path.read_text())
    next(iter(other["scores"].values()))["test"]["accuracy"] += 1
    path.write_text(json.dumps(other))
    assert record(settings, copied).changed == [other["run"]]
    assert record(settings, copied).changed == []


def test_runs_of_another_version_of_the_training_are_not_found(settings, tmp_path, monkeypatch):
    monkeypatch.setitem(TRAINING_VERSION, "byte-crf", 99)
    written = record(settings, tmp_path / "results")
    assert (written.runs, written.kept) == (0, 0)


def test_a_damaged_run_is_named_and_the_others_are_recorded(study, written, settings, tmp_path):
    store = tmp_path / "runs"
    shutil.copytree(settings.runs, store)
    run = study.run("byte-crf", "monolingual", ("eng",), 1).id
    (store / run / "predictions" / "eng.test.conll").write_text("cut\tO")
    found = record(dataclasses.replace(settings, runs=str(store)), tmp_path / "results")
    assert found.runs == written.runs - 1
    assert "is damaged" in found.problems[run]


def test_results_keep_their_title_and_share_it_with_none(settings, written, copied, tmp_path):
    assert load(copied).title == "copied"
    record(settings, copied, title="Open corpora")
    record(settings, copied)
    assert recorded_titles(copied.parent) == {"copied": "Open corpora"}
    with pytest.raises(SettingsError, match="copied has the title 'Open corpora' already"):
        record(settings, copied.parent / "second", title="Open corpora")


def test_recorded_results_are_found_by_name_and_by_folder(written, settings):
    assert folder_name(settings) == "sample-smoke"
    assert [each.name for each in all_recorded(written.folder.parent)] == ["sample-smoke"]
    assert recorded(str(written.folder)).name == recorded("sample-smoke", written.folder.parent).name == "sample-smoke"
    with pytest.raises(StoreError, match=r"no recorded results 'laptop' in .*: there are sample-smoke"):
        recorded("laptop", written.folder.parent)


@pytest.mark.parametrize("name", recorded_titles())
def test_the_records_of_the_book_are_read_and_written_byte_for_byte(name, tmp_path):
    findings = recorded(name)
    assert (findings.name, findings.sample, findings.results.empty) == (name, False, False)
    assert {each["run"] for each in findings.runs} >= set(findings.results["run"]) == set(findings.counts["run"])
    assert set(provenance(findings)) >= {"Corpora", "Runs", "Machines"}
    save(findings, tmp_path)
    first, second = (
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        for folder in (results_folder() / name, tmp_path)
    )
    assert first.keys() == second.keys()
    assert {path.name for path in first if first[path] != second[path]} <= {"about.json"}  # older ones have their name
    assert load(tmp_path).about == {**findings.about, "name": tmp_path.name}


DAMAGE = {
    "corpora.json: damaged": lambda folder: (folder / "corpora.json").write_text("{"),
    "about.json: No such file": lambda folder: (folder / "about.json").unlink(),
    "monolingual/eng-s1.json: damaged": lambda folder: (folder / "runs/byte-crf/monolingual/eng-s1.json").write_text(
        ""
    ),
    "estimates.csv: damaged": lambda folder: (folder / "tables" / "estimates.csv").write_text("name\nrecall_errors\n"),
    "copied: damaged: the table of pruning lacks regime.*: record it again": lambda folder: write_table(
        folder / "tables" / "pruning.csv", pd.DataFrame({"group": ["conll"], "share": [0.5]})
    ),
    "copied: byte-crf-monolingual-eng-s1-.* has no counts for eng": lambda folder: (folder / "corpora.json").write_text(
        (folder / "corpora.json").read_text().replace('"test_gold": "', '"test_gold": "0 ', 1)
    ),
}


@pytest.mark.parametrize("told", DAMAGE)
def test_damage_is_named(copied, told):
    DAMAGE[told](copied)
    with pytest.raises(StoreError, match=told):
        load(copied)


def test_a_section_without_anything_to_record_is_a_mistake(settings, tmp_path):
    with pytest.raises(SettingsError, match=r"unknown section with analyses '7': one of 4, 4\.2, 5\.1"):
        record(settings, tmp_path, ["7"])


def test_empty_text_is_text_and_an_empty_number_is_missing(tmp_path):
    table = pd.DataFrame({"languages": ["", ""], "low": [np.nan, 1 / 3], "group": ["conll", "lorelei"]})
    write_table(tmp_path / "table.csv", table)
    same(read_table(tmp_path / "table.csv"), table)


def test_variants_are_compared_with_the_plain_runs(read):
    plain = read.results[read.results["variant"] == ""]
    assert Findings(plain, read.counts, about=read.about).variant_changes().empty
    tables = {"results": plain[plain["regime"] == "polyglot"], "counts": read.counts}
    own = {name: table.assign(run=table["run"] + "-own") for name, table in tables.items()}
    own["results"] = own["results"].assign(variant="language_transitions")
    other = Findings(pd.concat([plain, own["results"]]), pd.concat([read.counts, own["counts"]]), about=read.about)
    table = other.variant_changes()
    assert list(table["language"]) == ["eng", "spa", "amh", "swa", "average", "average"]
    assert (table["difference"] == 0).all()
    alone = read.results[read.results["regime"] == "monolingual"].assign(variant="more_dropout")
    tuned = read.results[(read.results["regime"] != "monolingual") & read.results["variant"].isin(["", "mgda"])]
    partly = Findings(pd.concat([alone, tuned]), read.counts, about=read.about).variant_changes()
    assert set(partly["variant"]) == {"mgda"}
    assert partly[["difference", "low", "high"]].dtypes.eq(float).all()


def test_a_language_is_fine_tuned_from_each_group_that_it_is_in(read, tmp_path):
    one = next(each for each in read.runs if each["spec"]["regime"] == "fine_tuned")
    asks = [{**ask, "group": "two of them"} for ask in one["asks"]]
    other = {**one, "run": one["run"][:-12] + "0" * 12, "asks": asks}
    both = dataclasses.replace(read, runs=[one, other], tables={}, estimates={})
    save(both, tmp_path / "both")
    names = [path.name for path in sorted((tmp_path / "both" / "runs").rglob("*.json"))]
    assert len(names) == 2
    assert any("-two_of_them-s" in name for name in names)


@pytest.mark.parametrize(
    ("entry", "told"),
    [({"origin": "{tmp}/mirror", "licence": "CC0"}, "mirror (CC0)"), ({"origin": "{tmp}/mirror"}, "mirror")],
)
def test_a_folder_that_corpora_were_read_from_is_told_by_its_name(tmp_path, settings, entry, told):
    entry = {key: text.replace("{tmp}", str(tmp_path)) for key, text in {"name": "own", **entry}.items()}
    for code in ("eng", "spa"):
        for split in ("train", "dev", "test"):
            path = tmp_path / "corpora" / code / f"{split}.conll"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"Anna{split}\tB-PER\n")
    (tmp_path / "corpora" / "SOURCES.json").write_text(json.dumps({"eng": entry}))
    own = dataclasses.replace(settings, corpora=str(tmp_path / "corpora"), languages=("eng", "spa"))
    found = findings_of(Study(own, policy=look_up))
    assert found.about["corpora_from"] == [told]
    assert str(tmp_path) not in json.dumps(found.about)
