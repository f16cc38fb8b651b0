"""Charts of the weights that matter (§5.3): how many are the same, by layer and by pair of languages."""

from __future__ import annotations

import altair as alt
import pandas as pd

from polyner.charts.interaction import chosen, legend_click, menu
from polyner.charts.layers import SHAPES_LEGEND, split_rows, tips
from polyner.charts.rows import HEAT, LEGEND_TITLE, ON_HEAT, headed, heading_rows
from polyner.charts.theme import BROWN, INDIGO, PLUM, SKY, table_for
from polyner.charts.titles import by_choice
from polyner.charts.words import complete
from polyner.corpora.languages import in_order, language_name
from polyner.names import group_name, groups_in_order

_COLUMNS = ["group", "first", "second", "layer", "share", "overlap"]
_SHARES = [BROWN, SKY, INDIGO, PLUM]
_OVERLAP = ["overlap (%): mean of the pairs;", "line: lower to upper quartile;", "dashed: by chance"]
_OVERLAP += ["cross: in untrained networks;", "bar: one language, halves of its sentences"]
_IN_USE, _FILLED_UP = "mean of the pairs", "mean of filled-up sets"


def overlap_by_layer(overlaps: pd.DataFrame, title: str) -> alt.LayerChart:
    """Figure 4: the mean overlap of the weights that matter most, by layer from the bottom to the top.

    `overlaps`: group, first, second, layer, share, overlap (0 to 1), source, ranks, used, parameters, of one comparison
    (`findings.fisher.fisher_overlaps`). The dots are means over pairs, with seeds averaged, the thin lines their
    quartiles; a dashed line is the overlap of two random choices. A triangle: so large a share takes in weights of
    importance 0, which are largely the same (`analysis.fisher_overlap.top_overlap`). A cross is the overlap in
    untrained networks, and a bar that of one language on halves of its sentences.
    """
    table = table_for("overlap_by_layer", overlaps, [*_COLUMNS, "source", "ranks", "used", "parameters"])
    table = table[table["ranks"] == "layer"]
    beside = {source: table[table["source"] == source] for source in ("untrained", "halves")}
    table = table[table["source"] == "trained"]
    cell = ["group", "layer", "share"]
    pairs = table.groupby([*cell, "first", "second"], as_index=False, sort=False)
    pairs = pairs[["overlap", "used", "parameters"]].mean()
    columns = {"overlap": ("overlap", "mean"), "used": ("used", "mean"), "parameters": ("parameters", "first")}
    by_cell = pairs.groupby(cell, as_index=False, sort=False)
    quartiles = {end: by_cell["overlap"].quantile(at)["overlap"] for end, at in (("low", 0.25), ("high", 0.75))}
    means = by_cell.agg(**columns).assign(**quartiles, pairs=by_cell.size()["size"])
    means["basis"] = [_FILLED_UP if row.share > row.used else _IN_USE for row in means.itertuples()]
    for source, rows in beside.items():
        of_source = rows.groupby(cell, as_index=False)["overlap"].mean().rename(columns={"overlap": source})
        means = means.merge(of_source, on=cell, how="left")
    means["top"], means["row"] = means["share"].map(_top), headed(means["group"], means["layer"])
    shown = means.assign(group_name=means["group"].map(group_name)).round(4)
    shares = sorted(set(means["share"]))
    tops = [_top(share) for share in shares]
    colours = alt.Scale(domain=tops, range=[_SHARES[position % len(_SHARES)] for position in range(len(shares))])
    by_share = legend_click("top", "overlap_share")
    colour = alt.Color("top:N", scale=colours)
    chance = chosen(alt.Chart(pd.DataFrame({"share": shares, "top": tops})), top=by_share)
    chance = chance.mark_rule(opacity=0.8, strokeDash=[3, 3], strokeWidth=1.5)
    chance = chance.encode(x="share:Q", color=colour, tooltip=tips(top="top", share=("by chance", ".0%")))
    base = chosen(alt.Chart(shown), top=by_share).encode(
        # The bottom layer stands at the bottom.
        y=heading_rows(means, list(dict.fromkeys(table["layer"]))[::-1]),
        yOffset=alt.YOffset("top:N", scale=alt.Scale(domain=tops)),
        color=colour,
    )
    spread = base.mark_rule(strokeWidth=1.5, tooltip=False).encode(x="low:Q", x2="high:Q")
    points = base.mark_point(filled=True, size=60, strokeWidth=0).encode(
        x=alt.X("overlap:Q", title=_OVERLAP, axis=alt.Axis(format="%", tickCount=6)),
        tooltip=[
            *tips(group_name="group", layer="layer", top="weights", overlap=("overlap", ".1%")),
            *tips(low=("lower quartile", ".1%"), high=("upper quartile", ".1%")),
            *tips(**{source: (source, ".1%") for source in beside}),
            alt.Tooltip("pairs:Q"),
            *tips(used=("importance above 0", ".1%"), parameters=("parameters", ",d")),
        ],
    )
    if (means["basis"] == _FILLED_UP).any():
        shapes = alt.Scale(domain=[_IN_USE, _FILLED_UP], range=["circle", "triangle-up"])
        points = points.encode(shape=alt.Shape("basis:N", scale=shapes, legend=alt.Legend(columns=1, **SHAPES_LEGEND)))
    untrained = base.mark_point(shape="cross", filled=True, size=45, opacity=0.6).encode(x="untrained:Q")
    halves = base.mark_tick(thickness=2, size=9, opacity=0.6).encode(x="halves:Q")
    chart = alt.layer(chance, spread, untrained, halves, points)
    return complete(chart, _ends(means), title, also=[by_share], height=split_rows(34))


def _ends(means: pd.DataFrame) -> str:
    """In which layers the overlap is largest and smallest, of a quarter of the weights or the nearest share."""
    share = min(set(means["share"]), key=lambda share: abs(share - 0.25))
    layers = means[means["share"] == share].groupby("layer", sort=False)["overlap"].mean()
    most, least = layers.idxmax(), layers.idxmin()
    told = f"The {_top(share)} of weights overlap most in the layer {most} ({layers[most]:.0%})"
    return told if most == least else f"{told}, least in {least} ({layers[least]:.0%})"


def overlap_heatmap(overlaps: pd.DataFrame) -> alt.LayerChart:
    """How many of the weights that matter most two languages share, in percent, for a layer chosen from a menu.

    `overlaps` as for `overlap_by_layer`. Seeds are averaged. Further menus choose the share of weights and the group.
    Colours mean the same whatever is chosen.
    """
    table = table_for("overlap_heatmap", overlaps, [*_COLUMNS, "source", "ranks"])
    table = table[(table["source"] == "trained") & (table["ranks"] == "layer")]
    layers, shares = list(dict.fromkeys(table["layer"])), sorted(set(table["share"]))
    table = table.groupby(_COLUMNS[:-1], as_index=False, sort=False)["overlap"].mean()
    table["first_name"], table["second_name"] = (table[side].map(language_name) for side in ("first", "second"))
    order = in_order([*table["first"], *table["second"]])
    # Columns are too narrow for names, so that the rows say what the codes mean.
    table["first_row"] = [f"{language_name(code)} ({code})" for code in table["first"]]
    rows = [f"{language_name(code)} ({code})" for code in order]
    lstm = next((layer for layer in layers if "LSTM" in layer), layers[0])
    group = menu({each: group_name(each) for each in groups_in_order(table["group"])}, "heat_group", "Group ")
    layer = menu({each: each for each in layers}, "heat_layer", "Layer ", lstm)
    share = menu({each: _top(each) for each in shares}, "heat_share", "Weights ", 0.25 if 0.25 in shares else shares[0])
    axis = {"title": None, "domain": False, "grid": False, "ticks": False}
    base = alt.Chart().encode(
        x=alt.X("second:N", sort=order, axis=alt.Axis(labelAngle=0, labelOverlap=False, **axis)),
        y=alt.Y("first_row:N", sort=rows, axis=alt.Axis(**axis)),
        tooltip=[
            *tips(first_name="language", second_name="and", layer="layer"),
            *tips(share=("most important", ".0%"), overlap=("overlap", ".1%")),
        ],
    )
    legend = alt.Legend(title="overlap", format="%", gradientLength=180, **LEGEND_TITLE)
    colour = alt.Color("overlap:Q", scale=alt.Scale(domain=[0, 1], range=HEAT), legend=legend)
    cells = base.mark_rect(cornerRadius=2).encode(color=colour)
    numbers = base.mark_text(color=ON_HEAT, fontSize=10).transform_calculate(percent="100 * datum.overlap")
    numbers = numbers.encode(text=alt.Text("percent:Q", format=".0f"))
    chart = alt.layer(cells, numbers, data=table.round(4))
    choices = {"group": group, "layer": layer, "share": share}
    found = by_choice(table, [*choices], _closest)
    subject = "Overlap of the most important weights of two languages (%)"
    return complete(chosen(chart, **choices), found, subject, choices, height=alt.Step(28))


def _closest(pairs: pd.DataFrame) -> str:
    """Which two languages have most weights in common, to the percent, and what all have on average."""
    most = pairs.loc[pairs["overlap"].idxmax()]
    alike = pairs[pairs["overlap"].round(2) == round(most["overlap"], 2)]
    names = {frozenset(pair) for pair in zip(alike["first"], alike["second"], strict=True)}
    who = f"{most['first_name']} and {most['second_name']}" if len(names) == 1 else f"{len(names)} pairs of languages"
    return f"{who} overlap most ({most['overlap']:.0%}); on average {pairs['overlap'].mean():.0%}"


def _top(share: float) -> str:
    return f"top {100 * share:g}%"
