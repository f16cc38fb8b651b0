"""What a chart says in words: its finding as the title, what it shows below, and a description of it all."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from polyner.charts.theme import PAPER, AnyChart, language_name
from polyner.names import REGIME_NAMES

# Characters of a line of a title that fit a phone's screen, of a smaller line below it, and of a title in a page's
# column; and the width in pixels where one becomes the other.
_NARROW, _SMALL, _WIDE, _TURN = 40, 50, 78, 450
_KINDS = {"point": "dots", "circle": "dots", "line": "lines", "bar": "bars", "rect": "coloured cells", "tick": "ticks"}
_CATEGORIES = ("regime_name", "kind_name", "top", "type", "tag", "split", "pieces", "of")
_MOST_NAMED = 24


def headline(
    finding: str | Mapping[Hashable, str], subject: str, choices: Sequence[alt.Parameter | None] = ()
) -> alt.TitleParams:
    """The finding as a title, in lines that fit a phone's screen or a page, and the subject below it.

    Where menus choose what is drawn, `finding` has a text for each value of `choices`, or for each tuple of values
    where there are several; those of a menu that is None do not matter.
    """
    return alt.TitleParams(alt.expr(_lines(finding, choices)), subtitle=wrapped(subject, _SMALL))


def complete(
    chart: AnyChart,
    finding: str | Mapping[Hashable, str],
    subject: str,
    choices: Sequence[alt.Parameter | None] = (),
    **about: Any,
) -> AnyChart:
    """The chart with its title (`headline`), a description computed from what it draws, and what the page has to know:
    `about` goes into the chart's metadata as it is."""
    first = _first(finding, choices)
    chart = chart.properties(title=headline(finding, subject, choices))
    words = described(chart.to_dict(validate=False), first, subject)
    return chart.properties(description=words, usermeta={"polyner": {"finding": first, **about}})


def described(spec: Mapping[str, Any], finding: str, subject: str) -> str:
    """A chart in a few sentences: its finding, its kind, axes, colours and menus, and the range of its numbers."""
    layers = spec.get("layer", [spec])
    marks = [layer["mark"] if isinstance(layer["mark"], str) else layer["mark"]["type"] for layer in layers]
    kinds = dict.fromkeys(_KINDS[mark] for mark in marks if mark in _KINDS)
    sentences = [finding, f"{subject}.", f"A chart of {' and '.join(kinds)}."]
    for channel, name in (("x", "Horizontal axis"), ("y", "Vertical axis")):
        if title := _axis_title(layers, channel):
            sentences.append(f"{name}: {title}.")
    rows = max(spec.get("datasets", {}).values(), key=len, default=[])
    rows = [row for row in rows if not row.get("heading")]
    if places := list(dict.fromkeys(row["name"] for row in rows if isinstance(row.get("name"), str))):
        sentences.append(f"Languages: {_listed(places)}.")
    sentences += _numbers(layers, rows)
    for param in spec.get("params", []):
        bound = param.get("bind")
        if isinstance(bound, Mapping):
            offered = [str(label) for label in bound.get("labels", [])] or [f"{bound['min']} to {bound['max']}"]
            sentences.append(f"To choose: {bound['name'].strip()} ({_listed(offered)}).")
    return " ".join(sentences)


def best_regime(
    means: Mapping[str, Mapping[str, float]], what: str = "languages", measure: str = "F1", least: bool = False
) -> str:
    """Which regime is best on most of several things, with all regimes' means: `means` has a figure a thing by regime.

    Only things of which every regime has a figure count. `measure` is the name of the figures; `least`: the smallest
    is the best.
    """
    common = [key for key in next(iter(means.values()), {}) if all(key in figures for figures in means.values())]
    if not common:
        return ""
    averages = {regime: sum(figures[key] for key in common) / len(common) for regime, figures in means.items()}
    told = ", ".join(f"{REGIME_NAMES[regime]} {average:.1f}" for regime, average in averages.items())
    if len(means) == 1:
        return f"Mean {measure} over {counted(len(common), what)}: {told}"
    choose = min if least else max
    wins = {
        regime: sum(figures[key] == choose(each[key] for each in means.values()) for key in common)
        for regime, figures in means.items()
    }
    best = max(wins, key=lambda regime: (wins[regime], -averages[regime] if least else averages[regime]))
    where = f"{wins[best]} of {counted(len(common), what)}"
    return f"{REGIME_NAMES[best].capitalize()} is best on {where} (mean {measure}: {told})"


def counted(number: int, things: str) -> str:
    """1 language, 2 languages."""
    return f"{number:,} {things[:-1] if number == 1 and things.endswith('s') else things}"


def higher_on(differences: Mapping[str, float], what: str = "F1", unit: str = "points") -> str:
    """On how many languages a figure is higher, or lower where it is so on average, and by how much."""
    values = list(differences.values())
    mean = sum(values) / len(values)
    falls = mean < 0
    count = sum(value < 0 if falls else value > 0 for value in values)
    where = (
        f"{count} of {counted(len(values), 'languages')}" if len(values) > 1 else language_name(next(iter(differences)))
    )
    return f"{what} is {'lower' if falls else 'higher'} on {where} (mean {signed(mean)} {unit})"


def signed(value: float, form: str = ".1f") -> str:
    """A number with its sign, a true minus, and ±0 where it is rounded to 0."""
    text = format(value, f"+{form}").replace("-", "−")
    return text if any(digit in "123456789" for digit in text) else "±0"


def _first(finding: str | Mapping[Hashable, str], choices: Sequence[alt.Parameter | None]) -> str:
    """The finding for what menus choose at the beginning."""
    if isinstance(finding, str):
        return finding
    texts = _by_choice(finding, choices)
    chosen = "|".join(_spelled(choice.param.value) for choice in choices if choice is not None)
    return texts.get(chosen) or next(iter(texts.values()), "")


def _by_choice(text: Mapping[Hashable, str], choices: Sequence[alt.Parameter | None]) -> dict[str, str]:
    """The texts by the values of those menus that there are, as one string."""
    texts = {}
    for key, words in text.items():
        values = key if isinstance(key, tuple) else (key,)
        there = [value for value, choice in zip(values, choices, strict=True) if choice is not None]
        texts["|".join(map(_spelled, there))] = words
    return texts


def _lines(text: str | Mapping[Hashable, str], choices: Sequence[alt.Parameter | None]) -> str:
    """An expression for the lines of a text, by the width of the chart and by what menus choose."""
    names = [choice.name for choice in choices if choice is not None]
    if isinstance(text, str) or not names:
        text = text if isinstance(text, str) else next(iter(text.values()), "")
        narrow, wide = (json.dumps(wrapped(text, width)) for width in (_NARROW, _WIDE))
        return f"width < {_TURN} ? {narrow} : {wide}"
    texts = _by_choice(text, choices)
    narrow, wide = (
        json.dumps({key: wrapped(words, width) for key, words in texts.items()}) for width in (_NARROW, _WIDE)
    )
    chosen = " + '|' + ".join(names)
    return f"(width < {_TURN} ? {narrow} : {wide})[{chosen}] || ['']"


def _spelled(value: Hashable) -> str:
    """A value as JavaScript turns it into a key."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def wrapped(text: str, width: int) -> list[str]:
    """The lines of a text; one line that is empty for none."""
    return textwrap.wrap(text, width, break_on_hyphens=False) or [""]


def _axis_title(layers: Sequence[Mapping[str, Any]], channel: str) -> str:
    for layer in layers:
        encoded = layer.get("encoding", {}).get(channel, {})
        title = encoded.get("title") or (encoded.get("axis") or {}).get("title")
        if title:
            return " ".join(title) if isinstance(title, list) else str(title)
    return ""


def _numbers(layers: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The mean and the ends of what a chart's axis measures, by the categories it colours."""
    for layer in layers:
        for channel in ("x", "y", "color"):
            encoded = layer.get("encoding", {}).get(channel, {})
            field = encoded.get("field")
            if encoded.get("type") != "quantitative" or not any(
                isinstance(row.get(field), float | int) for row in rows
            ):
                continue
            table = pd.DataFrame(rows)
            if "source" in table:
                table = table[table["source"] != PAPER]
            if channel == "x" and _axis_title(layers, "y") and _is_measured(layers, "y"):
                continue
            return [_ranges(table, field)]
    return []


def _is_measured(layers: Sequence[Mapping[str, Any]], channel: str) -> bool:
    return any(layer.get("encoding", {}).get(channel, {}).get("type") == "quantitative" for layer in layers)


def _ranges(table: pd.DataFrame, field: str) -> str:
    category = next((name for name in _CATEGORIES if name in table and table[name].nunique() > 1), None)
    groups = [("all", table)] if category is None else table.groupby(category, sort=False)
    parts = []
    for name, rows in groups:
        values = pd.to_numeric(rows[field], errors="coerce").dropna()
        if len(values):
            parts.append(f"{name} {values.min():.4g} to {values.max():.4g}, mean {values.mean():.4g}")
    return f"Numbers drawn: {'; '.join(parts)}."


def _listed(values: Iterable[str]) -> str:
    values = list(values)
    more = len(values) - _MOST_NAMED
    return ", ".join(values[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
