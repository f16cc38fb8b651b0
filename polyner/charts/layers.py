"""Layers and channels that charts of several kinds have: a line at zero, whiskers, parts of a whole, and tooltips."""

from __future__ import annotations

import altair as alt
import pandas as pd

from polyner.charts.rows import language_rows
from polyner.charts.theme import GREY, INDIGO, AnyChart
from polyner.names import REGIME_NAMES

# Of points that are told apart by their shape.
SHAPES = ["circle", "square", "diamond", "triangle-up", "triangle-down", "cross"]
# The legend of shapes whose colour says something else.
SHAPES_LEGEND = {"orient": "bottom", "symbolFillColor": GREY, "symbolStrokeColor": GREY}
DASHES_LEGEND = {"orient": "bottom", "symbolStrokeColor": GREY, "symbolType": "stroke", "symbolSize": 250}


def tips(**columns: str | tuple[str, str]) -> list[alt.Tooltip]:
    """What a mark says when it is pointed at: columns with their titles, in this order, and of numbers the format."""
    return [
        alt.Tooltip(f"{column}:N", title=told)
        if isinstance(told, str)
        else alt.Tooltip(f"{column}:Q", title=told[0], format=told[1])
        for column, told in columns.items()
    ]


def zero_line(**encoding: alt.X | alt.Y | str) -> alt.Chart:
    """A dashed line where the column `zero` of the channel given is."""
    rule = alt.Chart(pd.DataFrame({"zero": [0]})).mark_rule(color=GREY, strokeDash=[4, 3], tooltip=False)
    return rule.encode(**encoding)


def whiskers(base: alt.Chart, channel: str = "x", low: str = "low", high: str = "high", **mark: object) -> alt.Chart:
    """Intervals along a channel, where they are known."""
    known = base.transform_filter(f"isValid(datum.{low}) && isValid(datum.{high})")
    return known.mark_rule(**mark).encode(**{channel: f"{low}:Q", f"{channel}2": f"{high}:Q"})


def difference_layers(base: alt.Chart, axis: alt.Axis, **point: object) -> list[alt.Chart]:
    """A line at zero, intervals as whiskers, points, and the numbers above them: of the columns difference, low, high
    and label."""
    # Room for the numbers at both ends.
    zero = zero_line(x=alt.X("zero:Q", axis=axis, scale=alt.Scale(padding=16)))
    points = base.mark_point(filled=True, size=70, strokeWidth=0, color=INDIGO, **point)
    numbers = base.mark_text(baseline="bottom", dy=-5, fontSize=10, color=GREY, tooltip=False)
    intervals, numbers = whiskers(base, color=INDIGO, strokeWidth=2), numbers.encode(x="difference:Q", text="label:N")
    return [zero, intervals, points.encode(x="difference:Q"), numbers]


def split_rows(pixels: int) -> alt.Step:
    """The height of a chart with so many pixels a row, however many marks stand below one another in it."""
    return alt.Step(pixels, **{"for": "position"})


def regime_offset(regimes: list[str], **scale: object) -> alt.YOffset:
    """Within a row, a place for each regime."""
    return alt.YOffset("regime_name:N", scale=alt.Scale(domain=[REGIME_NAMES[each] for each in regimes], **scale))


def parts_of_whole(chart: AnyChart, table: pd.DataFrame, title: str) -> AnyChart:
    """Rows of languages (`with_names`), each divided by the column `share` in the order of the column `order`."""
    return chart.encode(
        y=language_rows(table),
        x=alt.X("share:Q", stack="zero", title=title, axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])),
        order=alt.Order("order:Q"),
    )
