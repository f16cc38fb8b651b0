"""Tagged sentences as `polyner tag` prints them: columns, lines of JSON, or text with its entities marked."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from polyner.cli.output import printable
from polyner.cli.words import Untagged
from polyner.corpora.spans import Span, spans_of

Probabilities = Sequence[float] | None
"""Of the tags that a sentence's words were given, where they are wanted."""
_COLOURS = {"PER": "36", "LOC": "32", "ORG": "33", "MISC": "35"}


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
        share = "" if probabilities is None else f" {_least(probabilities, span):.2f}"
        kind = f"{_safe(span.type)}{share}"
        before, after = ("[", f" {kind}]")
        if coloured:
            colour = _COLOURS.get(span.type, "34")
            before, after = f"\x1b[1;{colour}m[", f"\x1b[22m {kind}]\x1b[0m"
        words[span.start] = before + words[span.start]
        words[span.end - 1] += after
    return " ".join(words) + "\n"


def _least(probabilities: Sequence[float], span: Span) -> float:
    """An entity is at most as probable as the least probable tag of its words."""
    return min(probabilities[span.start : span.end])


FORMS = {"conll": _as_columns, "json": _as_json, "text": _as_text}
