"""Tagged sentences as `polyner tag` prints them: columns, lines of JSON, or text with its entities marked."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

from polyner.cli.output import printable
from polyner.cli.words import Untagged
from polyner.corpora.spans import Span, spans_of

_COLOURS = {"PER": "36", "LOC": "32", "ORG": "33", "MISC": "35"}


class Tagged(NamedTuple):
    """A sentence, its tags, and where they are wanted the probabilities of these."""

    sentence: Untagged
    tags: Sequence[str]
    probabilities: Sequence[float] | None


def _safe(text: str) -> str:
    return printable(text) if sys.stdout.isatty() else text


def _as_columns(tagged: Tagged) -> str:
    rows = [[*columns, tag] for columns, tag in zip(tagged.sentence.columns, tagged.tags, strict=True)]
    if tagged.probabilities is not None:
        rows = [[*row, f"{share:.4f}"] for row, share in zip(rows, tagged.probabilities, strict=True)]
    return "".join("\t".join(map(_safe, row)) + "\n" for row in rows) + "\n" if rows else ""


def _as_json(tagged: Tagged) -> str:
    words = tagged.sentence.words
    entities: list[dict[str, Any]] = []
    for span in spans_of(tagged.tags):
        text = " ".join(words[span.start : span.end])
        entity = {"type": span.type, "start": span.start, "end": span.end, "text": text}
        entities.append(entity | ({} if tagged.probabilities is None else {"probability": _least(tagged, span)}))
    line: dict[str, Any] = {"words": words, "tags": list(tagged.tags), "entities": entities}
    if tagged.probabilities is not None:
        line["probabilities"] = list(tagged.probabilities)
    return _safe(json.dumps(line, ensure_ascii=False)) + "\n"


def _as_text(tagged: Tagged) -> str:
    """The sentence with each entity in brackets with its type, on a terminal in colour."""
    from rich.console import Console

    coloured = sys.stdout.isatty() and not Console().no_color
    words = list(map(_safe, tagged.sentence.words))
    for span in spans_of(tagged.tags):
        share = "" if tagged.probabilities is None else f" {_least(tagged, span):.2f}"
        kind = f"{_safe(span.type)}{share}"
        before, after = ("[", f" {kind}]")
        if coloured:
            colour = _COLOURS.get(span.type, "34")
            before, after = f"\x1b[1;{colour}m[", f"\x1b[22m {kind}]\x1b[0m"
        words[span.start] = before + words[span.start]
        words[span.end - 1] += after
    return " ".join(words) + "\n"


def _least(tagged: Tagged, span: Span) -> float:
    """An entity is at most as probable as the least probable tag of its words."""
    return min(tagged.probabilities[span.start : span.end])


FORMS = {"conll": _as_columns, "json": _as_json, "text": _as_text}
