"""`polyner runs`: what is in the run store."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from statistics import StatisticsError, fmean
from typing import Annotated, Any

import typer

from polyner.cli.options import AsJson, Languages, RunsFolder, language_codes, regime_named
from polyner.cli.output import examples, print_json, print_lines, print_records, print_table
from polyner.errors import SettingsError, StoreError
from polyner.models import MODEL_NAMES
from polyner.runs import Run, RunStore
from polyner.runs.spec import REGIMES
from polyner.validation import check_names

app = typer.Typer(no_args_is_help=True, help="List, show and remove trained runs.")
RunArgument = Annotated[str, typer.Argument(metavar="RUN", help="A run's id, or its beginning or end.")]


@app.command(
    "list", epilog=examples("polyner runs list", "polyner runs list -m byte-crf -l eng", "polyner runs list --json")
)
def list_runs(
    model: Annotated[str | None, typer.Option("--model", "-m", help="Only runs of this model.")] = None,
    regime: Annotated[str | None, typer.Option(help="monolingual, polyglot or fine-tuned.")] = None,
    language: Languages = None,
    runs: RunsFolder = None,
    as_json: AsJson = False,
) -> None:
    """List the finished runs with their scores, means over the languages they were trained on.

    Of runs with the same name but for the code at its end, the last column
    says what differs in what they were made from: settings, the parent run,
    the fingerprint of a corpus (where sentences were capped), or the code.
    """
    store = RunStore(runs)
    found = _chosen(store.list(), model, regime, language_codes(language))
    differing = _differing(found)
    rows = [{**summary(run), "differs": differing.get(run.id, "")} for run in found]
    if as_json:
        print_json(rows)
    elif not rows:
        print_lines(f"no {'such ' if model or regime or language else ''}runs in {store.folder}")
    else:
        rows = [row | {"finished": row["problem"] or row["finished"][:16].replace("T", " ")} for row in rows]
        columns = {"run": "run", "dev_f1": "dev F1", "test_f1": "test F1", "epochs": "epochs", "seconds": "seconds"}
        print_records(rows, columns | {"finished": "finished", "differs": "differs in"})


@app.command("show", epilog=examples("polyner runs show byte-crf-monolingual-spa", "polyner runs show RUN --json"))
def show_run(run: RunArgument, runs: RunsFolder = None, as_json: AsJson = False) -> None:
    """Show one run: what it was trained from, its curve by epoch, its scores by language and type."""
    found = RunStore(runs).find(run)
    # All of it is read before anything is printed.
    parts = {name: getattr(found, name) for name in ("spec", "metrics", "history", "environment")}
    if as_json:
        print_json({"run": found.id, "folder": str(found.folder), **parts})
        return
    print_lines(found.id, str(found.folder), "")
    print_table(["setting", "value"], [*_settings(found.spec), *_settings(found.environment)])
    print()
    print_curve(found)
    print()
    print_scores(found.metrics["languages"], by_type=True)


@app.command("remove", epilog=examples("polyner runs remove RUN", "polyner runs remove RUN RUN --yes"))
def remove_runs(
    chosen: Annotated[list[str], typer.Argument(metavar="RUN…", help="Ids of runs, or their beginnings or ends.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    runs: RunsFolder = None,
) -> None:
    """Delete runs from the store, after asking."""
    store = RunStore(runs)
    found = {run.id: run for run in map(store.find, chosen)}
    if not yes:
        if not sys.stdin.isatty():
            raise SettingsError("there is nobody to ask whether to remove these runs: say --yes")
        print_lines(*found)
        typer.confirm("Remove?" if len(found) == 1 else f"Remove these {len(found)} runs?", abort=True)
    for run in found.values():
        store.remove(run)
        print_lines(f"removed {run.id}")


def print_scores(languages: Mapping[str, Mapping[str, Any]], *, by_type: bool = False) -> None:
    """Scores by language and split, with `by_type` for every entity type too."""
    rows = []
    for language, splits in languages.items():
        for split, scores in splits.items():
            rows.append({"language": language, "split": split, "type": "all", **scores})
            for entity_type, of_type in scores["by_type"].items() if by_type else ():
                rows.append({"language": "", "split": "", "type": entity_type, **of_type})
    columns = {"language": "language", "split": "split"} | ({"type": "type"} if by_type else {})
    print_records(rows, columns | {"precision": "precision", "recall": "recall", "f1": "F1"})


def print_curve(run: Run) -> None:
    """A run's history, an epoch a row."""
    print_records(run.history, {"epoch": "epoch", "loss": "loss", "dev_f1": "dev F1", "seconds": "seconds"})


def _chosen(runs: Sequence[Run], model: str | None, regime: str | None, codes: Sequence[str] | None) -> Sequence[Run]:
    """The runs of a model, a regime and all of these languages; where something is asked for, no damaged ones.

    Raises SettingsError for an unknown model or regime.
    """
    if model is not None:
        check_names([model], MODEL_NAMES, what="model")
    wanted = regime_named(regime, REGIMES) if regime else None
    if model is None and regime is None and codes is None:
        return runs
    of_model = [(run, spec) for run, spec in _readable(runs) if model in (None, spec["model"])]
    named = [(run, spec) for run, spec in of_model if wanted in (None, spec["regime"])]
    return [run for run, spec in named if set(codes or ()) <= set(spec["languages"])]


def _differing(runs: Sequence[Run]) -> dict[str, str]:
    """By id, what of a run's specification differs among the runs of the same name, less the hash at its end."""
    named: dict[str, dict[str, dict[str, str]]] = {}
    for run, spec in _readable(runs):
        named.setdefault(run.id.rpartition("-")[0], {})[run.id] = dict(_settings(spec))
    texts = {}
    for alike in named.values():
        keys = dict.fromkeys(key for settings in alike.values() for key in settings)
        differing = [key for key in keys if len({settings.get(key) for settings in alike.values()}) > 1]
        for identifier, settings in alike.items():
            parts = (f"{key.removeprefix('config.')}={_short(key, settings.get(key, 'default'))}" for key in differing)
            texts[identifier] = " ".join(parts)
    return texts


def _short(key: str, value: str) -> str:
    """A hash cut to what tells it apart, other values as they are."""
    if key == "parent":
        return value.rpartition("-")[2]
    return value[:8] if key.startswith("corpora.") else value


def _readable(runs: Sequence[Run]) -> Iterator[tuple[Run, dict[str, Any]]]:
    """The runs with their specifications, but for those where it cannot be read."""
    for run in runs:
        with contextlib.suppress(StoreError):
            if run.spec:
                yield run, run.spec


def summary(run: Run) -> dict[str, Any]:
    """A run in one row; a run that cannot be read says so there and does not hide the others."""
    row: dict[str, Any] = dict.fromkeys(("dev_f1", "test_f1", "epochs", "seconds", "finished", "problem"))
    row = {"run": run.id, "folder": str(run.folder), **row}
    try:
        for split in ("dev", "test"):
            row[f"{split}_f1"] = fmean(splits[split]["f1"] for splits in run.metrics["languages"].values())
        row["epochs"] = run.metrics["epochs"]
        row["seconds"], row["finished"] = run.seconds, run.environment["finished"]
    except (StoreError, KeyError, TypeError, AttributeError, StatisticsError) as error:
        row["problem"] = str(error) if isinstance(error, StoreError) else "metrics.json or environment.json is damaged"
    return row


def _settings(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Names and values, those of a mapping as `training.batch_size`."""
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _settings(value, f"{prefix}{name}.")
        else:
            yield prefix + name, " ".join(map(str, value)) if isinstance(value, list) else str(value)
