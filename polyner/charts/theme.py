"""How every chart of the book looks: colours, names, the theme, and the pieces that charts share.

Backgrounds are transparent and text is a grey that reads on white and on black, so that one chart serves a light and
a dark page; the website gives text the page's ink. The regimes have four of Okabe and Ito's colours, and nothing else
has these. All colours of marks stand out from a white page and from a dark one (3:1 at least), and those of one chart
are told apart by people with protanopia or deuteranopia.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import altair as alt
import pandas as pd

from polyner.names import REGIME_NAMES

AnyChart = TypeVar("AnyChart", alt.Chart, alt.LayerChart)

BLUE, VERMILLION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
INDIGO, SKY, BROWN, PLUM, SAGE = "#4b4bff", "#4b96e1", "#965a0f", "#785a96", "#879678"
GREY = "#7d7d7d"
# Of an axis of differences.
SIGNED_TICKS = "datum.value ? format(datum.value, '+~f') : '0'"

REGIMES = {"monolingual": BLUE, "polyglot": VERMILLION, "fine_tuned": GREEN, "zero_shot": PURPLE}
TYPE_COLOURS = {"PER": INDIGO, "ORG": BROWN, "LOC": SKY, "GPE": PLUM, "MISC": SAGE}
# Dark colours, on which numbers are white; on the others they are dark.
DARK = {INDIGO, BROWN, PLUM}
PALETTE = [INDIGO, BROWN, SKY, PLUM, SAGE, GREY]

# Vega-Lite charts carry their data inside the page: Altair refuses more rows than this.
MOST_ROWS = 5000


@alt.theme.register("polyner", enable=True)
def theme() -> alt.theme.ThemeConfig:
    """The look of every chart, registered and enabled with Altair when this module is imported."""
    font = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"
    axis = dict.fromkeys(("labelColor", "titleColor", "gridColor", "domainColor", "tickColor"), GREY)
    axis |= {"titleFontWeight": "normal", "titleFontSize": 11, "gridOpacity": 0.22}
    axis |= {"labelFontSize": 11, "labelLimit": 130, "labelSeparation": 6}
    legend = {"orient": "top", "direction": "horizontal", "title": None, "columns": 4, "offset": 6, "rowPadding": 4}
    legend |= {"labelColor": GREY, "labelFontSize": 12, "symbolSize": 90, "symbolOpacity": 1}
    title = {"anchor": "start", "frame": "bounds", "color": GREY, "fontSize": 14, "offset": 10, "subtitleColor": GREY}
    title |= {"subtitleFontSize": 12, "subtitlePadding": 4, "subtitleLineHeight": 15, "lineHeight": 18}
    config = {
        "background": "transparent",
        "font": font,
        "view": {"stroke": None, "continuousWidth": 340, "discreteWidth": 340},
        "axis": axis,
        "axisY": {"ticks": False, "labelPadding": 6},
        "legend": legend,
        "title": title,
        "mark": {"tooltip": True},
        "range": {"category": PALETTE},
    }
    return {"config": config}


class _InsideScript(json.JSONEncoder):
    """JSON that cannot end the `<script>` it stands in, whatever a corpus holds."""

    def encode(self, o: Any) -> str:
        return super().encode(o).replace("<", "\\u003c")


INSIDE_SCRIPT: Mapping[str, Any] = {"cls": _InsideScript, "separators": (",", ":")}
alt.renderers.enable("default", json_kwds=INSIDE_SCRIPT)


def table_for(chart: str, table: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """A copy of `table` that is fit to draw.

    Raises ValueError, naming the chart, for an empty table or a missing column.
    """
    if missing := [column for column in columns if column not in table]:
        raise ValueError(f"{chart}: the table lacks {', '.join(missing)}")
    if table.empty:
        raise ValueError(f"{chart}: the table is empty, there is nothing to draw")
    return table.copy()


def regime_colour(regimes: Iterable[str], **legend: object) -> alt.Color:
    """Colour by the column `regime_name`: one colour a regime throughout the book. One alone needs no legend."""
    scale = alt.Scale(domain=[REGIME_NAMES[each] for each in regimes], range=[REGIMES[each] for each in regimes])
    # Beside long names of rows, a phone has no room for three.
    legend = alt.Legend(columns=alt.expr("width < 270 ? 2 : 4"), **legend)
    return alt.Color("regime_name:N", scale=scale, legend=legend if len(scale.domain) > 1 else None)


def known_regimes(regimes: Iterable[str]) -> list[str]:
    """The regimes that occur, in the paper's order. Raises ValueError for one without a colour."""
    occurring = set(regimes)
    if unknown := sorted(occurring - REGIMES.keys()):
        raise ValueError(f"unknown regime {', '.join(unknown)}")
    return [regime for regime in REGIMES if regime in occurring]


def category_colours(labels: Iterable[str], fixed: Mapping[str, str]) -> alt.Scale:
    """A colour for each label: its own where it has one, else the next of the palette that is free."""
    ordered = sorted(set(labels), key=lambda label: (list(fixed).index(label) if label in fixed else len(fixed), label))
    taken = {fixed[label] for label in ordered if label in fixed}
    free = [colour for colour in PALETTE if colour not in taken] or PALETTE
    others = [label for label in ordered if label not in fixed]
    colours = fixed | {label: free[position % len(free)] for position, label in enumerate(others)}
    return alt.Scale(domain=ordered, range=[colours[label] for label in ordered])
