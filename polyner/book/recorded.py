"""Recorded results on a page: charts and tables of them beside the paper's, with where they come from, folded."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from polyner.book.collections import Exhibit, show_collections
from polyner.book.endings import CUT_OFF, cut_off
from polyner.book.markup import fold, show_markup
from polyner.book.tables import table_markup
from polyner.book.verdicts import verdict_rows
from polyner.names import REGIME_NAMES, architecture_name, group_name, variant_name
from polyner.paper.evidence import novel_groups

if TYPE_CHECKING:
    from polyner.recorded import Recorded

# Where every recorded run is listed.
PAGE = "08-claims"
SOURCE = "recorded"
MARKS = (
    "▲ and ▼: the mean over seeds differs from the monolingual one: the 95 % interval of the difference, over seeds "
    "and test sentences, leaves out 0. One cell at a time: of twenty cells without a difference one is "
    "marked by chance."
)


def recorded_results() -> list[Recorded]:
    """All recorded results of the book; says so where there are none."""
    from polyner.recorded import all_recorded

    found = all_recorded()
    if not found:
        show_markup('<p class="polyner-nothing">No results are recorded yet (polyner record).</p>')
    return found


def show_recorded_labels() -> None:
    """How the entities of each language's training set divide into types, in all recorded results."""
    from polyner.charts import label_distribution

    def exhibit(each: Recorded) -> Exhibit:
        shares = label_shares(each)
        if shares.empty:
            return Exhibit()
        title = f"How entities divide into types, recorded ({each.title})"
        wide = shares.pivot_table("entities", ["group", "language"], "type", fill_value=0, sort=False).reset_index()
        counts = table_markup(wide, f"Entities of the training sets by type ({each.title})", digits=0)
        return Exhibit([label_distribution(shares, title)], [counts])

    show_collections(recorded_results(), exhibit, provenance_markup)


def show_recorded_table1(regimes: Sequence[str]) -> None:
    """Table 1 of all recorded results for these regimes: what the last adds to the monolingual models, F1 by regime,
    and tables, all beside the paper's."""
    from polyner.charts import difference, regime_dots, slopes
    from polyner.paper import table1
    from polyner.paper.marked import marked_table1
    from polyner.recorded.summary import summary

    last = regimes[-1]

    def exhibit(each: Recorded) -> Exhibit:
        tables = summary(each)
        cells, averages = (
            tables[name][tables[name]["regime"].isin(regimes)].reset_index(drop=True) for name in ("cells", "averages")
        )
        if cells.empty:
            return Exhibit()
        title, charts = f"recorded ({each.title}) and the paper's", []
        changes = _changes(cells, last, table1())
        if not changes.empty:
            what = f"{REGIME_NAMES[last]} − monolingual (F1 points)"
            charts.append(difference(changes, what, f"Change of F1, {title}", SOURCE))
        if len(regimes) > 2:
            means = cells.assign(f1=cells["f1_mean"])
            charts.append(slopes(means, table1(), f"F1 from regime to regime, means over seeds, {title}", SOURCE))
        else:
            charts.append(
                regime_dots(_of_table1(each, regimes), table1(), f"F1 by language and regime, {title}", SOURCE)
            )
        markup = [
            table_markup(
                marked_table1(cells, averages, group),
                f"Table 1, {group_name(group)}: F1 on test, recorded ({each.title}), and the paper's",
            )
            for group in dict.fromkeys(cells["group"])
        ]
        return Exhibit(charts, [*markup, f'<p class="polyner-nothing">{MARKS}</p>'], [_endings(each, regimes)])

    show_collections(recorded_results(), exhibit, provenance_markup)


def show_recorded_table3() -> None:
    """Table 3 of all recorded results, F1 on languages that the polyglot model has not seen, and learning curves."""
    from polyner.charts import difference, regime_dots, target_curves
    from polyner.paper import table3
    from polyner.recorded.summary import summary

    paper = table3()

    def exhibit(each: Recorded) -> Exhibit:
        novel, curves = summary(each)["novel"], each.curves
        if novel.empty:
            return Exhibit()
        title = f"recorded ({each.title}) and the paper's"
        runs = each.results[each.results["group"].isin(novel_groups(each.results))]
        charts = [regime_dots(runs, paper, f"F1 on languages that the polyglot model has not seen, {title}", SOURCE)]
        changes = _changes(novel, "fine_tuned", paper)
        if not changes.empty:
            what = "fine-tuned − monolingual (F1 points)"
            charts.append(difference(changes, what, f"What the polyglot model's weights add, {title}", SOURCE))
        names = {"f1": "best by dev", "f1_mean": "mean", "f1_std": "spread", "difference": "− monolingual"}
        printed = paper.rename(columns={"f1": "the paper"})[["regime", "language", "the paper"]]
        table = novel.merge(printed, on=["regime", "language"], how="left").rename(columns=names)
        columns = ["language", "regime", *names.values(), "low", "high", "mark", "seeds", "the paper"]
        tables = [table_markup(table[columns], f"Table 3: F1 on test, recorded ({each.title}), and the paper's")]
        if (curves.groupby("language")["sentences"].nunique() > 2).any():
            charts.append(target_curves(curves, f"F1 by the number of training sentences, recorded ({each.title})"))
            wide = curves.pivot_table("f1", ["language", "sentences"], "regime").reset_index()
            tables.append(
                table_markup(
                    wide, f"F1 on test by the number of training sentences (mean over seeds), recorded ({each.title})"
                )
            )
        return Exhibit(charts, tables)

    show_collections(recorded_results(), exhibit, provenance_markup)


def show_recorded_variants(variants: Sequence[str]) -> None:
    """What variants (of `study.VARIANTS`) change by language and on average, in all recorded results."""
    from polyner.charts import difference
    from polyner.recorded.summary import summary

    def exhibit(each: Recorded) -> Exhibit:
        table = summary(each)["variants"]
        table = table[table["variant"].isin(variants)]
        if table.empty:
            return Exhibit()
        charts = [
            difference(
                cells.drop(columns="variant"),
                f"{variant_name(variant)} − plain (F1 points)",
                f"Change of F1 in {REGIME_NAMES[regime]} models, recorded ({each.title})",
            )
            for (regime, variant), cells in table[table["language"] != "average"].groupby(["regime", "variant"])
        ]
        shown = table.assign(variant=table["variant"].map(variant_name))
        shown = shown.rename(columns={"variant": "what", "first": "plain", "second": "changed"})
        return Exhibit(charts, [table_markup(shown, f"F1 on test, recorded ({each.title})")])

    show_collections(recorded_results(), exhibit, provenance_markup)


def show_recorded_table(
    name: str, caption: str, chart: Callable | None = None, make: Callable[[pd.DataFrame], pd.DataFrame] | None = None
) -> None:
    """The recorded table of an analysis (`name`: as `Evidence` calls it), or what `make` makes of it, and `chart` of
    the table as it is recorded, which gets a title as its second argument."""

    def exhibit(each: Recorded) -> Exhibit:
        table = each.tables.get(name)
        if table is None or table.empty:
            return Exhibit()
        title = f"{caption}, recorded ({each.title})"
        drawn = [chart(table, title)] if chart else []
        return Exhibit(drawn, [table_markup(make(table) if make else table, title)])

    show_collections(recorded_results(), exhibit, provenance_markup)


def show_recorded_verdicts(claims: Iterable[str] | None = None) -> None:
    """What all recorded results say about claims (all by default), a row a part of each claim."""
    from polyner.recorded.summary import summary

    wanted = None if claims is None else list(claims)

    def exhibit(each: Recorded) -> Exhibit:
        table = summary(each)["verdicts"]
        if wanted is not None:
            table = table[table["id"].isin(wanted)]
        told = table.drop_duplicates("id")
        details = {row.claim: _how_judged(row) for row in told.itertuples()}
        tables = [table_markup(verdict_rows(table), f"Verdicts on recorded results ({each.title})")]
        return Exhibit((), [*tables, fold("How each claim is judged, and what was not run", details)])

    show_collections(recorded_results(), exhibit, provenance_markup)


def _how_judged(row: Any) -> str:
    told = (row.reading, row.null and f"By chance: {row.null}", row.note, row.missing and f"Not run: {row.missing}.")
    return " ".join(filter(None, told))


def show_recorded_runs() -> None:
    """Every recorded run, folded, and what was not run."""
    for each in recorded_results():
        show_markup(provenance_markup(each, runs=True))


def provenance_markup(recorded: Recorded, runs: bool = False) -> str:
    """Where recorded results come from, folded, as HTML; with `runs`, with a row for every run of them."""
    count = len(recorded.runs)
    if runs and count:
        below = table_markup(recorded.run_table(), f"Recorded runs of {recorded.title}")
    else:
        link = f'<a href="{PAGE}.html#every-recorded-run">Every recorded run, and what was not run</a>'
        below = f"<p>{link}; a file each in book/results/{html.escape(recorded.name)}/.</p>"
    facts = recorded.provenance()
    if not runs:  # that list is long, and the same on every page
        facts.pop("Not run")
    return fold(f"Where the recorded numbers come from: {recorded.title}, {count} runs", facts, below)


def label_shares(recorded: Recorded) -> pd.DataFrame:
    """A table as `analysis.labels.entity_shares` has it, of the corpora of recorded results."""
    groups = recorded.results.groupby("language")["group"].unique()
    rows = [
        (group, code, name, count, count / sum(corpus["training_entities"].values()))
        for code, corpus in recorded.corpora.items()
        for group in groups.get(code, ["other"])
        for name, count in corpus["training_entities"].items()
    ]
    return pd.DataFrame(rows, columns=["group", "language", "type", "entities", "share"])


def _endings(recorded: Recorded, regimes: Sequence[str]) -> str:
    """Of each model, how many of its runs in Table 1 the limit of epochs ended."""
    from polyner.recorded.read import ended_by_limit

    results = _of_table1(recorded, regimes)
    ids, by_model = set(results.loc[results["variant"] == "", "run"]), {}
    for each in recorded.runs:
        if each["run"] in ids:
            by_model.setdefault(each["spec"]["model"], []).append((each["spec"]["regime"], ended_by_limit(each)))
    told = [f"{architecture_name(model)} {cut_off(runs)}" for model, runs in by_model.items()]
    return f"{CUT_OFF}: {'; '.join(told)}."


def _of_table1(recorded: Recorded, regimes: Sequence[str]) -> pd.DataFrame:
    """The results of these regimes, less those of §4.2."""
    results = recorded.results
    return results[~results["group"].isin(novel_groups(results)) & results["regime"].isin(regimes)]


def _changes(cells: pd.DataFrame, regime: str, paper: pd.DataFrame) -> pd.DataFrame:
    """By model and language, how far a regime is from monolingual: in means over seeds, and in the paper."""
    keys = ["model", "language"]
    changes = cells[(cells["regime"] == regime) & cells["difference"].notna()]
    changes = changes.assign(second=changes["f1_mean"], first=changes["f1_mean"] - changes["difference"])
    printed = paper.pivot_table("f1", keys, "regime")
    theirs = (printed[regime] - printed["monolingual"]).rename("paper").reset_index()
    columns = [*keys, "group", "first", "second", "difference", "low", "high", "seeds"]
    return changes[columns].merge(theirs, on=keys, how="left")
