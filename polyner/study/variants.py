"""Departures from the plain protocol, each under a name: what §4 and §4.1 try, and objectives beyond the paper."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from annotated_types import Ge, MinLen

from polyner.errors import SettingsError
from polyner.runs.spec import REGIMES
from polyner.training.config import TrainingConfig
from polyner.validation import check_names, configured, merged


@dataclass(frozen=True)
class Variant:
    """What differs in runs of these regimes: of the model's configuration, of training, of what an update minimises
    (`training.objectives.ObjectiveConfig`), or whether fine-tuning takes the optimizer's state over (footnote 7).

    width: hidden layers are so many times as large as the study has them. groups: the variant is of these groups only;
    None for all.

    matched_updates: monolingual runs get the schedule of the group's polyglot and the fine-tuned run together, in
    updates. How many those make is known only when they have ended, but the length of their epochs before: one of
    theirs is worth (group + own) / own of the monolingual run's, in sentences, and its min_epochs, patience and
    max_epochs are so many times as large.

    A fine-tuned run starts from a polyglot run of the same variant where the variant is about polyglot runs, and else
    from the plain one.
    """

    regimes: Annotated[tuple[str, ...], MinLen(1)] = REGIMES
    config: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    objective: Mapping[str, Any] = field(default_factory=dict)
    keep_optimizer: bool = True
    matched_updates: bool = False
    width: Annotated[int, Ge(1)] = 1
    groups: tuple[str, ...] | None = None


_FINE_TUNED, _POLYGLOT = ("fine_tuned",), ("polyglot",)

VARIANTS: Mapping[str, Variant] = {
    "": Variant(),
    "language_transitions": Variant(config={"language_transitions": True}),
    "reset_optimizer": Variant(_FINE_TUNED, keep_optimizer=False),
    # §4.1: "more regularization did not help the monolingual models"; the paper does not say which.
    "more_dropout": Variant(config={"dropout": 0.5}),
    "weight_decay": Variant(training={"weight_decay": 0.1}),
    # What else could explain the gain of fine-tuning (§4.1): that it comes after more updates.
    "more_updates": Variant(("monolingual",), matched_updates=True),
    # §6: penalties that pull to the polyglot model's weights, elastic weight consolidation and its plainest relative,
    # at several strengths; names leave out a strength of 1.
    **{
        f"{name}_{strength:g}".removesuffix("_1"): Variant(_FINE_TUNED, objective={"name": name, "strength": strength})
        for name, strengths in {"l2sp": (1.0, 0.001, 0.01, 0.1), "ewc": (1.0, 0.1, 10.0)}.items()
        for strength in strengths
    },
    # §6: multi-objective optimisation.
    "pcgrad": Variant(_POLYGLOT, objective={"name": "pcgrad"}),
    "mgda": Variant(_POLYGLOT, objective={"name": "mgda"}),
    # §6: many more languages, which may need a larger model.
    "double_size": Variant(_POLYGLOT, width=2),
    # Footnote 6: where corpora differ much in size, each language as often as the others.
    "uniform_sampling": Variant(_POLYGLOT, training={"sampling_exponent": 0.0}),
}


def variants_of(given: Mapping[str, Mapping[str, Any]]) -> dict[str, Variant]:
    """The known variants and those of a setting. Raises SettingsError for one that is not well-formed."""
    own = {}
    for name, values in given.items():
        if name in VARIANTS and not values:
            continue
        if not name or not name.replace("-", "_").replace(".", "_").isidentifier():
            raise SettingsError(f"variants: {name!r} is no name: letters, digits, '_', '-' and '.' make one")
        known = dataclasses.asdict(VARIANTS.get(name, Variant()))
        own[name] = configured(Variant, merged(known, values), f"variants.{name}")
        check_names(own[name].regimes, REGIMES, f"variants.{name}", "regime")
    return {**VARIANTS, **own}


def matched(training: TrainingConfig, own: int, together: int) -> TrainingConfig:
    """The schedule of a monolingual run on `own` sentences with `Variant.matched_updates`, in a group of `together`
    sentences; without a polyglot run to match (0) it stays as it is."""
    schedule = ("min_epochs", "patience", "max_epochs")
    # In whole numbers, which rounding cannot push beyond what is due.
    longer = {name: -(-getattr(training, name) * (own + together) // own) for name in schedule}
    return dataclasses.replace(training, **longer)


def with_updates(training: TrainingConfig, sentences: int, updates: int) -> TrainingConfig:
    """The schedule of a run on few sentences, which ends by patience only after so many updates.

    An epoch of 50 sentences is two or three updates: a limit of epochs, and patience in epochs, would end such a run
    before it has learnt anything. The limit is three times as far away as the least number of updates.
    """
    steps = -(-sentences // training.batch_size)
    epochs = max(training.max_epochs, 3 * -(-updates // steps))
    return dataclasses.replace(training, min_updates=max(training.min_updates, updates), max_epochs=epochs)
