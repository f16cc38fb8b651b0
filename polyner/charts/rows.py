"""What the charts of the analyses share: menus, and rows under the names of groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from polyner.charts.interaction import ALL, menu
from polyner.charts.theme import GREY
from polyner.corpora.languages import in_order, language_name
from polyner.names import group_heading, group_name, groups_in_order

# Heat maps are light enough for dark numbers, on a white page and on a black one.
HEAT, ON_HEAT = ["#f2f5f7", "#56B4E9"], "#111111"
# An axis with nothing but its labels.
BARE = {"title": None, "domain": False, "grid": False}
LEGEND_TITLE = {"titleColor": GREY, "titleFontWeight": "normal", "titleFontSize": 12, "titleLimit": 280}


def cells_of(table: pd.DataFrame) -> pd.Series:
    """What tells the languages of a table apart: group and code, for a language may be in several groups."""
    return table["group"] + ": " + table["language"]


def cells_in_order(table: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """The group and the language of each of `cells_of`, in order."""
    codes = table.groupby("group", sort=False)["language"]
    return {
        f"{group}: {code}": (group, code)
        for group in groups_in_order(table["group"])
        for code in in_order(codes.get_group(group))
    }


def cell_names(table: pd.DataFrame) -> dict[str, str]:
    """The names of `cells_of`, in order; of a language in several groups with that of the group."""
    cells = cells_in_order(table)
    several = Counter(code for _, code in cells.values())
    return {
        cell: language_name(code) + (f" ({group_name(group)})" if several[code] > 1 else "")
        for cell, (group, code) in cells.items()
    }


def places(table: pd.DataFrame) -> pd.Series:
    """What `place_menu` chooses from: `cells_of`, or the group as a whole where the language is "all"."""
    return table["group"].where(table["language"] == ALL, cells_of(table))


def place_menu(table: pd.DataFrame, name: str, whole: str) -> alt.Parameter | None:
    """A menu over `places`: each group as a whole, called by its name and `whole`, and below it its languages."""
    cells, names = cell_names(table[table["language"] != ALL]), {}
    for group in groups_in_order(table["group"]):
        names[group] = f"{group_name(group)}, {whole}"
        names |= {cell: name for cell, name in cells.items() if cell.startswith(f"{group}: ")}
    return menu(names, name, "Languages ")


def with_names(table: pd.DataFrame) -> pd.DataFrame:
    """The table with the names of its languages as the column `name`, and as `row` those of `language_rows`."""
    names = table["language"].map(language_name)
    return table.assign(name=names, row=headed(table["group"], names) if "group" in table else names)


def language_rows(table: pd.DataFrame) -> alt.Y:
    """A vertical axis with a row a language (`with_names`), under the names of groups where the table has them."""
    names = [language_name(code) for code in in_order(table["language"])]
    if "group" in table:
        return heading_rows(table, names)
    return alt.Y("row:N", axis=alt.Axis(**BARE), scale=alt.Scale(domain=names))


def headed(groups: pd.Series, labels: pd.Series) -> pd.Series:
    """The column `row` of `heading_rows`: labels that are told apart by group."""
    return groups.map(group_heading) + ": " + labels


def with_headings(table: pd.DataFrame, choices: Sequence[str], empty: Mapping[str, object]) -> pd.DataFrame:
    """The table with a row for the name of each group under each of the choices that menus offer.

    Menus change which rows of a chart there are, so the headings must be data. `empty` makes them invisible.
    """
    headings = table.drop_duplicates([*choices, "group"])
    headings = headings.assign(row=headings["group"].map(group_heading), heading=True, **empty)
    return pd.concat([headings, table], ignore_index=True)


def heading_rows(table: pd.DataFrame, labels: Sequence[str], heading: str = "", *, menus: bool = False) -> alt.Y:
    """A vertical axis of the column `row` (`headed`): labels in the order given, under a bold row with the group.

    `heading` is written behind the name of a group. With menus, only the rows are there that the chart's data have
    (`with_headings`).
    """
    order, occurring = [], set(table["row"])
    for name in map(group_heading, groups_in_order(table["group"])):
        order += [name, *(row for label in labels if (row := f"{name}: {label}") in occurring)]
    at = "indexof(datum.value, ': ')"
    text = f"{at} < 0 ? datum.value + '{heading}' : slice(datum.value, {at} + 2)"
    weight = {"condition": {"test": f"{at} < 0", "value": "bold"}, "value": "normal"}
    axis = alt.Axis(**BARE, labelExpr=text, labelFontWeight=weight)
    return alt.Y("row:N", axis=axis, **{"sort": order} if menus else {"scale": alt.Scale(domain=order)})
