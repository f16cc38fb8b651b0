"""What a chart says in words: a description of it all, short names of its marks, and phrases for findings."""

from __future__ import annotations

import decimal
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from polyner.charts.theme import AnyChart, known_regimes
from polyner.charts.titles import Finding, at_first, by_legend, for_choices, headline
from polyner.corpora.languages import language_name
from polyner.names import LINKED, REGIME_NAMES, group_name, groups_in_order

_KINDS = {"point": "dots", "circle": "dots", "line": "lines", "bar": "bars", "rect": "coloured cells", "tick": "ticks"}
# Numbers are told by the first of these columns, and by all of those.
_CATEGORIES, _PARTS = ("regime_name", "kind_name", "top", "type", "tag", "split", "pieces"), ("source", "of")
_PARTS += ("entities", "ordered")
_MOST_NAMED = 24
# Four digits as JavaScript has them, by which the website's page rounds too: halves go away from 0.
_FOUR = decimal.Context(prec=4, rounding=decimal.ROUND_HALF_UP)
# What tells runs apart, but not what a mark is about; and names that say little without what they name.
_UNSAID, _NAMED = ("architecture", "seed", "run"), ("gold", "predicted")


def complete(
    chart: AnyChart,
    finding: str | Finding,
    subject: str,
    choices: Mapping[str, alt.Parameter | None] | None = None,
    also: Iterable[alt.Parameter | None] = (),
    *,
    height: int | alt.Step,
    linked: Iterable[str] | None = None,
    **about: Any,
) -> AnyChart:
    """The chart, as wide as its page, with its title (`headline`), a description of what it draws at the beginning, and
    what the page has to know: `about` goes into the chart's metadata as it is.

    `choices` are those that the finding depends on, by the columns of which they choose rows (`chosen`), `also` the
    others; what would choose from one value is None. `linked` are the columns of a chart whose marks are linked to the
    rows of tables: a menu of architectures follows a row that is chosen.
    """
    finding = for_choices(finding, choices or {})
    choices = {column: choice for column, choice in (choices or {}).items() if choice is not None}
    params = [*choices.values(), *(param for param in also if param is not None)]
    if linked is not None:
        params.append(alt.param(name="linked", value={}))
        menus = {"model": choices["model"].name} if "model" in choices else {}
        about |= {"linked": [field for field in LINKED if field in set(linked)], "menus": menus}
    chart = labelled(chart.add_params(*params))
    spec = chart.to_dict(validate=False)
    bound = [param for param in spec.get("params", []) if param.get("bind") == "legend"]
    legends = {param["name"]: param["select"]["fields"][0] for param in bound}
    first, (words, rows) = at_first(finding, choices), view_words(spec, subject)
    # What is drawn before anybody chooses something: the rows of the values that menus begin with.
    begins = {column: each.param.value for column, each in choices.items() if each.param_type == "variable"}
    drawn = [row for row in rows if all(row.get(column) == value for column, value in begins.items())]
    return chart.properties(
        width="container",
        height=height,
        title=headline(finding, subject, choices, legends),
        description=described(first, words, drawn),
        usermeta={"polyner": {"finding": first, "words": words, **about}},
    )


def labelled(chart: AnyChart) -> AnyChart:
    """The chart, its marks with short names for screen readers, out of what their tooltips say at length.

    A mark is called by what it is about, such as its language and regime, and the numbers that give it its place.
    """
    if isinstance(chart, alt.LayerChart):
        chart = chart.copy()
        chart.layer = [labelled(layer) for layer in chart.layer]
        return chart
    spec = chart.to_dict(validate=False)
    encoding = spec.get("encoding", {})
    told = encoding.get("tooltip")
    if not isinstance(told, list):
        return chart
    names = [tip for tip in told if tip["type"] == "nominal" and tip["field"] not in _UNSAID]
    drawn = {encoding.get(channel, {}).get("field") for channel in ("x", "y", "color")}
    numbers = [tip for tip in told if tip["type"] == "quantitative" and _mark(spec) != "line"]
    numbers = [tip for tip in numbers if tip["field"] in drawn] or numbers[:1]
    parts = " + ".join(map(_part, names + numbers))
    return chart.encode(description=alt.value(alt.expr(f"slice({parts}, 2)"))) if parts else chart


def _mark(layer: Mapping[str, Any]) -> str:
    return layer["mark"] if isinstance(layer["mark"], str) else layer["mark"]["type"]


def _part(tip: Mapping[str, Any]) -> str:
    """An expression for what a tooltip says of a mark, after a comma; nothing where there is nothing to say."""
    value, title = f"datum[{json.dumps(tip['field'])}]", f"{tip.get('title', tip['field'])} "
    if tip["type"] == "quantitative":
        words = f"{json.dumps(', ' + title)} + format({value}, {json.dumps(tip.get('format', ''))})"
    else:
        words = f"{json.dumps(', ' + title if tip['field'] in _NAMED else ', ')} + {value}"
    return f"(isValid({value}) && {value} !== '' ? {words} : '')"


def view_words(spec: Mapping[str, Any], subject: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What a description of a chart says whatever is chosen, and of what it gives the numbers; and the chart's data.

    before, after: sentences. columns: those of a row of data, by which rows are known. If something is measured,
    field: its column; measure: its name; percent: whether it is spelled so; by: the columns by which it is told,
    and names: what is told of, in order.
    """
    layers = spec.get("layer", [spec])
    kinds = dict.fromkeys(_KINDS[mark] for mark in map(_mark, layers) if mark in _KINDS)
    before = [f"{subject}.", f"A chart of {' and '.join(kinds)}."]
    for channel, name in (("x", "Horizontal axis"), ("y", "Vertical axis")):
        if title := _axis_title(layers, channel):
            before.append(f"{name}: {title}.")
    after = []
    for param in spec.get("params", []):
        bound = param.get("bind")
        if isinstance(bound, Mapping):
            offered = [str(label) for label in bound.get("labels", [])] or [f"{bound['min']} to {bound['max']}"]
            after.append(f"To choose: {bound['name'].strip()} ({_listed(offered)}).")
    words: dict[str, Any] = {"before": " ".join(before), "after": " ".join(after), "columns": []}
    told = [layer for layer in layers if isinstance(layer.get("encoding", {}).get("tooltip"), list)]
    told = [layer for layer in told if _mark(layer) in _KINDS]
    if not told:
        return words, []
    layer = max(told, key=lambda layer: len(_data(spec, layer)))
    rows = _data(spec, layer)
    numbers = {tip["field"]: tip for tip in layer["encoding"]["tooltip"] if tip["type"] == "quantitative"}
    drawn = [layer["encoding"].get(channel, {}).get("field") for channel in ("y", "x", "color")]
    tip = next((numbers[field] for field in drawn if field in numbers), next(iter(numbers.values()), None))
    words["columns"] = list(dict.fromkeys(column for row in rows for column in row))
    if tip is not None:
        parted = [name for name in words["columns"] if _is_parted(rows, name)]
        by = [name for name in _CATEGORIES if name in parted][:1] + [name for name in _PARTS if name in parted]
        names = dict.fromkeys(_category(row, by) for row in rows if not row.get("heading"))
        words |= {"field": tip["field"], "measure": tip.get("title", tip["field"]), "by": by, "names": list(names)}
        words["percent"] = tip.get("format", "").endswith("%")
    return words, rows


def _category(row: Mapping[str, Any], by: Iterable[str]) -> str:
    return ", ".join(str(row[column]) for column in by)


def _is_parted(rows: Iterable[Mapping[str, Any]], column: str) -> bool:
    """Whether the column has several names."""
    names = {row.get(column) for row in rows if not row.get("heading")}
    return len(names) > 1 and all(isinstance(name, str) for name in names)


def described(finding: str, words: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> str:
    """A chart in a few sentences: its finding, its kind, axes and menus (`view_words`), and of the rows that are drawn
    the languages and the range of the numbers. The page's script `words.js` says the same of what it draws later."""
    unique = {tuple(row.get(column) for column in words["columns"]): row for row in rows if not row.get("heading")}
    sentences = [f"{finding}." if finding else "", words["before"]]
    if places := list(dict.fromkeys(row["name"] for row in unique.values() if row.get("name"))):
        sentences.append(f"Languages: {_listed(places)}.")
    figures: dict[str, list[float]] = {}
    for row in unique.values():
        if (value := row.get(words.get("field"))) is not None:
            figures.setdefault(_category(row, words["by"]), []).append(value)
    if figures:
        there = [name for name in words["names"] if name in figures]
        told = "; ".join(_range(name, figures[name], words["percent"]) for name in there)
        sentences.append(f"Numbers drawn, {words['measure']}: {told}.")
    return " ".join(filter(None, [*sentences, words["after"]]))


def _range(name: str, values: Sequence[float], percent: bool) -> str:
    least, most, mean = (_short(value, percent) for value in (min(values), max(values), sum(values) / len(values)))
    return f"{name} {least if least == most else f'{least} to {most}, mean {mean}'}".strip()


def _short(value: float, percent: bool) -> str:
    """Four digits at most, and six behind the point."""
    digits = round(float(_FOUR.create_decimal(float(100 * value if percent else value))), 6) + 0.0
    return f"{digits:.6f}".rstrip("0").rstrip(".").replace("-", "−") + (" %" if percent else "")


def _data(spec: Mapping[str, Any], layer: Mapping[str, Any]) -> list[dict[str, Any]]:
    name = layer.get("data", spec.get("data", {})).get("name")
    return spec.get("datasets", {}).get(name, [])


def best_regime(means: pd.DataFrame, what: str = "languages", measure: str = "F1", least: bool = False) -> str:
    """Which regime is best on most of several things, with all regimes' means in the paper's order: `means` has a row a
    thing, a column a regime.

    Only things of which every regime has a figure count, and none is best where all have the same. `measure` is the
    name of the figures; `least`: the smallest is the best.
    """
    means = means[known_regimes(means)].dropna()
    if means.empty:
        return ""
    averages, things = means.mean(), counted(len(means), what)
    form = ",.0f" if averages.max() >= 100 else ".1f"
    told = ", ".join(f"{REGIME_NAMES[regime]} {average:{form}}" for regime, average in averages.items())
    if len(averages) == 1:
        return f"Mean {measure} over {things}: {told}"
    if (means.nunique(axis="columns") == 1).all():
        return f"The same on {things} in every regime (mean {measure}: {told})"
    best = means.min(axis="columns") if least else means.max(axis="columns")
    wins = means.eq(best, axis="index").sum()
    wins = wins[wins == wins.max()]
    several, names = len(wins) > 1, " and ".join(map(REGIME_NAMES.get, wins.index)).capitalize()
    found = f"{names} {'are' if several else 'is'} best"
    if len(means) > 1:
        found += f" on {wins.iloc[0]} of {things}{' each' if several else ''}"
    return f"{found} (mean {measure}: {told})"


def best_regimes(means: pd.DataFrame, *what: Any) -> dict[tuple[str, ...], str]:
    """`best_regime` of all regimes, and of those that a reader chooses in the legend (`by_legend`)."""
    regimes = {REGIME_NAMES[regime]: regime for regime in known_regimes(means)}
    return by_legend(regimes, lambda names: best_regime(means[[regimes[name] for name in names]], *what))


def with_intervals(subject: str, low: pd.Series) -> str:
    """The subject of a chart, which says that whiskers are intervals where there are any (of these lower ends)."""
    return f"{subject}, 95 % intervals" if low.notna().any() else subject


def counted(number: int, things: str) -> str:
    """1 language, 2 languages."""
    return f"{number:,} {things[:-1] if number == 1 and things.endswith('s') else things}"


def by_cell(table: pd.DataFrame, value: str) -> pd.Series:
    """The mean of a column by group and language."""
    return table.groupby(["group", "language"], sort=False)[value].mean()


def kind_of(cells: pd.Index) -> str:
    """What groups and languages (`by_cell`) are: languages, unless one of them is in several groups."""
    return "cells" if cells.get_level_values(1).has_duplicates else "languages"


def higher_on(differences: pd.Series, what: str = "F1") -> str:
    """On how many languages a figure (`by_cell`) is higher, or lower where it is so on average, and by how much on
    average over the languages of each group."""
    cells, falls = differences.index, differences.sum() < 0
    count = (differences < 0 if falls else differences > 0).sum()
    where = f"{count} of {counted(len(cells), kind_of(cells))}" if len(cells) > 1 else language_name(cells[0][1])
    means = differences.groupby(level=0).mean()
    told = {group: signed(means[group]) for group in groups_in_order(cells.get_level_values(0))}
    parts = told.values() if len(told) == 1 else (f"{group_name(group)} {mean}" for group, mean in told.items())
    return f"{what} is {'lower' if falls else 'higher'} on {where} (mean: {', '.join(parts)} points)"


def signed(value: float, form: str = ".1f") -> str:
    """A number with its sign, a true minus, and ±0 where it is rounded to 0."""
    text = format(value, f"+{form}").replace("-", "−")
    return text if any(digit in "123456789" for digit in text) else "±0"


def _axis_title(layers: Sequence[Mapping[str, Any]], channel: str) -> str:
    encoded = [layer.get("encoding", {}).get(channel, {}) for layer in layers]
    titles = [each.get("title") or (each.get("axis") or {}).get("title") for each in encoded]
    title = next(filter(None, titles), "")
    return " ".join(title) if isinstance(title, list) else str(title)


def _listed(values: Iterable[str]) -> str:
    values = list(values)
    more = len(values) - _MOST_NAMED
    return ", ".join(values[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
