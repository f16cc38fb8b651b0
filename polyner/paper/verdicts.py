"""Verdicts on the paper's claims, computed from the results at hand."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import pandas as pd

from polyner.findings.findings import Findings
from polyner.paper.checks import CHECKS
from polyner.paper.checks.parts import verdict_on
from polyner.paper.claims import Part, Verdict, claim, claims

_OF_CLAIM = ("id", "section", "claim", "reading", "null", "paper")
_OF_VERDICT = ("verdict", "label", "reason", "missing", "note", "corpora", "profile", "sample")
_NUMBERS = ("figure", "low", "high", "seeds", "languages", "line", "paper")
_OF_PART = (
    *("architecture", "group", "what", "figure", "low", "high", "unit", "seeds", "languages"),
    *("aim", "line", "null", "paper", "verdict", "reason"),
)


def verdict(identifier: str, findings: Findings) -> Verdict:
    """What findings say about one claim: "not run" where there are no results to judge it on.

    Raises ValueError for an unknown claim.
    """
    judged = claim(identifier)
    if judged.conjecture:
        return verdict_on(findings, judged, "not run", reason="not judged yet")
    return CHECKS[identifier](judged, findings)


def verdicts(findings: Findings, identifiers: Iterable[str] | None = None) -> list[Verdict]:
    """The verdicts on the given claims, or on all of them, in the order given or in the paper's."""
    chosen = [known.id for known in claims()] if identifiers is None else identifiers
    return [verdict(identifier, findings) for identifier in chosen]


def verdict_records(judged: Iterable[Verdict]) -> list[dict[str, Any]]:
    """Verdicts as JSON can hold them: the fields of the claim and of the verdict, and `parts`, a list of their fields.

    What is not known is None.
    """
    return [
        {
            **{name: getattr(each.claim, name) for name in _OF_CLAIM},
            **{name: getattr(each, name) for name in _OF_VERDICT},
            "missing": list(each.missing),
            "parts": [_record(part) for part in each.parts],
        }
        for each in judged
    ]


def verdict_table(judged: Iterable[Verdict]) -> pd.DataFrame:
    """Verdicts as a table, a row a part, and one for a claim that has none.

    Columns: those of the claim and of the verdict (`missing` as one text), then those of the part with "part_" before
    their names; a `part_null` is text, and numbers that are not known are missing.
    """
    rows = []
    for each in verdict_records(judged):
        parts = each.pop("parts") or [dict.fromkeys(_OF_PART)]
        each["missing"] = "; ".join(each["missing"])
        rows += [{**each, **{f"part_{name}": part[name] for name in _OF_PART}} for part in parts]
    columns = [*_OF_CLAIM, *_OF_VERDICT, *(f"part_{name}" for name in _OF_PART)]
    table = pd.DataFrame(rows, columns=columns)
    numbers = [f"part_{name}" for name in _NUMBERS]
    words = [name for name in columns if name.startswith("part_") and name not in numbers]
    table["part_null"] = [f"{null:.3g}" if isinstance(null, float) else null for null in table["part_null"]]
    return table.astype(dict.fromkeys(numbers, float)).assign(**{name: table[name].fillna("") for name in words})


def _record(part: Part) -> dict[str, Any]:
    known = asdict(part)
    return {
        name: None if isinstance(known[name], float) and not math.isfinite(known[name]) else known[name]
        for name in _OF_PART
    }
