"""The chart of the front page: Table 1 as slopes from monolingual over polyglot to fine-tuned, one band a source."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from polyner.charts.theme import (
    GREEN,
    GREY,
    PAPER,
    REGIMES,
    VERMILLION,
    architecture_choice,
    drawn_from,
    faded,
    language_name,
    legend_click,
    regime_colour,
    table_for,
    titled,
    with_params,
)
from polyner.names import ARCHITECTURE_NAMES, GROUP_NAMES

THREE = ("monolingual", "polyglot", "fine_tuned")
VERDICT_COLOURS = {"holds": GREEN, "does not hold": VERMILLION, "undecided": GREY, "not run": "#cccccc"}
_TILES_A_ROW = 7
# Room to the right of a band's slopes for the names of the groups.
_ROOM = [" ", "  "]
_AVERAGE = "average"


def slope_table(sources: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Cells of Table 1 and their averages as gains over the monolingual cell.

    `sources`: by name, tables of model, regime, group, language, f1 and, if known, run (one row a cell). Columns:
    source, model, group, language ("average" for the mean over a group's languages), regime, f1, gain (F1 points over
    the monolingual cell), run. Languages that lack a regime are left out, and so are models without one that has all.
    """
    tables = []
    for source, table in sources.items():
        table = table_for("slope_table", table, ["model", "regime", "group", "language", "f1"])
        table = table[table["regime"].isin(THREE)].assign(source=source)
        keys = ["source", "model", "group", "language"]
        whole = table.groupby(keys)["regime"].transform("nunique") == len(THREE)
        cells = table[whole].assign(run=table.get("run", ""))
        means = cells.groupby(["source", "model", "group", "regime"], sort=False)["f1"].mean().reset_index()
        both = pd.concat([cells, means.assign(language=_AVERAGE, run="")], ignore_index=True)
        base = both[both["regime"] == THREE[0]].set_index(keys)["f1"].rename("base")
        both = both.join(base, on=keys)
        tables.append(both.assign(gain=both["f1"] - both["base"])[[*keys, "regime", "f1", "gain", "run"]])
    return pd.concat(tables, ignore_index=True)


def finding(table: pd.DataFrame, model: str) -> str:
    """What a table of slopes says about a model, for a title: only what is true of every source and group."""
    means = table[(table["language"] == _AVERAGE) & (table["model"] == model)]
    gains = {regime: means.loc[means["regime"] == regime, "gain"] for regime in THREE[1:]}
    name = ARCHITECTURE_NAMES.get(model, model)
    if len(means) and (gains["fine_tuned"] > 0).all():
        better = "the fine-tuned tagger beats the monolingual one"
        worse = ", the polyglot one does not" if (gains["polyglot"] <= 0).all() else ""
        return f"{name}: on average {better}{worse}"
    return f"{name}: from monolingual to polyglot to fine-tuned"


def regime_slopes(table: pd.DataFrame, model: str) -> alt.LayerChart:
    """What polyglot training and then fine-tuning add to the monolingual tagger's F1: a thin line for each language,
    a thick one for each group's average.

    `table`: of `slope_table`. `model` is drawn first; a menu has the others. A click on the legend picks regimes.
    """
    table = table_for("regime_slopes", table, ["source", "model", "group", "language", "regime", "gain"])
    models = [model, *(other for other in dict.fromkeys(table["model"]) if other != model)]
    order = table["model"].map(models.index)
    table = table.iloc[order.argsort(kind="stable")].reset_index(drop=True)
    table["name"] = table["language"].map(lambda code: _AVERAGE if code == _AVERAGE else language_name(code))
    table["group_name"] = table["group"].map(GROUP_NAMES)
    table["regime_name"] = table["regime"].map({regime: name for regime, (name, _) in REGIMES.items()})
    table["label"] = [f"{row.group_name} {row.gain:+.1f}".replace("-", "−") for row in table.itertuples()]
    architecture, regimes = (
        architecture_choice(table, "front_architecture"),
        legend_click("regime_name", "front_regime"),
    )
    offsets = [REGIMES[regime][0] for regime in THREE] + _ROOM
    bands = list(dict.fromkeys(table["source"]))
    wrapped = "length(datum.value) > 12 ? split(datum.value, ' ') : datum.value"
    base = drawn_from(table, architecture).encode(
        x=alt.X(
            "source:N",
            scale=alt.Scale(domain=[PAPER, *(band for band in bands if band != PAPER)], paddingInner=0.04),
            axis=alt.Axis(title=None, ticks=False, labelAngle=0, labelFontWeight="bold", labelExpr=wrapped),
        ),
        xOffset=alt.XOffset("regime_name:N", scale=alt.Scale(domain=offsets)),
        y=alt.Y("gain:Q", title="F1 against monolingual (points)", axis=alt.Axis(format="+~f")),
    )
    tooltip = [
        alt.Tooltip("name:N", title="language"),
        alt.Tooltip("group_name:N", title="group"),
        alt.Tooltip("regime_name:N", title="regime"),
        alt.Tooltip("f1:Q", title="F1", format=".2f"),
        alt.Tooltip("gain:Q", title="against monolingual", format="+.2f"),
        alt.Tooltip("source:N", title="from"),
        alt.Tooltip("run:N", title="run"),
    ]
    languages = base.transform_filter(alt.datum.language != _AVERAGE)
    averages = base.transform_filter(alt.datum.language == _AVERAGE)
    thin = languages.mark_line(color=GREY, strokeWidth=1, opacity=0.45, tooltip=False).encode(detail="language:N")
    dots = languages.mark_point(filled=True, size=14, strokeWidth=0).encode(
        color=regime_colour(THREE), opacity=faded(regimes, shown=0.7), tooltip=tooltip
    )
    thick = averages.mark_line(color=GREY, strokeWidth=3, tooltip=False).encode(detail="group:N")
    points = averages.mark_point(filled=True, size=110, strokeWidth=0).encode(
        color=regime_colour(THREE), opacity=faded(regimes), tooltip=tooltip
    )
    labels = (
        averages.transform_filter(alt.datum.regime == THREE[-1])
        .mark_text(align="left", dx=9, fontWeight="bold", color=GREY, tooltip=False)
        .encode(text="label:N")
    )
    chart = alt.layer(thin, dots, thick, points, labels).properties(
        width="container", height=320, title=titled(finding(table, model))
    )
    return with_params(chart, architecture, regimes)


def verdict_tiles(verdicts: Sequence[str]) -> alt.Chart:
    """A tile for each verdict in its colour, in the order given: a picture, without words."""
    table = pd.DataFrame({"verdict": verdicts})
    table["column"], table["row"] = table.index % _TILES_A_ROW, table.index // _TILES_A_ROW
    colours = alt.Scale(domain=list(VERDICT_COLOURS), range=list(VERDICT_COLOURS.values()))
    return (
        alt.Chart(table)
        .mark_rect(cornerRadius=3)
        .encode(
            x=alt.X("column:O", scale=alt.Scale(padding=0.12)),
            y=alt.Y("row:O", scale=alt.Scale(padding=0.12)),
            color=alt.Color("verdict:N", scale=colours),
        )
    )
