"""Verdicts on the paper's claims, computed from the results at hand."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from polyner.findings.findings import Findings
from polyner.paper.checks import CHECKS
from polyner.paper.claims import Part, Verdict, claim, claims

_OF_CLAIM = ("id", "section", "claim", "reading", "null", "paper")
_OF_VERDICT = ("verdict", "label", "reason", "missing", "note", "corpora", "profile", "sample")
_OF_PART = (
    *("architecture", "group", "what", "figure", "low", "high", "unit", "seeds", "languages", "without"),
    *("aim", "line", "null", "paper", "verdict", "reason"),
)


def verdict(identifier: str, findings: Findings) -> Verdict:
    """What findings say about one claim: "not run" where there are no results to judge it on.

    Raises ValueError for an unknown claim.
    """
    return CHECKS[identifier](claim(identifier), findings)


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


def _record(part: Part) -> dict[str, Any]:
    known = asdict(part)
    return {
        name: None if isinstance(known[name], float) and not math.isfinite(known[name]) else known[name]
        for name in _OF_PART
    }
