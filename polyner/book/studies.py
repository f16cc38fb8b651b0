"""What a page shows of several studies: one in view, each of the others one click away."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from polyner.book.markup import escaped, fold, folded, remark, show_markup
from polyner.book.tables import table_markup
from polyner.findings import Findings
from polyner.findings.provenance import provenance, run_table
from polyner.models.configs import CONFIGS
from polyner.names import REGIME_NAMES

ENCODER_CRF = "mbert-crf"
# Where every run is listed.
PAGE = "08-claims"

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Exhibit:
    """What there is of a study: Altair charts, below them notes (text), and tables (HTML), folded under the charts.

    data: what goes with them into the executed page, by MIME type. behind: whether those of other studies go before it,
    as it has little to say; samples stand last all the same. all_sizes: whether studies that differ from a larger one
    in size alone show theirs as well.
    """

    charts: Sequence[Any] = ()
    tables: Sequence[str] = ()
    notes: Sequence[str] = ()
    data: dict[str, Any] | None = None
    behind: bool = False
    all_sizes: bool = False

    def __bool__(self) -> bool:
        return bool(self.charts or self.tables)


Show = Callable[[Findings], Exhibit]
"""What makes the exhibit of a study."""


def show_studies(studies: Sequence[Findings], exhibit: Show, notes: bool = True) -> list[Findings]:
    """Display an exhibit of each study that has one, with a choice of one where there are several; return the studies.

    Of recorded studies that differ in size alone, the largest that has one shows it, unless it is of all sizes. Before
    each stands what the study is, and with `notes` what readers should know of it. Studies that have nothing to show
    are said to be without.
    """
    shown: list[tuple[Findings, Exhibit]] = []
    first: dict[str, Exhibit] = {}
    without: dict[str, str] = {}
    for each in studies:
        larger = first.get(_series(each))
        if larger and not larger.all_sizes:
            continue
        if of_it := exhibit(each):
            first.setdefault(_series(each), of_it)
            shown.append((each, of_it))
        else:
            without.setdefault(_series(each), each.title)
    shown.sort(key=lambda pair: (pair[0].sample, pair[1].behind))
    if len(shown) > 1:
        show_markup(_choice([each.title for each, _ in shown]))
    for number, (each, of_it) in enumerate(shown, 1):
        parts = [f'<p class="polyner-collection">{caption(each, notes)}</p>']
        parts += [_noted(chart, each)._repr_mimebundle_()["text/html"] for chart in of_it.charts]
        parts += [remark(note) for note in of_it.notes if note]
        parts.append(_folded(of_it))
        for part in filter(None, parts):
            show_markup(f'<div class="polyner-of of-{number}">{part}</div>' if len(shown) > 1 else part, of_it.data)
    if not shown:
        show_markup(remark("No study here has this yet."))
    elif lacking := [title for series, title in without.items() if series not in first]:
        show_markup(remark(f"Not in: {'; '.join(lacking)}."))
    return [each for each, _ in shown]


def _series(findings: Findings) -> str:
    """What recorded studies of several sizes have in common; this run stands for itself."""
    return findings.series if findings.name else ""


def caption(findings: Findings, notes: bool = True) -> str:
    """What the numbers of a study are, as HTML: “WikiANN: 16 languages (3 of them novel), 3 seeds, …”."""
    results, settings = findings.results, findings.about["settings"]
    apart = results.loc[results["group"].isin(findings.novel), "language"].nunique()
    languages = results["language"].nunique() or len(findings.corpora)
    facts = [f"{languages} languages" + (f" ({apart} of them novel)" if apart else "")]
    cells = results.groupby(["model", "regime", "variant", "language"])["seed"].nunique()
    if len(cells):
        least, most = cells.min(), cells.max()
        facts.append(f"{least} to {most} seeds" if least < most else f"{most} seed{'s' if most > 1 else ''}")
    if (results["model"] == ENCODER_CRF).any():
        encoder = settings.get("architecture", {}).get(ENCODER_CRF, {}).get("encoder", CONFIGS[ENCODER_CRF]().encoder)
        facts.append(f"the encoder is {escaped(encoder.rpartition('/')[2])}")
    if cap := settings.get("max_train_sentences"):
        facts.append(f"at most {cap:,} training sentences a language")
    if findings.sample:
        facts.append("on generated sentences, which show how it works and are no evidence")
    note = escaped(findings.about.get("note", "")) if notes else ""
    return f"<b>{escaped(findings.title)}</b>: {', '.join(facts)}. {note}".strip()


def show_provenance(studies: Sequence[Findings], runs: bool = False) -> None:
    """Where the numbers of studies come from, folded; with `runs`, with a row for every run of them."""
    markup = []
    for each in studies:
        facts = provenance(each)
        if runs and each.runs:
            below = table_markup(run_table(each), f"Every run of {each.title}")
        else:
            facts.pop("Not run")  # that list is long, and the same on every page
            below = f'<p><a href="{PAGE}.html#every-run">Every run, and what was not run</a></p>'
        markup.append(fold(f"Where the numbers come from: {each.title}, {len(each.runs)} runs", facts, below))
    show_markup("".join(markup))


def endings(results: pd.DataFrame) -> str:
    """By regime, how many of the runs in a table of results the limit of epochs ended, perhaps before they had learnt
    all they could; nothing where none was."""
    runs = results.drop_duplicates("run")
    ended = (runs["ended"] == "limit").groupby(runs["regime"]).agg(["sum", "size"])
    if not len(ended) or not ended["sum"].any():
        return ""
    there = {name: text for name, text in REGIME_NAMES.items() if name in ended.index}
    told = [f"{ended['sum'][name]} of {ended['size'][name]} {text}" for name, text in there.items()]
    return f"Ended by the limit of epochs, and so perhaps too early: {', '.join(told)} runs."


def _noted(chart: Any, findings: Findings) -> Any:
    """The chart with a note for the website, which says what each chart is drawn from."""
    evidence = ", on generated sentences: no evidence" if findings.sample else ""
    about = {**chart.usermeta["polyner"], "note": f"Results of {findings.title}{evidence}."}
    return chart.properties(usermeta={"polyner": about})


def _choice(names: Sequence[str]) -> str:
    """Buttons, one of which is pressed; the style sheet hides what belongs to the others, and on paper nothing."""
    group = f"polyner-collections-{next(_numbers)}"
    buttons = "".join(
        f'<label><input type="radio" name="{group}" value="{number}"{" checked" if number == 1 else ""}> '
        f"<span>{escaped(name)}</span></label>"
        for number, name in enumerate(names, 1)
    )
    return f'<fieldset class="polyner-collections"><legend>Study</legend>{buttons}</fieldset>'


def _folded(exhibit: Exhibit) -> str:
    tables = "".join(exhibit.tables)
    # Without a chart above them, tables are what there is to see.
    if not (tables and exhibit.charts):
        return tables
    summary = "The numbers as a table" if len(exhibit.tables) == 1 else "The numbers as tables"
    return folded(summary, tables)
