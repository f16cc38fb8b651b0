"""Charts of corpora: sizes beside Table 2, how labels are distributed, what the splits share."""

from __future__ import annotations

import altair as alt
import pandas as pd

from polyner.charts.theme import (
    BLUE,
    GREY,
    PAPER,
    SKY,
    TYPE_COLOURS,
    category_colours,
    faded,
    language_name,
    language_rows,
    legend_click,
    table_for,
    titled,
)


def label_distribution(shares: pd.DataFrame, title: str | None = None) -> alt.Chart:
    """Bars of length 1 a language, divided by label, under the name of each group.

    `shares`: language, share (0 to 1), and type or tag (`analysis.labels.entity_shares` or `tag_shares`). Clicking
    the legend picks labels.
    """
    label = "tag" if "tag" in shares else "type"
    table = table_for("label_distribution", shares, ["language", label, "share"])
    table["name"] = table["language"].map(language_name)
    scale = category_colours(table[label], TYPE_COLOURS)
    table["order"] = table[label].map(scale.domain.index)
    count = [column for column in ("entities", "tokens") if column in table]
    table = table[["language", "name", label, "share", "order", *count]]
    by_label = legend_click(label, "distribution_label")
    things = "tokens" if label == "tag" else "entities"
    return (
        alt.Chart(table)
        .mark_bar()
        .encode(
            y=language_rows(table["language"]),
            x=alt.X("share:Q", stack="normalize", title=f"share of {things} (%)", axis=alt.Axis(format="%")),
            color=alt.Color(f"{label}:N", scale=scale),
            order=alt.Order("order:Q"),
            opacity=faded(by_label),
            tooltip=[
                alt.Tooltip("name:N", title="language"),
                alt.Tooltip(f"{label}:N"),
                alt.Tooltip("share:Q", format=".1%"),
                *(alt.Tooltip(f"{column}:Q", format=",d") for column in count),
            ],
        )
        .properties(width="container", height=alt.Step(20), title=titled(title or f"How {things} divide into {label}s"))
        .add_params(by_label)
    )


def corpus_sizes(sizes: pd.DataFrame, title: str | None = None) -> alt.LayerChart:
    """Training sentences at hand as bars, those of Table 2 as ticks, a row a language.

    `sizes`: language, train, paper (sentences; either may be missing), as `analysis.labels.corpus_sizes` gives them.
    """
    table = table_for("corpus_sizes", sizes, ["language", "train", "paper"])
    table = table[["language", "train", "paper"]].astype({"train": "Float64", "paper": "Float64"})
    table["name"] = table["language"].map(language_name)
    names = ["at hand", PAPER]
    long = table.melt(["language", "name"], ["train", "paper"], "of", "sentences").dropna(subset="sentences")
    long["of"] = long["of"].map({"train": names[0], "paper": names[1]})
    long["sentences"] = long["sentences"].astype(float)
    base = alt.Chart(long).encode(
        y=language_rows(table["language"]),
        x=alt.X("sentences:Q", title="training sentences", axis=alt.Axis(format="~s")),
        color=alt.Color("of:N", scale=alt.Scale(domain=names, range=[BLUE, GREY])),
        tooltip=[
            alt.Tooltip("name:N", title="language"),
            alt.Tooltip("of:N", title="from"),
            alt.Tooltip("sentences:Q", format=",d"),
        ],
    )
    bars = base.mark_bar(height=11).transform_filter(alt.datum.of == names[0])
    ticks = base.mark_tick(thickness=3, size=16, opacity=1).transform_filter(alt.datum.of == names[1])
    return (bars + ticks).properties(
        width="container", height=alt.Step(20), title=titled(title or "Training sentences at hand and in the paper")
    )


def repeated_sentences(quality: pd.DataFrame, title: str | None = None) -> alt.Chart:
    """Bars of the share of dev and test sentences that occur in train, a row a language and split.

    `quality`: language, split, sentences, seen_in_train, train_share (0 to 1; `corpora.quality.quality_table`).
    """
    table = table_for("repeated_sentences", quality, ["language", "split", "sentences", "seen_in_train", "train_share"])
    table = table.dropna(subset="train_share")
    table = table[["language", "split", "sentences", "seen_in_train", "train_share"]]
    table["name"] = table["language"].map(language_name)
    of_split = legend_click("split", "repeated_split")
    return (
        alt.Chart(table)
        .mark_bar()
        .encode(
            y=language_rows(table["language"]),
            yOffset=alt.YOffset("split:N", sort=["dev", "test"]),
            x=alt.X("train_share:Q", title="share of sentences that occur in train", axis=alt.Axis(format="%")),
            color=alt.Color("split:N", scale=alt.Scale(domain=["dev", "test"], range=[SKY, BLUE])),
            opacity=faded(of_split),
            tooltip=[
                alt.Tooltip("name:N", title="language"),
                alt.Tooltip("split:N"),
                alt.Tooltip("train_share:Q", title="in train", format=".1%"),
                alt.Tooltip("seen_in_train:Q", title="sentences in train", format=",d"),
                alt.Tooltip("sentences:Q", format=",d"),
            ],
        )
        .properties(
            width="container",
            height=alt.Step(20, **{"for": "position"}),
            title=titled(title or "Sentences of dev and test that occur in train"),
        )
        .add_params(of_split)
    )
