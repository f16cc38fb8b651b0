"""`polyner train`: one run of the study, found in the run store or trained now."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from polyner.cli.options import (
    AsJson,
    Device,
    Groups,
    Languages,
    RunsFolder,
    assignments,
    given_settings,
    language_codes,
    regime_named,
)
from polyner.cli.output import examples, print_json, print_lines, print_note
from polyner.cli.runs import print_curve, print_scores, summary
from polyner.errors import CorpusError, NotAvailable, SettingsError
from polyner.models import MODEL_NAMES
from polyner.runs.spec import REGIMES
from polyner.study.groups import group_of
from polyner.study.protocol import Study
from polyner.study.settings import Settings, profile_path
from polyner.validation import check_names

EXAMPLES = examples(
    "polyner train --model byte-crf --language spa --corpora FOLDER --seed 1",
    "polyner train --regime polyglot --group conll --corpora FOLDER",
    "polyner train --regime polyglot --language eng,deu --corpora FOLDER",
    "polyner train --regime fine-tuned --language fra --groups 'romance: [fra, ita, por]' --corpora FOLDER",
    "polyner train --regime fine-tuned --language spa --corpora FOLDER --json",
    "polyner train --language swa --profile quick --set training.batch_size=8",
    "polyner train --language swa --set architecture.sentence_hidden_size=512",
)


def train(
    model: Annotated[str, typer.Option("--model", "-m", help=f"One of {', '.join(MODEL_NAMES)}.")] = "byte-crf",
    regime: Annotated[str, typer.Option(help="monolingual, polyglot or fine-tuned.")] = "monolingual",
    language: Languages = None,
    group: Annotated[
        str | None, typer.Option(help="Polyglot: the languages of a group. Fine-tuned: of several, the language's.")
    ] = None,
    groups: Groups = None,
    corpora: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="By default what the profile says, or the sample.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of initialisation, batches and dropout.")] = 1,
    profile: Annotated[
        str | None,
        typer.Option(help="Settings to start from; by default 'paper' (its sizes), and for the sample 'quick'."),
    ] = None,
    variant: Annotated[
        str,
        typer.Option(
            help="language_transitions, more_dropout, weight_decay; monolingual: more_updates; polyglot: pcgrad, mgda; "
            "fine-tuned: reset_optimizer, l2sp, ewc; or one of the profile's."
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
    max_epochs: Annotated[int | None, typer.Option(help="Short for --set training.max_epochs.")] = None,
    max_train_sentences: Annotated[int | None, typer.Option(help="Train on so many, drawn once and for all.")] = None,
    max_eval_sentences: Annotated[int | None, typer.Option(help="The same for dev and for test.")] = None,
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
    check_names([model], MODEL_NAMES, what="model")
    regime = regime_named(regime, REGIMES)
    profile = profile or _default_profile(corpora)
    given = {"corpora": corpora, "models": (model,), "seeds": (seed,), "device": device, "runs": runs}
    caps = {"max_train_sentences": max_train_sentences, "max_eval_sentences": max_eval_sentences}
    settings = given_settings(profile, None, groups, **given, **caps, **_overrides(model, assigned, max_epochs))
    variant = variant if variant in settings.variants else variant.replace("-", "_")
    codes, to_read = _languages(regime, language_codes(language), group, settings)
    study = Study(dataclasses.replace(settings, languages=to_read))
    trained_on = codes or study.groups(model).get(group or "", ())
    _check_corpora(study, model, regime, trained_on)
    own = group if regime == "fine_tuned" else None
    known = study.store.look_up(study.spec(model, regime, trained_on, seed, variant, own)) is not None
    run = study.run(model, regime, trained_on, seed, variant, group=own)
    if as_json:
        asked = {name: run.spec.get(name) for name in ("model", "regime", "parent", "languages", "seed")}
        found = {"best_epoch": run.metrics["best_epoch"], "scores": run.metrics["languages"], "history": run.history}
        of_settings = {"profile": settings.profile, "corpora": settings.corpora}
        print_json({**summary(run), **asked, **found, **of_settings, "found": known})
        return
    print_curve(run)
    print()
    print_scores(run.metrics["languages"])
    print_lines(
        "",
        f"best epoch {run.metrics['best_epoch']} of {run.metrics['epochs']}, {run.seconds:.0f} s of training"
        + (", found in the run store" if known else ""),
        f"run {run.id}",
        f"in  {run.folder}",
    )


def _default_profile(corpora: str | None) -> str:
    """The paper's settings for real corpora; for the sample small ones, where the book with its profiles is at hand."""
    if corpora in (None, "sample"):
        with contextlib.suppress(SettingsError):
            profile_path("quick")
            return "quick"
    return "paper"


def _overrides(model: str, assigned: Sequence[str] | None, max_epochs: int | None) -> dict[str, Any]:
    """What --set says of a model's training and architecture, and of `types`. Raises SettingsError for all else."""
    given: dict[str, Any] = {"training": {model: {}}, "architecture": {model: {}}}
    for name, value in assignments(assigned, "--set").items():
        part, _, key = name.rpartition(".")
        if name == "types":
            given[name] = value
        elif part in ("training", "architecture"):
            given[part][model][key] = value
        else:
            raise SettingsError(f"--set {name}: one of training.NAME, architecture.NAME, types")
    if max_epochs is not None:
        given["training"][model]["max_epochs"] = max_epochs
    return given


def _languages(
    regime: str, codes: tuple[str, ...] | None, group: str | None, settings: Settings
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The languages to train on (none for those of a group that will be at hand), and the languages to read.

    Raises SettingsError where the options do not fit the regime.
    """
    groups = settings.grouped
    if group is not None:
        check_names([group], groups, what="group")
    if regime == "polyglot":
        if bool(codes) == bool(group):
            raise SettingsError("a polyglot run takes --group, or --language for each of its languages")
        if codes and len(codes) < 2:
            raise SettingsError("a polyglot run has at least two languages")
        if group and groups[group].novel_of:
            raise SettingsError(f"{group} is a group of novel languages: no polyglot run is trained on them")
        return codes or (), codes or _of_profile(groups[group].languages, settings)
    if codes is None or len(codes) != 1:
        raise SettingsError(f"a {regime.replace('_', '-')} run takes one --language")
    if regime == "monolingual":
        if group:
            raise SettingsError("--group is for polyglot and fine-tuned runs")
        return codes, codes
    own = group_of(groups, codes[0], group)
    to_read = _of_profile(own.met_by(codes[0], groups[own.novel_of or own.name].languages), settings)
    if own.novel_of:
        return codes, (*to_read, codes[0])
    if codes[0] not in to_read:
        raise SettingsError(f"the languages of profile {settings.profile!r} leave out {codes[0]}")
    return codes, to_read


def _of_profile(codes: Sequence[str], settings: Settings) -> tuple[str, ...]:
    return tuple(code for code in codes if settings.languages is None or code in settings.languages)


def _check_corpora(study: Study, model: str, regime: str, trained_on: Sequence[str]) -> None:
    """Raise where the corpora lack what the run needs, or the model cannot learn them; say what a group lacks."""
    if missing := [code for code in trained_on if code not in study.corpora]:
        raise CorpusError(f"{study.settings.corpora}: no corpus of {', '.join(missing)}")
    unable = [code for code in trained_on if code not in study.learns(model)]
    if model in study.not_run:
        raise NotAvailable(f"{model}: {study.not_run[model]}")
    if unable:
        raise SettingsError(f"{model} cannot learn {unable[0]}: {study.left_out[model, unable[0]]}")
    if regime == "polyglot" and len(trained_on) < 2:
        wanted = ", ".join(study.settings.languages)
        raise CorpusError(f"{study.settings.corpora}: fewer than two languages of {wanted}, so no polyglot run")
    if study.missing:
        print_note(f"not at hand, so left out of the polyglot run: {', '.join(study.missing)}")
