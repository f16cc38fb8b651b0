"""What a sweep knows while it goes on: which runs are running, done and failed, and how much is left."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Protocol

from polyner.runs import Run
from polyner.study.plan import Plan
from polyner.sweep.estimate import Estimator, by_urgency, remaining_seconds
from polyner.sweep.job import Outcome


class Reporter(Protocol):
    """Who is told of a sweep's course."""

    def ended(self, tracker: Tracker, outcome: Outcome) -> None: ...

    def tick(self, tracker: Tracker) -> None: ...


class Tracker:
    """The state of the runs of a plan: `running` maps ids to when they began, `outcomes` to what became of them.

    slots: how many runs can go on at once.
    """

    def __init__(self, plan: Plan, slots: int, reporter: Reporter | None = None):
        self.plan, self.slots = plan, slots
        self.running: dict[str, float] = {}
        self.outcomes: dict[str, Outcome] = {}
        self._reporter = reporter
        self.began = time.time()
        self._estimator = Estimator(plan)
        self.seconds = self._estimates()

    def _estimates(self) -> Mapping[str, float | None]:
        return {planned.id: self._estimator.seconds(planned) for planned in self.plan.to_do}

    def ready(self) -> list[str]:
        """Runs that can begin now, the most urgent first."""
        urgency = by_urgency(self.plan, self.seconds)
        waiting = [p.id for p in self.plan.to_do if p.id not in self.running and p.id not in self.outcomes]
        able = [run for run in waiting if (parent := self.plan.waits_for(run)) is None or self._done(parent)]
        return sorted(able, key=lambda run: (-urgency[run], run))

    def started(self, run: str) -> None:
        self.running.setdefault(run, time.time())

    def stopped(self, run: str) -> None:
        """The run is not running any more, and will be tried again."""
        self.running.pop(run, None)

    def ended(self, outcome: Outcome) -> None:
        """Take note of an outcome; what waited for a run that failed is skipped."""
        self.running.pop(outcome.run, None)
        self.outcomes[outcome.run] = outcome
        if outcome.status == "done":
            self._estimator.learn_from(Run(outcome.run, self.plan.store.folder / outcome.run))
            self.seconds = self._estimates()
        if self._reporter:
            self._reporter.ended(self, outcome)
        if outcome.status != "done":
            for planned in self.plan.to_do:
                if self.plan.waits_for(planned.id) == outcome.run and planned.id not in self.outcomes:
                    self.ended(Outcome(planned.id, "skipped", error=f"{outcome.run} {outcome.status}"))

    def tick(self) -> None:
        if self._reporter:
            self._reporter.tick(self)

    @property
    def finished(self) -> bool:
        return len(self.outcomes) == len(self.plan.to_do)

    def with_status(self, status: str) -> list[Outcome]:
        return [outcome for outcome in self.outcomes.values() if outcome.status == status]

    def elapsed(self, run: str | None = None) -> float:
        """Seconds since the sweep, or a running run of it, began."""
        return time.time() - (self.began if run is None else self.running[run])

    def remaining(self) -> float | None:
        """Seconds that the rest will take, as far as that can be told."""
        spent = {run: self.elapsed(run) for run in self.running}
        return remaining_seconds(self.plan, self.seconds, self.slots, self.outcomes, spent)

    def _done(self, run: str) -> bool:
        return run in self.outcomes and self.outcomes[run].status == "done"
