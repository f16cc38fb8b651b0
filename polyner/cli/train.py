"""`polyner train`: one run of the study, found in the run store or trained now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from polyner.cli.options import AsJson, CorporaRoot, Device, Languages, RunsFolder, assignments, language_codes
from polyner.cli.output import examples, print_json, print_lines, print_note
from polyner.cli.runs import mean_f1, print_curve, print_scores
from polyner.corpora.languages import LANGUAGES, languages_of
from polyner.errors import CorpusError, NotAvailable, SettingsError
from polyner.models import MODEL_NAMES
from polyner.study.settings import Settings, profile_path

if TYPE_CHECKING:
    from polyner.runs import Run
    from polyner.study.protocol import Study

EXAMPLES = examples(
    "polyner train --model byte-crf --language spa --corpora FOLDER --seed 1",
    "polyner train --regime polyglot --group conll --corpora FOLDER",
    "polyner train --regime polyglot --language eng,deu --corpora FOLDER",
    "polyner train --regime fine-tuned --language spa --corpora FOLDER --json",
    "polyner train --language swa --profile quick --set training.batch_size=8",
    "polyner train --language swa --set architecture.sentence_hidden_size=512",
)


def train(
    model: Annotated[str, typer.Option("--model", "-m", help=f"One of {', '.join(MODEL_NAMES)}.")] = "byte-crf",
    regime: Annotated[str, typer.Option("--regime", help="monolingual, polyglot or fine-tuned.")] = "monolingual",
    language: Languages = None,
    group: Annotated[
        Literal["conll", "lorelei"] | None, typer.Option("--group", help="Polyglot: the languages of a group.")
    ] = None,
    corpora: CorporaRoot = "sample",
    seed: Annotated[int, typer.Option("--seed", help="Of initialisation, batches and dropout.")] = 1,
    profile: Annotated[
        str | None,
        typer.Option(
            "--profile",
            help="Settings to start from; by default 'paper' (its sizes), and for the sample 'quick'.",
        ),
    ] = None,
    variant: Annotated[
        str,
        typer.Option(
            "--variant", help="language_transitions, more_dropout, weight_decay, or reset_optimizer (fine-tuned)."
        ),
    ] = "",
    assigned: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="training.NAME, architecture.NAME or types, as in a profile; repeatable.",
        ),
    ] = None,
    max_epochs: Annotated[int | None, typer.Option("--max-epochs", help="Short for --set training.max_epochs.")] = None,
    max_train_sentences: Annotated[
        int | None, typer.Option("--max-train-sentences", help="Train on so many, drawn once and for all.")
    ] = None,
    max_eval_sentences: Annotated[
        int | None, typer.Option("--max-eval-sentences", help="The same for dev and for test.")
    ] = None,
    runs: RunsFolder = None,
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Train one tagger and score it on dev and test.

    A run that is in the run store already is not trained again.
    A fine-tuned run starts from the polyglot run of its language's group with
    the same seed, which is trained first where it is not in the store.
    An interrupted run goes on from its last epoch when asked for again.
    """
    regime, variant = regime.replace("-", "_"), variant.replace("-", "_")
    _check_names(model, regime)
    profile = profile or _default_profile(corpora)
    training, architecture, others = _overrides(assigned, max_epochs)
    base = Settings.load(profile)
    codes, to_read = _languages(regime, language_codes(language), group, base)
    settings = Settings.load(
        profile,
        corpora=corpora,
        languages=to_read,
        models=(model,),
        seeds=(seed,),
        max_train_sentences=max_train_sentences,
        max_eval_sentences=max_eval_sentences,
        training={**base.training, model: {**base.training.get(model, {}), **training}},
        architecture={**base.architecture, model: {**base.architecture.get(model, {}), **architecture}},
        device=device,
        runs=runs,
        **others,
    )
    from polyner.study.protocol import Study

    study = Study(settings)
    trained_on = codes or study.polyglot_groups(model).get(group or "", ())
    _check_corpora(study, model, regime, trained_on)
    known = study.store.look_up(study.spec(model, regime, trained_on, seed, variant)) is not None
    run = study.run(model, regime, trained_on, seed, variant)
    if as_json:
        print_json({**_as_json(run), "profile": settings.profile, "corpora": corpora, "found": known})
        return
    print_curve(run)
    print()
    print_scores(run)
    print_lines(
        "",
        f"best epoch {run.metrics['best_epoch']} of {run.metrics['epochs']}, {run.seconds:.0f} s of training"
        + (", found in the run store" if known else ""),
        f"run {run.id}",
        f"in  {run.folder}",
    )


def _check_names(model: str, regime: str) -> None:
    """Raise SettingsError, with the names there are, where one of these is unknown."""
    from polyner.runs.spec import REGIMES

    if model not in MODEL_NAMES:
        raise SettingsError(f"unknown model {model!r}: one of {', '.join(MODEL_NAMES)}")
    if regime not in REGIMES:
        known = ", ".join(name.replace("_", "-") for name in REGIMES)
        raise SettingsError(f"unknown regime {regime.replace('_', '-')!r}: one of {known}")


def _default_profile(corpora: str) -> str:
    """The paper's settings for real corpora; for the sample small ones, where the book with its profiles is at hand."""
    if corpora != "sample":
        return "paper"
    try:
        profile_path("quick")
    except SettingsError:
        return "paper"
    return "quick"


def _overrides(
    assigned: Sequence[str] | None, max_epochs: int | None
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """What --set says of training, of the architecture, and of `types`. Raises SettingsError for anything else."""
    parts: dict[str, dict[str, Any]] = {"training": {}, "architecture": {}, "": {}}
    for name, value in assignments(assigned, "--set").items():
        part, dot, key = name.rpartition(".")
        if part not in parts or (not part and (dot or key != "types")):
            raise SettingsError(f"--set {name}: one of training.NAME, architecture.NAME, types")
        parts[part][key] = value
    if max_epochs is not None:
        parts["training"]["max_epochs"] = max_epochs
    return parts["training"], parts["architecture"], parts[""]


def _languages(
    regime: str, codes: tuple[str, ...] | None, group: str | None, settings: Settings
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The languages to train on (none for those of a group that will be at hand), and the languages to read.

    Raises SettingsError where the options do not fit the regime.
    """
    if regime == "polyglot" and bool(codes) == bool(group):
        raise SettingsError("a polyglot run takes --group, or --language for each of its languages")
    if regime == "polyglot" and codes:
        if len(codes) < 2:
            raise SettingsError("a polyglot run has at least two languages")
        return codes, codes
    if regime != "polyglot" and (codes is None or len(codes) != 1):
        raise SettingsError(f"a {regime.replace('_', '-')} run takes one --language")
    if regime == "monolingual":
        if group:
            raise SettingsError("--group is for polyglot runs")
        return codes, codes
    own = LANGUAGES[codes[0]].group if codes else group
    parent = "lorelei" if own == "heldout" else own  # §4.2
    if group not in (None, own):
        raise SettingsError(f"{codes[0]} belongs to the group {own}, not {group}")
    to_read = tuple(code for code in languages_of(parent) if code in (settings.languages or LANGUAGES))
    if own == "heldout":
        to_read = (*to_read, codes[0])
    if codes and codes[0] not in to_read:
        raise SettingsError(f"the languages of profile {settings.profile!r} leave out {codes[0]}")
    return codes or (), to_read


def _check_corpora(study: Study, model: str, regime: str, trained_on: Sequence[str]) -> None:
    """Raise where the corpora lack what the run needs, or the model cannot learn them; say what a group lacks."""
    root = study.settings.corpora
    if missing := [code for code in trained_on if code not in study.corpora]:
        raise CorpusError(f"{root}: no corpus of {', '.join(missing)}")
    unable = [code for code in trained_on if code not in study.learns(model)]
    if model in study.not_run:
        raise NotAvailable(f"{model}: {study.not_run[model]}")
    if unable:
        raise SettingsError(f"{model} cannot learn {unable[0]}: {study.left_out[model, unable[0]]}")
    if regime == "monolingual":
        return
    wanted = study.settings.languages or ()
    polyglot = trained_on
    if regime == "fine_tuned":
        at_hand = [code for code in wanted if code in study.learns(model) and LANGUAGES[code].group != "heldout"]
        polyglot = at_hand if len(at_hand) < 2 else study.polyglot_languages(model, trained_on[0])
    if len(polyglot) < 2:
        raise CorpusError(f"{root}: fewer than two languages of {', '.join(wanted)}, so no polyglot run")
    if study.missing:
        print_note(f"not at hand, so left out of the polyglot run: {', '.join(study.missing)}")


def _as_json(run: Run) -> dict[str, Any]:
    return {
        "run": run.id,
        "folder": str(run.folder),
        "model": run.spec["model"],
        "regime": run.spec["regime"],
        "parent": run.spec["parent"],
        "languages": run.spec["languages"],
        "seed": run.spec["seed"],
        "dev_f1": mean_f1(run, "dev"),
        "test_f1": mean_f1(run, "test"),
        "best_epoch": run.metrics["best_epoch"],
        "epochs": run.metrics["epochs"],
        "seconds": run.seconds,
        "scores": run.metrics["languages"],
        "history": run.history,
    }
