"""One run of a sweep, wherever it is performed."""

from __future__ import annotations

import os
import socket
import time
import traceback
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import lru_cache
from pathlib import Path

from polyner.errors import one_line
from polyner.runs import RunStore
from polyner.study.plan import Plan, in_plan
from polyner.study.selection import Selection

ATTEMPTS = 2  # how often a run is tried before it counts as failed
POLL_SECONDS = 0.5  # how long who waits for runs waits until it looks at what goes on


@dataclass(frozen=True)
class Job:
    """A run to perform: `selection` (as JSON) says what was planned, `run` which of its runs this is.

    device: as `Settings.device`; threads: of PyTorch. attempts: how often it is tried before it counts as failed.
    """

    selection: str
    run: str
    device: str = "auto"
    threads: int = 1
    attempts: int = 1


@dataclass(frozen=True)
class Outcome:
    """What became of a job. status: "done", "failed", or "skipped" where the run it starts from failed.

    error: the last line of the traceback; peak_gpu_bytes: the most memory that PyTorch took on the GPU, 0 without.
    """

    run: str
    status: str
    seconds: float = 0.0
    error: str = ""
    peak_gpu_bytes: int = 0


def log_path(store: RunStore, run: str) -> Path:
    """Where a job writes what happens: beside the runs, so that every machine of a sweep can be looked at from one."""
    return store.folder / ".logs" / f"{run}.log"


def perform(job: Job, parent: Outcome | None = None) -> Outcome:
    """Find or train the run. Never raises: a run that fails is an outcome, and its traceback is in its log.

    `parent` is the outcome of the run that this one starts from; where that failed, this one is not tried.
    """
    began = time.perf_counter()
    if parent is not None and parent.status != "done":
        return Outcome(job.run, "skipped", error=f"{parent.run} {parent.status}")
    for attempt in range(1, job.attempts + 1):
        error, peak = _attempt(job, attempt)
        if not error:
            break
    status = "failed" if error else "done"
    return Outcome(job.run, status, time.perf_counter() - began, error, peak)


def _attempt(job: Job, attempt: int) -> tuple[str, int]:
    """Try once: the error, empty where there is none, and the peak of GPU memory."""
    try:
        path = log_path(RunStore(Selection.from_json(job.selection).settings.runs), job.run)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8", buffering=1) as log, redirect_stdout(log), redirect_stderr(log):
            now = datetime.now(timezone.utc).isoformat(timespec="seconds")
            print(f"{now} {socket.gethostname()} process {os.getpid()} device {job.device} attempt {attempt}")
            try:
                return "", _train(job)
            except Exception:
                traceback.print_exc()
                raise
    except Exception as error:
        return f"{type(error).__name__}: {one_line(error)}"[:300], 0


def _train(job: Job) -> int:
    os.environ["OMP_NUM_THREADS"] = str(job.threads)
    os.environ["POLYNER_PROGRESS"] = "off"
    import torch

    torch.set_num_threads(job.threads)
    plan = _plan(job.selection)
    planned = in_plan(plan, job.run)
    plan.store.get(planned.spec, planned.corpora, device=job.device)
    return torch.cuda.max_memory_allocated() if torch.cuda.is_available() else 0


@lru_cache(maxsize=2)
def _plan(selection: str) -> Plan:
    """The plan, made once a process: it takes longer than many a run."""
    return Selection.from_json(selection).plan()
