"""What a page shows of several collections of recorded results: one in view, each of the others one click away."""

from __future__ import annotations

import html
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from polyner.book.markup import show_markup
from polyner.paper.evidence import novel_groups

if TYPE_CHECKING:
    from polyner.recorded import Recorded

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Exhibit:
    """What there is of a collection: Altair charts, below them notes (text), and tables (HTML), folded."""

    charts: Sequence[Any] = ()
    tables: Sequence[str] = ()
    notes: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.charts or self.tables)


def show_collections(
    found: Sequence[Recorded], exhibit: Callable[[Recorded], Exhibit], below: Callable[[Recorded], str]
) -> None:
    """Display an exhibit of each collection, with a choice of one where there are several.

    Before each stands what the collection is, and behind it `below(collection)`, HTML. Collections that have nothing to
    show are said to be without.
    """
    exhibits = [(each, exhibit(each)) for each in found]
    shown = [(each, of_it) for each, of_it in exhibits if of_it]
    if len(shown) > 1:
        show_markup(_choice([each.title for each, _ in shown]))
    for number, (each, of_it) in enumerate(shown, 1):
        parts = [f'<p class="polyner-collection">{caption(each)}</p>']
        parts += [_noted(chart, each)._repr_mimebundle_()["text/html"] for chart in of_it.charts]
        parts += [f'<p class="polyner-nothing">{html.escape(note)}</p>' for note in of_it.notes]
        parts.append(_folded(of_it) + below(each))
        for part in parts:
            show_markup(f'<div class="polyner-of of-{number}">{part}</div>' if len(shown) > 1 else part)
    if without := ", ".join(html.escape(each.title) for each, of_it in exhibits if not of_it):
        show_markup(f'<p class="polyner-nothing">{without}: nothing is recorded of this section.</p>')


def caption(recorded: Recorded) -> str:
    """What the numbers of a collection are, as HTML: “Recorded, WikiANN: 16 languages (3 of them held out), …”."""
    settings, results = recorded.about["settings"], recorded.results
    held_out = set(results.loc[results["group"].isin(novel_groups(results)), "language"])
    apart = sum(code in held_out for code in recorded.corpora)
    facts = [f"{len(recorded.corpora)} languages" + (f" ({apart} of them held out)" if apart else "")]
    cells = results.groupby(["model", "regime", "variant", "language"])["seed"].nunique()
    if len(cells):
        least, most = cells.min(), cells.max()
        facts.append(f"{least} to {most} seeds" if least < most else f"{most} seed{'s' if most > 1 else ''}")
    if cap := settings["max_train_sentences"]:
        facts.append(f"at most {cap:,} training sentences a language")
    kind = " (built-in sample)" if recorded.about["sample"] else ""
    return f"Recorded, <b>{html.escape(recorded.title)}</b>{kind}: {', '.join(facts)}."


def _noted(chart: Any, recorded: Recorded) -> Any:
    """The chart with a note for the website, which says what each chart is drawn from."""
    about = {**chart.usermeta["polyner"], "note": f"Recorded results: {recorded.title}."}
    return chart.properties(usermeta={"polyner": about})


def _choice(names: Sequence[str]) -> str:
    """Buttons, one of which is pressed; the style sheet hides what belongs to the others, and on paper nothing."""
    group = f"polyner-collections-{next(_numbers)}"
    buttons = "".join(
        f'<label><input type="radio" name="{group}" value="{number}"{" checked" if number == 1 else ""}> '
        f"<span>{html.escape(name)}</span></label>"
        for number, name in enumerate(names, 1)
    )
    return f'<fieldset class="polyner-collections"><legend>Recorded results</legend>{buttons}</fieldset>'


def _folded(exhibit: Exhibit) -> str:
    tables = "".join(exhibit.tables)
    # Without a chart above them, tables are what there is to see.
    if not (tables and exhibit.charts):
        return tables
    summary = "The numbers as a table" if len(exhibit.tables) == 1 else "The numbers as tables"
    return f'<details class="polyner-tables"><summary>{summary}</summary>{tables}</details>'
