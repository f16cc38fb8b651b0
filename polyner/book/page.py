"""What a page shows around its science: what its run is made on, and at its foot what its numbers can be traced to."""

from __future__ import annotations

import dataclasses
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import pandas as pd

import polyner
from polyner.book.markup import escaped, fold, remark, show_markup
from polyner.book.studies import Exhibit, show_provenance, show_studies
from polyner.book.tables import folded_table, table_markup
from polyner.corpora.folder import is_sample
from polyner.corpora.languages import language_name
from polyner.corpora.prepare import commonest_types, prepared_corpora, whole_corpora
from polyner.corpora.sentence import Corpus
from polyner.findings import Findings
from polyner.findings.files import all_recorded
from polyner.findings.study import findings_of
from polyner.names import architecture_name
from polyner.study.protocol import Study
from polyner.study.questions import Question
from polyner.study.settings import Settings, read_yaml
from polyner.sweep.display import duration

# The parameters that are text.
_TEXTS = ("profile", "corpora", "device", "runs")
# The type of what a page says of its own run as data.
BASIS = "application/vnd.polyner.basis+json"

_MOST_TYPES = 12


class Page:
    """A page while it runs: its settings and, once asked for, the study behind it.

    settings: the profile with the page's parameters on top.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.this_run: Findings | None = None
        self._shown: set[str] = set()  # the names of studies, "" for this run
        self._opened = time.perf_counter()

    @cached_property
    def study(self) -> Study:
        """The study of these settings, opened (and PyTorch loaded) at the first use."""
        return Study(self.settings)

    @cached_property
    def corpora(self) -> dict[str, Corpus]:
        """The corpora of these settings by language, projected and capped as they say."""
        if "study" in self.__dict__:
            return self.study.corpora
        return prepared_corpora(self.settings)

    def examples(self) -> dict[str, Corpus]:
        """The corpora for the page of an architecture, whose examples grow with the square of the types and more: with
        the commonest types only where there are many, which a line says."""
        every = len({kind for corpus in self.corpora.values() for kind in corpus.types})
        if every <= _MOST_TYPES:
            return self.corpora
        say(f"Of the {every} types of these corpora, the examples have the {_MOST_TYPES} commonest; the others are O.")
        return commonest_types(self.corpora, _MOST_TYPES)

    @cached_property
    def all_corpora(self) -> dict[str, Corpus]:
        """All corpora that are at hand, as `whole_corpora` has them."""
        return whole_corpora(self.settings)

    def banner(self) -> None:
        """Show in a line what the page is made on, with a warning where that is the sample."""
        settings = self.settings
        sample = ": generated sentences, which show how it works and are no evidence"
        corpora = f"built-in sample{sample}" if is_sample(settings.corpora) else settings.corpora
        text = f"Profile {settings.profile}; corpora: {corpora}."
        show_markup(f'<p class="polyner-collection">{escaped(text)}</p>')

    def gaps(self) -> None:
        """Say in a line each which models could not be run here, and which languages are missing or were left out.

        Call it once results were asked for.
        """
        lines = [f"{architecture_name(model)}: not run: {reason}." for model, reason in self.study.not_run.items()]
        lines += [
            f"{architecture_name(model)} on {language_name(code)}: left out: {reason}."
            for (model, code), reason in self.study.left_out.items()
        ]
        lines += [f"{language_name(code)} is there and not used: {why}." for code, why in self.study.unused.items()]
        if self.study.missing:
            lines.append(f"Not at hand, and left out: {', '.join(map(language_name, self.study.missing))}.")
        show_markup("".join(map(remark, lines)))

    def findings(self, *questions: Question, sections: Iterable[str] = ()) -> Findings:
        """What this run finds: of the runs that these questions are about, looked up or trained now, and of the
        analyses of these sections. From here on, the page shows it beside the recorded studies."""
        self.this_run = findings_of(self.study, questions, sections)
        return self.this_run

    @cached_property
    def recorded(self) -> list[Findings]:
        """The recorded studies, the largest first."""
        return all_recorded()

    @property
    def _all(self) -> list[Findings]:
        """This run where it is on real corpora, the recorded studies, and this run where it is not."""
        return sorted(filter(None, [self.this_run, *self.recorded]), key=lambda each: each.sample)

    @property
    def studies(self) -> list[Findings]:
        """The recorded studies, and this run where it is on real corpora."""
        found = [each for each in self._all if not each.sample]
        self._shown |= {each.name for each in found}
        return found

    def show(self, exhibit: Callable[..., Exhibit], **options: Any) -> None:
        """Show a figure (`polyner.book.exhibits`, with `options`) of each study, one in view: this run where it is on
        real corpora, and else the largest recorded one."""
        shown = show_studies(self._all, partial(exhibit, **options), notes=not self._shown)
        self._shown |= {each.name for each in shown}

    def footer(self, runs: bool = False) -> None:
        """Show, folded, what the page's numbers can be traced to: the studies that it has shown, with `runs` every run
        of each, and its corpora and code."""
        if self._shown or runs:
            show_provenance([each for each in self._all if runs or each.name in self._shown], runs)
        used = self.all_corpora if "all_corpora" in self.__dict__ else self.corpora
        facts = {
            "Corpora": ", ".join(f"{code} {corpus.fingerprint[:12]}" for code, corpus in used.items()),
            "Code": code_version(),
            "This page": duration(time.perf_counter() - self._opened),
        }
        show_markup(fold("How this page was made", facts), {BASIS: {"sample": is_sample(self.settings.corpora)}})


def open_page(namespace: Mapping[str, Any]) -> Page:
    """Open a page.

    `namespace` is the page's `globals()`, where its first cell has put the parameters: those of `Settings` are taken,
    and None leaves one to the profile. A list or a mapping may be text, which papermill's `-p languages '[eng, spa]'`
    gives. Raises SettingsError for a profile or a value that does not exist.
    """
    given = {field.name: namespace[field.name] for field in dataclasses.fields(Settings) if field.name in namespace}
    for name, value in given.items():
        if isinstance(value, str) and name not in _TEXTS:
            given[name] = read_yaml(value)
    return Page(Settings.load(**given))


def show(table: pd.DataFrame, caption: str = "", digits: int = 2, *, fold: bool = False) -> None:
    """Display a table: numbers to `digits` decimals and aligned right, what is missing as “–”, all text escaped. Wide
    tables scroll in a box of their own; a long one can be folded under its caption. An empty one is a line that says
    so."""
    if table.empty:
        show_markup(remark(f"{caption or 'This table'}: none."))
        return
    show_markup((folded_table if fold else table_markup)(table, caption, digits))


def say(text: str) -> None:
    """Display a line of plain text, whatever is in it."""
    show_markup(f"<p>{escaped(text)}</p>")


def draw(chart: Callable[..., Any], table: pd.DataFrame, *arguments: Any) -> None:
    """Display `chart(table, *arguments)`, or a line that says so where the table is empty: a corpora folder with only
    some languages leaves some comparisons without anything to compare."""
    if table.empty:
        show_markup(remark("Nothing to draw here: these corpora leave nothing to compare."))
        return
    from IPython.display import display

    display(chart(table, *arguments))


def code_version() -> str:
    """The package's version and, in a clone, the commit."""
    root = Path(polyner.__file__).resolve().parents[1]
    if not (root / ".git").exists():
        return polyner.__version__
    command = ["git", "-C", str(root), "describe", "--always", "--dirty", "--tags"]
    try:
        commit = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return polyner.__version__
    return f"{polyner.__version__} ({commit})"
