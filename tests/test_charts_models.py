"""Charts of what a model computes: what is drawn of a table, and that nothing else changes."""

import json
from functools import partial

import pandas as pd
import pytest

from polyner.charts.models import PIECES, byte_names, label_lattice, score_map, score_table, window_map, word_pieces

SCORES = score_table(["Ada", "met", "Ada"], ["O", "B-PER"], [[-1.5, 2], [1, -3], [0.5, 0.25]], [1, 0, 0])
NODES = SCORES.assign(score=SCORES["score"].abs() / 3)
EDGES = pd.DataFrame({"position": [0, 0, 1], "label": ["O", "B-PER", "O"], "following": ["O", "O", "B-PER"]})
SPANS = pd.DataFrame(
    [(1, 3, 9, "PER", "Ada <b>", False), (2, 3, 8, "PER", "Ada", True), (2, 20, 24, "LOC", "Bonn", True)],
    columns=["window", "start", "end", "type", "text", "kept"],
)
WINDOWS = pd.DataFrame({"window": [1, 2], "start": [0, 3], "end": [20, 24]})
SHARES = pd.DataFrame({"language": ["eng", "amh"], "pieces": ["one piece", "unknown"], "share": 1.0, "words": [7, 9]})
score_map, label_lattice, word_pieces = (
    partial(each, title="Title") for each in (score_map, label_lattice, word_pieces)
)
ALL = {
    "score_map": (score_map, SCORES, "label"),
    "label_lattice": (partial(label_lattice, edges=EDGES), NODES, "label"),
    "window_map": (partial(window_map, windows=WINDOWS), SPANS, "end"),
    "word_pieces": (word_pieces, SHARES, "share"),
}


def rows_with(spec: dict, *columns: str) -> list[dict]:
    """The rows of the first of a chart's tables that has these columns."""
    return next(rows for rows in spec["datasets"].values() if set(columns) <= set(rows[0]))


def test_scores_of_a_sentence_become_a_tidy_table():
    assert SCORES.iloc[:2].to_dict("records") == [
        {"position": 0, "unit": "Ada", "label": "O", "score": -1.5, "on_path": False},
        {"position": 0, "unit": "Ada", "label": "B-PER", "score": 2.0, "on_path": True},
    ]
    assert not score_table(["a"], ["O"], [[1]])["on_path"].any()
    with pytest.raises(ValueError, match="zip"):
        score_table(["a", "b"], ["O"], [[1]])


def test_the_same_word_in_two_places_is_two_columns():
    x = score_map(SCORES).to_dict()["layer"][0]["encoding"]["x"]
    assert x["scale"]["domain"] == [0, 1, 2]
    assert json.loads(x["axis"]["labelExpr"].removesuffix("[datum.value]")) == {"0": "Ada", "1": "met", "2": "Ada"}


def test_cells_tell_the_sign_and_a_path_is_drawn():
    cells, line, points = score_map(SCORES).to_dict()["layer"]
    assert cells["encoding"]["color"]["legend"] is not None
    assert line["mark"]["type"] == "line"
    assert points["data"] == line["data"]
    positive = score_map(NODES).to_dict()["layer"][0]["encoding"]["color"]
    assert positive["legend"] is None


def test_a_transition_is_a_line_between_two_nodes():
    ends = rows_with(label_lattice(NODES, edges=EDGES).to_dict(), "edge")
    lines = {edge: [(row["position"], row["label"]) for row in ends if row["edge"] == edge] for edge in range(3)}
    assert lines == {0: [(0, "O"), (1, "O")], 1: [(0, "B-PER"), (1, "O")], 2: [(1, "O"), (2, "B-PER")]}
    with pytest.raises(ValueError, match="label_lattice: the table lacks following"):
        label_lattice(NODES, edges=EDGES.drop(columns="following"))


def test_spans_that_are_kept_are_drawn_again_below_the_windows():
    spec = window_map(SPANS, WINDOWS).to_dict()
    drawn = [(row["row"], row["text"], row["fate"]) for row in rows_with(spec, "fate")]
    assert drawn == [
        ("window 1", "Ada <b>", "in conflict, left out"),
        ("window 2", "Ada", "kept"),
        ("window 2", "Bonn", "kept"),
        ("stitched", "Ada", "kept"),
        ("stitched", "Bonn", "kept"),
    ]
    assert spec["layer"][0]["encoding"]["y"]["scale"]["domain"] == ["window 1", "window 2", "stitched"]


def test_pieces_keep_their_order_and_colours():
    spec = word_pieces(SHARES).to_dict()
    assert spec["encoding"]["color"]["scale"]["domain"] == PIECES
    assert [row["order"] for row in rows_with(spec, "pieces")] == [0, 2]


def test_a_name_for_each_byte():
    assert byte_names("Ab é") == ["A", "b", "␣", "é", "·"]
    assert len(byte_names("አዲስ አበባ")) == len("አዲስ አበባ".encode())
