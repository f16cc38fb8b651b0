"""The runs that pages need, in an order in which every run comes after the one it starts from."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from polyner.corpora.sentence import Corpus
from polyner.errors import SettingsError, StoreError
from polyner.runs import Run, RunSpec, RunStore
from polyner.runs.spec import REGIMES
from polyner.sections.configuration import AnalysisConfig
from polyner.sections.needs import PAGES
from polyner.study.protocol import Study
from polyner.study.settings import Settings

_NO_SCORES = {"f1": 0.0, "precision": 0.0, "recall": 0.0}


@dataclass(frozen=True)
class Selection:
    """What to sweep: the runs of `pages` under `settings`, of `regimes` only where there are any.

    Runs that a chosen run starts from are always chosen too. Without pages, those of all pages are.
    Raises SettingsError for a page without runs, or a regime that does not exist.
    """

    settings: Settings
    pages: tuple[str, ...] = ()
    regimes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for page in self.pages:
            if page not in PAGES:
                raise SettingsError(f"the page {page!r} needs no runs: those that do are {', '.join(PAGES)}")
        for regime in self.regimes:
            if regime not in REGIMES:
                raise SettingsError(f"unknown regime {regime!r}: one of {', '.join(REGIMES)}")

    def as_json(self) -> str:
        """Text from which a process in any other folder makes the same selection."""
        runs = str(RunStore(self.settings.runs).folder)
        corpora = self.settings.corpora
        settings = dataclasses.replace(
            self.settings, runs=runs, corpora=corpora if corpora == "sample" else str(Path(corpora).resolve())
        )
        return json.dumps({"settings": settings.as_dict(), "pages": self.pages, "regimes": self.regimes})

    @classmethod
    def from_json(cls, text: str) -> Selection:
        values = json.loads(text)
        settings = {
            name: tuple(value) if isinstance(value, list) else value for name, value in values["settings"].items()
        }
        return cls(Settings(**settings), tuple(values["pages"]), tuple(values["regimes"]))


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
    def sentences(self) -> int:
        """The number of training sentences."""
        return sum(len(self.corpora[code].train) for code in self.spec.languages)

    @property
    def words(self) -> int:
        """The number of training words."""
        return sum(len(sentence) for code in self.spec.languages for sentence in self.corpora[code].train)


@dataclass(frozen=True)
class Plan:
    """Runs by id, parents before those that start from them; and what cannot be run here, with the reasons.

    not_run: by model; left_out: by model and language (as `Study` has them).
    """

    runs: Mapping[str, Planned]
    store: RunStore
    not_run: Mapping[str, str]
    left_out: Mapping[tuple[str, str], str]

    def waits_for(self, run: str) -> str | None:
        """The unfinished run that one starts from, if there is one."""
        parent = self.runs[run].spec.parent
        return parent if parent in self.runs and not self.runs[parent].finished else None

    @property
    def to_do(self) -> list[Planned]:
        return [planned for planned in self.runs.values() if not planned.finished]


class Unmade(Run):
    """What stands for a run while planning: no epochs, all scores 0."""

    def __init__(self, spec: RunSpec, store: RunStore) -> None:
        super().__init__(spec.id, store.folder / spec.id)
        object.__setattr__(self, "languages", spec.languages)

    @cached_property
    def metrics(self) -> dict[str, Any]:
        return {"languages": {code: {"dev": _NO_SCORES, "test": _NO_SCORES} for code in self.languages}}

    @cached_property
    def history(self) -> list[dict[str, Any]]:
        return []


class PlanningStudy(Study):
    """A study that writes down which runs it is asked for, and trains none."""

    def __init__(self, settings: Settings, store: RunStore | None = None) -> None:
        super().__init__(settings, store)
        self.planned: dict[str, Planned] = {}
        self._page = ""

    def obtain(self, spec: RunSpec, variant: str = "") -> Run:
        found = self.store.look_up(spec)
        planned = self.planned.setdefault(spec.id, Planned(spec, variant, self.corpora, found is not None))
        if self._page not in planned.pages:
            planned.pages.append(self._page)
        return found or Unmade(spec, self.store)

    def ask_for(self, pages: Iterable[str]) -> None:
        """Ask for the runs of the pages, by what `sections.needs` says of them."""
        config = AnalysisConfig.of(self.settings.analysis)
        for self._page in pages:
            for ask in PAGES[self._page]:
                ask(self, config)


def make_plan(selection: Selection) -> Plan:
    """The plan of a selection. Reads the corpora and looks into the run store; trains nothing.

    Raises SettingsError and CorpusError as `Study` does.
    """
    study = PlanningStudy(selection.settings)
    study.ask_for(selection.pages or PAGES)
    runs = study.planned
    if selection.regimes:
        chosen = {name for name, planned in runs.items() if planned.spec.regime in selection.regimes}
        parents = {runs[name].spec.parent for name in chosen if not runs[name].finished}
        runs = {name: planned for name, planned in runs.items() if name in chosen | parents}
    return Plan(runs, study.store, dict(study.not_run), dict(study.left_out))


def in_plan(plan: Plan, run: str) -> Planned:
    """The planned run of that id. Raises StoreError where the plan has none: code or corpora differ from where the
    plan was made."""
    if run not in plan.runs:
        raise StoreError(f"{run} is not planned here: the package or the corpora are not those it was planned with")
    return plan.runs[run]
