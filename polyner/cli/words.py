"""Sentences as `polyner tag` takes and prints them: plain text in; columns, lines of JSON or marked text out."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from polyner.cli.output import JOINERS, printable
from polyner.corpora.columns import lines
from polyner.corpora.conll import clean_word
from polyner.corpora.spans import Span, spans_of

_INSIDE_WORDS = "'’ʼ-‐·״׳"
_INSIDE_NUMBERS = ".,:/"
_COLOURS = {"PER": "36", "LOC": "32", "ORG": "33", "MISC": "35"}
Probabilities = Sequence[float] | None
"""Of the tags that a sentence's words were given, where they are wanted."""


class Untagged(NamedTuple):
    """One sentence to tag: its words, and for each the columns it came with (the word alone, if it came as text)."""

    words: list[str]
    columns: list[list[str]]


def sentences_in_text(name: str, stream: Iterable[bytes], *, punctuation: bool = False) -> Iterator[Untagged]:
    """A sentence a line, an empty one for an empty line. Words stand between blanks; with `punctuation`, a punctuation
    mark or symbol is a word of its own too (see `split_words`)."""
    for _, line in lines(name, stream):
        chunks = [chunk for word in line.split() if (chunk := clean_word(word))]
        words = [word for chunk in chunks for word in (split_words(chunk) if punctuation else [chunk])]
        yield Untagged(words, [[word] for word in words])


def split_words(chunk: str) -> list[str]:
    """Split text without blanks into words and punctuation, by Unicode's character categories.

    A word is a run of letters, marks and digits, with apostrophes and hyphens between letters (`d'Ivoire`) and
    separators between digits (`3,50`); every other character stands alone. Scripts without blanks are not segmented.
    """
    words: list[str] = []
    open_word = False
    for position, character in enumerate(chunk):
        belongs = _in_word(character) or _joins(chunk, position)
        if belongs and open_word:
            words[-1] += character
        else:
            words.append(character)
        open_word = belongs
    return words


def _in_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN" or character in JOINERS


def _joins(chunk: str, position: int) -> bool:
    """Whether the character stands between two letters or digits that it does not part."""
    if not 0 < position < len(chunk) - 1:
        return False
    before, after = chunk[position - 1], chunk[position + 1]
    if chunk[position] in _INSIDE_NUMBERS:
        return before.isdigit() and after.isdigit()
    return chunk[position] in _INSIDE_WORDS and _in_word(before) and _in_word(after)


def _safe(text: str) -> str:
    return printable(text) if sys.stdout.isatty() else text


def _as_columns(sentence: Untagged, tags: Sequence[str], probabilities: Probabilities) -> str:
    rows = [[*columns, tag] for columns, tag in zip(sentence.columns, tags, strict=True)]
    if probabilities is not None:
        rows = [[*row, f"{share:.4f}"] for row, share in zip(rows, probabilities, strict=True)]
    return "".join("\t".join(map(_safe, row)) + "\n" for row in rows) + "\n" if rows else ""


def _as_json(sentence: Untagged, tags: Sequence[str], probabilities: Probabilities) -> str:
    words = sentence.words
    entities: list[dict[str, Any]] = []
    for span in spans_of(tags):
        text = " ".join(words[span.start : span.end])
        entity = {"type": span.type, "start": span.start, "end": span.end, "text": text}
        entities.append(entity | ({} if probabilities is None else {"probability": _least(probabilities, span)}))
    line: dict[str, Any] = {"words": words, "tags": list(tags), "entities": entities}
    if probabilities is not None:
        line["probabilities"] = list(probabilities)
    return _safe(json.dumps(line, ensure_ascii=False)) + "\n"


def _as_text(sentence: Untagged, tags: Sequence[str], probabilities: Probabilities) -> str:
    """The sentence with each entity in brackets with its type, on a terminal in colour."""
    from rich.console import Console

    coloured = sys.stdout.isatty() and not Console().no_color
    words = list(map(_safe, sentence.words))
    for span in spans_of(tags):
        kind = _safe(span.type) + ("" if probabilities is None else f" {_least(probabilities, span):.2f}")
        before, after = ("[", f" {kind}]")
        if coloured:
            before, after = f"\x1b[1;{_COLOURS.get(span.type, '34')}m[", f"\x1b[22m {kind}]\x1b[0m"
        words[span.start] = before + words[span.start]
        words[span.end - 1] += after
    return " ".join(words) + "\n"


def _least(probabilities: Sequence[float], span: Span) -> float:
    """An entity is at most as probable as the least probable tag of its words."""
    return min(probabilities[span.start : span.end])


FORMS = {"conll": _as_columns, "json": _as_json, "text": _as_text}
