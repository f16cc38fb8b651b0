"""Pictures of the front page, without words: verdicts as tiles, and sentences as taggers see them."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from polyner.charts.theme import BLUE, GREEN, GREY, VERMILLION

VERDICT_COLOURS = {
    **{"holds": GREEN, "does not hold": VERMILLION, "undecided": GREY},
    **dict.fromkeys(("not run", "not testable here"), "#cccccc"),
}
_TILES_A_ROW = 7


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
