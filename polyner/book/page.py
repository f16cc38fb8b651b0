"""What a page shows around its science: what its run is made on, and at its foot what its numbers can be traced to."""

from __future__ import annotations

import dataclasses
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polyner
from polyner.book.endings import CUT_OFF, cut_off
from polyner.book.markup import escaped, show_markup
from polyner.book.tables import table_markup
from polyner.corpora.folder import is_sample
from polyner.corpora.languages import in_order, language_name, table2
from polyner.names import REGIME_NAMES, architecture_name, group_name, variant_name
from polyner.study.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

    from polyner.corpora.sentence import Corpus
    from polyner.study.protocol import Study
    from polyner.study.questions import Question

SAMPLE_WARNING = (
    "The numbers of this run come from the built-in sample corpora: generated sentences that let every page run "
    "without a download. They show how the analysis works and are never evidence for a claim of the paper. What a page "
    "shows as recorded comes from other corpora."
)

_MOST_TYPES = 12


class Page:
    """A page while it runs: its settings and, once asked for, the study behind it.

    name: the page's name in the book, such as `02-baselines`.
    settings: the profile with the page's parameters on top.
    takes: which settings are parameters of the page. Those that it does not take, it does not use.
    """

    def __init__(self, name: str, settings: Settings, takes: Iterable[str]) -> None:
        self.name = name
        self.settings = settings
        self.takes = frozenset(takes)
        self._opened = time.perf_counter()

    @cached_property
    def study(self) -> Study:
        """The study of these settings, opened (and PyTorch loaded) at the first use."""
        from polyner.study.protocol import Study

        return Study(self.settings)

    @cached_property
    def corpora(self) -> dict[str, Corpus]:
        """The corpora of these settings by language, projected and capped as they say."""
        if "study" in self.__dict__:
            return self.study.corpora
        from polyner.corpora.prepare import prepared_corpora

        return prepared_corpora(self.settings)

    def examples(self) -> dict[str, Corpus]:
        """The corpora for the page of an architecture, whose examples grow with the square of the types and more: with
        the commonest types only where there are many, which a line says."""
        from polyner.corpora.prepare import commonest_types

        every = len({kind for corpus in self.corpora.values() for kind in corpus.types})
        if every <= _MOST_TYPES:
            return self.corpora
        say(f"Of the {every} types of these corpora, the examples have the {_MOST_TYPES} commonest; the others are O.")
        return commonest_types(self.corpora, _MOST_TYPES)

    @property
    def missing(self) -> list[str]:
        """The languages that the settings, or else their groups, name and the corpora do not hold."""
        settings = self.settings
        grouped = [code for group in settings.grouped.values() for code in group.languages]
        wanted = in_order(settings.languages or grouped)
        if settings.corpora == "sample":
            return [code for code in wanted if code not in table2()]
        return [code for code in wanted if not (Path(settings.corpora) / code).is_dir()]

    def banner(self) -> None:
        """Show profile and corpora, a warning where these are the sample, and which languages are missing."""
        settings = self.settings
        corpora = "built-in sample" if settings.corpora == "sample" else settings.corpora
        wanted = settings.languages or {code for group in settings.grouped.values() for code in group.languages}
        at_hand = len(wanted) - len(self.missing)
        facts = {
            "Profile": settings.profile,
            "Corpora": corpora,
            "Languages": str(at_hand) if at_hand == len(wanted) else f"{at_hand} of {len(wanted)}",
            "Seeds": self._seeds(),
            "At most": _listed(self._caps()),
        }
        items = "".join(
            f"<span><b>{escaped(key)}</b> {escaped(value)}</span> " for key, value in facts.items() if value
        )
        parts = [f'<div class="polyner-banner">{items}</div>']
        if is_sample(settings.corpora):
            parts.append(_box("warning", "Sample corpora", SAMPLE_WARNING))
        if self.missing:
            names = _listed(map(language_name, self.missing))
            parts.append(
                _box("note", "Not at hand", f"There are no corpora here for {names}: they are left out below.")
            )
        show_markup("".join(parts))

    def _seeds(self) -> str:
        return _listed(self.settings.seeds) if "seeds" in self.takes else ""

    def _caps(self) -> list[str]:
        """How many sentences of a split are used at most, in words; nothing where there is no cap."""
        limits = {"training": self.settings.max_train_sentences, "dev and test": self.settings.max_eval_sentences}
        return [f"{limit:,} {name} sentences" for name, limit in limits.items() if limit is not None]

    @property
    def groups(self) -> dict[str, tuple[str, ...]]:
        """The groups of languages by name, as the settings have them."""
        return {name: group.languages for name, group in self.settings.grouped.items()}

    @cached_property
    def all_corpora(self) -> dict[str, Corpus]:
        """All corpora that are at hand, whole: projected as the settings say, but neither capped nor selected."""
        from polyner.corpora.prepare import prepared_corpora

        whole = {"languages": None, "max_train_sentences": None, "max_eval_sentences": None}
        return prepared_corpora(dataclasses.replace(self.settings, **whole))

    def gaps(self) -> None:
        """Say in a line each which models could not be run here, and which languages a model could not learn.

        Call it once results were asked for.
        """
        lines = [f"{architecture_name(model)}: not run: {reason}." for model, reason in self.study.not_run.items()]
        lines += [
            f"{architecture_name(model)} on {language_name(code)}: left out: {reason}."
            for (model, code), reason in self.study.left_out.items()
        ]
        lines += [f"{language_name(code)} is there and not used: {why}." for code, why in self.study.unused.items()]
        show_markup("".join(f'<p class="polyner-nothing">{escaped(line)}</p>' for line in lines))

    def endings(self, results: pd.DataFrame) -> None:
        """Say for each regime how many of the runs in a table of results were cut off by the limit of epochs, perhaps
        before they had learnt all they could."""
        runs = [self.study.used[run] for run in dict.fromkeys(results["run"])]
        if told := cut_off((run.spec["regime"], run.metrics["ended"] == "limit") for run in runs):
            show_markup(f'<p class="polyner-nothing">{escaped(f"{CUT_OFF}: {told}.")}</p>')

    def table1(self, best: pd.DataFrame) -> None:
        """Show Table 1 of this run beside the paper's, a table a group, and folded every number of the chosen seeds
        (`study.tables.best_of_seeds`)."""
        from polyner.paper.beside import table1_beside

        for group in self.study.groups():
            caption = f"Table 1, {group_name(group)}: F1 on test, this run and the paper"
            show(table1_beside(best, group, self.study.not_run), caption)
        columns = ["model", "regime", "language", "f1", "precision", "recall", "dev_f1"]
        numbers = best[[*columns, "seed", "seeds", "f1_mean", "f1_std", "run"]]
        show(numbers, "Every number of this run, with the chosen seed and the end of its run's id", fold=True)

    def draw_variants(self, question: Question) -> None:
        """Draw what each variant of a question changes, by regime, against the same runs without it."""
        from polyner.charts import difference
        from polyner.sections.variants import variant_changes

        for (regime, variant), table in variant_changes(self.study, question).items():
            name = variant_name(variant)
            title = f"What {name} does to {REGIME_NAMES[regime]} models"
            draw(difference, table, f"{name} − plain (F1 points)", title)

    def footer(self) -> None:
        """Show what the page's numbers can be traced to: settings, corpora, code, device, seeds, runs and time."""
        settings = self.settings
        facts: dict[str, str] = {
            "Profile": escaped(settings.profile),
            "Corpora": escaped("built-in sample" if settings.corpora == "sample" else settings.corpora),
            "Code": escaped(code_version()),
            "Seeds": escaped(self._seeds()),
        }
        used = self.all_corpora if "all_corpora" in self.__dict__ else self.corpora
        prints = (f"{code} {corpus.fingerprint[:12]}" for code, corpus in used.items())
        facts["Fingerprints"] = _folded(f"of {len(used)} corpora", prints)
        if "study" in self.__dict__:
            facts |= self._facts_of_runs()
        facts["This page"] = escaped(_duration(time.perf_counter() - self._opened))
        rows = "".join(f"<dt>{escaped(key)}</dt><dd>{value}</dd>" for key, value in facts.items() if value)
        show_markup(f'<div class="polyner-footer"><p>How these numbers came about</p><dl>{rows}</dl></div>')

    def _facts_of_runs(self) -> dict[str, str]:
        """What was trained for the page, now or at an earlier time."""
        runs = self.study.used
        facts = {}
        if runs:
            devices = sorted({str(run.environment["device"]) for run in runs.values()})
            facts["Runs"] = _folded(f"{len(runs)} in the run store", runs)
            facts["Trained on"] = escaped(_listed(devices))
            facts["Training took"] = escaped(_duration(sum(run.seconds for run in runs.values())))
        return facts


def open_page(name: str, namespace: Mapping[str, Any]) -> Page:
    """Open a page. What it is executed with is shown where it calls `Page.banner`.

    `namespace` is the page's `globals()`, where its first cell has put the parameters: those of `Settings` are taken,
    and None leaves one to the profile. Raises SettingsError for a profile or a value that does not exist.
    """
    given = {field.name: namespace[field.name] for field in dataclasses.fields(Settings) if field.name in namespace}
    return Page(name, Settings.load(**given), given)


def show(table: pd.DataFrame, caption: str = "", digits: int = 2, *, fold: bool = False) -> None:
    """Display a table: numbers to `digits` decimals and aligned right, what is missing as “–”, all text escaped. Wide
    tables scroll in a box of their own; a long one can be folded under its caption. An empty one is a line that says
    so."""
    if table.empty:
        show_markup(f'<p class="polyner-nothing">{escaped(caption or "This table")}: none.</p>')
        return
    markup = table_markup(table, "" if fold else caption, digits)
    if fold:
        markup = f'<details class="polyner-tables"><summary>{escaped(caption)}</summary>{markup}</details>'
    show_markup(markup)


def say(text: str) -> None:
    """Display a line of plain text, whatever is in it."""
    show_markup(f"<p>{escaped(text)}</p>")


def draw(chart: Callable[..., Any], table: pd.DataFrame, *arguments: Any) -> None:
    """Display `chart(table, *arguments)`, or a line that says so where the table is empty: a corpora folder with only
    some languages leaves some comparisons without anything to compare."""
    if table.empty:
        show_markup('<p class="polyner-nothing">Nothing to draw here: these corpora leave nothing to compare.</p>')
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


def _listed(values: Iterable[object]) -> str:
    return ", ".join(str(value) for value in values)


def _box(kind: str, title: str, text: str) -> str:
    return (
        f'<div class="admonition {kind}"><p class="admonition-title">{escaped(title)}</p><p>{escaped(text)}</p></div>'
    )


def _folded(summary: str, items: Iterable[str]) -> str:
    codes = " ".join(f"<code>{escaped(item)}</code>" for item in items)
    return f"<details><summary>{escaped(summary)}</summary>{codes}</details>"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest:.0f} s" if minutes else f"{rest:.1f} s"
