"""Charts of §6: what fine-tuning gains and forgets, and where the languages of a polyglot model conflict."""

from __future__ import annotations

import itertools

import altair as alt
import pandas as pd

from polyner.charts.interaction import chosen, group_choice, legend_click
from polyner.charts.layers import SHAPES, tips, whiskers, zero_line
from polyner.charts.theme import BROWN, GREY, INDIGO, PALETTE, SIGNED_TICKS, SKY, category_colours, table_for
from polyner.charts.titles import by_choice
from polyner.charts.words import complete, signed, with_intervals

_KINDS = {"polyglot": GREY, "plain": BROWN, "L2-SP": SKY, "EWC": INDIGO}
_SOURCES = {"trained": INDIGO, "untrained": GREY}


def trade_off(table: pd.DataFrame) -> alt.LayerChart:
    """F1 on the language fine-tuned on against F1 on the group's others, both less plain fine-tuning's: a point a way
    of fine-tuning, its 95 % intervals as whiskers (up to the frame), lines along the strengths of a penalty.

    `table`: group, name (of the variant), kind ("polyglot", "plain", "L2-SP", "EWC"), strength, target, target_low,
    target_high, kept, kept_low, kept_high (F1 points; bounds may be missing), kept_f1 (percent), seeds. Several groups
    get a menu.
    """
    bounds = [f"{what}_{end}" for what in ("target", "kept") for end in ("low", "high")]
    columns = ["group", "name", "kind", "strength", "target", "kept", "kept_f1", "seeds", *bounds]
    shown = table_for("trade_off", table, columns)
    shown = shown.round(4).rename(columns={"name": "way"})  # what is called name is a language to the chart's words
    group = group_choice(shown, "trade_off_group")
    colour = alt.Color("kind:N", scale=category_colours(shown["kind"], _KINDS))
    tooltip = tips(
        way="fine-tuning",
        **{column: (column.replace("_", " "), "+.2f") for column in ("target", "kept", *bounds)},
        kept_f1=("F1 on the others", ".1f"),
    )
    tooltip.append("seeds:Q")
    base = chosen(alt.Chart(shown), group=group).encode(color=colour)
    axis = alt.Axis(labelExpr=SIGNED_TICKS, tickCount=6)
    x = alt.X("kept:Q", title="F1 on the others, against plain (points)", axis=axis, scale=_around(shown["kept"]))
    y_title = "F1 on the language itself, against plain (points)"
    y = alt.Y("target:Q", title=y_title, axis=axis, scale=_around(shown["target"]))
    lines = base.transform_filter("datum.strength > 0").mark_line(strokeWidth=1.5, tooltip=False)
    layers = [lines.encode(x=x, y=y, order="strength:Q")]
    for what, channel, place in (("kept", "x", {"y": y}), ("target", "y", {"x": x})):
        least, most = _around(shown[what]).domain
        drawn = whiskers(base, channel, f"{what}_low", f"{what}_high", strokeWidth=1, opacity=0.6).transform_calculate(
            begin=f"clamp(datum.{what}_low, {least}, {most})", end=f"clamp(datum.{what}_high, {least}, {most})"
        )
        layers.append(drawn.encode(**{channel: "begin:Q", f"{channel}2": "end:Q"}, **place, tooltip=tooltip))
    layers.append(base.mark_point(filled=True, size=80, strokeWidth=0, opacity=1).encode(x=x, y=y, tooltip=tooltip))
    names = base.mark_text(dy=-11, fontSize=11, tooltip=False).encode(x=x, y=y, text="way:N", color=alt.value(GREY))
    found = by_choice(table, ["group"], _best_of_both)
    subject = with_intervals("What fine-tuning gains on its language and keeps of the others", table["kept_low"])
    return complete(alt.layer(*layers, names), found, subject, {"group": group}, height=320)


def _around(values: pd.Series) -> alt.Scale:
    """Where all points lie: intervals that are much longer end at the frame, and points stay apart."""
    room = 0.2 * max(values.max() - values.min(), 0.5)
    return alt.Scale(domain=[values.min() - room, values.max() + room], nice=False)


def _best_of_both(rows: pd.DataFrame) -> str:
    """What plain fine-tuning leaves of the polyglot model's F1 on the others, and who is best on the target."""
    kept = rows.set_index("kind")["kept_f1"]
    told = f"Plain fine-tuning takes F1 on the others to {kept['plain']:.1f}" if "plain" in kept else ""
    if "polyglot" in kept:
        told += f" from {kept['polyglot']:.1f}"
    ways = rows[rows["kind"] != "polyglot"]
    best = ways.loc[ways["target"].idxmax()]
    gains = f"{signed(best['target'])} on it, {signed(best['kept'])} on the others"
    return f"{told}; best on its own language: {best['name']} ({gains})"


def conflicts(table: pd.DataFrame) -> alt.LayerChart:
    """The mean cosine of the gradients of two languages by layer, in trained and in untrained networks.

    `table`: group, layer (from the bottom to the top), source ("trained", "untrained"), cosine, low, high (bounds may
    be missing), below_zero (the share of pairs, 0 to 1). Several groups get a menu.
    """
    shown = table_for("conflicts", table, ["group", "layer", "source", "cosine", "low", "high", "below_zero"]).round(4)
    group = group_choice(shown, "conflicts_group")
    cosines = {column: (column, "+.3f") for column in ("cosine", "low", "high")}
    base = chosen(alt.Chart(shown), group=group).encode(
        y=alt.Y("layer:N", sort=list(dict.fromkeys(shown["layer"])), title=None),
        color=alt.Color("source:N", scale=category_colours(shown["source"], _SOURCES)),
        tooltip=tips(layer="layer", source="network", **cosines, below_zero=("pairs below zero", ".0%")),
    )
    axis = alt.Axis(title="cosine of gradients, mean over pairs", labelExpr=SIGNED_TICKS)
    points = base.mark_point(filled=True, size=70, strokeWidth=0, opacity=1).encode(x="cosine:Q")
    chart = alt.layer(zero_line(x=alt.X("zero:Q", axis=axis)), whiskers(base, strokeWidth=1.5), points)
    found = by_choice(table, ["group"], _lowest)
    subject = "Cosine of the gradients of two languages, by layer"
    return complete(chart, found, subject, {"group": group}, height=alt.Step(26))


def course(table: pd.DataFrame) -> alt.LayerChart:
    """The mean cosine of the gradients of two languages through training, a line a layer.

    `table`: group, epoch (0: before training), layer (from the bottom to the top, "all" of them among these), cosine,
    below_zero (the share of pairs, 0 to 1). Several groups get a menu; clicking the legend picks layers.
    """
    shown = table_for("course", table, ["group", "epoch", "layer", "cosine", "below_zero"]).round(4)
    group, by_layer = group_choice(shown, "course_group"), legend_click("layer", "course_layer")
    layers, epochs = list(dict.fromkeys(shown["layer"])), sorted(set(shown["epoch"]))
    colours = dict(zip([layer for layer in layers if layer != "all"], itertools.cycle(PALETTE[:-1]), strict=False))
    scale = alt.Scale(domain=layers, range=[colours.get(layer, GREY) for layer in layers])
    cosines = tips(cosine=("cosine", "+.3f"), below_zero=("pairs below zero", ".0%"))
    base = chosen(alt.Chart(shown), group=group, layer=by_layer).encode(
        x=alt.X("epoch:Q", scale=alt.Scale(type="symlog"), axis=alt.Axis(values=epochs, format="d", title="epoch")),
        y=alt.Y("cosine:Q", title="cosine, mean over pairs", axis=alt.Axis(labelExpr=SIGNED_TICKS)),
        color=alt.Color("layer:N", scale=scale),
        tooltip=[*tips(layer="layer"), alt.Tooltip("epoch:Q"), *cosines],
    )
    shapes = alt.Scale(domain=layers, range=[*itertools.islice(itertools.cycle(SHAPES), len(layers))])
    points = base.mark_point(filled=True, size=45, strokeWidth=0, opacity=1)
    points = points.encode(shape=alt.Shape("layer:N", scale=shapes))
    chart = alt.layer(zero_line(y="zero:Q"), base.mark_line(strokeWidth=1.8), points)
    found = by_choice(table, ["group"], _from_start_to_end)
    subject = "Cosine of the gradients of two languages through training"
    return complete(chart, found, subject, {"group": group}, [by_layer], height=260)


def _from_start_to_end(rows: pd.DataFrame) -> str:
    """The cosine of all parameters before the first epoch, where it is least, and at the end."""
    whole = rows[rows["layer"] == "all"].sort_values("epoch").set_index("epoch")["cosine"]
    first, least, last = whole.iloc[0], whole.idxmin(), whole.iloc[-1]
    told = f"Languages agree {'less' if last < first else 'no less'} than before training ({signed(first, '.2f')})"
    return f"{told}, least {signed(whole[least], '.2f')} after epoch {least}, {signed(last, '.2f')} at the end"


def _lowest(rows: pd.DataFrame) -> str:
    """The layer of the trained networks where languages agree least, beside the same of untrained ones."""
    cosines = rows.pivot_table("cosine", "layer", "source", sort=False)
    layer = cosines["trained"].idxmin() if "trained" in cosines else cosines.iloc[:, 0].idxmin()
    told = ", ".join(f"{source} {signed(value, '.2f')}" for source, value in cosines.loc[layer].items())
    return f"Languages agree least in the layer {layer} (mean cosine: {told})"
