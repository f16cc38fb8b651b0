"""The figures and tables of §5, each a function from the findings of a study to what is shown of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd

from polyner import charts
from polyner.analysis.contrasts import change_table
from polyner.analysis.pruning import efficiency, over_pruned, pruning_curve
from polyner.book.studies import Exhibit
from polyner.book.tables import table_markup
from polyner.findings import Findings
from polyner.findings.errors import common_error_shares, common_rates, recall_error_counts
from polyner.findings.overlaps import overlap_table

# A study shows these whether or not a larger one on the same corpora does.
_all_sizes = partial(Exhibit, all_sizes=True)


def recall_errors(findings: Findings) -> Exhibit:
    """Figure 1: recall errors by gold tag and regime, and how their rates change from one regime to another."""
    if (table := findings.tables.get("confusions")) is None:
        return Exhibit()
    drawn = [charts.recall_error_bars(recall_error_counts(table, ["regime", "group", "language"]))]
    if (changes := _changes(findings, "recall_errors", ["group", "gold", "first", "second"])) is None:
        return _all_sizes(drawn)
    drawn.append(charts.regime_changes(changes, row="gold", x_title="change of the error rate (percentage points)"))
    caption = "Share of each gold tag's tokens that are errors (percent), and its change"
    return _all_sizes(drawn, [table_markup(changes, caption)])


def confusion(findings: Findings) -> Exhibit:
    """Which tags are taken for which."""
    table = findings.tables.get("confusions")
    return Exhibit() if table is None else _all_sizes([charts.confusion_matrix(table)])


def span_errors(findings: Findings) -> Exhibit:
    """Errors as names: what became of them."""
    if (spans := findings.tables.get("span_errors")) is None:
        return Exhibit()
    kinds = spans.pivot_table("count", ["group", "regime"], "kind", aggfunc="sum", sort=False).reset_index()
    caption = "Names by what became of them, summed over languages and seeds"
    return _all_sizes([charts.span_error_bars(spans)], [table_markup(kinds, caption, digits=0)])


def common_names(findings: Findings) -> Exhibit:
    """Figure 2 both ways: error rates on common names and others, shares of errors with common names, and changes."""
    if (table := findings.tables.get("common_names")) is None:
        return Exhibit()
    rates = common_rates(table).dropna(subset="error_rate")
    drawn = [charts.common_entity_bars(rates)] if len(rates) else []
    shares = common_error_shares(table).groupby(["group", "regime"], sort=False).mean(numeric_only=True)
    caption = "Share of errors that contain a common name (percent): harmonic mean, of missed, of wrong names"
    tables, rows = [table_markup(shares.drop(columns="seed").reset_index(), caption)], []
    for name, text in (("common_shares", "share of errors"), ("common_interactions", "common less others")):
        if (own := _changes(findings, name, ["group", "first", "second"])) is not None:
            rows.append(own.assign(figure=text))
    if (rate := _changes(findings, "common_rates", ["group", "common", "first", "second"])) is not None:
        kinds = rate["common"].map({True: "common names", False: "other names"})
        rows.append(rate.drop(columns="common").assign(figure=kinds))
    if rows:
        changes = pd.concat(rows, ignore_index=True)
        axis = "change of the share or error rate (percentage points)"
        drawn.append(charts.regime_changes(changes, row="figure", x_title=axis))
        tables.append(table_markup(changes, "Changes (percentage points), averaged over languages"))
    return _all_sizes(drawn, tables)


def pruning(findings: Findings, drop: float = 1.0) -> Exhibit:
    """Figure 3 a and b: F1 by the share of weights that is pruned."""
    if (table := findings.tables.get("pruning")) is None:
        return Exhibit()
    title = "Average F1 on validation data by pruned share of weights"
    return _all_sizes([charts.pruning_lines(pruning_curve(table), title, drop)])


def thresholds(findings: Findings, drop: float = 1.0) -> Exhibit:
    """Figure 3 c and d: the share of weights that can go, by language, and what changes from regime to regime."""
    if (table := findings.tables.get("pruning")) is None:
        return Exhibit()
    curve = pruning_curve(table)
    # As many points as the slider offers; it moves the chart of the curves as well.
    by_drop = [over_pruned(curve, each).assign(drop=each) for each in charts.DROPS]
    drawn = [charts.pruning_thresholds(pd.concat(by_drop, ignore_index=True), drop)]
    shares = over_pruned(curve, drop).pivot_table("last_share", ["group", "language"], "regime", sort=False)
    tables = [table_markup(shares.reset_index(), f"The share of weights that can go within {drop:g} F1 point")]
    if (found := _changes(findings, "pruning_thresholds", ["group", "first", "second"])) is not None:
        axis = "change of the share that can go (percentage points)"
        drawn.append(charts.regime_changes(found, row="pair", x_title=axis))
        tables.append(table_markup(found, "The share of weights that can go (percent) in two regimes"))
    if (areas := _changes(findings, "pruning_areas", ["group", "first", "second"])) is not None:
        tables.append(table_markup(areas, "Area under the curves of two regimes", digits=3))
    return _all_sizes(drawn, tables)


def efficiencies(findings: Findings, drop: float = 1.0) -> Exhibit:
    """What a polyglot model needs of its weights, against its monolingual models together."""
    if (table := findings.tables.get("pruning")) is None:
        return Exhibit()
    columns = ["group", "seed", "languages", "kept", "polyglot_f1_change", "ratio"]
    columns += ["f1_difference", "unpruned_f1_difference"]
    tables = [table_markup(efficiency(pruning_curve(table), drop)[columns], "Efficiency of the polyglot model")]
    if (ratios := _changes(findings, "pruning_ratios", ["group"])) is not None:
        columns = ["group", "ratio", "low", "high", "nothing pruned", "seeds"]
        ratios = ratios.rename(columns={"difference": "ratio"})
        shown = ratios.assign(**{"nothing pruned": 1 / ratios["languages"].clip(lower=1)})[columns]
        tables.append(table_markup(shown, "The ratio, and what it is where nothing is pruned on either side"))
    return _all_sizes(tables=tables)


def overlap(findings: Findings, comparison: str) -> Exhibit:
    """Figure 4 a (comparison "languages") or b ("retained"): the overlap of the weights that matter most."""
    titles = {
        "languages": "Overlap of two languages in the polyglot model",
        "retained": "Overlap of the polyglot with the fine-tuned model",
    }
    if (table := findings.tables.get("fisher")) is None:
        return Exhibit()
    own = table[table["comparison"] == comparison]
    heat_map = [charts.overlap_heatmap(own)] if comparison == "languages" else []
    return _all_sizes([charts.overlap_by_layer(own, titles[comparison]), *heat_map])


def overlaps_beside_nulls(findings: Findings) -> Exhibit:
    """The mean overlap in LSTM layers, and what it would be by construction."""
    if not findings.overlaps:
        return Exhibit()
    found = overlap_table(findings.overlaps)
    names = {"languages": "between languages", "retained": "after fine-tuning"}
    top = [f"top {100 * share:g}%" for share in found["share"]]
    found = found.assign(comparison=found["comparison"].map(names), share=top).dropna(axis="columns", how="all")
    return _all_sizes(tables=[table_markup(found, "Overlap in the LSTM layers (percent)", digits=1)])


def precision(findings: Findings) -> Exhibit:
    """How precise the estimates of Fisher information are, and what each estimator costs."""
    table, tables = findings.tables.get("fisher"), []
    if table is not None:
        own = table[table["source"] == "trained"].rename(columns={"first": "language"})
        least = own.groupby(["group", "language"], sort=False).agg({"precision": "min", "seconds": "median"})
        caption = "How precise the estimates are: the rank correlation of two halves of the draws, at worst"
        tables.append(table_markup(least.reset_index(), caption))
    if (costs := findings.tables.get("estimators")) is not None:
        names = {"passes": "backward passes", "whole": "seconds, all sentences"}
        names["correlation"] = "rank correlation with exact"
        costs = costs.round({"seconds": 0, "whole": 0})
        shown = costs.astype(dict.fromkeys(("draws", "passes", "seconds", "whole"), "Int64")).rename(columns=names)
        tables.append(table_markup(shown, "Estimators of the Fisher information", digits=3))
    return _all_sizes(tables=tables)


def _changes(findings: Findings, name: str, by: Sequence[str]) -> pd.DataFrame | None:
    estimates = findings.estimates.get(name)
    return change_table(estimates, by, ("first_rate", "second_rate")) if estimates else None
