"""How long a sweep will take, from the runs that are finished."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from statistics import median
from typing import Any

from polyner.errors import StoreError
from polyner.runs import Run
from polyner.study.plan import Plan, Planned

# From the nearest relatives of a run to the most distant ones: what two runs must have in common.
_KINSHIP = (("model", "config", "training", "regime"), ("model", "config", "training"), ("model", "config"), ("model",))


class Estimator:
    """Seconds of a run, from those that finished runs of the same kind took for a training word.

    Finished runs are those of the plan and, where these say nothing of a model, others of the store trained on the
    same corpora.
    """

    def __init__(self, plan: Plan) -> None:
        self._rates: list[dict[str, list[float]]] = [{} for _ in _KINSHIP]
        self._words = {
            (code, spec.corpora[code]): sum(map(len, planned.corpora[code].train))
            for planned in plan.runs.values()
            for spec in [planned.spec]
            for code in spec.languages
        }
        for run in plan.store.list():
            self.learn_from(run)

    def learn_from(self, run: Run) -> None:
        """Take a finished run's time into account. One that cannot be read, or of other corpora, says nothing."""
        try:
            spec, seconds = run.spec, run.seconds
            words = sum(self._words[code, spec["corpora"][code]] for code in spec["languages"])
        except (StoreError, KeyError, TypeError):
            return
        for rates, fields in zip(self._rates, _KINSHIP, strict=True):
            rates.setdefault(_key(spec, fields), []).append(seconds / max(words, 1))

    def seconds(self, planned: Planned) -> float | None:
        """The expected time of a run; None where nothing like it was ever run."""
        spec = planned.spec.as_dict()
        for rates, fields in zip(self._rates, _KINSHIP, strict=True):
            if known := rates.get(_key(spec, fields)):
                return median(known) * planned.training_words
        return None


def by_urgency(plan: Plan, seconds: Mapping[str, float | None]) -> dict[str, float]:
    """For each unfinished run its own time and that of the longest chain that waits for it: the largest go first.

    Where times are not known, training words stand for them.
    """
    own = {planned.id: seconds.get(planned.id) for planned in plan.to_do}
    if any(value is None for value in own.values()):
        own = {planned.id: float(planned.training_words) for planned in plan.to_do}
    urgency = dict(own)
    for planned in reversed(plan.to_do):
        if parent := plan.waits_for(planned.id):
            urgency[parent] = max(urgency[parent], own[parent] + urgency[planned.id])
    return urgency


def remaining_seconds(
    plan: Plan,
    seconds: Mapping[str, float | None],
    slots: int,
    over: Iterable[str] = (),
    spent: Mapping[str, float] = {},
) -> float | None:
    """How long the unfinished runs take on so many places; None where a time is not known.

    That is as long as they take where all places always have one of them, or as the longest chain of runs that wait for
    one another. `over` are runs that need no more time (finished since, or given up), `spent` seconds that running ones
    have taken.
    """
    left = {planned.id: seconds.get(planned.id) for planned in plan.to_do} | dict.fromkeys(over, 0.0)
    if None in left.values():
        return None
    left = {run: max(time - spent.get(run, 0.0), 0.0) for run, time in left.items()}
    return max([sum(left.values()) / slots, *by_urgency(plan, left).values()])


def _key(spec: Mapping[str, Any], fields: Iterable[str]) -> str:
    return json.dumps([spec.get(name) for name in fields], sort_keys=True)
