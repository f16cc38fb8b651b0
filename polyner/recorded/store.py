"""Finding runs of older versions of the code: everything that specifies them is the same, but for that version."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from polyner.errors import PolynerError, StoreError
from polyner.models import model_class
from polyner.runs import Run, RunSpec
from polyner.sections.gather import FinishedRuns
from polyner.training.loop import TrainingConfig

# What two runs of different code must have in common to the letter.
_SAME = ("model", "regime", "languages", "corpora", "seed", "keep_optimizer")


class AnyVersion(FinishedRuns):
    """A run store in which runs are only looked up, and found whatever version of the code trained them.

    Of several that differ in nothing else, the one of the present code is taken, else the one that ended last.
    """

    def look_up(self, spec: RunSpec) -> Run | None:
        if found := super().look_up(spec):
            return found
        wanted = spec.as_dict()
        alike = [run for run in self._runs.get(_place(wanted), ()) if same_settings(run.spec, wanted)]
        if spec.parent:
            alike = [run for run in alike if self._same_parent(run, spec.parent)]
        return max(alike, key=lambda run: run.environment["finished"], default=None)

    def find(self, text: str) -> Run:
        """As `RunStore.find`, but an id in full costs no walk through the store."""
        folder = self.folder / text
        return Run(text, folder) if (folder / "metrics.json").is_file() else super().find(text)

    @cached_property
    def _runs(self) -> Mapping[str, list[Run]]:
        """The readable runs of the store by what must be the same."""
        found: dict[str, list[Run]] = {}
        for run in self.list():
            try:
                found.setdefault(_place(run.spec), []).append(run)
            except (StoreError, KeyError):
                continue
        return found

    def _same_parent(self, run: Run, parent: str) -> bool:
        """Whether a fine-tuned run starts from a run like `parent`: an id says all but the hash in clear text."""
        own = run.spec["parent"]
        if own.rpartition("-")[0] != parent.rpartition("-")[0]:
            return False
        try:
            return same_settings(self.find(own).spec, run.spec)
        except StoreError:  # the parent is gone or damaged; its name has to do
            return True


def same_settings(recorded: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether a run was trained with the model's configuration and the training that are wanted.

    A setting that is newer than a specification counts as having its default there.
    """
    return all(
        {**known, **recorded[part]} == {**known, **wanted[part]} for part, known in _defaults(wanted["model"]).items()
    )


def _defaults(model: str) -> dict[str, dict[str, Any]]:
    try:
        cls = model_class(model)
    except PolynerError:
        return {"config": {}, "training": {}}
    training = TrainingConfig.of(cls.training_defaults)
    parts = {"config": dataclasses.asdict(cls.configure()), "training": dataclasses.asdict(training)}
    return json.loads(json.dumps(parts))


def _place(spec: Mapping[str, Any]) -> str:
    return json.dumps([spec[name] for name in _SAME], sort_keys=True)
