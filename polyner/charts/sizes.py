"""A chart of what other languages are worth, by how much there is to learn from in one's own."""

from __future__ import annotations

import altair as alt
import pandas as pd

from polyner.charts.interaction import architecture_choice, drawn_from, filtered, legend_click, with_params
from polyner.charts.theme import GREY, PAPER, REGIMES, SIGNED_TICKS, regime_colour, table_for
from polyner.charts.words import complete, signed, with_intervals
from polyner.names import REGIME_NAMES, architecture_name, group_name

_COLUMNS = ["source", "series", "model", "group", "regime", "sentences", "gain", "low", "high", "seeds"]
_TICKS = (20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000)


def gains_by_size(table: pd.DataFrame, title: str | None = None) -> alt.LayerChart:
    """Gains over monolingual training by training sentences a language: a point a study, group and regime.

    `table` is that of `paper.sizes.gains_by_size`. Whiskers are 95 % intervals; lines join studies of a series
    (`Findings.series`), which differ in size alone; the paper's points are diamonds. Several architectures get a menu.
    """
    name = "gains_by_size"
    shown = table_for(name, table, _COLUMNS).round(4)
    shown["regime_name"] = shown["regime"].map(REGIME_NAMES)
    shown["what"] = shown["source"] + ", " + shown["group"].map(group_name)
    shown["line"] = shown.groupby(["series", "group", "regime"], sort=False).ngroup()
    shown = shown.drop(columns="series")  # long, and told by the lines
    shown["kind"] = (shown["source"] == PAPER).map({True: PAPER, False: "recorded here"})
    architecture = architecture_choice(shown, "sizes_architecture")
    by_regime = legend_click("regime_name", "sizes_regime")
    least, most = shown["sentences"].min(), shown["sentences"].max()
    regimes = [regime for regime in REGIMES if regime in set(shown["regime"])]
    tooltip = [
        alt.Tooltip("what:N", title="study"),
        alt.Tooltip("regime_name:N", title="regime"),
        alt.Tooltip("sentences:Q", title="sentences a language", format=",.0f"),
        *(alt.Tooltip(f"{column}:Q", format="+.2f") for column in ("gain", "low", "high")),
        "seeds:Q",
    ]
    ticks = [size for size in _TICKS if 0.75 * least < size < 1.5 * most]
    base = filtered(drawn_from(shown, architecture), by_regime).encode(
        x=alt.X(
            "sentences:Q",
            title="training sentences a language",
            scale=alt.Scale(type="log", nice=False, domain=[0.75 * least, 1.5 * most]),
            axis=alt.Axis(values=ticks, format=",d"),
        ),
        color=regime_colour(regimes),
    )
    y = alt.Y("gain:Q", title="gain over monolingual (F1 points)", axis=alt.Axis(labelExpr=SIGNED_TICKS))
    zero = alt.Chart(pd.DataFrame({"zero": [0]})).mark_rule(color=GREY, strokeDash=[4, 3], tooltip=False)
    whiskers = base.transform_filter("isValid(datum.low) && isValid(datum.high)").mark_rule(strokeWidth=1.5)
    lines = base.mark_line(strokeWidth=1.5, tooltip=False).encode(y=y, detail="line:N")
    points = base.mark_point(filled=True, size=80, strokeWidth=0, opacity=1).encode(
        y=y,
        shape=alt.Shape(
            "kind:N",
            scale=alt.Scale(domain=["recorded here", PAPER], range=["circle", "diamond"]),
            legend=alt.Legend(symbolFillColor=GREY, orient="bottom"),
        ),
        tooltip=tooltip,
    )
    layers = [zero.encode(y="zero:Q"), whiskers.encode(y="low:Q", y2="high:Q", tooltip=tooltip), lines, points]
    chart = with_params(alt.layer(*layers).properties(width="container", height=320), by_regime, architecture)
    found = {model: finding(rows, model) for model, rows in table.groupby("model", sort=False)}
    subject = with_intervals(title or "Gain over monolingual training", table)
    if architecture is None:
        found = next(iter(found.values()))
    return complete(chart, found, subject, {"model": architecture}, note="Recorded studies, and the paper.")


def finding(rows: pd.DataFrame, model: str) -> str:
    """Between which gains polyglot training and fine-tuning lie, in all studies and the paper."""
    told = []
    for regime, own in rows.groupby("regime", sort=False):
        least, most = own["gain"].min(), own["gain"].max()
        told.append(f"{REGIME_NAMES[regime]} {signed(least)} to {signed(most)}")
    return f"{architecture_name(model)}, F1 against monolingual: {', '.join(told)}"
