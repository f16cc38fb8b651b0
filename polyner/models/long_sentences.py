"""Sentences too long to be tagged at once: cut into pieces that overlap, so that the memory they take is bounded."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

LONGEST = 8192  # bytes of a sentence that is tagged as a whole; the longest of the corpora at hand has 5,865
PIECE = 4096  # bytes of a piece
CONTEXT = 512  # bytes that a piece sees of its neighbours, on either side
LONGEST_WORD = 256  # characters that are read of a word, where its sentence is cut
_PIECES_AT_ONCE = 4


class Piece(NamedTuple):
    """The words from `first` to `last` (exclusive), of which those from `start` to `end` get their tags here."""

    first: int
    start: int
    end: int
    last: int


def is_long(words: Sequence[str]) -> bool:
    """Whether a sentence is too long to be tagged as a whole."""
    return sum(map(_size, words)) > LONGEST


def pieces(words: Sequence[str]) -> Iterator[Piece]:
    """Pieces of at most `PIECE` bytes, or one word, that tag each word once, with their context on either side."""
    ends = list(accumulate(map(_size, words)))
    start = 0
    while start < len(words):
        begun = ends[start - 1] if start else 0
        end = max(start + 1, bisect_right(ends, begun + PIECE))
        first = bisect_left(ends, begun - CONTEXT) + 1 if begun > CONTEXT else 0
        last = bisect_right(ends, ends[end - 1] + CONTEXT)
        yield Piece(min(first, start), start, end, last)
        start = end


def tag_long(words: Sequence[str], tag: Callable[[Sequence[Sequence[str]]], Sequence[Sequence[str]]]) -> list[str]:
    """The tags of a long sentence, from those that `tag` gives to its pieces, some at a time.

    An `I-` that continues nothing where two pieces meet becomes a `B-`.
    """
    words = [word[:LONGEST_WORD] for word in words]
    result: list[str] = []
    cut = list(pieces(words))
    for at in range(0, len(cut), _PIECES_AT_ONCE):
        some = cut[at : at + _PIECES_AT_ONCE]
        for piece, tags in zip(some, tag([words[piece.first : piece.last] for piece in some]), strict=True):
            own = list(tags[piece.start - piece.first : piece.end - piece.first])
            before = result[-1] if result else "O"
            if own[0].startswith("I-") and before[2:] != own[0][2:]:
                own[0] = f"B-{own[0][2:]}"
            result += own
    return result


def _size(word: str) -> int:
    return len(word.encode("utf-8", errors="replace")) + 1
