"""A chart of changes from one training regime to another with their intervals, for tables that have no languages."""

from __future__ import annotations

import altair as alt
import pandas as pd

from polyner.charts.interaction import chosen, menu
from polyner.charts.layers import difference_layers, tips
from polyner.charts.rows import headed, heading_rows
from polyner.charts.theme import SIGNED_TICKS, table_for
from polyner.charts.titles import by_choice, wrapped
from polyner.charts.words import complete, signed, with_intervals
from polyner.names import REGIME_NAMES, group_name

PAIRS = "pair"
_COLUMNS = ["group", "first", "second", "difference", "low", "high", "first_rate", "second_rate"]


def regime_changes(changes: pd.DataFrame, row: str, x_title: str) -> alt.LayerChart:
    """Changes from a first to a second regime under the names of groups, intervals as whiskers, and a line at zero.

    `changes`: group, first, second (regimes), difference, low, high, the figures of both regimes (first_rate,
    second_rate) for the tooltips, and the column `row`, which names the rows. A menu chooses the two regimes; they are
    the rows themselves where `row` is "pair".
    """
    table = table_for("regime_changes", changes, [*_COLUMNS, *([row] if row != PAIRS else [])])
    pairs = {
        f"{second} {first}": f"{REGIME_NAMES[second]} − {REGIME_NAMES[first]}"
        for first, second in dict.fromkeys(zip(table["first"], table["second"], strict=True))
    }
    table["key"] = table["second"] + " " + table["first"]
    table[PAIRS] = table["key"].map(pairs)
    table["what"], table["label"] = table[row].astype(str), table["difference"].map(signed)
    table["row"], table["group_name"] = headed(table["group"], table["what"]), table["group"].map(group_name)
    labels = sorted(dict.fromkeys(table["what"]), key=lambda label: label == "O")
    choice = menu(pairs, "changes_pair", "Change ") if row != PAIRS else None
    tooltip = tips(group_name="group", what=row, pair=PAIRS)
    tooltip += [alt.Tooltip(f"{column}:Q", format="+.2f") for column in ("difference", "low", "high")]
    tooltip += [alt.Tooltip(f"{column}:Q", format=".2f") for column in ("before", "after")]
    table[["before", "after"]] = table[["first_rate", "second_rate"]]
    shown = ["row", "group_name", "what", "key", PAIRS, "difference", "low", "high", "label", "before", "after"]
    rows = heading_rows(table, labels)
    # The names of two regimes are written below one another: a phone has little room beside them.
    names = rows["axis"]
    names["labelExpr"] = f"split(replace({names['labelExpr']}, ' − ', ' −|'), '|')"
    base = chosen(alt.Chart(table[shown].round(4)), key=choice).encode(y=rows, tooltip=tooltip)
    axis = alt.Axis(title=wrapped(x_title, 36), labelExpr=SIGNED_TICKS, tickCount=6)
    chart = alt.layer(*difference_layers(base, axis, opacity=1))
    subject = with_intervals("Changes from regime to regime", table["low"])
    found = by_choice(table, ["key"], _of_pair) if choice is not None else _clear_of_zero(table, "")
    return complete(chart, found, subject, {"key": choice}, height=alt.Step(30))


def _of_pair(changes: pd.DataFrame) -> str:
    """The finding about the changes from one regime to one other."""
    first, second = (REGIME_NAMES[changes[side].iloc[0]] for side in ("first", "second"))
    return _clear_of_zero(changes, f"From {first} to {second}, ")


def _clear_of_zero(changes: pd.DataFrame, begins: str) -> str:
    """How many changes have an interval that leaves out 0, and the largest of these."""
    clear = changes[(changes["low"] > 0) | (changes["high"] < 0)]
    one_seed = changes["low"].isna().all()  # there are no intervals
    if clear.empty and not one_seed:
        return f"{begins}{'none' if begins else 'None'} of {len(changes)} changes is clear of 0"
    most = changes.loc[(changes if one_seed else clear)["difference"].abs().idxmax()]
    told = f"{most['group_name']} {most['what']} {signed(most['difference'])}"
    if one_seed:
        return f"{begins}{'the' if begins else 'The'} largest change: {told} (no intervals)"
    if len(clear) == 1:
        return f"{begins}1 of {len(changes)} changes is clear of 0: {told}"
    return f"{begins}{len(clear)} of {len(changes)} changes are clear of 0; the largest of these: {told}"
