"""Parts of claims as text, the same on pages and in a terminal."""

from __future__ import annotations

import math

from polyner.corpora.languages import language_name
from polyner.names import architecture_name, group_name
from polyner.paper.claims import Part

_AIMS = {"above": "above ", "below": "below ", "within": "within ±"}
COLUMNS = ("part", "verdict", "figure", "95 % interval", "claimed", "by chance", "the paper", "seeds, languages")


def part_cells(part: Part) -> list[str]:
    """A part of a claim as text: what it is, the verdict on it, figure, 95 % interval, claimed, by chance, the paper
    (the same figure from its printed cells), seeds and languages with those of the group that are lacking."""
    unit = part.unit
    names = [architecture_name(part.architecture), group_name(part.group) if part.group else "", part.what]
    low, high = (figure_text(bound, unit, spelled=False) for bound in (part.low, part.high))
    line = "0" if part.line == 0 else figure_text(part.line, unit, spelled=False, signed=part.aim != "within")
    languages = str(len(part.languages) or "–")
    if part.without:
        languages += f" of {len(part.languages + part.without)} (not {', '.join(map(language_name, part.without))})"
    cells = [
        ", ".join(filter(None, names)),
        f"{part.verdict} ({part.reason})" if part.verdict and part.reason else part.verdict or part.reason,
        figure_text(part.figure, unit),
        f"{low} to {high}" if low and high else f"from {low}" if low else "",
        f"{_AIMS[part.aim]}{line}" if line and part.aim else "",
        "" if part.null is None else f"{part.null:.3g}",
        figure_text(part.paper, unit, spelled=False),
        f"{part.seeds or '–'}, {languages}" if part.seeds or part.languages else "",
    ]
    return [cell or "–" for cell in cells]


def figure_text(value: float | None, unit: str, *, spelled: bool = True, signed: bool = True) -> str:
    """A figure of a verdict as text, with its unit where it is to be `spelled`; empty where it is missing.

    A difference has a sign, as its unit says points. What is a share or a correlation has two decimals, percent one,
    and a divergence in bits, which is small, three.
    """
    if value is None or math.isnan(value):
        return ""
    digits = {"percent": 1, "bits": 3}.get(unit, 2)
    text = number(value, digits, sign=signed and "points" in unit)
    unit = {"percent": "%", "F1 points": "F1", "percentage points": "points"}.get(unit, unit)
    return f"{text} {unit}".strip() if spelled else text


def number(value: float, digits: int, sign: bool = False) -> str:
    """A number to so many decimals, with a true minus sign, and with `sign` a plus where it is positive. What is
    rounded to 0 has no sign. Means of the same cells come out the same, in whatever order they were added up."""
    value = round(value, 6)
    text = f"{value:+.{digits}f}" if sign else f"{value:.{digits}f}"
    if not any(digit in "123456789" for digit in text):
        return text.lstrip("+-")
    return text.replace("-", "−")
