"""`polyner sweep` as a user has it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest


@pytest.fixture
def sweep(polyner, corpora, tmp_path):
    """The command with small corpora and a store of the test's own."""
    profile = tmp_path / "tiny.yml"
    profile.write_text(
        "languages: [eng, spa]\nmodels: [byte-crf]\nseeds: [1]\narchitecture:\n"
        "  byte-crf: {embedding_size: 8, unit_hidden_size: 8, unit_layers: 1, sentence_hidden_size: 8}\n"
        "training: {learning_rate: 0.01, batch_size: 16, max_epochs: 1, min_epochs: 1}\n"
    )

    def call(*arguments, store="store"):
        options = ["--profile", profile, "--corpora", corpora, "--device", "cpu", "--runs", tmp_path / store]
        return polyner("sweep", *options, *arguments)

    call.store = tmp_path / "store"
    return call


def test_the_table_says_what_is_to_do_and_what_waits(sweep):
    answer = sweep("--dry-run", "--page", "05-error-analysis")
    assert answer.code == 0
    assert answer.out.count("\nto do ") == 3
    assert answer.out.count("\nwaiting ") == 2
    assert "0 done, 3 to do, 2 waiting for one of these; time not known" in answer.out
    rows = json.loads(sweep("--dry-run", "--page", "book/05-error-analysis.py", "--json").out)
    assert [row["state"] for row in rows].count("waiting") == 2
    assert {row["waits_for"] for row in rows} == {None, rows[2]["run"]}
    assert not sweep.store.exists()


def test_what_fails_is_tried_twice_and_named_while_the_others_go_on(sweep):
    rows = json.loads(sweep("--dry-run", "--page", "05-error-analysis", "--json").out)
    (polyglot,) = (row["run"] for row in rows if row["regime"] == "polyglot")
    obstacle = sweep.store / ".partial" / polyglot
    obstacle.parent.mkdir(parents=True)
    obstacle.write_text("a file where a folder has to be")
    answer = sweep("--jobs", "1", "--page", "05-error-analysis")
    assert answer.code == 1
    assert "2 done, 1 failed, 2 skipped" in answer.out
    log = sweep.store / ".logs" / f"{polyglot}.log"
    assert f"log: {log}" in answer.out
    assert log.read_text().count(" device cpu attempt ") == 2
    assert "Traceback" in log.read_text()

    obstacle.unlink()
    again = sweep("--jobs", "1", "--page", "05-error-analysis", "--json")
    assert again.code == 0
    assert [outcome["status"] for outcome in json.loads(again.out)] == ["done"] * 3
    done = sweep("--dry-run", "--page", "05-error-analysis")
    assert "5 done, 0 to do, 0 waiting" in done.out
    assert sweep("--page", "05-error-analysis", "--jobs", "1").out.startswith("nothing to do")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--jobs", "2", "--slurm"], "--jobs, --devices, --ray and --slurm exclude one another"),
        (["--page", "01-data"], "the page '01-data' needs no runs"),
        (["--seeds", "one"], "seeds: ['one'] was given; it should be a valid integer"),
        (["--models", "hmm"], "unknown model 'hmm'"),
        (["--ray", "local", "--jobs", "2"], "exclude one another"),
    ],
)
def test_mistakes_are_named(sweep, options, message):
    answer = sweep(*options)
    assert answer.code == 2
    assert message in answer.err


def test_planning_a_whole_study_loads_nothing_heavy(tmp_path):
    code = (
        "import sys\nfrom polyner.cli import main\n"
        "sys.argv = 'polyner sweep --profile paper --models byte-crf,charner --dry-run'.split()\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print([name for name in ('torch', 'pandas', 'numpy', 'transformers') if name in sys.modules])"
    )
    environment = {**os.environ, "POLYNER_RUNS": str(tmp_path)}
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment).stdout
    assert re.search(r"0 done, [1-9]\d+ to do", told)
    assert told.endswith("[]\n")
