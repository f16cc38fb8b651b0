"""Sentences too long to be tagged at once: cut into pieces that overlap, so that the memory they take is bounded."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

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


def in_pieces(words: Sequence[str], compute: Callable[[Sequence[Sequence[str]]], Sequence[Any]]) -> Iterator[Any]:
    """What `compute` makes of a long sentence's pieces, some at a time: of each piece the part for its own words."""
    words = [word[:LONGEST_WORD] for word in words]
    cut = list(pieces(words))
    for at in range(0, len(cut), _PIECES_AT_ONCE):
        some = cut[at : at + _PIECES_AT_ONCE]
        for piece, made in zip(some, compute([words[piece.first : piece.last] for piece in some]), strict=True):
            yield made[piece.start - piece.first : piece.end - piece.first]


def joined_tags(parts: Iterable[Sequence[str]]) -> list[str]:
    """The tags of a sentence from those of its pieces. An `I-` that continues nothing where two meet becomes a `B-`."""
    result: list[str] = []
    for part in parts:
        own = list(part)
        before = result[-1] if result else "O"
        if own[0].startswith("I-") and before[2:] != own[0][2:]:
            own[0] = f"B-{own[0][2:]}"
        result += own
    return result


def _size(word: str) -> int:
    return len(word.encode("utf-8", errors="replace")) + 1
