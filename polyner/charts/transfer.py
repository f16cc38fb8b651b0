"""Charts of transfer: to novel languages (§4.2), and of entities that languages have in common (§5.1)."""

from __future__ import annotations

import altair as alt
import pandas as pd

from polyner.charts.interaction import chosen, emphasis, language_choice, legend_click, menu
from polyner.charts.layers import SHAPES_LEGEND, regime_offset, split_rows, tips, zero_line
from polyner.charts.rows import LEGEND_TITLE, cell_names, cells_of, headed, heading_rows
from polyner.charts.theme import GREY, PURPLE, SIGNED_TICKS, known_regimes, regime_colour, table_for
from polyner.charts.titles import by_choice, by_legend
from polyner.charts.words import by_cell, complete, counted, higher_on, signed
from polyner.corpora.languages import in_order, language_name
from polyner.names import REGIME_NAMES, group_heading

_SIZES = (50, 100, 250, 500, 1000, 2500, 5000, 10_000, 25_000)
_SEED, _MEAN = "seed", "mean"
_COMMON = {True: "common", False: "not common"}


def target_curves(curves: pd.DataFrame) -> alt.LayerChart:
    """F1 by the number of target sentences: a line a regime through the mean over seeds, each seed a faint point.

    `curves`: group, language, regime (monolingual or fine_tuned), sentences, seed, run, f1
    (`findings.runs.curve_table`). At 0 sentences fine_tuned is the polyglot model itself. The horizontal axis is
    logarithmic but for its beginning, so that 0 has a place. A menu chooses the language; all have the same vertical
    axis.
    """
    keys = ["group", "language", "regime", "sentences"]
    curves = table_for("target_curves", curves, [*keys, "seed", "run", "f1"])
    seeds = curves.groupby([*keys, "seed"], as_index=False).agg({"f1": "mean", "run": "first"})
    regimes = known_regimes(seeds["regime"])
    means = seeds.groupby(keys, as_index=False).agg(f1=("f1", "mean"), seeds=("seed", "nunique"))
    table = pd.concat([means.assign(of=_MEAN), seeds.assign(of=_SEED)], ignore_index=True)
    table["name"], table["regime_name"] = table["language"].map(language_name), table["regime"].map(REGIME_NAMES)
    table["cell"], names = cells_of(table), cell_names(table)
    choices = {"cell": menu(names, "curves_language", "Language ")}
    choices["regime_name"] = legend_click("regime_name", "curves_regime")
    most, least = table["sentences"].max(), table["sentences"].where(table["sentences"] > 0).min()
    constant = max(1.0, least / 2) if pd.notna(least) else 1.0
    ticks = [0, *(size for size in _SIZES if size < most), int(most)]
    f1 = [float(table["f1"].min()), float(table["f1"].max())]  # whichever of them a menu lets through
    base = alt.Chart().encode(
        x=alt.X(
            "sentences:Q",
            title="training sentences of the language (0: zero-shot)",
            scale=alt.Scale(type="symlog", constant=constant, domain=[0, int(most)], nice=False),
            axis=alt.Axis(values=ticks, labelExpr="format(datum.value, '.3~s')", labelOverlap="greedy"),
        ),
        y=alt.Y("f1:Q", title="F1 on test (%)", scale=alt.Scale(domain=f1, zero=False, nice=True)),
        color=regime_colour(regimes),
    )
    tooltip = tips(name="language", regime_name="regime", sentences=("sentences", ",d"), f1=("F1", ".2f"))
    mean, each = alt.datum.of == _MEAN, alt.datum.of == _SEED
    dots = base.mark_point(filled=True, size=18, strokeWidth=0).transform_filter(each)
    dots = dots.encode(opacity=alt.value(0.5), tooltip=[*tooltip, "seed:N", "run:N"])
    lines = base.mark_line(strokeWidth=2, tooltip=False).transform_filter(mean)
    points = base.mark_point(filled=True, size=50, strokeWidth=0).transform_filter(mean)
    points = points.encode(tooltip=[*tooltip, alt.Tooltip("seeds:Q", title="mean of seeds")])
    chart = chosen(alt.layer(dots, lines, points, data=table), **choices)
    found = by_choice(table[table["of"] == _MEAN], ["cell"], _gains)
    return complete(chart, found, "F1 by the number of training sentences", choices, height=280)


def _gains(means: pd.DataFrame) -> dict[tuple[str, ...], str]:
    """Of a language, by the regimes that are drawn: what fine-tuning adds to training from scratch, with the fewest
    and with the most sentences."""
    curves = means.pivot_table("f1", "sentences", "regime_name")
    return by_legend(curves, lambda names: _gain(curves[names]))


def _gain(f1: pd.DataFrame) -> str:
    """Of F1 by sentences, a column a regime."""
    alone, tuned = REGIME_NAMES["monolingual"], REGIME_NAMES["fine_tuned"]
    if not {alone, tuned} <= set(f1):
        return f"F1 reaches {f1.max(axis=None):.1f}"
    gains = (f1[tuned] - f1[alone]).dropna()
    ends = dict.fromkeys(gains.index[[0, -1]]) if len(gains) else {}
    told = " and ".join(f"{signed(gains[size])} with {counted(size, 'sentences')}" for size in ends)
    return f"Fine-tuning changes F1 by {told}" if told else "Nothing to compare"


def relatedness_scatter(table: pd.DataFrame) -> alt.LayerChart:
    """What fine-tuning the polyglot model gains over training from scratch, by zero-shot F1; a point a language.

    `table`: group, language, f1 (zero-shot, percent), gain (fine-tuned less monolingual, F1 points),
    shared_script (the share, 0 to 1, of the polyglot model's languages with the same script), which is the size of the
    point. Several rows of a language are averaged; one without a number for either axis is left out.
    """
    cell, values = ["group", "language"], ["f1", "gain", "shared_script"]
    means = table_for("relatedness_scatter", table, [*cell, *values]).groupby(cell, as_index=False)[values].mean()
    means = means.dropna(subset=["f1", "gain"])
    shown = means.assign(name=cells_of(means).map(cell_names(means)))
    # Room for the names of languages at both ends.
    scale = alt.Scale(zero=False, nice=True, padding=36)
    x = alt.X("f1:Q", title="zero-shot F1 on test (%)", scale=scale, axis=alt.Axis(tickCount=6))
    axis, scale = alt.Axis(labelExpr=SIGNED_TICKS, tickCount=6), alt.Scale(zero=True, nice=True, padding=20)
    y = alt.Y("gain:Q", title="fine-tuned less monolingual (F1 points)", axis=axis, scale=scale)
    base = alt.Chart(shown).encode(x=x, y=y)
    tooltip = tips(name="language", f1=("zero-shot F1", ".2f"), gain=("gain (points)", "+.2f"))
    tooltip += tips(shared_script=("same script", ".0%"))
    what = "training languages with the same script"
    legend = alt.Legend(title=what, format="%", values=[0, 0.25, 0.5, 1], **LEGEND_TITLE)
    points = base.mark_circle(color=PURPLE).encode(
        opacity=emphasis(["language"]),
        size=alt.Size("shared_script:Q", scale=alt.Scale(domain=[0, 1], range=[30, 420]), legend=legend),
        tooltip=tooltip,
    )
    names = base.mark_text(dy=alt.expr("datum.gain < 0 ? 17 : -17"), color=GREY, fontSize=12, tooltip=False)
    chart = alt.layer(zero_line(y="zero:Q"), points, names.encode(text="name:N"))
    found = higher_on(by_cell(shown, "gain"), "Fine-tuned F1")
    return complete(chart, found, "Gain of fine-tuning by zero-shot F1", height=280, linked=["language"])


def common_entity_bars(rates: pd.DataFrame) -> alt.LayerChart:
    """Figure 2: the error rate on entities that other languages' training data have too, and on the others.

    `rates`: regime, group, language, seed, common (bool), error_rate (percent), gold (`findings.errors.common_rates`).
    A row a language, seeds averaged, below the mean over the languages of its group; a line a regime joins the two
    rates.
    """
    keys, figures = ["regime", "group", "language", "common"], ["error_rate", "gold"]
    rates = table_for("common_entity_bars", rates, [*keys, *figures])
    regimes = known_regimes(rates["regime"])
    languages = rates.groupby(keys, as_index=False, sort=False)[figures].mean().dropna(subset="error_rate")
    groups = languages.groupby(["regime", "group", "common"], as_index=False, sort=False)
    groups = groups.agg(error_rate=("error_rate", "mean"), gold=("gold", "sum"))
    languages["row"] = headed(languages["group"], languages["language"].map(language_name))
    groups["row"] = groups["group"].map(group_heading)
    order = [language_name(code) for code in in_order(languages["language"])]
    shown = pd.concat([groups, languages]).round(4)
    shown["place"] = [row.partition(": ")[2] or f"mean of {row}" for row in shown["row"]]
    shown["entities"] = shown["common"].astype(bool).map(_COMMON)
    shown["regime_name"] = shown["regime"].map(REGIME_NAMES)
    ends = shown.groupby(["regime", "row"])["error_rate"]
    shown = shown.assign(low=ends.transform("min"), high=ends.transform("max"))
    by_regime, by_entities = legend_click("regime_name", "common_regime"), legend_click("entities", "common_entities")
    language = language_choice(languages["language"], "common_language")
    base = chosen(alt.Chart(shown), regime_name=by_regime).encode(
        opacity=emphasis(["regime", "language"], language),
        y=heading_rows(shown, order, ", mean"),
        yOffset=regime_offset(regimes),
        color=regime_colour(regimes),
    )
    axis = alt.X("low:Q", title="error rate (%)", axis=alt.Axis(tickCount=8))
    lines = base.mark_rule(strokeWidth=1.5, tooltip=False).encode(x=axis, x2="high:Q")
    tooltip = tips(place="languages", regime_name="regime", entities="entities")
    tooltip += tips(error_rate=("error rate (%)", ".1f"), gold=("gold entities", ",.0f"))
    scale = alt.Scale(domain=[*_COMMON.values()], range=["circle", "cross"])
    shape = alt.Shape("entities:N", scale=scale, legend=alt.Legend(**SHAPES_LEGEND))
    points = chosen(base, entities=by_entities).mark_point(filled=True, size=60, strokeWidth=0)
    points = points.encode(x="error_rate:Q", shape=shape, tooltip=tooltip)
    names = languages["regime"].map(REGIME_NAMES)
    told = by_legend(dict.fromkeys(names), lambda picked: _easier(languages[names.isin(picked)]))
    found = {(picked,): text for picked, text in told.items()}
    subject = "Error rate on entities common to several languages, and on others"
    about = {"also": [by_entities, language], "linked": ["regime", "language"], "height": split_rows(36)}
    return complete(alt.layer(lines, points), found, subject, {"regime_name": by_regime}, **about)


def _easier(languages: pd.DataFrame) -> str:
    """On how many languages fewer of the common entities are wrong than of the others, by the mean over regimes."""
    rates = languages.pivot_table("error_rate", ["group", "language", "regime"], "common")
    if set(rates) != {True, False} or (changes := (rates[True] - rates[False]).dropna()).empty:
        return "No language has both common entities and others"
    told = higher_on(changes.groupby(["group", "language"]).mean(), "The error rate of common entities")
    return told.replace(" (mean", " than that of others (mean")
