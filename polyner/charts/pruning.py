"""Charts of pruning (§5.2): F1 by the share of weights pruned, and how much can go before a language suffers."""

from __future__ import annotations

import json

import altair as alt
import pandas as pd

from polyner.charts.interaction import ALL, DROP, chosen, drop_slider, emphasis, language_choice, legend_click
from polyner.charts.layers import DASHES_LEGEND, regime_offset, split_rows, tips
from polyner.charts.rows import language_rows, place_menu, places, with_names
from polyner.charts.theme import known_regimes, regime_colour, table_for
from polyner.charts.titles import by_choice, in_parts
from polyner.charts.words import complete, signed
from polyner.names import REGIME_NAMES

# Pixels of a row of shares above the lines.
_ROW = 13
_ORDERS = {"magnitude": "smallest weights first", "random": "weights at random"}


def pruning_lines(curves: pd.DataFrame, title: str, drop: float = 1.0) -> alt.LayerChart:
    """Figure 3 a, b: F1 by the share of weights that is pruned, a line a regime; dashed where weights go at random.

    `curves`: model, regime, group, language, seed, run, scope, order, share (0 to 1), f1
    (`analysis.pruning.pruning_curve`, of one model and scope, of several orders one below the other). Seeds are
    averaged. A menu chooses the mean over a group's languages or one of them. A slider, at first `drop`, chooses how
    many points F1 may fall; a ring marks the last share before a line falls further.
    """
    keys = ["model", "scope", "order", "regime", "group", "language", "share"]
    curves = table_for("pruning_lines", curves, [*keys, "seed", "run", "f1"])
    regimes = known_regimes(curves["regime"])
    languages = curves.groupby(keys, as_index=False, sort=False).agg({"f1": "mean", "run": _all_of})
    groups = languages.groupby([key for key in keys if key != "language"], as_index=False, sort=False)["f1"].mean()
    table = pd.concat([groups.assign(language=ALL), languages], ignore_index=True)
    names = {"regime_name": table["regime"].map(REGIME_NAMES), "ordered": table["order"].map(_ORDERS)}
    table = table.assign(place=places(table), **names)
    columns = ["model", "scope", "place", "regime", "regime_name", "ordered", "share", "f1", "run"]
    by_regime = legend_click("regime_name", "pruning_regime")
    choices = {"place": place_menu(table, "pruning_place", "mean"), "regime_name": by_regime}
    share, f1 = ("weights pruned", ".0%"), ("F1", ".2f")
    base = alt.Chart().encode(
        x=alt.X("share:Q", title="weights pruned (%)", axis=alt.Axis(format="%"), scale=alt.Scale(nice=False)),
        y=alt.Y("f1:Q", title="F1 on validation data (%)"),
        # Above the lines is room for the shares of the rings, a row a regime.
        color=regime_colour(regimes, offset=10 + _ROW * len(regimes)),
        detail=["regime_name:N", "ordered:N"],
        opacity=emphasis(["model", "regime"]),
        tooltip=tips(regime_name="regime", share=share, f1=f1, ordered="pruned", run="run"),
    )
    lines, points = base.mark_line(strokeWidth=2, tooltip=False), base.mark_point(filled=True, size=35, strokeWidth=0)
    if (orders := list(dict.fromkeys(table["order"]))) != ["magnitude"]:
        legend = alt.Legend(columns=alt.expr("width < 340 ? 1 : 2"), **DASHES_LEGEND)
        dashes = alt.Scale(domain=[_ORDERS[order] for order in _ORDERS if order in orders])
        dashes.range = [[1, 0] if order == "magnitude" else [4, 3] for order in _ORDERS if order in orders]
        lines = lines.encode(strokeDash=alt.StrokeDash("ordered:N", scale=dashes, legend=legend))
    chart = alt.layer(lines, points, *_last_shares(base, regimes), data=table[columns].round({"f1": 4}))
    subject = f"{title}; ring: the last share before F1 falls too far"
    about = {"also": [drop_slider(drop)], "height": 280, "linked": ["model", "regime"], "shared": [DROP]}
    found = by_choice(table, ["place"], _half_pruned)
    return complete(chosen(chart, **choices), found, subject, choices, **about)


def _all_of(runs: pd.Series) -> str:
    """Runs by what tells them apart, the hash at the end of each: a chart has hundreds of such rows."""
    return ", ".join(dict.fromkeys(runs.str.rpartition("-")[2]))


def _last_shares(base: alt.Chart, regimes: list[str]) -> list[alt.Chart]:
    """Rings, where each line is for the last time not more than the slider's points below its start, and above the
    lines their shares: beside the rings they would lie on one another.

    What comes behind the first share that is too low does not matter, as in `analysis.pruning.over_pruned`.
    """
    lines = ["regime_name", "ordered"]
    ends = (
        base.transform_calculate(begins="datum.share === 0 ? datum.f1 : null")
        .transform_joinaggregate(whole="max(begins)", groupby=lines)
        .transform_calculate(over=f"datum.whole - datum.f1 > {DROP} + 1e-9 ? datum.share : 2")
        .transform_joinaggregate(first_over="min(over)", groupby=lines)
        .transform_filter("datum.share < datum.first_over")
        .transform_joinaggregate(last="max(share)", groupby=lines)
        # Where nothing can go, a ring would only hide the axis.
        .transform_filter("datum.share === datum.last && datum.share > 0")
    )
    ring = ends.mark_point(filled=False, size=170, strokeWidth=2.5)
    names = json.dumps([REGIME_NAMES[regime] for regime in regimes])
    row = alt.value(alt.expr(f"{_ROW} * (indexof({names}, datum.regime_name) - {len(regimes)} + 0.5)"))
    stem = ends.mark_rule(strokeDash=[1, 3], strokeWidth=1.5, tooltip=False).encode(y2=row)
    label = ends.mark_text(baseline="middle", fontSize=11, fontWeight="bold", tooltip=False).encode(y=row)
    return [stem, ring, label.encode(text=alt.Text("last:Q", format=".0%"))]


def _half_pruned(rows: pd.DataFrame) -> dict[tuple[str, ...], str]:
    """By the regimes drawn: how F1 changes where about half of the weights are gone, the smallest, and in brackets as
    many at random where these are drawn too."""
    orders = [order for order in _ORDERS if order in set(rows["order"])]
    share = min(set(rows.loc[rows["order"] == orders[0], "share"]), key=lambda share: (abs(share - 0.5), share))
    f1 = rows.groupby(["order", "regime", "share"])["f1"].first()
    changes = {}
    for regime in known_regimes(rows["regime"]):
        both = [((order, regime, share), (order, regime, 0.0)) for order in orders]
        if losses := [signed(f1[after] - f1[before]) for after, before in both if after in f1 and before in f1]:
            at_random = f" ({', '.join(losses[1:])})" if losses[1:] else ""
            changes[REGIME_NAMES[regime]] = f"{REGIME_NAMES[regime]} {losses[0]}{at_random}"
    of = ", the smallest (or random ones)" if len(orders) > 1 else ""
    return in_parts(f"Without {share:.0%} of the weights{of}, F1 changes by (points): {{}}", changes)


def pruning_thresholds(thresholds: pd.DataFrame, drop: float = 1.0) -> alt.LayerChart:
    """Figure 3 c, d: the last share of weights that can be pruned before F1 falls too far (in the paper, by a point).

    `thresholds`: model, regime, group, language, run, scope, last_share (0 to 1) (`analysis.pruning.over_pruned`), and
    drop: the loss of F1 points that counts as too much, each of `DROPS`. A slider chooses it, at first the nearest to
    `drop`. Seeds are averaged.
    """
    keys = ["regime", "group", "language", "scope", "model", "drop"]
    table = table_for("pruning_thresholds", thresholds, [*keys, "run", "last_share"])
    regimes = known_regimes(table["regime"])
    figures = {"last_share": ("last_share", "mean"), "low": ("last_share", "min"), "high": ("last_share", "max")}
    figures |= {"seeds": ("last_share", "size"), "run": ("run", _all_of)}
    table = with_names(table.groupby(keys, sort=False).agg(**figures).reset_index())
    table["regime_name"] = table["regime"].map(REGIME_NAMES)
    choices = {"drop": drop_slider(drop), "regime_name": legend_click("regime_name", "thresholds_regime")}
    language = language_choice(table["language"], "thresholds_language")
    tooltip = tips(name="language", regime_name="regime", last_share=("can be pruned", ".0%"))
    if (table["seeds"] > 1).any():
        tooltip += tips(low=("lowest seed", ".0%"), high=("highest seed", ".0%"))
    axis, scale = alt.Axis(format="%"), alt.Scale(domain=[0, 1])
    chart = alt.Chart(table.round(4)).mark_point(filled=True, size=65, strokeWidth=0)
    chart = chart.encode(
        y=language_rows(table),
        yOffset=regime_offset(regimes),
        x=alt.X("last_share:Q", title="weights that can be pruned (%)", axis=axis, scale=scale),
        color=regime_colour(regimes),
        opacity=emphasis(table, language),
        tooltip=[*tooltip, *tips(run="run")],
    )
    subject = "The last share of weights that can be pruned before F1 falls too far"
    about = {"also": [language], "height": split_rows(30), "linked": table, "shared": [DROP]}
    found = by_choice(table, ["drop"], _mean_thresholds)
    return complete(chosen(chart, **choices), found, subject, choices, **about)


def _mean_thresholds(rows: pd.DataFrame) -> dict[tuple[str, ...], str]:
    """By the regimes drawn: the mean threshold of each."""
    drop, means = rows["drop"].iloc[0], rows.groupby("regime")["last_share"].mean()
    parts = {REGIME_NAMES[r]: f"{means[r]:.1%} of {REGIME_NAMES[r]}" for r in known_regimes(rows["regime"])}
    return in_parts(f"Within {drop:g} F1 point{'' if drop == 1 else 's'}, {{}} weights can go", parts)
