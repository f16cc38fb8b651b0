"""What a study and a run cannot be, found out before anything is trained."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
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
    for name, values in settings.architecture.items():
        configure(name, values)
    common = dict(settings.training)
    for name in [each for each in common if each in CONFIGS]:
        if not isinstance(values := common.pop(name), Mapping):
            raise SettingsError(f"training.{name}: {values!r:.60} was given; it should be a mapping")
        configured(TrainingConfig, values, f"training.{name}")
    configured(TrainingConfig, common, "training")
    for name in settings.variants:
        _check_variant(settings, name, variants[name])
    _ = settings.analyses


def check_run(spec: RunSpec, config: Any) -> None:
    """Raise SettingsError where a run cannot have its objective or its model's configuration."""
    parent, first = spec.parent, spec.languages[0]
    asked = ObjectiveConfig(**spec.objective)
    asked.check(spec.model, spec.languages, parent.languages if parent else None)
    if asked.name == "ewc" and any(parent.corpora.get(code, own) != own for code, own in spec.corpora.items()):
        raise SettingsError(f"objective: ewc on a part of the sentences of {first} that its parent learnt from")
    known = parent.languages if parent else spec.languages
    if getattr(config, "language_transitions", False) and not set(spec.languages) <= set(known):
        told = f"{spec.model} with transitions of its own for {', '.join(known)}"
        raise SettingsError(f"language_transitions: {first} has none in a {told}")


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
