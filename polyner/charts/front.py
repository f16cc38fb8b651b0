"""The picture of the claims on the front page, without words: verdicts as tiles."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from polyner.charts.theme import GREEN, GREY, VERMILLION

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
