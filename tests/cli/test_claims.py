"""`polyner claims`: what the runs in a store say about the paper's claims."""

from __future__ import annotations

import json

import pytest

from polyner.cli import main
from polyner.paper import claims

SMOKE = ["claims", "--profile", "smoke", "--device", "cpu"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A store with the monolingual runs of English and Spanish and the polyglot run of both, on sample corpora."""
    store = tmp_path_factory.mktemp("runs")
    options = ["--profile", "smoke", "--max-epochs", "12", "--device", "cpu", "--runs", str(store)]
    for chosen in (["--language", "eng"], ["--language", "spa"], ["--regime", "polyglot", "--language", "eng,spa"]):
        assert main(["train", *chosen, *options]) == 0
    return store


@pytest.fixture
def profile(tmp_path):
    """The smoke profile as those runs were trained: twelve epochs, so that they find something."""
    path = tmp_path / "twelve.yml"
    path.write_text(
        "languages: [eng, spa, amh, swa]\nmodels: [byte-crf]\nseeds: [1]\n"
        "max_train_sentences: 60\nmax_eval_sentences: 30\narchitecture:\n"
        "  byte-crf: {embedding_size: 8, unit_hidden_size: 8, unit_layers: 1, sentence_hidden_size: 8}\n"
        "training: {learning_rate: 0.01, batch_size: 16, max_epochs: 12, min_epochs: 1}\n"
    )
    return path


def ids(store) -> set[str]:
    return {path.name for path in store.iterdir() if not path.name.startswith(".")} if store.is_dir() else set()


def test_an_empty_store_answers_without_training(polyner, tmp_path):
    answer = polyner(*SMOKE, "--runs", tmp_path / "empty", "--json")
    assert answer.code == 0
    rows = json.loads(answer.out)
    assert [row["id"] for row in rows] == [claim.id for claim in claims()]
    by_id = {row["id"]: row for row in rows}
    # Label distributions need corpora only.
    labels = by_id.pop("baselines-label-shift")
    assert labels["label"] == "not testable here (sample corpora: no evidence)"
    assert [part["group"] for part in labels["parts"]] == ["conll", "lorelei"]
    assert {row["verdict"] for row in by_id.values()} == {"not run"}
    assert all(row["reason"] and row["parts"] == [] for row in by_id.values())
    assert ids(tmp_path / "empty") == set()


def test_what_is_in_the_store_is_judged_and_the_rest_is_not_run(polyner, runs, profile):
    before = ids(runs)
    answer = polyner("claims", "--profile", profile, "--runs", runs, "--section", "4", "--section", "4.1", "--details")
    assert answer.code == 0
    lines = {line.split()[0]: line for line in answer.out.splitlines() if line}
    assert "undecided" in lines["baselines-polyglot-worse"]
    assert " F1 " in lines["baselines-polyglot-worse"]
    assert "not run" in lines["finetune-beats-mono"]
    assert "undecided (not converged, one seed)" in lines["baselines-polyglot-worse"]
    assert "judged as: Polyglot less monolingual F1" in answer.out
    assert "by chance: 0 where polyglot training changes nothing." in answer.out
    assert "not run: CharNER, CoNLL languages" not in answer.out.replace("Character CRF, CoNLL languages; ", "")
    assert "corpora: sample; profile: twelve" in answer.out
    assert "novel" not in answer.out
    assert "5 not run, 1 undecided, 1 not testable here" in answer.out
    assert "sample corpora" in answer.err
    assert "--train trains it" in answer.err
    assert ids(runs) == before


def test_train_trains_what_is_missing(polyner, runs, profile):
    options = ["claims", "--profile", profile, "--runs", runs, "-l", "eng,spa", "--section", "5.1", "--json"]
    before = ids(runs)
    rows = {row["id"]: row for row in json.loads(polyner(*options, "--train").out)}
    assert list(rows) == [claim.id for claim in claims() if claim.section.startswith("5.1")]
    assert (rows["errors-per-org"]["verdict"], rows["errors-per-org"]["sample"]) == ("undecided", True)
    assert [part["what"] for part in rows["errors-per-org"]["parts"]] == [
        "errors on PER, fine-tuned − monolingual",
        "errors on ORG, fine-tuned − monolingual",
    ]
    new = ids(runs) - before
    assert len(new) == 2
    assert all("fine_tuned" in name or "fine-tuned" in name for name in new)
    again = {row["id"]: row for row in json.loads(polyner(*options).out)}
    assert again == rows


def test_a_section_without_claims_is_a_mistake(polyner, tmp_path):
    answer = polyner(*SMOKE, "--section", "7", "--runs", tmp_path)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == "error: no claims in section '7': one of 4, 4.1, 4.2, 5.1, 5.2, 5.3, 6\n"
