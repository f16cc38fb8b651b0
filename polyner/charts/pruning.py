"""Charts of pruning (§5.2): F1 by the share of weights pruned, and how much can go before a language suffers.

Below them stand the pieces that the charts of all analyses share: menus, and rows under the names of groups.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence

import altair as alt
import pandas as pd

from polyner.charts.theme import (
    GREY,
    GROUP_NAMES,
    REGIMES,
    SKY,
    AnyChart,
    architecture_choice,
    faded,
    in_order,
    known_regimes,
    language_name,
    language_rows,
    legend_click,
    regime_colour,
    table_for,
    titled,
    with_params,
)

ALL = "all"
REGIME_NAMES = {regime: name for regime, (name, _) in REGIMES.items()}
# Heat maps are light enough for dark numbers, on a white page and on a black one.
HEAT, ON_HEAT = ["#f2f5f7", SKY], "#1f1f1f"
LEGEND_TITLE = {"titleColor": GREY, "titleFontWeight": "normal", "titleFontSize": 12, "titleLimit": 280}

_SCOPES = {"global": "whole model", "layer": "each layer"}
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


def checked(chart: str, table: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """The table, which may be longer than a page can carry, for it is still to be aggregated.

    Raises ValueError, as `table_for`, for an empty table or a missing column.
    """
    table_for(chart, table.iloc[:1], columns)
    return table


def menu(
    values: Iterable[Hashable], name: str, label: str, names: Mapping | None = None, first: Hashable = None
) -> alt.Parameter | None:
    """A menu of the values by their names, or None where there is only one; `first` is chosen at the beginning."""
    values = list(values)
    if len(values) < 2:
        return None
    labels = [str((names or {}).get(value, value)) for value in values]
    binding = alt.binding_select(options=values, labels=labels, name=label)
    return alt.param(name=name, value=values[0] if first is None else first, bind=binding)


def narrowed(chart: AnyChart, column: str, choice: alt.Parameter | None) -> AnyChart:
    """The chart of those rows whose `column` is the one chosen, where there is a choice."""
    return chart if choice is None else chart.transform_filter(alt.datum[column] == choice)


def place_menu(table: pd.DataFrame, name: str, whole: str) -> alt.Parameter | None:
    """A menu over the column `place`: each group as a whole, and below it its languages.

    The table also has the column `group`. A group as a whole is called by its name and `whole`.
    """
    names = {}
    for group in groups_of(table):
        names[group] = f"{group_name(group)}, {whole}"
        codes = set(table.loc[table["group"] == group, "place"]) - {group}
        names |= {code: language_name(code) for code in in_order(codes)}
    return menu(names, name, "Languages ", names)


def group_name(group: str) -> str:
    """A group's name, or what the table calls it where the paper has no such group."""
    return GROUP_NAMES.get(group, group)


def groups_of(table: pd.DataFrame) -> list[str]:
    """The groups of the table in the paper's order, others last."""
    known = list(GROUP_NAMES)
    return sorted(set(table["group"]), key=lambda group: (known.index(group) if group in known else len(known), group))


def headed(groups: pd.Series, labels: pd.Series) -> pd.Series:
    """The column `row` of `heading_rows`: labels that are told apart by group."""
    return groups.map(group_name) + ": " + labels


def with_headings(table: pd.DataFrame, choices: Sequence[str], empty: Mapping[str, object]) -> pd.DataFrame:
    """The table with a row for the name of each group under each of the choices that menus offer.

    Menus change which rows of a chart there are, so the headings must be data. `empty` makes them invisible.
    """
    headings = table.drop_duplicates([*choices, "group"])
    headings = headings.assign(row=headings["group"].map(group_name), **empty)
    return pd.concat([headings, table], ignore_index=True)


def heading_rows(table: pd.DataFrame, labels: Sequence[str], heading: str = "", *, menus: bool = False) -> alt.Y:
    """A vertical axis of the column `row` (`headed`): labels in the order given, under a bold row with the group.

    `heading` is written behind the name of a group. With menus, only the rows are there that the chart's data have
    (`with_headings`).
    """
    order, occurring = [], set(table["row"])
    for name in map(group_name, groups_of(table)):
        order += [name, *(row for label in labels if (row := f"{name}: {label}") in occurring)]
    at = "indexof(datum.value, ': ')"
    axis = alt.Axis(
        title=None,
        domain=False,
        grid=False,
        labelExpr=f"{at} < 0 ? datum.value + '{heading}' : slice(datum.value, {at} + 2)",
        labelFontWeight={"condition": {"test": f"{at} < 0", "value": "bold"}, "value": "normal"},
    )
    return alt.Y("row:N", axis=axis, **{"sort": order} if menus else {"scale": alt.Scale(domain=order)})
