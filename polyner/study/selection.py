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
    """The runs of `pages` under `settings`, of `regimes` only where there are any.

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
        check_names(self.regimes, REGIMES, what="regime")

    def plan(self) -> Plan:
        """The plan of this selection. Reads the corpora and looks into the run store; trains nothing.

        Raises SettingsError and CorpusError as `Study` does.
        """
        study, regimes = Study(self.settings), self.regimes or REGIMES
        asks = {page: [ask for q in PAGES[page] for ask in study.asks(q)] for page in self.pages or PAGES}
        asks = {page: [ask for ask in of_page if ask.spec.regime in regimes] for page, of_page in asks.items()}
        plan = study.plan(asks)
        # A parent is wanted only where what starts from it is still to be trained.
        parents = {planned.spec.parent.id for planned in plan.to_do if planned.spec.parent}
        runs = {name: p for name, p in plan.runs.items() if p.spec.regime in regimes or name in parents}
        return dataclasses.replace(plan, runs=runs)

    def as_json(self) -> str:
        """Text from which a process in any other folder makes the same selection."""
        settings = self.settings
        corpora = settings.corpora if settings.corpora == "sample" else str(Path(settings.corpora).resolve())
        settings = dataclasses.replace(settings, runs=str(RunStore(settings.runs).folder), corpora=corpora)
        return json.dumps({"settings": settings.as_dict(), "pages": self.pages, "regimes": self.regimes})

    @classmethod
    def from_json(cls, text: str) -> Selection:
        values = json.loads(text)
        return cls(configured(Settings, values["settings"]), tuple(values["pages"]), tuple(values["regimes"]))
