"""`polyner record`, and claims judged on what it wrote."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def recorded(polyner, trained, corpora, tmp_path):
    """The record of the one trained run."""
    profile = tmp_path / "tiny.yml"
    profile.write_text(
        "languages: [eng]\nmodels: [byte-crf]\nseeds: [1]\nmax_train_sentences: 60\nmax_eval_sentences: 30\n"
        "architecture:\n"
        "  byte-crf: {embedding_size: 8, unit_hidden_size: 8, unit_layers: 1, sentence_hidden_size: 8}\n"
        "training: {learning_rate: 0.01, batch_size: 4, max_epochs: 15, min_epochs: 1}\n"
    )
    options = ["--profile", profile, "--corpora", corpora, "--runs", trained.store, "--out", tmp_path / "results"]
    return polyner("record", *options, "--name", "small-tiny"), tmp_path / "results" / "small-tiny"


def test_a_run_is_recorded_and_judged(polyner, trained, recorded):
    answer, folder = recorded
    assert answer.code == 0
    assert answer.out.startswith(f"1 runs recorded, 0 kept from before, in {folder}\n")
    assert "not run: byte-crf monolingual more_dropout eng, seeds 1" in answer.out
    (path,) = (folder / "runs").rglob("*.json")
    assert path.relative_to(folder / "runs").as_posix() == "byte-crf/monolingual/eng-s1.json"
    assert json.loads(path.read_text())["run"] == trained.id

    judged = polyner("claims", "--recorded", folder, "--section", "4.1", "--json")
    assert [row["verdict"] for row in json.loads(judged.out)] == ["not run", "not run"]


def test_exactly_what_is_recorded_is_trained_elsewhere_too(polyner, recorded, corpora, tmp_path):
    _, folder = recorded
    options = ["--profile", tmp_path / "tiny.yml", "--corpora", corpora, "--runs", tmp_path / "empty", "--dry-run"]
    (row,) = json.loads(polyner("sweep", *options, "--recorded", folder, "--json").out)
    assert (row["model"], row["regime"], row["languages"], row["variant"]) == ("byte-crf", "monolingual", "eng", "")
    assert len(json.loads(polyner("sweep", *options, "--json").out)) > 1
    assert json.loads(polyner("sweep", *options, "--seeds", "2", "--recorded", folder, "--json").out) == []
    unknown = polyner("sweep", *options, "--recorded", "nothing-like-it")
    assert "no recorded results 'nothing-like-it'" in unknown.err


def test_what_is_recorded_is_listed(polyner, recorded):
    listed = json.loads(polyner("record", "--list", "--out", recorded[1].parent, "--json").out)
    assert [each["name"] for each in listed] == ["small-tiny"]
    assert listed[0]["Seeds"] == "1"


def test_results_that_are_not_recorded_cannot_be_judged(polyner):
    answer = polyner("claims", "--recorded", "nothing-like-it")
    assert answer.code == 2
    assert "no recorded results 'nothing-like-it'" in answer.err


def test_table_1_is_markdown_or_json(polyner, recorded, tmp_path):
    _, folder = recorded
    (ours, paper) = json.loads(polyner("table1", folder, "--json").out)
    assert (ours["model"], ours["group"], ours["source"], ours["languages"]) == ("byte-crf", "conll", "small-tiny", 1)
    assert ours["fine_tuned"] is None
    assert paper["source"] == "paper"
    lines = polyner("table1", folder).out.splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]
    assert [row[5] for row in cells] == [f"{row['monolingual']['f1']:.2f}" for row in (ours, paper)]
    answer = polyner("table1", folder, "--json", "--into", tmp_path / "x.md")
    assert (answer.code, answer.err) == (2, "error: --into writes Markdown: leave out --json\n")
