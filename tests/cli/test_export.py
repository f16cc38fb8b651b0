"""`polyner export`: a run, or all taggers of a study, as small files that `polyner tag` reads."""

import json
import shutil

import pytest

from polyner.models import load_tagger
from polyner.runs import RunStore


def test_a_run_becomes_a_small_folder_that_is_tagged_with(polyner, trained, tmp_path, corpora):
    answer = polyner("export", trained.id, "--out", tmp_path / "out", "--runs", trained.store)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith(f"1 tagger in {tmp_path / 'out'}\n")
    size = (RunStore(trained.store).find(trained.id).folder / "model.safetensors").stat().st_size
    assert (tmp_path / "out" / "model.safetensors").stat().st_size < 0.6 * size
    tagged = polyner("tag", tmp_path / "out", corpora / "eng" / "test.conll")
    scored = json.loads(polyner("score", "-", "--json", stdin=tagged.out).out)
    assert scored["f1"] == pytest.approx(
        RunStore(trained.store).find(trained.id).metrics["languages"]["eng"]["test"]["f1"], abs=5
    )
    assert load_tagger(tmp_path / "out").tags[0] == "O"


def test_a_run_is_not_exported_over_one(polyner, trained, tmp_path):
    run = shutil.copytree(trained.store / trained.id, tmp_path / "run")
    weights = (run / "model.safetensors").read_bytes()
    answer = polyner("export", run, "--out", run)
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert f"{run} is a run, whose weights stay as they were trained" in answer.err
    assert (run / "model.safetensors").read_bytes() == weights


def test_a_study_becomes_a_folder_of_taggers(polyner, corpora, tmp_path):
    options = ["--profile", "smoke", "--corpora", corpora, "--runs", tmp_path / "runs"]
    polyner("train", "--language", "spa", *options)
    answer = polyner("export", *options, "--out", tmp_path / "all", "--title", "Mine", "--json")
    assert (answer.code, answer.err) == (0, "")
    assert json.loads(answer.out)["taggers"] == 1
    tagged = polyner("tag", "--taggers", tmp_path / "all", "-l", "Spanish", "-o", "json", stdin="Ana vive\n")
    assert (tagged.code, json.loads(tagged.out)["words"]) == (0, ["Ana", "vive"])
    listed = polyner("tag", "--taggers", tmp_path / "all", "--list")
    assert "Spanish" in listed.out
    assert "Mine" in json.loads(polyner("tag", "--taggers", tmp_path / "all", "--list", "-o", "json").out)["title"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "export takes RUN, or --profile"),
        (["run", "--profile", "smoke"], "export takes RUN, or --profile"),
        (["run"], "--out says in which folder"),
        (["nosuchrun", "--out", "x"], "no run"),
    ],
)
def test_what_cannot_be_exported_is_one_line(polyner, trained, arguments, message):
    answer = polyner("export", *arguments, "--runs", trained.store)
    assert answer.code == 2
    assert message in answer.err
    assert answer.err.count("\n") == 1
