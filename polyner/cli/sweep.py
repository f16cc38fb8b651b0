"""`polyner sweep`: train everything that pages need, on this machine or on a cluster."""

from __future__ import annotations

import contextlib
import dataclasses
import re
from collections import Counter
from typing import Annotated, Any

import typer

from polyner.cli.options import (
    AsJson,
    Device,
    Groups,
    Languages,
    Profile,
    RunsFolder,
    StudyCorpora,
    assignments,
    given_settings,
)
from polyner.cli.output import examples, print_json, print_lines, print_note, print_records
from polyner.errors import SettingsError, StoreError
from polyner.study.plan import Plan

EXAMPLES = examples(
    "polyner sweep --dry-run",
    "polyner sweep --profile quick --jobs 2",
    "polyner sweep --profile laptop --corpora FOLDER --page 02-baselines --page 03-fine-tuning",
    "polyner sweep --profile conll-800 --corpora FOLDER --recorded conll-800",
    "polyner sweep --profile paper --corpora FOLDER --models byte-crf --seeds 1,2,3 --regimes monolingual",
    "polyner sweep --profile paper --corpora FOLDER --devices cuda:0,cuda:1 --runs-per-device 4",
    "polyner sweep --profile paper --corpora FOLDER --runs SHARED --ray HOST:6379 --gpus-per-run 0.125",
    "polyner sweep --profile paper --corpora FOLDER --runs SHARED --slurm --slurm-set timeout_min=240",
)


def sweep(
    profile: Profile = "quick",
    corpora: StudyCorpora = None,
    models: Annotated[
        str | None, typer.Option(metavar="NAMES", help="As the pages' parameter: byte-crf,charner.")
    ] = None,
    regimes: Annotated[
        str | None, typer.Option(metavar="NAMES", help="Only these (and what they start from): monolingual,polyglot.")
    ] = None,
    language: Languages = None,
    groups: Groups = None,
    seeds: Annotated[str | None, typer.Option(metavar="NUMBERS", help="As the pages' parameter: 1,2.")] = None,
    page: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Exactly the runs of this page; repeatable. All by default."),
    ] = None,
    recorded: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only what is recorded under this name in book/results.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be trained, and how long it takes.")
    ] = False,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes on this machine; by default one a core.")] = None,
    devices: Annotated[str | None, typer.Option(metavar="NAMES", help="GPUs of this machine: cuda:0,cuda:1.")] = None,
    runs_per_device: Annotated[int, typer.Option(min=1, help="Processes that share one of --devices.")] = 4,
    threads: Annotated[
        int | None, typer.Option(min=1, help="Of each process; by default its share of the cores.")
    ] = None,
    ray: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="As tasks of a Ray cluster; auto: that of $RAY_ADDRESS; local: one here."),
    ] = None,
    gpus_per_run: Annotated[float, typer.Option(min=0, help="With --ray: 0.125 lets eight runs share a card.")] = 0.0,
    cpus_per_run: Annotated[float, typer.Option(min=0, help="With --ray and --slurm: cores of a run.")] = 1.0,
    slurm: Annotated[bool, typer.Option("--slurm", help="As Slurm job arrays, then return.")] = False,
    slurm_set: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="As submitit has them: timeout_min, slurm_partition, …"),
    ] = None,
    runs: RunsFolder = None,
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Train all runs that the pages need and that are not in the run store.

    Runs that start from another wait for it. A run that fails is tried once
    more; the others go on, and its log is named at the end. Stopped and asked
    for again, a sweep goes on where it was. --models, --languages and --seeds
    mean what they mean to a page: a polyglot model has the languages given.
    With --ray and --slurm, --corpora and --runs must be folders that every
    machine has under the same path.
    """
    if sum([jobs is not None, devices is not None, ray is not None, slurm]) > 1:
        raise SettingsError("--jobs, --devices, --ray and --slurm exclude one another")
    from polyner.study.selection import Selection
    from polyner.sweep.local import places, sweep_here

    given = {"corpora": corpora, "models": _names(models), "device": device, "runs": runs}
    given["seeds"] = None if seeds is None else [int(n) if n.isdecimal() else n for n in _names(seeds)]
    settings = given_settings(profile, language, groups, **given)
    wanted = tuple(name.replace("-", "_") for name in _names(regimes) or ())
    # A page may be given as its file.
    pages = tuple(re.sub(r"\.(py|ipynb)$", "", name).rpartition("/")[2] for name in page or ())
    selection = Selection(settings, pages, wanted, _recorded(recorded) if recorded else None)
    plan = selection.plan()
    where = places(jobs, _names(devices) or (), runs_per_device, settings.device)
    if dry_run:
        _show_plan(plan, len(where), as_json)
        return
    _note_gaps(plan)
    told = selection.as_json()
    if slurm:
        _submit(plan, told, assignments(slurm_set, "--slurm-set"), max(int(cpus_per_run), 1), settings.device, as_json)
        return
    from rich.console import Console

    from polyner.sweep.display import SweepDisplay, report
    from polyner.sweep.tracker import Tracker

    console = Console(stderr=as_json)
    with SweepDisplay(console) as display:
        if ray is None:
            tracker = sweep_here(Tracker(plan, len(where), display), told, where, threads)
        else:
            from polyner.sweep.on_ray import sweep_on_ray

            each = {"cpus": cpus_per_run, "gpus": gpus_per_run, "device": settings.device}
            tracker = sweep_on_ray(plan, told, display, ray, **each)
    report(tracker, console)
    if as_json:
        print_json([dataclasses.asdict(outcome) for outcome in tracker.outcomes.values()])
    if len(tracker.with_status("done")) < len(tracker.outcomes):
        raise typer.Exit(1)


def _recorded(name: str) -> tuple[str, ...]:
    from polyner.findings.files import recorded
    from polyner.study.plan import run_key

    return tuple(
        run_key(each["run"], each["spec"].get("parent"), each["asks"][0]["variant"], sum(each["sentences"].values()))
        for each in recorded(name).runs
    )


def _submit(plan: Plan, told: str, parameters: dict[str, Any], cpus: int, device: str, as_json: bool) -> None:
    from polyner.sweep.on_slurm import submit

    submitted = submit(plan, told, parameters, cpus=cpus, device=device)
    if as_json:
        print_json(submitted)
        return
    rows = [{**array, "runs": len(array["runs"])} for array in submitted]
    print_records(rows, {name: name for name in ("job", "runs", "after", "what")})
    hint = "polyner sweep --dry-run with the same options shows what is done"
    print_lines("", f"{len(plan.to_do)} runs submitted; {hint}")


def _show_plan(plan: Plan, processes: int, as_json: bool) -> None:
    """The table of --dry-run."""
    from polyner.sweep.display import duration
    from polyner.sweep.tracker import Tracker

    tracker = Tracker(plan, processes)
    rows = [_row(plan, name, tracker.seconds.get(name)) for name in plan.runs]
    if as_json:
        print_json(rows)
        return
    columns = ["state", "model", "regime", "variant", "languages", "seed", "sentences", "seconds", "pages", "waits for"]
    print_records(rows, {name.replace(" ", "_"): name for name in columns})
    states = Counter(row["state"] for row in rows)
    left = tracker.remaining()
    told = f"{states['done']} done, {states['to do']} to do, {states['waiting']} waiting for one of these"
    time = "time not known: none like it ran" if left is None else f"about {duration(left)} with {processes} at a time"
    print_lines("", f"{told}; {time}")
    _note_gaps(plan)


def _row(plan: Plan, name: str, seconds: float | None) -> dict[str, Any]:
    """`seconds`: the expected time of an unfinished run."""
    planned = plan.runs[name]
    waits_for = plan.waits_for(name)
    if planned.finished:
        with contextlib.suppress(StoreError, KeyError, AttributeError):
            seconds = plan.store.look_up(planned.spec).seconds
    return {
        "run": name,
        "state": "done" if planned.finished else "waiting" if waits_for else "to do",
        "model": planned.spec.model,
        "regime": planned.spec.regime,
        "variant": planned.variant,
        "languages": "+".join(planned.spec.languages),
        "seed": planned.spec.seed,
        "sentences": planned.training_sentences,
        "seconds": None if seconds is None else round(seconds),
        "pages": " ".join(page.partition("-")[0] for page in planned.pages),
        "waits_for": waits_for,
    }


def _note_gaps(plan: Plan) -> None:
    for code, reason in plan.unused.items():
        print_note(f"{code} is there and not used: {reason}")
    if plan.missing:
        print_note(f"not at hand: {', '.join(plan.missing)}")
    for model, reason in plan.not_run.items():
        print_note(f"{model} is not run: {reason}")
    for (model, code), reason in plan.left_out.items():
        print_note(f"{model} is not run on {code}: {reason}")


def _names(text: str | None) -> tuple[str, ...] | None:
    return tuple(name for name in re.split(r"[,\s]+", text.strip()) if name) if text is not None else None
