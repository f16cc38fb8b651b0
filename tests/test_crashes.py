"""Processes killed at random moments, and processes that want the same at the same time."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import re
import shutil
import signal
import time
from pathlib import Path

import nbformat
import pytest

from polyner.corpora.folder import write_corpus
from polyner.findings.study import findings_of
from polyner.integrity import is_intact
from polyner.runs import RunStore
from polyner.study.protocol import Study
from polyner.study.questions import TABLE_1
from polyner.study.settings import Settings
from tests.book.conftest import make_book
from tests.conftest import small_corpus

FORK = multiprocessing.get_context("fork")
KILLS = 50
MOST_KILLS = 4 * KILLS  # where chance does not lead to every stage before
STAGES = {"training", "writing a run", "executing the page", "building the site"}
PAGE = """
from polyner.book.page import open_page, show
from polyner.findings.study import findings_of
from polyner.study.protocol import Study
from polyner.study.questions import TABLE_1
from polyner.study.settings import Settings

page = open_page(globals())
study = Study(Settings.load("smoke", corpora={corpora!r}, runs={runs!r}))
table = findings_of(study, [TABLE_1]).results
show(table.drop(columns="run"), "Scores", digits=6)
"""


def settings_of(root: Path) -> Settings:
    return Settings.load("smoke", corpora=root / "corpora", runs=root / "runs", seeds=[1, 2, 3])


def prepare(root: Path) -> None:
    root.mkdir()
    book = make_book(root)
    shutil.rmtree(root / "corpora")
    for code in ("eng", "spa"):
        write_corpus(root / "corpora", small_corpus(code))
    book.write("01-word", PAGE.format(corpora=str(root / "corpora"), runs=str(root / "runs")))


def sweep(root: Path) -> None:
    """A small study, a page about it, and the website with the page."""
    from polyner.book.execute import execute_pages
    from polyner.book.site import build_site

    os.setsid()
    os.chdir(root)
    with open(os.devnull, "w") as nothing:
        os.dup2(nothing.fileno(), 1)
        os.dup2(nothing.fileno(), 2)
    study = Study(settings_of(root))
    assert len(study.resolve(study.asks(TABLE_1))) == (2 + 1 + 2) * 3
    results = execute_pages(root / "book", str(root / "tiny.yml"), str(root / "corpora"), package=root / "package")
    assert [result.status for result in results] in (["executed"], ["fresh"])
    build_site(root / "book", results)
    os._exit(0)


def started(root: Path):
    process = FORK.Process(target=sweep, args=(root,))
    process.start()
    return process


def numbers(root: Path) -> dict:
    """Everything that a sweep has to say: scores, predictions and weights of every run, the page's table, the site."""
    runs = RunStore(root / "runs").list()
    found = {}
    for run in runs:
        files = sorted(path for path in run.folder.rglob("*") if path.suffix in (".conll", ".safetensors"))
        history = [{key: value for key, value in row.items() if key != "seconds"} for row in run.history]
        found[run.id] = (run.metrics, history, [path.read_bytes() for path in files])
    (page,) = (root / "book" / "_build" / "executed").glob("01-word-*.ipynb")
    outputs = [cell.get("outputs", []) for cell in nbformat.read(page, 4).cells]
    (found["page"],) = [
        re.sub("T_[0-9a-f]+", "", out["data"]["text/html"])  # pandas names each table by chance
        for outs in outputs
        for out in outs
        if "Scores" in str(out.get("data", {}).get("text/html"))
    ]
    site = (root / "book" / "_build" / "html" / "01-word.html").read_text(encoding="utf-8")
    assert site.rstrip().endswith("</html>")
    assert "Scores" in site
    return found


def no_run_is_half_there(root: Path) -> int:
    """The number of finished runs, of which each is whole."""
    folders = [p for p in (root / "runs").glob("*") if not p.name.startswith(".")]
    assert all(is_intact(folder) for folder in folders), folders
    return len(folders)


@pytest.mark.slow
def test_a_sweep_killed_at_any_moment_goes_on_and_ends_with_the_same_numbers(tmp_path):
    prepare(tmp_path / "undisturbed")
    begun = time.time()
    process = started(tmp_path / "undisturbed")
    process.join()
    assert process.exitcode == 0
    length = time.time() - begun
    training = max(run.folder.stat().st_ctime for run in RunStore(tmp_path / "undisturbed" / "runs").list()) - begun
    expected = numbers(tmp_path / "undisturbed")

    chance = random.Random(6)
    kills, where, rounds = 0, [], 0

    def enough():
        return kills >= KILLS and (set(where) >= STAGES or kills >= MOST_KILLS)

    while not enough():
        rounds += 1
        root = tmp_path / f"disturbed-{rounds}"
        prepare(root)
        kept = 0
        while True:
            process = started(root)
            # Most moments are drawn from the time of the training, the others from all of the sweep.
            moment = chance.uniform(0.0, training if chance.random() < 0.6 else length)
            process.join(timeout=None if enough() else moment)
            if process.exitcode is not None:
                assert process.exitcode == 0
                break
            whole_group = chance.random() < 0.5
            (os.killpg if whole_group else os.kill)(process.pid, signal.SIGKILL)
            process.join()
            kills += 1
            before, kept = kept, no_run_is_half_there(root)
            assert kept >= before, "a finished run was lost"
            where.append(stage(root))
        found = numbers(root)
        assert {key for key in found if key != "page"} == {key for key in expected if key != "page"}
        assert found == expected
        assert not list((root / "runs" / ".partial").iterdir()), "checkpoints of finished runs are left"
        shutil.rmtree(root)
    told = {name: where.count(name) for name in dict.fromkeys(where)}
    assert set(told) >= STAGES, told
    print(f"\n{kills} kills in {rounds} sweeps of {length:.1f} s: {told}; every sweep ended with the same numbers")


def stage(root: Path) -> str:
    """What the process was doing when it was killed."""
    build = root / "book" / "_build"
    if (build / "site-begun").exists():
        return "building the site"
    if list(build.glob("executed/*-running.ipynb")):
        return "executing the page"
    if list((root / "runs" / ".partial").glob("*/run/*")):
        return "writing a run"
    if list((root / "runs" / ".partial").glob("*")):
        return "training"
    return "between"


def test_two_processes_on_the_same_sweep_train_no_run_twice(tmp_path, monkeypatch):
    for code in ("eng", "spa"):
        write_corpus(tmp_path / "corpora", small_corpus(code))
    from polyner.runs import perform

    plain = perform.perform

    def told(spec, *arguments):
        with (tmp_path / "trained").open("a") as file:
            file.write(f"{spec.id}\n")
        plain(spec, *arguments)

    monkeypatch.setattr(perform, "perform", told)
    together = FORK.Barrier(2)
    answers = FORK.Queue()

    def child():
        study = Study(settings_of(tmp_path))
        together.wait(60)
        answers.put(findings_of(study, [TABLE_1]).results.to_json())

    children = [FORK.Process(target=child) for _ in range(2)]
    for process in children:
        process.start()
    first, second = (json.loads(answers.get(timeout=120)) for _ in children)
    for process in children:
        process.join()
    assert first == second
    trained = (tmp_path / "trained").read_text().split()
    assert len(trained) == len(set(trained)) == len(RunStore(tmp_path / "runs").list())
