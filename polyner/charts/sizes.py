"""A chart of what other languages are worth: by how much there is to learn from in one's own, and by their number."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from polyner.charts.interaction import architecture_choice, chosen, legend_click
from polyner.charts.layers import tips, whiskers, zero_line
from polyner.charts.theme import GREY, SIGNED_TICKS, known_regimes, regime_colour, table_for
from polyner.charts.titles import Finding, by_choice
from polyner.charts.words import complete, signed, with_intervals
from polyner.names import PAPER, REGIME_NAMES, architecture_name, group_name

_COLUMNS = ["source", "series", "model", "group", "regime", "sentences", "gain", "low", "high", "seeds"]
_SHAPES = ["circle", "diamond", "square", "triangle-up", "cross", "triangle-down", "triangle-left", "triangle-right"]
_TICKS = (20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000)


def gains_by_size(table: pd.DataFrame) -> alt.LayerChart:
    """Gains over monolingual training by training sentences a language: a point a study, group and regime.

    `table` is that of `paper.sizes.gains_by_size`. Whiskers are 95 % intervals; lines join studies of a series
    (`Findings.series`), which differ in size alone and share a shape. Several architectures get a menu.
    """
    shown = table_for("gains_by_size", table, _COLUMNS)
    shown["what"] = shown["source"] + ", " + shown["group"].map(group_name)
    shown["line"] = shown.groupby(["series", "group", "regime"], sort=False).ngroup()
    # A series is called by its largest study, and drawn a little beside the others, so that no whisker hides another.
    largest = shown.sort_values("sentences").groupby("series", sort=False)["source"].last()
    names = [PAPER] * (PAPER in set(shown["source"])) + [name for name in dict.fromkeys(largest) if name != PAPER]
    shown["kind"] = shown["series"].map(largest)
    beside = shown["kind"].map(names.index) - (len(names) - 1) / 2
    shown["at"] = shown["sentences"] * 1.02 ** (2 * beside + (shown["regime"] == "polyglot"))
    found, note = by_choice(shown, ["model"], finding), "Recorded studies, and the paper."
    return _gains(shown, "sentences", "training sentences a language", names, found, note=note)


def gains_by_languages(table: pd.DataFrame) -> alt.LayerChart:
    """Gains over monolingual training by the number of languages that were trained together: a point a group, regime
    and set of languages, which has a shape of its own; lines join the points of a set.

    `table` is that of `paper.sizes.gains_by_languages`.
    """
    shown = table_for("gains_by_languages", table, [*_COLUMNS, "together", "languages"])
    shown["what"] = shown["group"].map(group_name)
    shown["line"] = shown.groupby(["series", "regime"], sort=False).ngroup()
    # Lines side by side, so that no whisker hides another.
    shown["at"] = shown["together"] * 1.015 ** (shown["line"] - shown["line"].mean())
    shown["kind"] = "mean over " + shown["languages"].astype(str) + " languages"
    if (shown.groupby("kind")["source"].nunique() > 1).any():
        shown["kind"] = "mean over " + shown["languages"].astype(str) + " of " + shown["source"]
    kinds = list(dict.fromkeys(shown["kind"]))
    found = by_choice(shown, ["model"], _from_few_to_many)
    return _gains(shown, "together", "languages trained together", kinds, found)


def _gains(shown: pd.DataFrame, x: str, x_title: str, kinds: list[str], found: Finding, **about: Any) -> alt.LayerChart:
    """Gains by the column `x`, drawn where `at` says; `kind` is a point's shape, `line` what it is joined with."""
    shown = shown.drop(columns="series").round(4)  # long, and told by the lines
    shown["regime_name"] = shown["regime"].map(REGIME_NAMES)
    choices = {"model": architecture_choice(shown, "sizes_architecture")}
    by_regime = legend_click("regime_name", "sizes_regime")
    least, most = shown[x].min(), shown[x].max()
    regimes = known_regimes(shown["regime"])
    gains = {column: (column, "+.2f") for column in ("gain", "low", "high")}
    tooltip = [*tips(what="study", regime_name="regime", **{x: (x_title, ",.0f")}, **gains), "seeds:Q"]
    ticks = [size for size in _TICKS if 0.75 * least < size < 1.5 * most] if x == "sentences" else sorted({*shown[x]})
    scale = alt.Scale(type="log", nice=False, domain=[0.75 * least, 1.5 * most])
    axis = alt.Axis(values=ticks, format=",d")
    base = chosen(alt.Chart(shown), **choices, regime_name=by_regime)
    base = base.encode(x=alt.X("at:Q", title=x_title, scale=scale, axis=axis), color=regime_colour(regimes))
    y = alt.Y("gain:Q", title="gain over monolingual (F1 points)", axis=alt.Axis(labelExpr=SIGNED_TICKS))
    lines = base.mark_line(strokeWidth=1.5, tooltip=False).encode(y=y, detail="line:N")
    shapes = alt.Scale(domain=kinds, range=_SHAPES[: len(kinds)])
    legend = alt.Legend(symbolFillColor=GREY, orient="bottom", columns=alt.expr("width < 340 ? 1 : 2"))
    points = base.mark_point(filled=True, size=80, strokeWidth=0, opacity=1)
    points = points.encode(y=y, shape=alt.Shape("kind:N", scale=shapes, legend=legend), tooltip=tooltip)
    intervals = whiskers(base, "y", strokeWidth=1.5).encode(tooltip=tooltip)
    chart = alt.layer(zero_line(y="zero:Q"), intervals, lines, points)
    subject = with_intervals("Gain over monolingual training", shown["low"])
    return complete(chart, found, subject, choices, [by_regime], height=320, **about)


def finding(rows: pd.DataFrame) -> str:
    """In how many of the recorded comparisons polyglot training and fine-tuning clearly gain, and the paper's gains."""
    told = []
    for regime, own in rows.groupby("regime", sort=False):
        recorded = own[own["source"] != PAPER]
        if len(recorded):
            told.append(f"{REGIME_NAMES[regime]} clearly gains in {(recorded['low'] > 0).sum()} of {len(recorded)}")
        else:
            told.append(f"{REGIME_NAMES[regime]} {' and '.join(map(signed, own['gain']))}")
    return f"{architecture_name(rows['model'].iloc[0])} against monolingual: {', '.join(told)}"


def _from_few_to_many(rows: pd.DataFrame) -> str:
    """How far the gains are with the fewest and with the most languages, over the set that most groups have."""
    line = rows.groupby("line", sort=False)["together"].nunique()
    told = []
    for regime, own in rows[rows["line"].isin(line.index[line == line.max()])].groupby("regime", sort=False):
        ends = own.sort_values("together").iloc[[0, -1]].drop_duplicates("together")
        gains = [f"{signed(end.gain)} with {end.together}" for end in ends.itertuples()]
        told.append(f"{REGIME_NAMES[regime]} {', '.join(gains)}")
    model, followed = architecture_name(rows["model"].iloc[0]), own["languages"].iloc[0]
    return f"{model}, F1 of {followed} languages against monolingual, by languages trained: {'; '.join(told)}"
