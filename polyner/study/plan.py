"""From questions to runs: what must be there, in an order in which every run comes after the one it starts from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from polyner.corpora.sentence import Corpus
from polyner.errors import StoreError
from polyner.runs import RunSpec, RunStore


def run_key(run: str, parent: str | None, variant: str, sentences: int) -> str:
    """A run, and what it starts from, by model, regime, languages and seed; its variant and number of sentences."""
    return " ".join([*(name.rpartition("-")[0] for name in (run, parent or "")), variant, str(sentences)])


@dataclass(frozen=True)
class Planned:
    """A run that is wanted, finished or not, with the corpora to train it on and the pages that ask for it."""

    spec: RunSpec
    variant: str
    corpora: Mapping[str, Corpus]
    finished: bool
    pages: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.spec.id

    @property
    def key(self) -> str:
        """What the same run on another machine has in common with it, whose id may differ."""
        parent = self.spec.parent.id if self.spec.parent else None
        return run_key(self.id, parent, self.variant, self.training_sentences)

    @property
    def training_sentences(self) -> int:
        return sum(len(self.corpora[code].train) for code in self.spec.languages)

    @property
    def training_words(self) -> int:
        return sum(len(sentence) for code in self.spec.languages for sentence in self.corpora[code].train)


@dataclass(frozen=True)
class Plan:
    """Runs by id, parents before those that start from them; and what cannot be run here, with the reasons.

    not_run: by model; left_out: by model and language; unused: by language; missing: languages that are named and not
    at hand (as `Study` has them).
    """

    runs: Mapping[str, Planned]
    store: RunStore
    device: str = "auto"
    not_run: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[tuple[str, str], str] = field(default_factory=dict)
    unused: Mapping[str, str] = field(default_factory=dict)
    missing: Sequence[str] = ()

    def waits_for(self, run: str) -> str | None:
        """The unfinished run that one starts from, if there is one."""
        parent = self.runs[run].spec.parent
        return parent.id if parent and parent.id in self.runs and not self.runs[parent.id].finished else None

    @property
    def to_do(self) -> list[Planned]:
        return [planned for planned in self.runs.values() if not planned.finished]


Policy = Callable[[Plan], object]
"""What becomes of the runs of a plan that are not there: nothing (`look_up`), or they are trained: in this process
(`train_here`), by processes, on Ray or on Slurm (`sweep`)."""


def look_up(plan: Plan) -> None:
    """The policy that trains nothing."""


def train_here(plan: Plan) -> None:
    """The policy that trains in this process, one run after the other."""
    for planned in plan.to_do:
        plan.store.get(planned.spec, planned.corpora, device=plan.device)


def in_plan(plan: Plan, run: str) -> Planned:
    """The planned run of that id. Raises StoreError where the plan has none: code or corpora differ from where the
    plan was made."""
    if run not in plan.runs:
        raise StoreError(f"{run} is not planned here: the package or the corpora are not those it was planned with")
    return plan.runs[run]
