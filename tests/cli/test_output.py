"""Tables: nothing is cut, on a terminal of any width and elsewhere."""

from __future__ import annotations

import contextlib
import io
import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyner.cli.output import print_table

IDS = st.text("abcdefgh-0123456789/.", min_size=1, max_size=70)
TEXTS = st.lists(st.sampled_from(["a", "sentence", "whose", "長い語", "words", "longitudinal"]), max_size=9).map(
    " ".join
)
CELLS = st.one_of(st.integers(-(10**7), 10**12), st.floats(-1e6, 1e6), IDS, TEXTS, st.none())


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def printed(columns, rows, width=None):
    """What is printed on a terminal of this width, or into a file, less the colours."""
    stream = Terminal() if width else io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(stream):
        for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE"):
            patch.delenv(name, raising=False)
        patch.setenv("COLUMNS", str(width or 80))
        patch.setenv("TERM", "xterm")
        print_table(columns, rows)
        sys.stdout.flush()
    return re.sub(r"\x1b\[[0-9;]*m", "", stream.getvalue())


def words_of(columns, rows):
    texts = [
        f"{c:,}" if isinstance(c, int) else f"{c:.2f}" if isinstance(c, float) else c for row in rows for c in row if c
    ]
    return {word for text in [*columns, *texts] for word in text.split()}


@given(
    names=st.lists(st.sampled_from(["file", "longest word", "F1", "sentences"]), min_size=1, max_size=9),
    data=st.data(),
    width=st.one_of(st.none(), st.integers(20, 130)),
)
def test_no_number_id_or_word_is_cut(names, data, width):
    rows = data.draw(st.lists(st.lists(CELLS, min_size=len(names), max_size=len(names)), max_size=4))
    assert words_of(names, rows) <= set(printed(names, rows, width).split())


@pytest.mark.parametrize("width", range(20, 40))
def test_words_of_wide_characters_stay_whole(width):
    names, rows = ["F1", "file"], [[-1000000, "sentence 長い語 a"]]
    assert words_of(names, rows) <= set(printed(names, rows, width).split())


@given(counts=st.lists(st.integers(0, 10**6), min_size=1, max_size=30), width=st.integers(40, 130))
def test_parts_of_a_wide_table_fit_the_terminal_and_name_the_row(counts, width):
    lines = printed(
        ["file", *(f"TYPE{i}" for i in range(len(counts)))], [["hin/train.conll", *counts]], width
    ).splitlines()
    assert max(map(len, lines)) <= width
    parts = "\n".join(lines).split("\n\n")
    assert all(part.splitlines()[2].startswith("hin/train.conll ") for part in parts)
    assert len(parts) > 1 or len(counts) < 20


def test_numbers_stand_to_the_right_and_text_to_the_left():
    lines = printed(["file", "words"], [["a", 12345], ["長い", 7]]).splitlines()
    assert lines == ["file   words", "─" * 12, "a     12,345", "長い       7"]


def test_long_cells_are_wrapped_at_blanks_where_the_rest_has_room():
    lines = printed(
        ["run", "F1", "differs in"], [["byte-crf-eng-s1", 81.25, "training.batch_size=4 " * 8]], 60
    ).splitlines()
    assert max(map(len, lines)) <= 60
    assert lines[2].split() == ["byte-crf-eng-s1", "81.25", "training.batch_size=4"]
    assert len(lines) == 10
