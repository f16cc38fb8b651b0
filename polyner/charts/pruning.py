"""Charts of pruning (§5.2): F1 by the share of weights pruned, and how much can go before a language suffers."""

from __future__ import annotations

import altair as alt
import pandas as pd

from polyner.charts.rows import (
    checked,
    menu,
    narrowed,
    place_menu,
)
from polyner.charts.theme import (
    GREY,
    architecture_choice,
    faded,
    known_regimes,
    language_name,
    language_rows,
    legend_click,
    regime_colour,
    table_for,
    titled,
    with_params,
)
from polyner.names import REGIME_NAMES

_SCOPES = {"global": "whole model", "layer": "each weight matrix"}
_ORDERS = {"magnitude": "smallest weights first", "random": "weights at random"}


def pruning_lines(curves: pd.DataFrame, title: str | None = None) -> alt.LayerChart:
    """Figure 3 a, b: F1 by the share of weights that is pruned, a line a regime; dashed where weights go at random.

    `curves`: model, regime, group, language, seed, scope, order, share (0 to 1), f1 (`sections.pruning.pruning_curves`,
    of several scopes and orders one below the other). Seeds are averaged. A menu chooses the mean over a group's
    languages or one of them; scopes and architectures get a menu where there are several.
    """
    name, keys = "pruning_lines", ["model", "scope", "order", "regime", "group", "language", "share"]
    regimes = known_regimes(name, checked(name, curves, [*keys, "seed", "f1"])["regime"])
    languages = curves.groupby(keys, as_index=False)["f1"].mean().rename(columns={"language": "place"})
    keys.remove("language")
    groups = languages.groupby(keys, as_index=False)["f1"].mean()
    table = pd.concat([groups.assign(place=groups["group"]), languages], ignore_index=True)
    table["regime_name"], table["ordered"] = table["regime"].map(REGIME_NAMES), table["order"].map(_ORDERS)
    columns = ["model", "scope", "place", "regime_name", "ordered", "share", "f1"]
    shown = table_for(name, table[columns].round({"f1": 4}), ())
    place = place_menu(table, "pruning_place", "mean")
    scope, architecture = _scope_menu(table, "pruning_scope"), architecture_choice(table, "pruning_architecture")
    by_regime = legend_click("regime_name", "pruning_regime")
    base = alt.Chart().encode(
        x=alt.X("share:Q", title="weights pruned (%)", axis=alt.Axis(format="%"), scale=alt.Scale(nice=False)),
        y=alt.Y("f1:Q", title="F1 on validation data (%)"),
        color=regime_colour(regimes),
        detail=["regime_name:N", "ordered:N"],
        opacity=faded(by_regime),
        tooltip=[
            alt.Tooltip("regime_name:N", title="regime"),
            alt.Tooltip("share:Q", title="weights pruned", format=".0%"),
            alt.Tooltip("f1:Q", title="F1", format=".2f"),
            alt.Tooltip("ordered:N", title="pruned"),
        ],
    )
    lines, points = base.mark_line(strokeWidth=2, tooltip=False), base.mark_point(filled=True, size=35, strokeWidth=0)
    if (orders := list(dict.fromkeys(table["order"]))) != ["magnitude"]:
        legend = alt.Legend(orient="bottom", symbolStrokeColor=GREY, symbolType="stroke", symbolSize=250)
        dashes = alt.Scale(domain=[_ORDERS[order] for order in _ORDERS if order in orders])
        dashes.range = [[1, 0] if order == "magnitude" else [4, 3] for order in _ORDERS if order in orders]
        lines = lines.encode(strokeDash=alt.StrokeDash("ordered:N", scale=dashes, legend=legend))
    chart = alt.layer(lines, points, data=shown).properties(
        width="container", height=280, title=titled(title or "F1 by the share of weights pruned")
    )
    for column, choice in (("place", place), ("scope", scope), ("model", architecture)):
        chart = narrowed(chart, column, choice)
    return with_params(chart, by_regime, place, scope, architecture)


def pruning_thresholds(thresholds: pd.DataFrame, title: str | None = None) -> alt.Chart:
    """Figure 3 c, d: the last share of weights that can be pruned before F1 falls too far (in the paper, by a point).

    `thresholds`: regime, group, language, last_share (0 to 1) (`analysis.pruning.over_pruned`), and perhaps seed,
    scope, order, model. Seeds are averaged; only the order "magnitude" is drawn; scopes get a menu.
    """
    name, keys = "pruning_thresholds", ["regime", "group", "language"]
    table = checked(name, thresholds, [*keys, "last_share"])
    if "order" in table:
        table = checked(name, table[table["order"] == "magnitude"], ())
    regimes = known_regimes(name, table["regime"])
    keys += [column for column in ("scope", "model") if column in table]
    ends = table.groupby(keys)["last_share"]
    table = ends.agg(last_share="mean", low="min", high="max", runs="size").reset_index()
    table["name"], table["regime_name"] = table["language"].map(language_name), table["regime"].map(REGIME_NAMES)
    shown = table_for(name, table.round(4), ())
    scope, architecture = _scope_menu(table, "thresholds_scope"), architecture_choice(table, "thresholds_architecture")
    by_regime = legend_click("regime_name", "thresholds_regime")
    tooltip = [
        alt.Tooltip("name:N", title="language"),
        alt.Tooltip("regime_name:N", title="regime"),
        alt.Tooltip("last_share:Q", title="can be pruned", format=".0%"),
    ]
    if (table["runs"] > 1).any():
        tooltip += [alt.Tooltip(f"{end}:Q", title=f"{end}est seed", format=".0%") for end in ("low", "high")]
    names = [REGIME_NAMES[regime] for regime in regimes]
    chart = (
        alt.Chart(shown)
        .mark_point(filled=True, size=65, strokeWidth=0)
        .encode(
            y=language_rows(table["language"]),
            yOffset=alt.YOffset("regime_name:N", scale=alt.Scale(domain=names)),
            x=alt.X(
                "last_share:Q",
                title="weights that can be pruned (%)",
                axis=alt.Axis(format="%"),
                scale=alt.Scale(domain=[0, 1]),
            ),
            color=regime_colour(regimes),
            opacity=faded(by_regime),
            tooltip=tooltip,
        )
        .properties(
            width="container",
            height=alt.Step(30, **{"for": "position"}),
            title=titled(title or "Weights that can be pruned before F1 falls"),
        )
    )
    chart = narrowed(narrowed(chart, "scope", scope), "model", architecture)
    return with_params(chart, by_regime, scope, architecture)


def _scope_menu(table: pd.DataFrame, name: str) -> alt.Parameter | None:
    return menu(dict.fromkeys(table["scope"]) if "scope" in table else (), name, "Weights compared across ", _SCOPES)
