"""A sweep as tasks of a Ray cluster: one machine or many, runs that share a GPU, nodes that may go away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from polyner.errors import PolynerError, needed, one_line
from polyner.study.plan import Plan
from polyner.sweep.display import SweepDisplay
from polyner.sweep.job import ATTEMPTS, POLL_SECONDS, Job, Outcome, log_path, perform
from polyner.sweep.tracker import Tracker, by_urgency

# How often Ray starts a task again whose process or node was lost. A run that fails by itself is tried twice in it.
LOST = 3


def sweep_on_ray(
    plan: Plan,
    selection: str,
    reporter: SweepDisplay | None = None,
    address: str | None = None,
    *,
    cpus: float = 1.0,
    gpus: float = 0.0,
    device: str = "auto",
) -> Tracker:
    """Perform the plan's unfinished runs on a Ray cluster, and return what became of them.

    address: of the cluster; None for that of `$RAY_ADDRESS`, else one is started on this machine. The run store and the
    corpora must be folders that all of its machines share. cpus, gpus: what a run takes of a machine; with 0.125 GPUs,
    eight runs share a card. A fine-tuned run gets the outcome of its polyglot run by object reference, so it starts as
    soon as that is there. Runs of lost nodes are started again on others, from their last epoch.
    Raises NotAvailable where Ray is not installed, PolynerError where the cluster cannot be reached or has no machine
    with so many CPUs and GPUs.
    """
    with _connection(address) as ray:
        tracker = Tracker(plan, _slots(ray.cluster_resources(), cpus, gpus), reporter)
        task = ray.remote(num_cpus=cpus, num_gpus=gpus, max_retries=LOST)(perform)
        # Ray sets what each task sees as its only GPU.
        where = "cuda" if gpus else "cpu" if device == "auto" else device
        refs: dict[str, Any] = {}
        # The most urgent first, which puts every run behind the one that it starts from.
        urgency = by_urgency(plan, tracker.seconds)
        for run in sorted(urgency, key=lambda run: -urgency[run]):
            job = Job(selection, run, where, max(1, int(cpus)), ATTEMPTS)
            refs[run] = task.remote(job, refs.get(plan.waits_for(run)))
        _follow(ray, tracker, {ref: run for run, ref in refs.items()})
    return tracker


def _follow(ray: Any, tracker: Tracker, pending: dict[Any, str]) -> None:
    """Report what goes on until every task has ended."""
    while pending:
        ended, _ = ray.wait(list(pending), num_returns=1, timeout=POLL_SECONDS)
        for ref in ended:
            run = pending.pop(ref)
            try:
                outcome = ray.get(ref)
            except ray.exceptions.RayError as error:
                outcome = Outcome(run, "failed", error=f"{type(error).__name__}: {one_line(error)}"[:300])
            if run not in tracker.outcomes:  # what waited for a failed run is known to be skipped
                tracker.ended(outcome)
        for run in [run for run in pending.values() if run not in tracker.running and run not in tracker.outcomes]:
            with suppress(OSError):  # which node has it is Ray's business: that its log was written to is enough
                if log_path(tracker.plan.store, run).stat().st_mtime >= tracker.began - 1:
                    tracker.started(run)
        tracker.tick()


def _slots(resources: Mapping[str, float], cpus: float, gpus: float) -> int:
    """How many runs the cluster takes at once."""
    able = [resources.get(name, 0.0) / share for name, share in (("CPU", cpus), ("GPU", gpus)) if share]
    slots = int(min(able, default=1) + 1e-9)
    if slots < 1:
        has = f"{resources.get('CPU', 0):g} CPUs and {resources.get('GPU', 0):g} GPUs"
        raise PolynerError(f"the Ray cluster has {has}, too few for a run of {cpus:g} CPUs and {gpus:g} GPUs")
    return slots


@contextmanager
def _connection(address: str | None) -> Iterator[Any]:
    """Ray, connected; where it was connected before, it stays so afterwards."""
    ray = needed("ray", "a sweep on a Ray cluster", "ray")
    already = ray.is_initialized()
    if not already:
        try:
            ray.init(address=address, logging_level="ERROR", log_to_driver=False)
        except (ConnectionError, ValueError, RuntimeError) as error:
            raise PolynerError(f"no Ray cluster at {address or 'this machine'}: {one_line(error)}") from None
    try:
        yield ray
    finally:
        if not already:
            ray.shutdown()
