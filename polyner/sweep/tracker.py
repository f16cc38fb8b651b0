"""What a sweep knows while it goes on: which runs are running, done and failed, how long each takes, what is left."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from statistics import median
from typing import TYPE_CHECKING, Any

from polyner.errors import StoreError
from polyner.runs import Run
from polyner.study.plan import Plan, Planned
from polyner.sweep.job import Outcome

if TYPE_CHECKING:
    from polyner.sweep.display import SweepDisplay

# From the nearest relatives of a run to the most distant ones: what two runs must have in common.
_KINSHIP = (("model", "config", "training", "regime"), ("model", "config", "training"), ("model", "config"), ("model",))


class Tracker:
    """The state of the runs of a plan: `running` maps ids to when they began, `outcomes` to what became of them.

    `seconds` are the times that unfinished runs are expected to take, by what finished runs of the same kind (in the
    store, on the same corpora) took for a training word; None where nothing like it was ever run.
    slots: how many runs can go on at once.
    """

    def __init__(self, plan: Plan, slots: int, display: SweepDisplay | None = None):
        self.plan, self.slots = plan, slots
        self.running: dict[str, float] = {}
        self.outcomes: dict[str, Outcome] = {}
        self.began = time.time()
        self._display = display
        self._rates: dict[str, list[float]] = {}
        self._words = {
            (code, planned.spec.corpora[code]): sum(map(len, planned.corpora[code].train))
            for planned in plan.runs.values()
            for code in planned.spec.languages
        }
        for run in plan.store.list():
            self._learn_from(run)
        self.seconds = self._expected()

    def _learn_from(self, run: Run) -> None:
        """Take a finished run's time into account. One that cannot be read, or of other corpora, says nothing."""
        try:
            spec, seconds = run.spec, run.seconds
            words = sum(self._words[code, spec["corpora"][code]] for code in spec["languages"])
        except (StoreError, KeyError, TypeError):
            return
        for kind in _kinds(spec):
            self._rates.setdefault(kind, []).append(seconds / max(words, 1))

    def _expected(self) -> dict[str, float | None]:
        def seconds(planned: Planned) -> float | None:
            known = (self._rates[kind] for kind in _kinds(planned.spec.as_dict()) if kind in self._rates)
            return median(rates) * planned.training_words if (rates := next(known, None)) else None

        return {planned.id: seconds(planned) for planned in self.plan.to_do}

    def ready(self) -> list[str]:
        """Runs that can begin now, the most urgent first."""
        urgency = by_urgency(self.plan, self.seconds)
        done = {None, *(outcome.run for outcome in self.with_status("done"))}
        waiting = [run for run in urgency if run not in self.running and run not in self.outcomes]
        able = [run for run in waiting if self.plan.waits_for(run) in done]
        return sorted(able, key=lambda run: (-urgency[run], run))

    def started(self, run: str) -> None:
        self.running.setdefault(run, time.time())

    def ended(self, outcome: Outcome) -> None:
        """Take note of an outcome; what waited for a run that failed is skipped."""
        self.running.pop(outcome.run, None)
        self.outcomes[outcome.run] = outcome
        if outcome.status == "done":
            self._learn_from(Run(outcome.run, self.plan.store.folder / outcome.run))
            self.seconds = self._expected()
        if self._display:
            self._display.ended(self, outcome)
        if outcome.status != "done":
            for planned in self.plan.to_do:
                if self.plan.waits_for(planned.id) == outcome.run and planned.id not in self.outcomes:
                    self.ended(Outcome(planned.id, "skipped", error=f"{outcome.run} {outcome.status}"))

    def tick(self) -> None:
        if self._display:
            self._display.tick(self)

    @property
    def finished(self) -> bool:
        return len(self.outcomes) == len(self.plan.to_do)

    def with_status(self, status: str) -> list[Outcome]:
        return [outcome for outcome in self.outcomes.values() if outcome.status == status]

    def elapsed(self, run: str | None = None) -> float:
        """Seconds since the sweep, or a running run of it, began."""
        return time.time() - (self.began if run is None else self.running[run])

    def remaining(self) -> float | None:
        """How many seconds the rest takes; None where a time is not known.

        That is as long as it takes where every slot always has a run, or as the longest chain of runs that wait for one
        another.
        """
        left = self.seconds | dict.fromkeys(self.outcomes, 0.0)
        if None in left.values():
            return None
        left |= {run: max(left[run] - self.elapsed(run), 0.0) for run in self.running}
        return max([sum(left.values()) / self.slots, *by_urgency(self.plan, left).values()])


def by_urgency(plan: Plan, seconds: Mapping[str, float | None]) -> dict[str, float]:
    """For each unfinished run its own time and that of the longest chain that waits for it: the largest go first.

    Where times are not known, training words stand for them.
    """
    own = {planned.id: seconds.get(planned.id) for planned in plan.to_do}
    if None in own.values():
        own = {planned.id: float(planned.training_words) for planned in plan.to_do}
    urgency = dict(own)
    for planned in reversed(plan.to_do):
        if parent := plan.waits_for(planned.id):
            urgency[parent] = max(urgency[parent], own[parent] + urgency[planned.id])
    return urgency


def _kinds(spec: Mapping[str, Any]) -> Iterator[str]:
    """What a run's relatives have in common with it, of the nearest first."""
    for fields in _KINSHIP:
        yield json.dumps({name: spec.get(name) for name in fields}, sort_keys=True)
