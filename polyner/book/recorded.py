"""Recorded results on a page: beside the paper's and this run's, with where they come from one click away."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from polyner.book.page import show
from polyner.book.tables import table_markup
from polyner.names import GROUP_NAMES

if TYPE_CHECKING:
    from polyner.recorded import Recorded

# Where every recorded run is listed.
PAGE = "08-claims"
MARKS = (
    "▲ and ▼: the mean over seeds differs from the monolingual one by more than its 95 % interval, over seeds and (in "
    "pairs) over test sentences. One cell at a time: of twenty cells without a difference one is marked by chance."
)


def recorded_results() -> list[Recorded]:
    """All recorded results of the book; says so where there are none."""
    from polyner.recorded import all_recorded

    found = all_recorded()
    if not found:
        _display('<p class="polyner-nothing">No results are recorded yet (polyner record).</p>')
    return found


def show_recorded_table1(regimes: Sequence[str], ours: pd.DataFrame | None = None) -> None:
    """Table 1 of all recorded results for these regimes, beside the paper's and, where `ours` is a table of a run's
    chosen seeds (`study.best_of_seeds`), this run's."""
    from polyner.paper.marked import marked_table1
    from polyner.recorded.summary import summary

    for each in recorded_results():
        tables = summary(each)
        cells, averages = (
            tables[name][tables[name]["regime"].isin(regimes)].reset_index(drop=True) for name in ("cells", "averages")
        )
        beside = {} if ours is None else {"this run": ours[ours["variant"] == ""]}
        for group in dict.fromkeys(cells["group"]):
            caption = f"Table 1, {GROUP_NAMES[group]}: F1 on test, recorded ({each.name}), and the paper's"
            show(marked_table1(cells, averages, group, beside), caption)
        if not cells.empty:
            _display(f'<p class="polyner-nothing">{MARKS}</p>')
        show_provenance(each)


def show_recorded_table3() -> None:
    """Table 3 of all recorded results, F1 on languages that the polyglot model has not seen, and learning curves."""
    from polyner.paper import table3
    from polyner.recorded.summary import summary

    paper = table3().rename(columns={"f1": "the paper"})[["regime", "language", "the paper"]]
    names = {"f1": "best by dev", "f1_mean": "mean", "f1_std": "spread", "difference": "− monolingual"}
    for each in recorded_results():
        novel = summary(each)["novel"]
        if novel.empty:
            _nothing(each)
            continue
        table = novel.merge(paper, on=["regime", "language"], how="left").rename(columns=names)
        columns = ["language", "regime", *names.values(), "low", "high", "mark", "seeds", "the paper"]
        show(table[columns], f"Table 3: F1 on test, recorded ({each.name}), and the paper's")
        curves = each.curves
        if curves["sentences"].nunique() > 2:
            wide = curves.pivot_table("f1", ["language", "sentences"], "regime").reset_index()
            show(wide, f"F1 on test by the number of training sentences (mean over seeds), recorded ({each.name})")
        show_provenance(each)


def show_recorded_variants(variants: Sequence[str]) -> None:
    """What these variants change, by language and on average, in all recorded results."""
    from polyner.recorded.summary import summary

    for each in recorded_results():
        table = summary(each)["variants"]
        table = table[table["variant"].isin(variants)]
        if table.empty:
            _nothing(each)
            continue
        names = {"first": "plain", "second": "variant"}
        show(table.rename(columns={"variant": "what", **names}), f"F1 on test, recorded ({each.name})")
        show_provenance(each)


def show_recorded_table(name: str, make: Callable[[pd.DataFrame], pd.DataFrame], caption: str) -> None:
    """What `make` makes of the recorded table of an analysis (`name`: as `Evidence` calls it)."""
    for each in recorded_results():
        table = each.tables.get(name)
        if table is None or table.empty:
            _nothing(each)
            continue
        show(make(table), f"{caption}, recorded ({each.name})")
        show_provenance(each)


def show_recorded_verdicts(claims: Iterable[str] | None = None) -> None:
    """What all recorded results say about claims (all by default), a row a claim; how they are judged is the same."""
    from polyner.recorded.summary import summary

    for each in recorded_results():
        table = summary(each)["verdicts"]
        if claims is not None:
            table = table[table["id"].isin(list(claims))]
        names = {"figure": "recorded", "paper_figure": "the paper"}
        columns = ["id", "verdict", "recorded", "low", "high", "line", "the paper", "unit"]
        show(table.rename(columns=names)[columns], f"Verdicts on recorded results ({each.name})")
        _fold("What each verdict rests on", dict(zip(table["id"], table["detail"], strict=True)))
        show_provenance(each)


def show_recorded_runs() -> None:
    """Every recorded run, folded, and what was not run."""
    for each in recorded_results():
        show_provenance(each, runs=True)


def show_provenance(recorded: Recorded, runs: bool = False) -> None:
    """Where recorded results come from, folded; with `runs`, with a row for every run of them."""
    count = len(recorded.runs)
    if runs and count:
        below = table_markup(recorded.run_table(), f"Recorded runs of {recorded.name}")
    else:
        folder = f"book/results/{html.escape(recorded.name)}"
        below = f'<p><a href="{PAGE}.html#every-recorded-run">Every recorded run</a>, a file each in {folder}/.</p>'
    _fold(f"Where the recorded numbers come from: {recorded.name}, {count} runs", recorded.provenance(), below)


def _nothing(recorded: Recorded) -> None:
    _display(f'<p class="polyner-nothing">{html.escape(recorded.name)}: nothing is recorded of this section.</p>')


def _fold(summary: str, facts: Mapping[str, str], below: str = "") -> None:
    """Facts under their names, to be unfolded; `below` is HTML."""
    rows = (f"<dt>{html.escape(key)}</dt><dd>{html.escape(value)}</dd>" for key, value in facts.items() if value)
    _display(
        f'<div class="polyner-footer"><details><summary>{html.escape(summary)}</summary>'
        f"<dl>{''.join(rows)}</dl>{below}</details></div>"
    )


def _display(markup: str) -> None:
    from IPython.display import HTML, display

    display(HTML(markup))
