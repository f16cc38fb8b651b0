"""Charts of F1: by regime beside the paper's, as slopes over the regimes, as differences with their intervals, and by
epoch of training."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

from polyner.analysis.estimates import LEAST_SEEDS
from polyner.charts.interaction import architecture_choice, chosen, emphasis, language_choice, legend_click, run_choices
from polyner.charts.layers import DASHES_LEGEND, SHAPES_LEGEND, difference_layers, regime_offset, split_rows, tips
from polyner.charts.rows import cells_in_order, cells_of, language_rows, with_names
from polyner.charts.theme import GREY, INDIGO, SIGNED_TICKS, known_regimes, regime_colour, table_for
from polyner.charts.titles import Finding, by_choice, in_parts
from polyner.charts.words import best_regimes, by_cell, complete, higher_on, kind_of, signed, with_intervals
from polyner.corpora.languages import language_name
from polyner.names import PAPER, REGIME_NAMES, architecture_name, group_heading, group_name

_CELL = ["model", "regime", "group", "language"]
# Of curves, which say no more with more.
_MOST_POINTS = 400
_OF_EPOCH = ["run", "model", "regime", "group", "language", "seed", "epoch", "dev_f1"]

# What is drawn is a dot, the paper's a bar.
_DOT, _BAR = "circle", "M-0.18,-1.1H0.18V1.1H-0.18Z"


def regime_dots(results: pd.DataFrame, paper: pd.DataFrame, title: str, source: str) -> alt.Chart:
    """F1 by language, a dot for each run coloured by its regime, the paper's value as a tick.

    `results`: model, regime, group, language, seed, f1, run. `paper`: model, regime, language, f1 (`paper.table1()`);
    what has no counterpart in `results` is left out. `source`: where the results are from, as the legend says. Several
    architectures get a menu; clicking a legend filters regimes or sources, and a menu picks out a language. Raises
    ValueError for an empty table, a missing column or an unknown regime.
    """
    table = _with_paper("regime_dots", results, paper, source)
    regimes, by_source = known_regimes(table["regime"]), legend_click("source", "dots_source")
    choices, language = run_choices(table, "dots"), language_choice(table["language"], "dots_language")
    chart = chosen(alt.Chart(table), **choices, source=by_source)
    chart = chart.mark_point(filled=True, size=60, strokeWidth=0).encode(
        y=language_rows(table),
        yOffset=regime_offset(regimes),
        x=alt.X("f1:Q", title="F1 on test (%)", scale=alt.Scale(zero=False, nice=True)),
        color=regime_colour(regimes),
        shape=alt.Shape("source:N", scale=_shapes(source), legend=_legend(table["source"], SHAPES_LEGEND)),
        opacity=emphasis(table, language),
        tooltip=_tooltip(),
    )
    about = {"also": [by_source, language], "height": split_rows(30), "linked": table}
    return complete(chart, _best_regimes(table), title, choices, **about)


def slopes(results: pd.DataFrame, paper: pd.DataFrame, title: str, source: str) -> alt.LayerChart:
    """F1 of each language from monolingual over polyglot to fine-tuned as a line, the paper's dashed beside it.

    The arguments are those of `regime_dots`, but `results` has one row a cell (the run chosen on development data):
    ValueError otherwise.
    """
    table = _with_paper("slopes", results, paper, source)
    table["cell"] = cells_of(table)
    if table.duplicated(["model", "regime", "cell", "source"]).any():
        raise ValueError("slopes: more than one run of a model, regime and language; choose one first")
    regimes, by_source = known_regimes(table["regime"]), legend_click("source", "slopes_source")
    choices, language = run_choices(table, "slopes"), language_choice(table["language"], "slopes_language")
    dashes = alt.Scale(domain=[source, PAPER], range=[[1, 0], [3, 3]])
    dash = alt.StrokeDash("source:N", scale=dashes, legend=_legend(table["source"], DASHES_LEGEND))
    columns = alt.X("cell:N", scale=alt.Scale(domain=_columns(table)), axis=_language_axis(table))
    steps = alt.Scale(domain=[REGIME_NAMES[regime] for regime in regimes], padding=0.4)
    base = chosen(alt.Chart(table), model=choices["model"], source=by_source).encode(
        x=columns,
        xOffset=alt.XOffset("regime_name:N", scale=steps),
        y=alt.Y("f1:Q", title="F1 on test (%)", scale=alt.Scale(zero=False, nice=True)),
    )
    # A line has all regimes, so that only its language and model can be what is linked.
    of_line = emphasis(set(table) - {"regime"}, language)
    lines = base.mark_line(color=GREY, strokeWidth=1.5).encode(detail="cell:N", strokeDash=dash, opacity=of_line)
    points = chosen(base, regime_name=choices["regime_name"]).mark_point(filled=True, strokeWidth=0)
    points = points.encode(
        color=regime_colour(regimes, offset=22),
        opacity=emphasis(table, language),
        size=alt.when(alt.datum.source == PAPER).then(alt.value(18)).otherwise(alt.value(50)),
        tooltip=_tooltip(),
    )
    headings = alt.Chart(_first_of_groups(table)).encode(x=columns, y=alt.value(-8), text="heading:N")
    headings = headings.mark_text(align="left", dx=-8, fontWeight="bold", color=GREY, tooltip=False)
    chart = alt.layer(lines, points, headings)
    return complete(chart, _best_regimes(table), title, choices, [by_source, language], height=300, linked=table)


def difference(differences: pd.DataFrame, x_title: str, title: str, source: str = "") -> alt.LayerChart:
    """Differences of F1 by language, with their intervals as whiskers and a line at zero.

    `differences`: model, group, language, difference, low, high (missing: no whisker), first, second, seeds
    (`analysis.contrasts.Contrasts.table()`), and perhaps paper, the paper's difference, drawn as a tick; `source` is
    then what the legend calls the others. Several architectures get a menu.
    """
    formats = {"difference": "+.2f", "low": "+.2f", "high": "+.2f", "first": ".2f", "second": ".2f", "seeds": "d"}
    formats |= {"paper": "+.2f"} if "paper" in differences and differences["paper"].notna().any() else {}
    columns = ["model", "group", "language", *formats]
    table = with_names(table_for("difference", differences, columns)[columns])
    table["label"] = table["difference"].map(signed)
    tooltip = tips(name="language", **{column: (column, form) for column, form in formats.items()})
    choices = {"model": architecture_choice(table, "difference_architecture")}
    language = language_choice(table["language"], "difference_language")
    base = chosen(alt.Chart(table), **choices).encode(
        y=language_rows(table), tooltip=tooltip, opacity=emphasis(table, language)
    )
    zero, intervals, points, numbers = difference_layers(base, alt.Axis(title=x_title, labelExpr=SIGNED_TICKS))
    marks, by_source = [points], None
    if "paper" in formats:
        by_source = legend_click("source", "difference_source")
        ticks = base.mark_point(filled=True, size=70, strokeWidth=0).encode(x="paper:Q")
        legend = alt.Legend(orient="bottom")
        colours = alt.Scale(domain=[source, PAPER], range=[INDIGO, GREY])
        look = {"shape": alt.Shape("source:N", scale=_shapes(source), legend=legend)}
        look["color"] = alt.Color("source:N", scale=colours, legend=legend)
        marks = [
            chosen(each.transform_calculate(source=repr(name)).encode(**look), source=by_source)
            for each, name in ((points, source), (ticks, PAPER))
        ]
    found = by_choice(table, ["model"], lambda rows: higher_on(by_cell(rows, "difference")) + _clear_of_zero(rows))
    about = {"also": [by_source, language], "height": alt.Step(30), "linked": table}
    chart = alt.layer(zero, intervals, *marks, numbers)
    return complete(chart, found, with_intervals(title, table["low"]), choices, **about)


def _clear_of_zero(table: pd.DataFrame) -> str:
    """On how many languages the interval leaves out 0, for a title; nothing where there are no intervals.

    Of a side with one seed, the spread is that of others: the title says so.
    """
    if table["low"].isna().all():
        return ""
    clear = (table["low"] > 0) | (table["high"] < 0)
    few = clear & (table["seeds"] < LEAST_SEEDS)
    told = f"; {clear.sum() or 'none'} clear of 0"
    if not few.any():
        return told
    return f"{told}, {'all' if few.sum() == clear.sum() else few.sum()} with too few seeds to tell"


def _shapes(source: str) -> alt.Scale:
    return alt.Scale(domain=[source, PAPER], range=[_DOT, _BAR])


def _legend(sources: pd.Series, look: Mapping[str, Any]) -> alt.Legend | None:
    """Where there is nothing of the paper's, nothing is to be told apart."""
    return alt.Legend(**look) if sources.nunique() > 1 else None


def _best_regimes(table: pd.DataFrame) -> Finding:
    """By model and by the regimes that are drawn, which of these is best, by the means over its seeds."""

    def tell(rows: pd.DataFrame) -> dict[tuple[str, ...], str]:
        means = rows.pivot_table("f1", ["group", "language"], "regime")
        return best_regimes(means, kind_of(means.index))

    return by_choice(table[table["source"] != PAPER], ["model"], tell)


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


def _with_paper(chart: str, results: pd.DataFrame, paper: pd.DataFrame, source: str) -> pd.DataFrame:
    """Scores, and below them the paper's of the same models, regimes, languages."""
    columns = [*_CELL, "seed", "f1", "run"]
    table = table_for(chart, results, columns)[columns].assign(source=source)
    # The paper's number of a language stands in whichever group that is in here.
    cells = ["model", "regime", "language"]
    printed = paper[[*cells, "f1"]].merge(table[_CELL].drop_duplicates(), on=cells)
    table = pd.concat([table, printed.assign(source=PAPER)], ignore_index=True)
    names = {"regime_name": table["regime"].map(REGIME_NAMES), "architecture": table["model"].map(architecture_name)}
    return with_names(table).assign(**names)


def _tooltip() -> list[alt.Tooltip]:
    shown = {"name": "language", "regime_name": "regime", "architecture": "architecture"}
    return tips(**shown, f1=("F1", ".2f"), source="from", seed="seed", run="run")


def learning_curve(history: pd.DataFrame) -> alt.LayerChart:
    """Development F1 by epoch, a line a run, coloured by regime; a ring marks the best epoch of each run.

    `history`: run, model, regime, group, language (of a polyglot run its group), seed, epoch, dev_f1 (percent). Several
    architectures get a menu, and so do languages; clicking the legend filters regimes.
    """
    table = table_for("learning_curve", history, _OF_EPOCH)[_OF_EPOCH]
    regimes, polyglot = known_regimes(table["regime"]), table["regime"] == "polyglot"
    table["name"] = table["language"].map(group_name).where(polyglot, table["language"].map(language_name))
    table["architecture"] = table["model"].map(architecture_name)
    table["regime_name"] = table["regime"].map(REGIME_NAMES)
    # The curve of a language is seen beside those of its groups' polyglot runs.
    groups = table[~polyglot].groupby("language", sort=False)["group"].unique().map(list).to_dict()
    # A monolingual run belongs to each group that its language is in.
    table = _thinned(table.drop_duplicates(["run", "epoch"]).drop(columns="group"))
    table["best"] = table["dev_f1"] == table.groupby("run")["dev_f1"].transform("max")
    table["best"] &= ~table.duplicated(["run", "best"])
    tooltip = tips(name="language", architecture="model", seed="seed", run="run", regime_name="regime")
    tooltip += tips(epoch=("epoch", "d"), dev_f1=("dev F1", ".2f"))
    choices = run_choices(table, "curve")
    language = language_choice(groups, "curve_language")
    last = table["epoch"].max()
    epochs = sorted({1, *range(step := max(1, round(last / 10)), last + 1, step)})
    base = chosen(alt.Chart(table), **choices).encode(
        x=alt.X("epoch:Q", title="epoch", axis=alt.Axis(format="d", values=epochs)),
        y=alt.Y("dev_f1:Q", title="F1 on dev (%)", scale=alt.Scale(zero=False, nice=True)),
        detail="run:N",
        color=regime_colour(regimes),
        opacity=emphasis(table, language, parts=groups),
        tooltip=tooltip,
    )
    lines, points = base.mark_line(strokeWidth=1.8), base.mark_point(size=25, filled=True)
    rings = base.mark_point(size=130, filled=False, strokeWidth=2).transform_filter(alt.datum.best)
    about = {"also": [language], "height": 260, "linked": table}
    chart = alt.layer(lines, points, rings)
    return complete(chart, by_choice(table, ["model"], _best_epochs), "Development F1 by epoch", choices, **about)


def _best_epochs(rows: pd.DataFrame) -> dict[tuple[str, ...], str]:
    """By the regimes that are drawn: the median epoch at which the runs of each regime are best."""
    by_regime = rows[rows["best"]].groupby("regime_name", sort=False)["epoch"].median()
    parts = {name: f"{name} {epoch:g}" for name, epoch in by_regime.items()}
    return in_parts("Epochs until a run is best (median): {}", parts)


def _thinned(history: pd.DataFrame) -> pd.DataFrame:
    """No more points than can be told apart: of longer histories every second epoch or fewer, and each run's best."""
    if len(history) <= _MOST_POINTS:
        return history
    room = max(1, _MOST_POINTS - 2 * history["run"].nunique())
    step = -(-len(history) // room)
    history = history.reset_index(drop=True)
    return history[(history["epoch"] % step == 1) | history.index.isin(history.groupby("run")["dev_f1"].idxmax())]
