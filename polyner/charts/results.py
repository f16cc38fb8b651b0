"""Charts of F1: by regime beside the paper's, as slopes over the regimes, and as differences with their intervals."""

from __future__ import annotations

import itertools
import json

import altair as alt
import pandas as pd

from polyner.analysis.estimates import LEAST_SEEDS
from polyner.charts.interaction import architecture_choice, emphasis, filtered, language_choice, legend_click, narrowed
from polyner.charts.layers import DASHES_LEGEND, SHAPES_LEGEND, regime_offset, split_rows, tips, whiskers, zero_line
from polyner.charts.rows import cell_columns, cells_in_order, cells_of, language_rows, with_names
from polyner.charts.theme import (
    GREY,
    INDIGO,
    PAPER,
    REGIMES,
    SIGNED_TICKS,
    THIS_RUN,
    known_regimes,
    regime_colour,
    table_for,
)
from polyner.charts.titles import by_choice
from polyner.charts.words import best_regimes, by_cell, complete, higher_on, kind_of, signed, with_intervals
from polyner.names import architecture_name, group_heading

_RESULTS = ("model", "regime", "language", "f1")
_KEPT = ["model", "regime", "group", "language", "seed", "f1", "run"]

# What is drawn is a dot, the paper's a bar.
_DOT, _BAR = "circle", "M-0.18,-1.1H0.18V1.1H-0.18Z"


def regime_dots(
    results: pd.DataFrame, paper: pd.DataFrame | None = None, title: str | None = None, source: str = THIS_RUN
) -> alt.Chart:
    """F1 by language, a dot for each run coloured by its regime, the paper's value as a tick.

    `results`: model, regime, language, f1, and if known group, seed, run, split, variant; only test scores of the plain
    variant are drawn. `paper`: model, regime, language, f1 (`paper.table1()`); what has no counterpart in `results`
    is left out. `source`: where the results are from, as the legend says. Several architectures get a menu; clicking a
    legend filters regimes or sources, and a menu picks out a language. Raises ValueError for an empty table, a missing
    column or an unknown regime.
    """
    table = _with_paper("regime_dots", results, paper, source)
    regimes = known_regimes("regime_dots", table["regime"])
    by_regime, by_source = legend_click("regime_name", "dots_regime"), legend_click("source", "dots_source")
    architecture, language = _choices(table, "dots")
    chart = filtered(narrowed(alt.Chart(table), model=architecture), by_regime, by_source)
    chart = chart.mark_point(filled=True, size=60, strokeWidth=0).encode(
        y=language_rows(table),
        yOffset=regime_offset(regimes),
        x=alt.X("f1:Q", title="F1 on test (%)", scale=alt.Scale(zero=False, nice=True)),
        color=regime_colour(regimes),
        shape=alt.Shape("source:N", scale=_shapes(source), legend=SHAPES_LEGEND),
        opacity=emphasis(table, language),
        tooltip=_tooltip(table),
    )
    subject, choices = title or "F1 by language and training regime", {"model": architecture, "regime_name": by_regime}
    about = {"height": split_rows(30), "params": [by_regime, by_source, architecture, language], "linked": table}
    return complete(chart, _best_regimes(table), subject, choices, **about)


def slopes(
    results: pd.DataFrame, paper: pd.DataFrame | None = None, title: str | None = None, source: str = THIS_RUN
) -> alt.LayerChart:
    """F1 of each language from monolingual over polyglot to fine-tuned as a line, the paper's dashed beside it.

    The arguments are those of `regime_dots`, but `results` has one row a cell (the run chosen on development data):
    ValueError otherwise.
    """
    table = _with_paper("slopes", results, paper, source)
    table["cell"] = cells_of(table)
    if table.duplicated(["model", "regime", "cell", "source"]).any():
        raise ValueError("slopes: more than one run of a model, regime and language; choose one first")
    regimes = known_regimes("slopes", table["regime"])
    by_source, by_regime = legend_click("source", "slopes_source"), legend_click("regime_name", "slopes_regime")
    architecture, language = _choices(table, "slopes")
    dashes = alt.Scale(domain=[source, PAPER], range=[[1, 0], [3, 3]])
    dash = alt.StrokeDash("source:N", scale=dashes, legend=DASHES_LEGEND)
    columns = alt.X("cell:N", scale=alt.Scale(domain=_columns(table)), axis=_language_axis(table))
    steps = alt.Scale(domain=[REGIMES[regime][0] for regime in regimes], padding=0.4)
    base = filtered(narrowed(alt.Chart(table), model=architecture), by_source).encode(
        x=columns,
        xOffset=alt.XOffset("regime_name:N", scale=steps),
        y=alt.Y("f1:Q", title="F1 on test (%)", scale=alt.Scale(zero=False, nice=True)),
    )
    # A line has all regimes, so that only its language and model can be what is linked.
    of_line = emphasis(set(table) - {"regime"}, language)
    lines = base.mark_line(color=GREY, strokeWidth=1.5).encode(detail="cell:N", strokeDash=dash, opacity=of_line)
    points = filtered(base, by_regime).mark_point(filled=True, strokeWidth=0)
    points = points.encode(
        color=regime_colour(regimes, offset=22),
        opacity=emphasis(table, language),
        size=alt.when(alt.datum.source == PAPER).then(alt.value(18)).otherwise(alt.value(50)),
        tooltip=_tooltip(table),
    )
    headings = alt.Chart(_first_of_groups(table))
    headings = headings.mark_text(align="left", dx=-8, fontWeight="bold", color=GREY, tooltip=False)
    headings = headings.encode(x=columns, y=alt.value(-8), text="heading:N")
    chart = alt.layer(lines, points, headings)
    subject, choices = title or "F1 from regime to regime", {"model": architecture, "regime_name": by_regime}
    about = {"height": 300, "params": [by_source, by_regime, architecture, language], "linked": table}
    return complete(chart, _best_regimes(table), subject, choices, **about)


def difference(
    differences: pd.DataFrame,
    x_title: str = "difference of F1 (points)",
    title: str | None = None,
    source: str = THIS_RUN,
) -> alt.LayerChart:
    """Differences of F1 by language, with their intervals as whiskers and a line at zero.

    `differences`: language, difference, and if known group, low, high (missing: no whisker), model, seeds, first,
    second (`analysis.contrasts.Contrasts.table()`), and paper, the paper's difference, drawn as a tick; `source` is
    then what the legend calls the others. Several architectures get a menu.
    """
    table = table_for("difference", differences, ["language", "difference"])
    formats = {"low": "+.2f", "high": "+.2f", "first": ".2f", "second": ".2f", "paper": "+.2f", "seeds": "d"}
    table = table[[*cell_columns(table), "difference", *(column for column in ("model", *formats) if column in table)]]
    table = with_names(table).assign(label=table["difference"].map(signed))
    tooltip = tips(name="language", difference=("difference", "+.2f"))
    tooltip += tips(**{column: (column, form) for column, form in formats.items() if column in table})
    architecture, language = _choices(table, "difference")
    base = narrowed(alt.Chart(table), model=architecture).encode(
        y=language_rows(table), tooltip=tooltip, opacity=emphasis(table, language)
    )
    by_source = legend_click("source", "difference_source") if "paper" in table else None
    axis = alt.Axis(title=x_title, labelExpr=SIGNED_TICKS)
    # Room for the numbers at both ends.
    layers = [zero_line(x=alt.X("zero:Q", axis=axis, scale=alt.Scale(padding=16)))]
    if {"low", "high"} <= set(table):
        layers.append(whiskers(base, color=INDIGO, strokeWidth=2))
    points = base.mark_point(filled=True, size=70, strokeWidth=0, color=INDIGO).encode(x="difference:Q")
    ticks = base.mark_point(filled=True, size=70, strokeWidth=0).encode(x="paper:Q")
    if "paper" in table:
        legend = alt.Legend(orient="bottom")
        colours = alt.Scale(domain=[source, PAPER], range=[INDIGO, GREY])
        look = {"shape": alt.Shape("source:N", scale=_shapes(source), legend=legend)}
        look["color"] = alt.Color("source:N", scale=colours, legend=legend)
        for marks, name in ((points, source), (ticks, PAPER)):
            layers.append(filtered(marks.transform_calculate(source=repr(name)).encode(**look), by_source))
    else:
        layers.append(points)
    numbers = base.mark_text(baseline="bottom", dy=-5, fontSize=10, color=GREY, tooltip=False)
    layers.append(numbers.encode(x="difference:Q", text="label:N"))
    subject = with_intervals(title or "Difference of F1 by language", table)
    found = {
        model: higher_on(by_cell(rows, "difference")) + _clear_of_zero(rows)
        for model, rows in (table.groupby("model", sort=False) if "model" in table else [("", table)])
    }
    about = {"height": alt.Step(30), "params": [by_source, architecture, language], "linked": table}
    return complete(alt.layer(*layers), found, subject, {"model": architecture}, **about)


def _clear_of_zero(table: pd.DataFrame) -> str:
    """On how many languages the interval leaves out 0, for a title; nothing where there are no intervals.

    Of a side with one seed, the spread is that of others: the title says so.
    """
    if not {"low", "high"} <= set(table) or table["low"].isna().all():
        return ""
    clear = (table["low"] > 0) | (table["high"] < 0)
    few = clear & (table["seeds"] < LEAST_SEEDS) if "seeds" in table else clear & False
    told = f"; {clear.sum() or 'none'} clear of 0"
    if not few.any():
        return told
    return f"{told}, {'all' if few.sum() == clear.sum() else few.sum()} with too few seeds to tell"


def _shapes(source: str) -> alt.Scale:
    return alt.Scale(domain=[source, PAPER], range=[_DOT, _BAR])


def _choices(table: pd.DataFrame, name: str) -> tuple[alt.Parameter | None, alt.Parameter | None]:
    """Menus of the architectures and of the languages of a table."""
    return architecture_choice(table, f"{name}_architecture"), language_choice(table["language"], f"{name}_language")


def _best_regimes(table: pd.DataFrame) -> dict[tuple[str, tuple[str, ...]], str]:
    """By model and by the regimes that are drawn, which of these is best, by the means over its seeds."""

    def tell(rows: pd.DataFrame) -> dict[tuple[str, ...], str]:
        order = [regime for regime in REGIMES if regime in set(rows["regime"])]
        means = {regime: by_cell(rows[rows["regime"] == regime], "f1") for regime in order}
        return best_regimes(means, kind_of(by_cell(rows, "f1")))

    ours = table[table["source"] != PAPER]
    return by_choice((model, tell(rows)) for model, rows in ours.groupby("model", sort=False))


def _language_axis(table: pd.DataFrame) -> alt.Axis:
    """Names of languages side by side, slanted, and upright where the chart is too narrow for that."""
    names = json.dumps(dict(zip(table["cell"], table["name"], strict=True)))
    labels = {"labelExpr": f"{names}[datum.value] || ''", "labelAlign": "right", "labelBaseline": "middle"}
    labels |= {"labelAngle": alt.expr("width < 420 ? -90 : -35"), "labelOverlap": False}
    return alt.Axis(title=None, ticks=False, **labels)


def _first_of_groups(table: pd.DataFrame) -> pd.DataFrame:
    """The first language of each group, with the group's name to write above it."""
    rows = [(cell, group_heading(group)) for cell, (group, _) in cells_in_order(table).items()]
    return pd.DataFrame(rows, columns=["cell", "heading"]).drop_duplicates("heading")


def _columns(table: pd.DataFrame) -> list[str]:
    """A column a language, with an empty one (as many blanks as groups before it) between two groups."""
    columns: list[str] = []
    cells = cells_in_order(table).items()
    for number, (_, of_group) in enumerate(itertools.groupby(cells, key=lambda each: each[1][0])):
        columns += [*([" " * number] if number else []), *(cell for cell, _ in of_group)]
    return columns


def _with_paper(chart: str, results: pd.DataFrame, paper: pd.DataFrame | None, source: str) -> pd.DataFrame:
    """Test scores of the plain variant, and below them the paper's scores of the same models, regimes, languages."""
    table = table_for(chart, results, _RESULTS)
    for column, wanted in (("split", "test"), ("variant", "")):
        if column in table:
            table = table[table[column] == wanted]
    table = table_for(chart, table[[column for column in _KEPT if column in table]].assign(source=source), ())
    if paper is not None:
        cells = ["model", "regime", "language"]
        # The paper's number of a language stands in whichever group that is in here.
        ours = table[[*cells[:2], *cell_columns(table)]].drop_duplicates()
        printed = paper[[*cells, "f1"]].merge(ours, on=cells)
        table = pd.concat([table, printed.assign(source=PAPER)], ignore_index=True)
    names = table["regime"].map({regime: name for regime, (name, _) in REGIMES.items()})
    return with_names(table).assign(regime_name=names, architecture=table["model"].map(architecture_name))


def _tooltip(table: pd.DataFrame) -> list[alt.Tooltip]:
    shown = {"name": "language", "regime_name": "regime", "architecture": "architecture"}
    runs = {column: column for column in ("seed", "run") if column in table}
    return tips(**shown, f1=("F1", ".2f"), source="from", **runs)
