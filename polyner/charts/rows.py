"""What the charts of the analyses share: menus, and rows under the names of groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import altair as alt
import pandas as pd

from polyner.charts.interaction import menu
from polyner.charts.theme import (
    GREY,
    in_order,
    language_name,
    table_for,
)
from polyner.names import GROUP_NAMES

# Heat maps are light enough for dark numbers, on a white page and on a black one.
HEAT, ON_HEAT = ["#f2f5f7", "#56B4E9"], "#111111"
LEGEND_TITLE = {"titleColor": GREY, "titleFontWeight": "normal", "titleFontSize": 12, "titleLimit": 280}


def checked(chart: str, table: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """The table, which may be longer than a page can carry, for it is still to be aggregated.

    Raises ValueError, as `table_for`, for an empty table or a missing column.
    """
    table_for(chart, table.iloc[:1], columns)
    return table


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
    headings = headings.assign(row=headings["group"].map(group_name), heading=True, **empty)
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
