"""The run store: nothing is trained twice, nothing is there by half."""

import dataclasses
import errno
import json
import multiprocessing
import threading
import time

import pandas as pd
import pytest
import torch

from polyner.corpora.folder import write_corpus
from polyner.errors import PolynerError, StoreError
from polyner.runs import RunSpec, RunStore
from polyner.runs.derived import derived_table
from polyner.runs.perform import threads_for
from polyner.scoring import score
from polyner.study.protocol import Study
from polyner.study.settings import Settings
from tests.conftest import small_corpus


@pytest.fixture
def settings(tmp_path):
    for code in ("eng", "spa"):
        write_corpus(tmp_path / "corpora", small_corpus(code))
    return Settings.load("smoke", corpora=tmp_path / "corpora")


def test_a_run_is_trained_once_and_holds_what_it_should(settings):
    study = Study(settings)
    run = study.run("byte-crf", "monolingual", ("eng",), 1)
    before = (run.folder / "model.safetensors").stat().st_mtime_ns
    again = Study(settings).run("byte-crf", "monolingual", ("eng",), 1)
    assert again == run
    assert (run.folder / "model.safetensors").stat().st_mtime_ns == before
    assert {path.name for path in run.folder.iterdir()} >= {
        "spec.json",
        "history.jsonl",
        "metrics.json",
        "predictions",
        "model.safetensors",
        "config.json",
        "optimizer.safetensors",
        "environment.json",
    }
    assert run.spec == study.spec("byte-crf", "monolingual", ("eng",), 1).as_dict()
    assert run.metrics["epochs"] == len(run.history) == 2
    assert run.seconds > 0
    for split in ("dev", "test"):
        words, gold, predicted = run.predictions("eng", split)
        assert [tuple(sentence) for sentence in words] == [s.words for s in study.corpora["eng"][split]]
        assert run.metrics["languages"]["eng"][split]["f1"] == pytest.approx(score(gold, predicted).f1)
    with pytest.raises(StoreError, match=r"spa\.dev\.conll cannot be read: No such file"):
        run.predictions("spa", "dev")
    assert not list((run.folder.parent / ".partial").iterdir())


def test_a_run_killed_at_its_very_end_is_completed(settings, tmp_path):
    """Its checkpoints are there, what it had begun to write is not whole."""
    study = Study(settings)
    expected = study.run("byte-crf", "monolingual", ("eng",), 1)
    other = Study(dataclasses.replace(settings, runs=str(tmp_path / "other")))
    spec = other.spec("byte-crf", "monolingual", ("eng",), 1)
    partial = other.store.folder / ".partial" / spec.id / "run"
    (partial / "predictions").mkdir(parents=True)
    (partial / "metrics.json").write_text("{")
    assert other.store.look_up(spec) is None
    assert other.run("byte-crf", "monolingual", ("eng",), 1).metrics == expected.metrics
    assert not partial.parent.exists()


def test_a_run_that_was_copied_in_part_is_replaced(settings):
    run = Study(settings).run("byte-crf", "monolingual", ("eng",), 1)
    before = run.metrics
    (run.folder / "metrics.json").unlink()
    assert Study(settings).run("byte-crf", "monolingual", ("eng",), 1).metrics == before


def test_every_part_of_a_specification_makes_another_run():
    base = {
        "model": "byte-crf",
        "config": {"dropout": 0.2},
        "regime": "monolingual",
        "languages": ("eng",),
        "corpora": {"eng": "ab"},
        "seed": 1,
        "training": {"learning_rate": 0.1},
        "version": "1.1",
    }
    parents = [RunSpec(**{**base, "regime": "polyglot", "languages": ("eng", "spa"), "seed": seed}) for seed in (1, 2)]
    others = [
        {"model": "char-crf"},
        {"config": {"dropout": 0.3}},
        {"languages": ("spa",)},
        {"corpora": {"eng": "cd"}},
        {"seed": 2},
        {"training": {"learning_rate": 0.2}},
        {"version": "2.1"},
        {"objective": {"name": "pcgrad"}},
        {"precision": "bfloat16"},
        {"device": "cuda"},
        {"regime": "fine_tuned", "parent": parents[0]},
        {"regime": "fine_tuned", "parent": parents[1]},
        {"regime": "fine_tuned", "parent": parents[0], "keep_optimizer": False},
    ]
    ids = {RunSpec(**{**base, **other}).id for other in [{}, *others]}
    assert len(ids) == len(others) + 1
    assert RunSpec(**base).id == RunSpec(**json.loads(json.dumps(base)) | {"languages": ("eng",)}).id


def test_impossible_specifications_are_refused():
    for regime, parent, message in (("solo", None, "unknown regime 'solo'"), ("fine_tuned", None, "has a parent")):
        with pytest.raises(ValueError, match=message):
            RunSpec("byte-crf", regime, ("eng",), {}, 1, "1.1", parent=parent)


def test_runs_are_found_by_either_end_of_their_id_and_removed(settings):
    study = Study(settings)
    runs = [study.run("byte-crf", "monolingual", (code,), 1) for code in ("eng", "spa")]
    store = study.store
    assert store.list() == runs
    assert store.find(runs[0].id) == store.find(runs[0].id[-6:]) == store.find("byte-crf-monolingual-eng") == runs[0]
    with pytest.raises(StoreError, match="2 runs, among them"):
        store.find("byte-crf")
    with pytest.raises(StoreError, match="no run in"):
        store.find("charner")
    store.remove(runs[0])
    assert store.list() == runs[1:]


def test_a_store_that_is_not_there_is_empty(tmp_path):
    assert RunStore(tmp_path / "none").list() == []


def test_a_damaged_run_says_so(settings):
    run = Study(settings).run("byte-crf", "monolingual", ("eng",), 1)
    (run.folder / "metrics.json").write_text("{")
    (found,) = RunStore(run.folder.parent).list()
    with pytest.raises(StoreError, match=r"metrics\.json is damaged"):
        _ = found.metrics


def test_a_device_that_is_not_there_says_so(settings):
    study = Study(dataclasses.replace(settings, device="cuda:77"))
    with pytest.raises(PolynerError, match="device 'cuda:77' cannot be used"):
        study.run("byte-crf", "monolingual", ("eng",), 1)


def test_two_processes_that_want_the_same_run_train_it_once(settings):
    fork = multiprocessing.get_context("fork")
    found = fork.Queue()

    def child():
        run = Study(settings).run("byte-crf", "monolingual", ("eng",), 1)
        found.put((run.id, (run.folder / "environment.json").stat().st_mtime_ns))

    children = [fork.Process(target=child) for _ in range(2)]
    for process in children:
        process.start()
    first, second = found.get(timeout=60), found.get(timeout=60)
    assert first == second


def test_what_killed_processes_leave_is_removed_at_the_next_start_unless_it_can_be_used(settings):
    study = Study(settings)
    run = study.run("byte-crf", "monolingual", ("eng",), 1)
    partial = study.store.folder / ".partial"
    for name in (run.id, "unfinished", f"removed-{run.id}-1"):
        (partial / name / "checkpoints").mkdir(parents=True)
    Study(settings)
    # What someone began to delete a moment ago, they may be deleting still.
    assert {path.name for path in partial.iterdir()} == {"unfinished", f"removed-{run.id}-1"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("polyner.runs.store._SECONDS", -1)
        Study(settings)
    assert [path.name for path in partial.iterdir()] == ["unfinished"]
    assert run.metrics


def test_an_error_of_training_is_not_one_of_the_store(settings, monkeypatch, tmp_path):
    def no_training(error):
        def perform(*arguments):
            raise error

        return perform

    elsewhere = OSError(errno.EACCES, "Permission denied", "/vectors/cache")
    monkeypatch.setattr("polyner.runs.perform.perform", no_training(elsewhere))
    with pytest.raises(OSError, match="/vectors/cache"):
        Study(settings).run("byte-crf", "monolingual", ("eng",), 1)
    store = RunStore(settings.runs).folder
    inside = OSError(errno.ENOENT, "No such file or directory", str(store / ".partial" / "x"))
    for error in (inside, OSError(errno.ENOSPC, "No space left on device")):
        monkeypatch.setattr("polyner.runs.perform.perform", no_training(error))
        with pytest.raises(StoreError, match="the run store cannot be written to"):
            Study(settings).run("byte-crf", "monolingual", ("eng",), 1)


def test_a_run_waits_for_no_parent_that_is_not_there(settings):
    study = Study(settings)
    spec = study.spec("byte-crf", "fine_tuned", ("eng",), 1)
    with pytest.raises(StoreError, match=r"starts from byte-crf-polyglot-eng\+spa-s1-.*, which is not in"):
        study.store.get(spec, study.data(spec))


def test_a_precision_that_the_device_does_not_have_is_an_error(settings):
    study = Study(settings)
    spec = dataclasses.replace(study.spec("byte-crf", "monolingual", ("eng",), 1), precision="float16")
    with pytest.raises(PolynerError, match="cpu does not compute in float16"):
        study.store.get(spec, study.data(spec))


def test_a_table_that_two_ask_for_at_once_is_computed_once(tmp_path):
    store, made = RunStore(tmp_path), []

    def make():
        made.append(1)
        time.sleep(0.3)
        return pd.DataFrame({"a": [1.5]})

    def ask():
        tables.append(derived_table(store, "pruning", {"run": "x"}, make))

    tables: list[pd.DataFrame] = []
    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert [table["a"].tolist() for table in tables] == [[1.5]] * 3


class Wide:
    def __init__(self, width):
        self.width = width


def test_small_models_get_one_thread(monkeypatch):
    """Whatever the fields of their configuration are called."""
    monkeypatch.delenv("OMP_NUM_THREADS")
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with threads_for(Wide(127)) as threads:
            assert threads == 1
        with threads_for(Wide(128)) as threads:
            assert threads == 2
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
