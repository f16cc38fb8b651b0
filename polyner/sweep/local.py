"""Processes on this machine, each with its own share of threads and, where there are several, its own GPU."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Sequence
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from polyner.runs.devices import device_class
from polyner.sweep.job import ATTEMPTS, POLL_SECONDS, Job, Outcome, log_path, perform
from polyner.sweep.tracker import Tracker


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def places(jobs: int | None, devices: Sequence[str], runs_per_device: int, device: str) -> list[str]:
    """A device for each process: those of `devices`, each so many times; else `device` for each of `jobs` processes.

    Where neither is said, all GPUs are used if there are some and `device` does not say otherwise; else there is a
    process for each core: for the LSTMs here, two processes of one thread do more than one of two threads.
    """
    if not devices and jobs is None and device in ("auto", "cuda") and device_class(device) == "cuda":
        import torch

        devices = [f"cuda:{number}" for number in range(torch.cuda.device_count())]
        runs_per_device = max(1, min(runs_per_device, cores() // max(len(devices), 1)))
    if devices:
        return [name for _ in range(runs_per_device) for name in devices]
    return [device] * (jobs or cores())


def sweep_here(tracker: Tracker, selection: str, devices: Sequence[str], threads: int | None = None) -> Tracker:
    """Perform the plan's unfinished runs, one process for each of `devices`, until none is left.

    `threads` is each process's number of PyTorch threads (default: an equal share of the cores). A run that fails, or
    whose process dies, is tried a second time; the others go on.
    """
    share = threads or max(1, cores() // max(len(devices), 1))
    tried: dict[str, int] = {}
    pool = [_Worker(device) for device in devices]
    try:
        while not tracker.finished:
            ready = tracker.ready()
            for worker in pool:
                if worker.job is None and ready:
                    job = Job(selection, ready.pop(0), worker.device, share)
                    tried[job.run] = tried.get(job.run, 0) + 1
                    worker.give(job, log_path(tracker.plan.store, job.run))
                    tracker.started(job.run)
            busy = {worker.connection: worker for worker in pool if worker.job is not None}
            for connection in wait(list(busy), POLL_SECONDS):
                outcome = busy[connection].answer()
                if outcome.status == "failed" and tried[outcome.run] < ATTEMPTS:
                    del tracker.running[outcome.run]
                else:
                    tracker.ended(outcome)
            tracker.tick()
    finally:
        for worker in pool:
            if worker.process is not None:
                if worker.job is None:
                    worker.connection.close()  # it ends by itself, and Python says nothing of locks that it left
                else:
                    worker.process.terminate()
                worker.process.join()
    return tracker


class _Worker:
    """A process that performs one job after the other. It is started at its first job."""

    def __init__(self, device: str) -> None:
        self.device = device
        self.job: Job | None = None
        self.process: Any = None

    def give(self, job: Job, log: Path) -> None:
        if self.process is None or not self.process.is_alive():
            context = multiprocessing.get_context("spawn")  # PyTorch and its threads do not survive a fork
            self.connection, theirs = context.Pipe()
            self.process = context.Process(target=_work, args=(theirs,), daemon=True)
            self.process.start()
            theirs.close()
        self.job = job
        log.parent.mkdir(parents=True, exist_ok=True)
        self.connection.send((job, log))

    def answer(self) -> Outcome:
        """The outcome of its job; that of a process that died is a failure."""
        job, self.job = self.job, None
        try:
            return self.connection.recv()
        except (EOFError, OSError):
            self.process.join()
            code = self.process.exitcode
            reason = signal.Signals(-code).name if code is not None and code < 0 else f"exit code {code}"
            return Outcome(job.run, "failed", error=f"its process ended ({reason})")


def _work(connection: Connection) -> None:
    """A worker process: jobs in, outcomes out. What it and its libraries print goes to the job's log."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who started the sweep
    threading.Thread(target=_end_with_parent, daemon=True).start()
    while True:
        try:
            job, log = connection.recv()
        except EOFError:
            return
        file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        for number, stream in ((1, sys.stdout), (2, sys.stderr)):
            stream.flush()
            os.dup2(file, number)
        os.close(file)
        connection.send(perform(job))


def _end_with_parent() -> None:
    """End this process when the sweep that started it is gone, even where it was killed and could stop nothing."""
    multiprocessing.parent_process().join()
    os._exit(1)
