"""How a reader plays with a chart: menus, sliders, clicks on legends, and marks that are linked to rows of tables.

A chart is linked to the tables of its page by the fields `LINKED`: its parameter `linked` is a record of some of them,
and marks that differ in one of these are drawn faint. The page's script sets it when a row is chosen, and reads the
record of a mark that is clicked (`book/_static/linked.js`). Everything else works without the page.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Hashable, Iterable, Mapping

import altair as alt
import pandas as pd

from polyner.charts.theme import AnyChart
from polyner.corpora.languages import in_order, language_name
from polyner.names import LINKED, architecture_name, group_name

ALL = "all"
# The losses of F1 points that may count as too much, by a slider: quarters, which are the same number everywhere.
DROPS = tuple(step / 4 for step in range(1, 21))
DROP = "pruning_drop"
_FADED = 0.13


def legend_click(field: str, name: str) -> alt.Parameter:
    """A selection of `field` by clicking its legend; shift-click adds."""
    return alt.selection_point(fields=[field], bind="legend", name=name)


def chosen(chart: AnyChart, **choices: alt.Parameter | None) -> AnyChart:
    """The chart of those rows whose columns are what a menu chooses, or clicks on a legend: everything as long as
    nothing was clicked. Rows that are only the heading of others stay.
    """
    for column, choice in choices.items():
        if choice is not None and choice.param_type == "variable":
            chart = chart.transform_filter(alt.datum[column] == choice)
        elif choice is not None:
            chart = chart.transform_filter({"or": ["datum.heading === true", {"param": choice.name}]})
    return chart


def menu(names: Mapping[Hashable, str], name: str, label: str, first: Hashable = None) -> alt.Parameter | None:
    """A menu of values by their names, or None where there is only one; `first` is chosen at the beginning."""
    if len(names) < 2:
        return None
    binding = alt.binding_select(options=[*names], labels=[*names.values()], name=label)
    return alt.param(name=name, value=next(iter(names)) if first is None else first, bind=binding)


def architecture_choice(table: pd.DataFrame, name: str) -> alt.Parameter | None:
    """A menu of the architectures in the column `model`, or None where there is only one."""
    return menu({model: architecture_name(model) for model in table["model"]}, name, "Architecture ")


def run_choices(table: pd.DataFrame, name: str) -> dict[str, alt.Parameter | None]:
    """By the columns they choose from: a menu of architectures, and clicks on the legend of the regimes."""
    by_regime = legend_click("regime_name", f"{name}_regime")
    return {"model": architecture_choice(table, f"{name}_architecture"), "regime_name": by_regime}


def group_choice(table: pd.DataFrame, name: str) -> alt.Parameter | None:
    """A menu of the groups of languages, or None where there is only one."""
    return menu({group: group_name(group) for group in table["group"]}, name, "Languages ")


def language_choice(codes: Iterable[str], name: str) -> alt.Parameter | None:
    """A menu that begins with all languages; the others are drawn faint where one is chosen (`emphasis`)."""
    codes = in_order(codes)
    names = {ALL: "all languages"} | {code: language_name(code) for code in codes}
    return menu(names, name, "Language ") if len(codes) > 1 else None


def drop_slider(first: float) -> alt.Parameter:
    """A slider over `DROPS`, for the loss of F1 points that counts as too much; one for all charts of a page."""
    slider = alt.binding_range(min=DROPS[0], max=DROPS[-1], step=DROPS[0], name="F1 may fall by (points) ")
    return alt.param(name=DROP, value=min(DROPS, key=lambda drop: abs(drop - first)), bind=slider)


def emphasis(
    columns: Iterable[str],
    choice: alt.Parameter | None = None,
    field: str = "language",
    parts: Mapping[str, Collection[str]] | None = None,
) -> alt.Opacity:
    """Faint is what differs from the linked record, and from the one that a menu chooses (of `field`), or from
    those that this is a part of (`parts`)."""
    columns = set(columns)
    tests = [f"(!isValid(linked.{name}) || linked.{name} === datum.{name})" for name in LINKED if name in columns]
    if choice is not None:
        ways = [f"{choice.name} === '{ALL}'", f"datum.{field} === {choice.name}"]
        ways += [f"indexof(({json.dumps(parts)})[{choice.name}], datum.{field}) >= 0"] if parts else []
        tests.append(f"({' || '.join(ways)})")
    return alt.when(" && ".join(tests)).then(alt.value(1)).otherwise(alt.value(_FADED))
