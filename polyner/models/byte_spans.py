"""Byte-to-Span's data: sentences as one stream of bytes, entities as spans of bytes, spans as symbols, and back.

In a window of W bytes an entity is three symbols: where it starts (`S:0` to `S:W-1`), how long it is (`L:1` to `L:W`)
and its type; `STOP` ends the output (§3.3, footnote 3).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import NamedTuple

from polyner.corpora.sentence import Sentence
from polyner.corpora.spans import Span, spans_of, tags_of

GO, STOP = 0, 1


class ByteSpan(NamedTuple):
    """An entity: the bytes from `start` up to but not including `end`, and the index of its type."""

    start: int
    end: int
    type: int


@dataclass(frozen=True)
class Symbols:
    """The output alphabet for windows of `window` bytes and `types` entity types: GO, STOP, starts, lengths, types."""

    window: int
    types: int

    def __len__(self) -> int:
        return 2 + 2 * self.window + self.types

    def start(self, offset: int) -> int:
        """The symbol S:offset."""
        return 2 + offset

    def length(self, length: int) -> int:
        """The symbol L:length, for a length of at least 1."""
        return 2 + self.window + length - 1

    def type(self, index: int) -> int:
        """The symbol of a type."""
        return 2 + 2 * self.window + index

    def write(self, spans: Sequence[ByteSpan], descending: bool = True) -> list[int]:
        """The symbols of a window's spans, whose offsets are those in the window; in order of start, then STOP."""
        ordered = sorted(spans, reverse=descending)
        return [
            symbol
            for span in ordered
            for symbol in (self.start(span.start), self.length(span.end - span.start), self.type(span.type))
        ] + [STOP]

    def read(self, symbols: Iterable[int]) -> list[ByteSpan]:
        """The spans that symbols spell, up to STOP. What is out of place is skipped symbol by symbol; never raises.

        A start begins a span anew, a length counts only after a start, a type only after both; a span that would leave
        the window is dropped.
        """
        spans: list[ByteSpan] = []
        start = length = None
        for symbol in symbols:
            if symbol == STOP:
                break
            if 2 <= symbol < 2 + self.window:
                start, length = symbol - 2, None
            elif 2 + self.window <= symbol < 2 + 2 * self.window and start is not None:
                length = symbol - self.window - 1
            elif symbol >= 2 + 2 * self.window and start is not None and length is not None:
                if start + length <= self.window:
                    spans.append(ByteSpan(start, start + length, symbol - 2 - 2 * self.window))
                start = length = None
        return spans


@dataclass(frozen=True)
class Stream:
    """Sentences as bytes, words and sentences joined by one space, with where each word is and, if known, entities.

    `words` has (start, end) for each word of each sentence, `spans` the entities in order, both counted from where the
    stream begins among others.
    """

    data: bytes
    words: tuple[tuple[tuple[int, int], ...], ...]
    spans: tuple[ByteSpan, ...]


def stream_of(sentences: Sequence[Sentence], types: Sequence[str], begin: int = 0) -> Stream:
    """The stream of sentences, the first byte of which is number `begin`, with the entities of `types`."""
    parts: list[bytes] = []
    words: list[tuple[tuple[int, int], ...]] = []
    spans: list[ByteSpan] = []
    position = begin
    for sentence in sentences:
        places = []
        for word in sentence.words:
            spelled = word.encode("utf-8", errors="replace")
            parts.append(spelled)
            places.append((position, position + len(spelled)))
            position += len(spelled) + 1
        words.append(tuple(places))
        spans += [
            ByteSpan(places[span.start][0], places[span.end - 1][1], types.index(span.type))
            for span in spans_of(sentence.tags)
            if span.type in types
        ]
    return Stream(b" ".join(parts), tuple(words), tuple(spans))


def window_starts(length: int, window: int, step: int) -> range:
    """Where windows begin in a stream of `length` bytes, `step` apart, so that every byte is in one."""
    return range(0, max(1, length - window + step), step)


def stitch(windows: Iterable[tuple[int, Sequence[ByteSpan]]]) -> list[ByteSpan]:
    """The spans of overlapping windows, (start of the window, its spans), as spans of the stream, without conflicts.

    Of spans that overlap, the one that starts earliest within its own window stays.
    """
    found = {
        (span.start, ByteSpan(at + span.start, at + span.end, span.type)) for at, spans in windows for span in spans
    }
    taken: set[int] = set()
    kept = []
    for _, span in sorted(found):
        covered = range(span.start, span.end)
        if taken.isdisjoint(covered):
            taken.update(covered)
            kept.append(span)
    return sorted(kept)


def word_tags(
    words: Sequence[Sequence[tuple[int, int]]], spans: Sequence[ByteSpan], types: Sequence[str]
) -> list[list[str]]:
    """IOB2 tags from spans of bytes, which are in order and do not overlap.

    A word is tagged if a span covers any of its bytes (the first one, if several do); the first word of a span is B-. A
    span ends with the sentence it starts in.
    """
    result = []
    upcoming = 0
    for sentence in words:
        found: list[Span] = []
        taken = 0  # words
        while upcoming < len(spans) and sentence and spans[upcoming].start < sentence[-1][1]:
            span = spans[upcoming]
            upcoming += 1
            first = bisect_right(sentence, span.start, lo=taken, key=itemgetter(1))
            taken = bisect_left(sentence, span.end, lo=first, key=itemgetter(0))
            if taken > first:
                found.append(Span(first, taken, types[span.type]))
        result.append(list(tags_of(found, len(sentence))))
    return result


def entities_inside(
    spans: Sequence[ByteSpan], start: int, end: int, most: int, descending: bool = True
) -> Sequence[ByteSpan]:
    """Of a stream's entities, in order, those that a window's output names: they lie wholly in its bytes.

    `most` is how many there is room for: the last ones, if they come in descending order.
    """
    inside = spans[bisect_left(spans, start, key=attrgetter("start")) : bisect_right(spans, end, key=attrgetter("end"))]
    return inside[-most:] if descending else inside[:most]


def lost_entities(stream: Stream, window: int, step: int, most: int, descending: bool = True) -> int:
    """How many entities of a stream no output can name: they are in no window as a whole, or there is no room for them.

    `most` and `descending` are as of `entities_inside`.
    """
    starts = window_starts(len(stream.data), window, step)
    named = {span for at in starts for span in entities_inside(stream.spans, at, at + window, most, descending)}
    return len(stream.spans) - len(named)
