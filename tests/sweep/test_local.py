"""Sweeping with processes on this machine."""

from __future__ import annotations

import dataclasses
import multiprocessing
import subprocess
import sys
import time

import psutil

from polyner.study.protocol import Study
from polyner.study.selection import Selection
from polyner.sweep.local import places, sweep_here
from polyner.sweep.tracker import Tracker

SWEEP = (
    "import sys; from polyner.sweep.local import sweep_here; from polyner.study.selection import *;"
    "from polyner.sweep.tracker import Tracker; from tests.sweep.test_local import PrintsWorkers;"
    "selection = Selection.from_json(sys.argv[1]);"
    "sweep_here(Tracker(selection.plan(), 1, PrintsWorkers()), sys.argv[1], ['cpu'], threads=1)"
)


class KillsOnce:
    """A reporter that kills a working process, once."""

    def __init__(self):
        self.killed = ""

    def ended(self, tracker, outcome):
        pass

    def tick(self, tracker):
        if not self.killed and tracker.running:
            self.killed = next(iter(tracker.running))
            for process in multiprocessing.active_children():
                process.kill()


def test_a_process_that_dies_is_replaced_and_its_run_tried_again(selection, settings):
    plan = selection.plan()
    killer = KillsOnce()
    tracker = Tracker(plan, 1, killer)
    sweep_here(tracker, selection.as_json(), ["cpu"], threads=1)
    assert killer.killed
    assert {outcome.status for outcome in tracker.outcomes.values()} == {"done"}
    assert selection.plan().to_do == []
    assert not multiprocessing.active_children()
    # What a sweep trains is what a study trains.
    swept = {run.id: run.metrics for run in plan.store.list()}
    alone = Study(dataclasses.replace(settings, runs=settings.runs + "-2"))
    assert alone.run("byte-crf", "fine_tuned", ("spa",), 1).metrics == swept[plan.to_do[-1].id]


def test_the_processes_of_a_killed_sweep_end(selection, tmp_path):
    endless = dataclasses.replace(selection.settings, training={"max_epochs": 100_000, "min_epochs": 100_000})
    wanted = Selection(endless, selection.pages).as_json()
    with subprocess.Popen([sys.executable, "-c", SWEEP, wanted], stdout=subprocess.PIPE, text=True) as sweep:
        (worker,) = map(int, sweep.stdout.readline().split())
        sweep.kill()
    deadline = time.monotonic() + 30
    while _is_running(worker) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _is_running(worker)


def test_a_sweep_that_ends_leaves_python_nothing_to_warn_of(selection):
    wanted = dataclasses.replace(selection, regimes=("monolingual",)).as_json()
    done = subprocess.run([sys.executable, "-c", SWEEP, wanted], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


class PrintsWorkers:
    """A reporter that prints the processes' ids once a run has begun."""

    def ended(self, tracker, outcome):
        pass

    def tick(self, tracker):
        if tracker.running:
            print(*(process.pid for process in multiprocessing.active_children()), flush=True)


def _is_running(process: int) -> bool:
    try:
        return psutil.Process(process).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_processes_by_core_and_by_device():
    assert places(3, (), 4, "cpu") == ["cpu"] * 3
    assert len(places(None, (), 4, "auto")) >= 1
    assert places(None, ("cuda:0", "cuda:1"), 2, "auto") == ["cuda:0", "cuda:1", "cuda:0", "cuda:1"]
