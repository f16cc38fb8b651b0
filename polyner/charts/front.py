"""The chart of the front page: Table 1 as slopes from monolingual over polyglot to fine-tuned, one band a source."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence

import altair as alt
import pandas as pd

from polyner.charts.interaction import architecture_choice, drawn_from, filtered, legend_click, with_params
from polyner.charts.theme import BLUE, GREEN, GREY, PAPER, REGIMES, SIGNED_TICKS, VERMILLION, regime_colour, table_for
from polyner.charts.words import complete, signed
from polyner.corpora.languages import language_name
from polyner.names import architecture_name, group_name, groups_in_order

THREE = ("monolingual", "polyglot", "fine_tuned")
VERDICT_COLOURS = {
    **{"holds": GREEN, "does not hold": VERMILLION, "undecided": GREY},
    **dict.fromkeys(("not run", "not testable here"), "#cccccc"),
}
_TILES_A_ROW = 7
# Room to the right of a band's slopes for the names of the groups.
_ROOM = [" ", "  "]
# Pixels of a band in which a group's name has room beside the gain.
_ROOMY = 118
# Of the axis, between two labels.
_LEAST_GAP = 0.06
_AVERAGE = "average"
# As many interquartile ranges from the quartiles is far out (Tukey 1977).
_FAR_OUT = 3


def slope_table(sources: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Cells of Table 1 and their averages as gains over the monolingual cell.

    `sources`: by name, tables of model, regime, group, language, f1 and, if known, run (one row a cell). Columns:
    source, model, group, language ("average" for the mean over a group's languages), regime, f1, gain (F1 points over
    the monolingual cell), run. Languages that lack a regime are left out, and so are models without one that has all;
    and of the rest, those that a source with the model lacks, so that all averages are over the same languages.
    """
    tables, known = [], []
    for source, table in sources.items():
        table = table_for("slope_table", table, ["model", "regime", "group", "language", "f1"])
        table = table[table["regime"].isin(THREE)].assign(source=source)
        keys = ["source", "model", "group", "language"]
        whole = table.groupby(keys)["regime"].transform("nunique") == len(THREE)
        known.append(table[whole].assign(run=table.get("run", "")))
    for cells in _in_common(known):
        means = cells.groupby(["source", "model", "group", "regime"], sort=False)["f1"].mean().reset_index()
        both = pd.concat([cells, means.assign(language=_AVERAGE, run="")], ignore_index=True)
        base = both[both["regime"] == THREE[0]].set_index(keys)["f1"].rename("base")
        both = both.join(base, on=keys)
        tables.append(both.assign(gain=both["f1"] - both["base"])[[*keys, "regime", "f1", "gain", "run"]])
    return pd.concat(tables, ignore_index=True)


def _in_common(tables: Sequence[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """The tables, with only those languages of a model and group that every table with both has, if there are any."""
    keys = ["model", "group"]
    languages: dict[tuple[str, str], set[str]] = {}
    for table in tables:
        for key, own in table.groupby(keys)["language"]:
            common = languages.get(key, set(own)) & set(own)
            languages[key] = common or languages.get(key, set(own))
    for table in tables:
        kept = [row.language in languages[row.model, row.group] for row in table.itertuples()]
        yield table[kept]


def finding(table: pd.DataFrame, model: str) -> str:
    """What a table of slopes says about a model, for a title: only what is true of every source and group."""
    means = table[(table["language"] == _AVERAGE) & (table["model"] == model)]
    gains = {regime: means.loc[means["regime"] == regime, "gain"] for regime in THREE[1:]}
    name = architecture_name(model)
    if len(means) and (gains["fine_tuned"] > 0).all():
        better, gaining = "the fine-tuned tagger beats the monolingual one", gains["polyglot"] > 0
        if gaining.all():
            too = ", and so does the polyglot one"
        elif not gaining.any():
            too = ", the polyglot one does not"
        else:
            where = []
            for source, rows in means.loc[gaining.index].groupby("source", sort=False):
                groups = [group_name(group) for group in rows.loc[gaining[rows.index], "group"]]
                if groups:
                    where.append(str(source) if len(groups) == len(rows) else f"{source} ({', '.join(groups)})")
            too = f", the polyglot one only on {' and '.join(where)}"
        return f"{name}: on average {better}{too}"
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
    table["group_name"], short = table["group"].map(group_name), short_names(table["group"])
    table["regime_name"] = table["regime"].map({regime: name for regime, (name, _) in REGIMES.items()})
    table["label"] = [f"{row.group_name} {signed(row.gain)}" for row in table.itertuples()]
    table["short"] = [f"{short[row.group]} {signed(row.gain)}" for row in table.itertuples()]
    low, high = _bounds(table)
    table["label_at"] = _apart(table, _LEAST_GAP * (high - low))
    table["drawn"], table["beyond"] = table["gain"].clip(low, high), ~table["gain"].between(low, high)
    architecture = architecture_choice(table, "front_architecture")
    regimes = legend_click("regime_name", "front_regime")
    base = drawn_from(table, architecture).encode(
        x=_bands(table),
        xOffset=alt.XOffset("regime_name:N", scale=alt.Scale(domain=[REGIMES[regime][0] for regime in THREE] + _ROOM)),
        y=alt.Y(
            "gain:Q",
            title="F1 against monolingual (points)",
            axis=alt.Axis(labelExpr=SIGNED_TICKS),
            scale=alt.Scale(domain=[low, high], nice=False),
        ),
    )
    languages = base.transform_filter(alt.datum.language != _AVERAGE)
    averages = base.transform_filter(alt.datum.language == _AVERAGE)
    colour = regime_colour(THREE)
    tooltip = _tooltip()
    narrow = f"width < {_ROOMY * table['source'].nunique()}"
    ends = averages.transform_filter(alt.datum.regime == THREE[-1])
    labels = ends.transform_calculate(name_and_gain=f"{narrow} ? datum.short : datum.label").mark_text(
        align="left", dx=9, fontWeight="bold", color=GREY, tooltip=False
    )
    within, beyond = (
        filtered(languages, regimes).transform_filter(alt.datum.beyond == is_so) for is_so in (False, True)
    )
    arrows = beyond.transform_calculate(arrow="datum.gain > 0 ? 'triangle-up' : 'triangle-down'").encode(y="drawn:Q")
    far = arrows.mark_text(align="right", dx=-7, fontSize=10, color=GREY, tooltip=False)
    chart = alt.layer(
        languages.mark_line(color=GREY, strokeWidth=1, opacity=0.4, clip=True, tooltip=False).encode(
            detail=["source:N", "group:N", "language:N"]
        ),
        within.mark_point(filled=True, size=14, strokeWidth=0, opacity=0.7).encode(color=colour, tooltip=tooltip),
        arrows.mark_point(filled=True, size=45, strokeWidth=0).encode(
            color=colour, tooltip=tooltip, shape=alt.Shape("arrow:N", scale=None)
        ),
        far.encode(text=alt.Text("gain:Q", format="+.0f")),
        averages.mark_line(color=GREY, strokeWidth=3, tooltip=False).encode(detail=["source:N", "group:N"]),
        filtered(averages, regimes)
        .mark_point(filled=True, size=110, strokeWidth=0, opacity=1)
        .encode(color=colour, tooltip=tooltip),
        labels.encode(text="name_and_gain:N", y="label_at:Q"),
    ).properties(width="container", height=320)
    findings = {each: finding(table, each) for each in models}
    subject = "Table 1 in the languages that all have: gain over the monolingual tagger (thick: averages)"
    if table["beyond"].any():
        subject = subject.replace("averages)", "averages; triangles: beyond the axis)")
    return complete(with_params(chart, architecture, regimes), findings, subject, {"model": architecture})


def short_names(groups: Iterable[str]) -> dict[str, str]:
    """By group, in order, as many first letters of its name as tell all names apart."""
    names = {group: group_name(group) for group in groups_in_order(groups)}
    for length in range(1, max(map(len, names.values())) + 1):
        if len({name[:length] for name in names.values()}) == len(names):
            break
    return {group: name[:length].strip() for group, name in names.items()}


def _bounds(table: pd.DataFrame) -> tuple[float, float]:
    """The ends of the axis: a few languages that change a lot must not squeeze all others and the averages."""
    averages = table.loc[table["language"] == _AVERAGE, "gain"]
    gains = table.loc[(table["language"] != _AVERAGE) & (table["regime"] != THREE[0]), "gain"]
    quarter, three_quarters = gains.quantile([0.25, 0.75])
    room = _FAR_OUT * (three_quarters - quarter)
    low = min(0.0, averages.min(), gains[gains >= quarter - room].min())
    high = max(0.0, averages.max(), gains[gains <= three_quarters + room].max())
    return math.floor(low - 0.5), math.ceil(high + 0.5)


def _bands(table: pd.DataFrame) -> alt.X:
    """A band for each source, the paper's first."""
    names = [PAPER, *(name for name in dict.fromkeys(table["source"]) if name != PAPER)]
    # Long names are broken, and a line remains for each word.
    broken = "length(datum.value) > 12 ? split(replace(datum.value, '-', '- '), ' ') : datum.value"
    axis = alt.Axis(title=None, ticks=False, labelAngle=0, labelFontWeight="bold", labelExpr=broken, labelLimit=160)
    return alt.X("source:N", scale=alt.Scale(domain=names, paddingInner=0.04), axis=axis)


def _apart(table: pd.DataFrame, least: float) -> pd.Series:
    """Where the averages' labels stand: at their gain, moved so that those of one band are `least` points apart."""
    at = table["gain"].copy()
    ends = table[(table["language"] == _AVERAGE) & (table["regime"] == THREE[-1])]
    for _, labels in ends.groupby(["source", "model"]):
        ordered = labels["gain"].sort_values()
        for before, after in itertools.pairwise(ordered.index):
            if (lacking := least - (at[after] - at[before])) > 0:
                at[before] -= lacking / 2
                at[after] += lacking / 2
    return at


def _tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("name:N", title="language"),
        alt.Tooltip("group_name:N", title="group"),
        alt.Tooltip("regime_name:N", title="regime"),
        alt.Tooltip("f1:Q", title="F1", format=".2f"),
        alt.Tooltip("gain:Q", title="against monolingual", format="+.2f"),
        alt.Tooltip("source:N", title="from"),
        alt.Tooltip("run:N", title="run"),
    ]


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


def tagged_sentences() -> alt.Chart:
    """A sentence as three taggers might see it: a box for each word, coloured where it is of a name. A picture only."""
    words = [(0, 2), (2.2, 5), (5.2, 6), (6.2, 9), (9.2, 10.5), (10.7, 13.5)]
    names = {"monolingual": "PP    ", "polyglot": "PPO  L", "fine-tuned": "PP   L"}
    rows = [
        {"row": row, "start": start, "end": end, "type": kind}
        for row, kinds in names.items()
        for (start, end), kind in zip(words, kinds, strict=True)
    ]
    colours = alt.Scale(domain=["P", "O", "L", " "], range=[BLUE, VERMILLION, GREEN, "#cccccc"])
    return (
        alt.Chart(pd.DataFrame(rows))
        .mark_rect(cornerRadius=4)
        .encode(
            x=alt.X("start:Q", scale=alt.Scale(nice=False)),
            x2="end:Q",
            y=alt.Y("row:N", sort=None, scale=alt.Scale(padding=0.35)),
            color=alt.Color("type:N", scale=colours),
        )
    )
