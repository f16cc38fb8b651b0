"""A sweep as Slurm job arrays, through submitit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from polyner.errors import NotAvailable, PolynerError, SettingsError, needed, one_line
from polyner.study.plan import Plan
from polyner.sweep.job import ATTEMPTS, Job, perform


class RunJob:
    """What a job does: one run. Where Slurm stops it before its end, it is queued again and goes on from its epoch."""

    def __call__(self, job: Job) -> dict[str, Any]:
        outcome = perform(job)
        if outcome.status != "done":  # to Slurm, too: what depends on this job must not start
            raise PolynerError(f"{outcome.run} {outcome.status}: {outcome.error}")
        return vars(outcome)

    def checkpoint(self, job: Job) -> Any:
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self, job)


def submit(
    plan: Plan, selection: str, parameters: Mapping[str, Any] | None = None, *, cpus: int = 1, device: str = "auto"
) -> list[dict[str, Any]]:
    """Submit the plan's unfinished runs and return the arrays: job (its id), runs (their ids), after (the job that it
    waits for, None for none), and what it trains, in words.

    Runs that start from nothing are one array; those that start from one polyglot run are an array each, which Slurm
    holds back until that run has succeeded. parameters: of submitit's executor (timeout_min, slurm_partition, mem_gb,
    gpus_per_node, slurm_array_parallelism, …). Logs and submitit's files are in the run store's `.slurm/`.
    Raises NotAvailable without submitit or without Slurm, SettingsError for an unknown parameter.
    """
    executor = _executor(plan, {"timeout_min": 240, "cpus_per_task": cpus, **(parameters or {})})
    jobs: dict[str, Any] = {}
    submitted = []
    arrays: dict[str | None, list[str]] = {}  # by the unfinished run that they wait for
    for planned in plan.to_do:
        arrays.setdefault(plan.waits_for(planned.id), []).append(planned.id)
    for parent, runs in sorted(arrays.items(), key=lambda array: array[0] is not None):
        after = jobs[parent] if parent else None
        # The next submission waits for that job, and goes away where it fails.
        more = {} if after is None else {"dependency": f"afterok:{after.job_id}", "kill_on_invalid_dep": "yes"}
        executor.update_parameters(slurm_additional_parameters=more)
        array = executor.map_array(RunJob(), [Job(selection, run, device, cpus, ATTEMPTS) for run in runs])
        jobs |= dict(zip(runs, array, strict=True))
        what = f"fine-tuning from {parent}" if parent else "monolingual and polyglot runs"
        number = str(array[0].job_id).partition("_")[0]
        submitted.append({"job": number, "runs": runs, "after": after and str(after.job_id), "what": what})
    return submitted


def _executor(plan: Plan, parameters: Mapping[str, Any]) -> Any:
    submitit = needed("submitit", "a sweep on Slurm", "slurm")
    folder = plan.store.folder / ".slurm"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        executor = submitit.AutoExecutor(folder, cluster="slurm")
    except RuntimeError as error:
        raise NotAvailable(f"no Slurm on this machine: {error}") from None
    if "slurm_additional_parameters" in parameters:
        raise SettingsError("slurm_additional_parameters are taken: they hold the dependencies")
    try:
        executor.update_parameters(name="polyner", **parameters)
    except (NameError, ValueError, AssertionError) as error:
        raise SettingsError(f"submitit: {one_line(error)}"[:400]) from None
    return executor
