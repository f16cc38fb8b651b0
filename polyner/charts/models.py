"""Charts of what a model computes for a sentence: scores and a path, CharNER's lattice, overlapping windows."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Sequence

import altair as alt
import pandas as pd

from polyner.charts.interaction import chosen, emphasis, language_choice, legend_click
from polyner.charts.layers import parts_of_whole, tips
from polyner.charts.rows import BARE, LEGEND_TITLE, with_names
from polyner.charts.theme import BROWN, GREY, INDIGO, SKY, TYPE_COLOURS, category_colours, table_for
from polyner.charts.words import complete, counted

PIECES = ["one piece", "several pieces", "unknown"]
_SCORES = ("position", "unit", "label", "score", "on_path")
# Over dark cells and light ones; its outline keeps it apart from both.
_PATH = "#b8860b"
_RAISED, _LOWERED = "above 0", "below 0"
_STITCHED = "stitched"
_KEPT, _LEFT_OUT = "kept", "in conflict, left out"


def score_table(
    units: Sequence[str], labels: Sequence[str], scores: Iterable[Sequence[float]], path: Sequence[int] = ()
) -> pd.DataFrame:
    """A row for each position and label, to draw: position, unit, label, score, on_path.

    `units` are the words, bytes or the like; `scores` has a row a unit with a number a label; `path` a label a unit.
    """
    rows = [
        (position, unit, label, float(score), bool(len(path)) and int(path[position]) == index)
        for position, (unit, row) in enumerate(zip(units, scores, strict=True))
        for index, (label, score) in enumerate(zip(labels, row, strict=True))
    ]
    return pd.DataFrame(rows, columns=_SCORES)


def byte_names(text: str) -> list[str]:
    """What stands under each byte of a text: its character, under further bytes of it a dot, and for a space ␣."""
    names = []
    for character in text:
        more = len(character.encode("utf-8", errors="replace")) - 1
        names += ["␣" if character == " " else character, *"·" * more]
    return names


def score_map(scores: pd.DataFrame, title: str, score_title: str = "score") -> alt.LayerChart:
    """A cell for each position and label, the stronger the larger the score, and the path as a line.

    `scores`: position, unit, label, score, on_path (`score_table`).
    """
    table = table_for("score_map", scores, _SCORES)
    table["sign"] = [_LOWERED if score < 0 else _RAISED for score in table["score"]]
    table["size"] = table["score"].abs()
    colours = alt.Scale(domain=[_RAISED, _LOWERED], range=[INDIGO, BROWN])
    signed = (table["score"] < 0).any()
    x, y = _positions(table, angle=-40), _labels(table)
    fill = GREY if signed else INDIGO
    what = f"size of the {score_title}" if signed else score_title
    marks = {"symbolType": "square", "symbolFillColor": fill, "symbolStrokeColor": fill}
    size = alt.Legend(title=what, orient="bottom", tickCount=3, **marks, **LEGEND_TITLE)
    cells = alt.Chart(table).mark_rect(cornerRadius=2)
    cells = cells.encode(
        x=x,
        y=y,
        opacity=alt.Opacity("size:Q", scale=alt.Scale(domainMin=0, range=[0.04, 0.95]), legend=size),
        color=alt.Color("sign:N", scale=colours, legend=alt.Legend() if signed else None),
        tooltip=tips(unit="at", label="label", score=(score_title, ".3f")),
    )
    path = alt.Chart(table[table["on_path"]]).encode(x=x, y=y, order="position:Q")
    line = path.mark_line(color=_PATH, strokeWidth=2.5, tooltip=False)
    points = path.mark_point(color=_PATH, filled=True, size=50, opacity=1, tooltip=False)
    return complete(alt.layer(cells, line, points), _path(table), title, height=alt.Step(26))


def _path(table: pd.DataFrame) -> str:
    """What the path finds, or the largest score where there is no path."""
    path = table[table["on_path"]].sort_values("position")
    if path.empty:
        most = table.loc[table["score"].idxmax()]
        return f"Largest: {most['score']:.2f}, from {most['label']} to {most['unit']}"
    inside = [label for label, _ in itertools.groupby(path["label"]) if label != "O"]
    told = ", ".join(inside[:6]) + (" …" if len(inside) > 6 else "")
    return f"On the best path: {told or 'nothing but O'}"


def label_lattice(scores: pd.DataFrame, edges: pd.DataFrame, title: str) -> alt.LayerChart:
    """A node for each position and label, the larger the higher its score, a thin line for every transition that is
    possible, and the path as a thick one.

    `scores`: position, unit, label, score from 0 to 1, on_path (`score_table`). `edges`: position, label, following;
    the labels at a position and at the next.
    """
    table = table_for("label_lattice", scores, _SCORES)
    steps = table_for("label_lattice", edges, ["position", "label", "following"])
    steps["edge"] = range(len(steps))
    ends = pd.concat([steps, steps.assign(position=steps["position"] + 1, label=steps["following"])])
    x, y = _positions(table, angle=0), _labels(table)
    lines = alt.Chart(ends[["edge", "position", "label"]])
    lines = lines.mark_line(color=GREY, strokeWidth=1, opacity=0.5, tooltip=False).encode(x=x, y=y, detail="edge:N")
    path = alt.Chart(table[table["on_path"]]).mark_line(color=_PATH, strokeWidth=3.5, tooltip=False)
    path = path.encode(x=x, y=y, order="position:Q")
    size = alt.Size("score:Q", scale=alt.Scale(domain=[0, 1], range=[6, 110]), legend=None)
    nodes = alt.Chart(table).mark_circle(color=INDIGO, opacity=1)
    nodes = nodes.encode(x=x, y=y, size=size, tooltip=tips(unit="at", label="label", score=("probability", ".3f")))
    return complete(alt.layer(lines, path, nodes), _path(table), title, height=alt.Step(34))


def window_map(spans: pd.DataFrame, windows: pd.DataFrame) -> alt.LayerChart:
    """Windows over a stream of bytes, a row each, with the entities found in them, and below them those that stay.

    `spans`: window, start, end (bytes of the stream), type, text, kept; one that is not kept is drawn faint.
    `windows`: window, start, end.
    """
    rows = table_for("window_map", windows, ["window", "start", "end"])
    found = table_for("window_map", spans, ["window", "start", "end", "type", "text", "kept"])
    rows["row"], found["row"] = ("window " + each["window"].astype(str) for each in (rows, found))
    found["fate"] = [_KEPT if kept else _LEFT_OUT for kept in found["kept"]]
    kept = found[found["kept"]].drop_duplicates(["start", "end", "type"]).assign(row=_STITCHED)
    whole = pd.DataFrame({"row": [_STITCHED], "start": [rows["start"].min()], "end": [rows["end"].max()]})
    y = alt.Y("row:N", scale=alt.Scale(domain=[*rows["row"], _STITCHED], paddingInner=0.35), axis=alt.Axis(**BARE))
    bounds = alt.Scale(nice=False, domain=[int(whole["start"].iloc[0]), int(whole["end"].iloc[0])])
    place = {"x": alt.X("start:Q", title="byte of the stream", scale=bounds), "x2": "end:Q", "y": y}
    extents = alt.Chart(pd.concat([rows, whole])[["row", "start", "end"]])
    extents = extents.mark_bar(color=GREY, opacity=0.2, cornerRadius=2)
    extents = extents.encode(**place, tooltip=["row:N", "start:Q", "end:Q"])
    colours = category_colours(found["type"], TYPE_COLOURS)
    bars = alt.Chart(pd.concat([found, kept])[["row", "start", "end", "type", "text", "fate"]])
    bars = bars.mark_bar(cornerRadius=2, strokeWidth=1.5).encode(
        **place,
        fill=alt.Fill("type:N", scale=colours),
        stroke=alt.Stroke("type:N", scale=colours),
        fillOpacity=alt.when(alt.datum.fate == _LEFT_OUT).then(alt.value(0.1)).otherwise(alt.value(0.9)),
        tooltip=["text:N", "type:N", "start:Q", "end:Q", alt.Tooltip("fate:N", title="this span is")],
    )
    stay = counted(len(kept), "entities") if len(kept) != 1 else "1 entity"
    finding = f"Of {len(found)} spans found in {counted(len(windows), 'windows')}, {stay} stay"
    subject = "Windows of the stream and what is found in them"
    return complete(alt.layer(extents, bars), finding, subject, height=alt.Step(28))


def word_pieces(shares: pd.DataFrame, title: str) -> alt.Chart:
    """Bars of length 1 a language: which share of its words a vocabulary has whole, has in pieces, or does not know.

    `shares`: language, pieces (one of `PIECES`), share (0 to 1), words (their number).
    """
    table = with_names(table_for("word_pieces", shares, ["language", "pieces", "share", "words"]))
    table["order"] = table["pieces"].map(PIECES.index)
    colours = alt.Scale(domain=PIECES, range=[INDIGO, SKY, BROWN])
    by_pieces, language = legend_click("pieces", "pieces_kind"), language_choice(table["language"], "pieces_language")
    bars = chosen(alt.Chart(table), pieces=by_pieces).mark_bar(stroke="white", strokeWidth=0.7)
    bars = parts_of_whole(bars, table, "share of words (%)").encode(
        color=alt.Color("pieces:N", scale=colours),
        opacity=emphasis(["language"], language),
        tooltip=tips(name="language", pieces="words of", share=("share", ".1%"), words=("words", ",d")),
    )
    whole = table[table["pieces"] == PIECES[0]]["share"].sum() / table["language"].nunique()
    finding = f"The vocabulary has {whole:.0%} of the words as one piece, on average"
    return complete(bars, finding, title, also=[by_pieces, language], height=alt.Step(20), linked=["language"])


def _positions(table: pd.DataFrame, angle: int) -> alt.X:
    """A column a position under its unit: the same word may stand in several places."""
    units = dict(sorted(zip(table["position"].tolist(), table["unit"], strict=True)))
    names = {str(position): unit for position, unit in units.items()}
    labels = {"labelExpr": f"{json.dumps(names)}[datum.value]", "labelAngle": angle, "labelLimit": 90}
    axis = alt.Axis(labelOverlap=False, ticks=False, **labels, **BARE)
    return alt.X("position:O", axis=axis, scale=alt.Scale(domain=list(units)))


def _labels(table: pd.DataFrame) -> alt.Y:
    scale = alt.Scale(domain=list(dict.fromkeys(table["label"])))
    return alt.Y("label:N", sort=None, scale=scale, axis=alt.Axis(**BARE))
