"""What a study and a run cannot be, found out before anything is trained."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from polyner.errors import SettingsError
from polyner.models.configs import CONFIGS, config_class, configure
from polyner.runs import RunSpec
from polyner.study.settings import Settings
from polyner.study.variants import Variant
from polyner.training.config import ObjectiveConfig, TrainingConfig
from polyner.validation import check_names, configured


def check_settings(settings: Settings, variants: Mapping[str, Variant]) -> None:
    """Raise SettingsError where a setting of training, of a model, of a variant or of the analyses is impossible."""
    check_names(settings.architecture, CONFIGS, "architecture", "model")
    for where, values in (("training", settings.training), ("architecture", settings.architecture)):
        for name in CONFIGS:
            if not isinstance(values.get(name, {}), Mapping):
                raise SettingsError(f"{where}.{name}: {values[name]!r:.60} was given; it should be a mapping")
    for name, values in settings.architecture.items():
        configure(name, values)
    for name, values in settings.training.items():
        if name in CONFIGS:
            configured(TrainingConfig, values, f"training.{name}")
    configured(TrainingConfig, {k: v for k, v in settings.training.items() if k not in CONFIGS}, "training")
    for name in settings.variants:
        _check_variant(settings, name, variants[name])
    _ = settings.analyses


def check_run(
    model: str,
    config: Any,
    objective: Mapping[str, Any],
    languages: Sequence[str],
    corpora: Mapping[str, str],
    parent: RunSpec | None,
) -> None:
    """Raise SettingsError where a run on `languages` cannot have this objective or configuration."""
    known = parent.languages if parent else languages
    asked = ObjectiveConfig(**objective)
    asked.check(model, languages, parent.languages if parent else None)
    if asked.name == "ewc" and any(parent.corpora.get(code, own) != own for code, own in corpora.items()):
        raise SettingsError(f"objective: ewc on a part of the sentences of {languages[0]} that its parent learnt from")
    if getattr(config, "language_transitions", False) and not set(languages) <= set(known):
        told = f"{model} with transitions of its own for {', '.join(known)}"
        raise SettingsError(f"language_transitions: {languages[0]} has none in a {told}")


def knows(model: str, variant: Variant) -> bool:
    """Whether a model's configuration has what a variant changes."""
    return set(variant.config) <= {entry.name for entry in dataclasses.fields(config_class(model))}


def _check_variant(settings: Settings, name: str, variant: Variant) -> None:
    configured(TrainingConfig, variant.training, f"variants.{name}.training")
    configured(ObjectiveConfig, variant.objective, f"variants.{name}.objective")
    if not any(knows(model, variant) for model in CONFIGS):
        known = {entry.name for config in CONFIGS.values() for entry in dataclasses.fields(config)}
        check_names(variant.config, sorted(known), f"variants.{name}.config")
        raise SettingsError(f"variants.{name}.config: no model has all of {', '.join(variant.config)}")
    for model in settings.models:
        if knows(model, variant):
            configure(model, {**settings.architecture.get(model, {}), **variant.config})
