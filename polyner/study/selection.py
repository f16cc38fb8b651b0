"""The runs that pages need, chosen by page and regime, as something that other processes can be told."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

from polyner.errors import SettingsError
from polyner.runs import RunStore
from polyner.runs.spec import REGIMES
from polyner.study.plan import Plan
from polyner.study.protocol import Study
from polyner.study.questions import PAGES
from polyner.study.settings import Settings
from polyner.validation import check_names, configured


@dataclass(frozen=True)
class Selection:
    """The runs of `pages` under `settings`, of `regimes` only where there are any, and only those that `known` names
    (`run_key`) where it is given.

    Runs that a chosen run starts from are always chosen too. Without pages, those of all pages are.
    Raises SettingsError for a page without runs, or a regime that does not exist.
    """

    settings: Settings
    pages: tuple[str, ...] = ()
    regimes: tuple[str, ...] = ()
    known: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        for page in self.pages:
            if page not in PAGES:
                raise SettingsError(f"the page {page!r} needs no runs: those that do are {', '.join(PAGES)}")
        check_names(self.regimes, REGIMES, what="regime")

    def plan(self) -> Plan:
        """The plan of this selection. Reads the corpora and looks into the run store; trains nothing.

        Raises SettingsError and CorpusError as `Study` does.
        """
        study, regimes = Study(self.settings), self.regimes or REGIMES
        asks = {page: [ask for q in PAGES[page] for ask in study.asks(q)] for page in self.pages or PAGES}
        asks = {page: [ask for ask in of_page if ask.spec.regime in regimes] for page, of_page in asks.items()}
        plan = study.plan(asks)
        known = {p.key for p in plan.runs.values()} if self.known is None else self.known
        chosen = [p for p in plan.runs.values() if p.spec.regime in regimes and p.key in known]
        # A parent is wanted only where what starts from it is still to be trained.
        wanted = {p.id for p in chosen} | {p.spec.parent.id for p in chosen if p.spec.parent and not p.finished}
        runs = {name: planned for name, planned in plan.runs.items() if name in wanted}
        return dataclasses.replace(plan, runs=runs)

    def as_json(self) -> str:
        """Text from which a process in any other folder makes the same selection."""
        settings = self.settings
        corpora = settings.corpora if settings.corpora == "sample" else str(Path(settings.corpora).resolve())
        settings = dataclasses.replace(settings, runs=str(RunStore(settings.runs).folder), corpora=corpora)
        return json.dumps(dataclasses.asdict(dataclasses.replace(self, settings=settings)))

    @classmethod
    def from_json(cls, text: str) -> Selection:
        values = json.loads(text)
        settings = configured(Settings, values.pop("settings"))
        return cls(settings, **{name: names and tuple(names) for name, names in values.items()})
