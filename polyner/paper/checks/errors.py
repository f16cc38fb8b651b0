"""The checks of the claims of §5.1: which errors the regimes make, on validation data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from polyner.analysis.estimates import Estimate
from polyner.findings.findings import Findings
from polyner.names import REGIME_NAMES, group_name
from polyner.paper.checks.parts import NOT_CONVERGED, conclude, judged, shown
from polyner.paper.claims import Claim, Part, Verdict

POINTS = "percentage points"
# Regimes that are compared, as the keys of figures have them, and where the claim wants second − first.
Step = tuple[str, str, str]


def polyglot_precision(claim: Claim, findings: Findings) -> Verdict:
    """The share of O tokens taken for names rises from monolingual to polyglot models, and falls to fine-tuned ones."""
    steps = (("monolingual", "polyglot", "above"), ("polyglot", "fine_tuned", "below"))
    parts = changes(findings, _tokens(findings, "O"), findings.groups, steps, "errors on O")
    missing = lacking(parts, findings.groups)
    return conclude(claim, findings, parts, "tagged validation data of all three regimes", missing)


def per_and_org(claim: Claim, findings: Findings) -> Verdict:
    """The rate of errors on PER and on ORG tokens is lower in fine-tuned than in monolingual models."""
    parts, missing = [], []
    for gold in ("PER", "ORG"):
        steps = [("monolingual", "fine_tuned", "below")]
        of_type = changes(findings, _tokens(findings, gold), findings.groups, steps, f"errors on {gold}")
        parts += of_type
        missing += [f"{gold}, {group}" for group in lacking(of_type, findings.groups)]
    return conclude(claim, findings, parts, "tagged validation data of monolingual and fine-tuned models", missing)


def polyglot_knows_common_names(claim: Claim, findings: Findings) -> Verdict:
    """Of polyglot models' errors, fewer contain a common surface form, and the error rate falls further on them.

    The second part is what the claim is for: a fall on all entities would not show that names are transferred.
    """
    return _common(claim, findings, ("monolingual", "polyglot", "below"), ("common_shares", "common_interactions"))


def fine_tuning_raises_common(claim: Claim, findings: Findings) -> Verdict:
    """Of fine-tuned models' errors, more contain a common surface form than of polyglot models'."""
    return _common(claim, findings, ("polyglot", "fine_tuned", "above"), ("common_shares",))


def changes(
    findings: Findings,
    figures: Mapping[Any, Estimate],
    groups: Sequence[str],
    steps: Sequence[Step],
    what: str,
    unit: str = POINTS,
) -> list[Part]:
    """A part for each group and step whose figure (by group, first, second) is there; only shown where the step has no
    aim."""
    parts = []
    for group in groups:
        for first, second, aim in steps:
            found = figures.get((group, first, second))
            if found is None or found.figure != found.figure:
                continue
            named = f"{what}, {REGIME_NAMES[second]} − {REGIME_NAMES[first]}"
            own = {"architecture": findings.analysed, "group": group, "what": named, "unit": unit, "null": 0.0}
            reasons = limits(findings, group, first, second)
            parts.append(judged(found, aim, 0.0, reasons, **own) if aim else shown(found, **own))
    return parts


def limits(findings: Findings, group: str, *regimes: str) -> list[str]:
    """That the analysed models of these regimes did not converge, as a reason; none where they did."""
    sides = [{"model": findings.analysed, "group": group, "regime": regime} for regime in regimes]
    return [] if all(map(findings.converged, sides)) else [NOT_CONVERGED]


def lacking(parts: Sequence[Part], groups: Sequence[str]) -> list[str]:
    """The names of the groups that no part is of."""
    there = {part.group for part in parts}
    return [group_name(group) for group in groups if group not in there]


def of_paper(figures: Mapping[Any, Any], group: str) -> list[str]:
    """The group that the paper's figure is about where it is there, otherwise all groups."""
    groups = list(dict.fromkeys(key[0] for key in figures))
    return [group] if group in groups else groups


_COMMON = {
    "common_shares": "errors with a common surface form",
    "common_interactions": "error rate on common entities, less that on the others",
    "common_rates": "error rate on common entities",
}
_NEEDS = "shares of errors that contain a common surface form, of two languages that have some in common"


def _common(claim: Claim, findings: Findings, step: Step, names: Sequence[str]) -> Verdict:
    """The figures of these names; the error rate on common entities is shown beside them."""
    parts = []
    for name in (*names, "common_rates"):
        figures = findings.estimates.get(name, {})
        if name == "common_rates":
            figures = {(group, *pair): each for (group, common, *pair), each in figures.items() if common}
        own = (*step[:2], step[2] if name in names else "")
        parts += changes(findings, figures, of_paper(figures, "conll"), [own], _COMMON[name])
    return conclude(claim, findings, parts, _NEEDS)


def _tokens(findings: Findings, gold: str) -> dict[tuple[str, str, str], Estimate]:
    figures = findings.estimates.get("recall_errors", {})
    return {(group, *pair): each for (group, tag, *pair), each in figures.items() if tag == gold}
