"""Charts of corpora: sizes beside Table 2, how labels are distributed, what the splits share."""

from __future__ import annotations

import altair as alt
import pandas as pd

from polyner.charts.interaction import chosen, emphasis, language_choice, legend_click
from polyner.charts.layers import parts_of_whole, split_rows, tips
from polyner.charts.rows import ON_HEAT, language_rows, with_names
from polyner.charts.theme import DARK, GREY, INDIGO, SAGE, TYPE_COLOURS, category_colours, table_for
from polyner.charts.words import complete, counted
from polyner.corpora.languages import language_name
from polyner.names import PAPER

# A part of a bar that is wide enough for its number.
_WIDE_ENOUGH = 0.1


def label_distribution(shares: pd.DataFrame) -> alt.LayerChart:
    """Bars of length 1 a language, divided by the type of entities, under the name of each group.

    `shares`: group, language, type, entities (their number), share (0 to 1) (`book.exhibits.scores.label_shares`).
    Clicking the legend filters types; a menu picks out a language.
    """
    columns = ["group", "language", "type", "entities", "share"]
    table = with_names(table_for("label_distribution", shares, columns)[columns])
    scale = category_colours(table["type"], TYPE_COLOURS)
    table["order"] = table["type"].map(scale.domain.index)
    table["ink"] = table["type"].map(lambda name: "white" if scale.range[scale.domain.index(name)] in DARK else ON_HEAT)
    # Ends of the parts, so that numbers stand in their middle.
    table = table.sort_values(["row", "order"], kind="stable", ignore_index=True)
    table["share"] /= table.groupby("row")["share"].transform("sum")
    by_type = legend_click("type", "distribution_label")
    language = language_choice(table["language"], "shares_language")
    base = parts_of_whole(chosen(alt.Chart(table), type=by_type), table, "share of entities (%)").encode(
        opacity=emphasis(["language"], language),
        tooltip=tips(name="language", type="type", share=("share", ".1%"), entities=("entities", ",d")),
    )
    # The edge keeps neighbours apart for those who do not see their colours.
    bars = base.mark_bar(stroke="white", strokeWidth=0.7).encode(color=alt.Color("type:N", scale=scale))
    numbers = base.mark_text(fontSize=10, tooltip=False).encode(
        color=alt.Color("ink:N", scale=None),
        x=alt.X("share:Q", stack="zero", bandPosition=0.5),
        text=alt.condition(alt.datum.share >= _WIDE_ENOUGH, alt.Text("share:Q", format=".0%"), alt.value("")),
    )
    about = {"also": [by_type, language], "height": alt.Step(22), "linked": ["language"]}
    return complete(alt.layer(bars, numbers), _commonest(table), "How entities divide into types", **about)


def _commonest(table: pd.DataFrame) -> str:
    """Which type has the largest share on average, and where it has the smallest and the largest."""
    shares = table.pivot_table("share", "language", "type", fill_value=0.0)
    most = shares.mean().idxmax()
    told = f"{most} is the commonest type on average ({shares[most].mean():.0%})"
    low, high = shares[most].idxmin(), shares[most].idxmax()
    if f"{shares[most][low]:.0%}" == f"{shares[most][high]:.0%}":
        return told
    ends = (f"{shares[most][code]:.0%} in {language_name(code)}" for code in (low, high))
    return f"{told}, from {' to '.join(ends)}"


def corpus_sizes(sizes: pd.DataFrame) -> alt.LayerChart:
    """Training sentences at hand as bars, those of Table 2 as ticks, a row a language.

    `sizes`: group, language, train, paper (sentences; either may be missing; `analysis.labels.corpus_sizes`).
    """
    columns, names = ["group", "language", "train", "paper"], ["at hand", PAPER]
    table = with_names(table_for("corpus_sizes", sizes, columns)[columns]).astype({"train": float, "paper": float})
    named = table.rename(columns={"train": names[0], "paper": names[1]})
    long = named.melt(["group", "language", "name", "row"], names, "of", "sentences").dropna(subset="sentences")
    by_source, language = legend_click("of", "sizes_of"), language_choice(table["language"], "sizes_language")
    base = chosen(alt.Chart(long), of=by_source).encode(
        y=language_rows(table),
        x=alt.X("sentences:Q", title="training sentences", axis=alt.Axis(format="~s", tickCount=4)),
        color=alt.Color("of:N", scale=alt.Scale(domain=names, range=[INDIGO, GREY])),
        opacity=emphasis(["language"], language),
        tooltip=tips(name="language", of="from", sentences=("sentences", ",d")),
    )
    bars = base.mark_bar(height=11).transform_filter(alt.datum.of == names[0])
    numbers = base.mark_text(align="left", dx=4, fontSize=10, color=GREY, tooltip=False)
    numbers = numbers.encode(color=alt.value(GREY), text=alt.Text("sentences:Q", format=",d"))
    numbers = numbers.transform_filter(alt.datum.of == names[0])
    ticks = base.mark_tick(thickness=3, size=16).transform_filter(alt.datum.of == names[1])
    about = {"also": [by_source, language], "height": alt.Step(20), "linked": ["language"]}
    subject = "Training sentences at hand and in the paper"
    return complete(alt.layer(bars, ticks, numbers), _at_hand(table), subject, **about)


def _at_hand(sizes: pd.DataFrame) -> str:
    """How many sentences there are, and which share of the paper's for the same languages."""
    known = sizes.dropna(subset="train").drop_duplicates("language")
    total, both = int(known["train"].sum()), known.dropna(subset="paper")
    told = f"{counted(total, 'training sentences')} of {counted(len(known), 'languages')} at hand"
    return told if both.empty else f"{told}, {both['train'].sum() / both['paper'].sum():.0%} of the paper's for these"


def repeated_sentences(quality: pd.DataFrame) -> alt.Chart:
    """Bars of the share of dev and test sentences that occur in train, a row a language and split.

    `quality`: language, split, sentences, seen_in_train, train_share (0 to 1; `corpora.quality.quality_table`).
    """
    columns = ["language", "split", "sentences", "seen_in_train", "train_share"]
    table = with_names(table_for("repeated_sentences", quality, columns)[columns].dropna(subset="train_share"))
    of_split, language = legend_click("split", "repeated_split"), language_choice(table["language"], "seen_language")
    tooltip = tips(name="language", split="split", train_share=("in train", ".1%"))
    tooltip += tips(seen_in_train=("sentences in train", ",d"), sentences=("sentences", ",d"))
    # Without any, the axis still has a length.
    scale = alt.Scale(domain=[0, max(0.01, float(table["train_share"].max()))])
    axis = alt.Axis(format="%", tickCount=6)
    chart = chosen(alt.Chart(table), split=of_split).mark_bar()
    chart = chart.encode(
        y=language_rows(table),
        yOffset=alt.YOffset("split:N", sort=["dev", "test"]),
        x=alt.X("train_share:Q", title="share of sentences that occur in train (%)", axis=axis, scale=scale),
        color=alt.Color("split:N", scale=alt.Scale(domain=["dev", "test"], range=[SAGE, INDIGO])),
        opacity=emphasis(["language"], language),
        tooltip=tooltip,
    )
    about = {"also": [of_split, language], "height": split_rows(20), "linked": ["language"]}
    return complete(chart, _most_repeated(table), "Sentences of dev and test that occur in train", **about)


def _most_repeated(table: pd.DataFrame) -> str:
    most = table.loc[table["train_share"].idxmax()] if len(table) else None
    if most is None or most["train_share"] == 0:
        return "No sentence of dev or test occurs in train"
    return f"At most {most['train_share']:.1%} of a split occurs in train ({most['name']}, {most['split']})"
