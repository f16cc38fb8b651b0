"""Entity spans and the tag sequences that spell them: IOB1, IOB2, BIOES."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Span(NamedTuple):
    """An entity: the words from `start` up to but not including `end`, and its type."""

    start: int
    end: int
    type: str


def spans_of(tags: Sequence[str]) -> list[Span]:
    """The entities of an IOB2 sequence, in order.

    An `I-` that continues nothing starts an entity of its own, as in the `conlleval` script.
    """
    spans: list[Span] = []
    start, open_type = 0, None
    for position, tag in enumerate([*tags, "O"]):
        prefix, _, entity_type = tag.partition("-")
        if open_type is not None and not (prefix == "I" and entity_type == open_type):
            spans.append(Span(start, position, open_type))
            open_type = None
        if prefix != "O" and open_type is None:
            start, open_type = position, entity_type
    return spans


def entities_of(words: Sequence[str], tags: Sequence[str]) -> list[tuple[str, str]]:
    """The surface form (its words, joined by blanks) and type of each entity of a sentence, in order."""
    return [(" ".join(words[span.start : span.end]), span.type) for span in spans_of(tags)]


def tags_of(spans: Iterable[Span], length: int) -> tuple[str, ...]:
    """The IOB2 tags of a sentence of `length` words. Raises ValueError where spans overlap or leave the sentence."""
    tags = ["O"] * length
    for span in spans:
        if not 0 <= span.start < span.end <= length:
            raise ValueError(f"{span} lies outside a sentence of {length} words")
        if any(tag != "O" for tag in tags[span.start : span.end]):
            raise ValueError(f"{span} overlaps another entity")
        tags[span.start : span.end] = [f"B-{span.type}"] + [f"I-{span.type}"] * (span.end - span.start - 1)
    return tuple(tags)
