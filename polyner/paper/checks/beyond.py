"""The checks of what §6 expects: many more languages, and better optima."""

from __future__ import annotations

from dataclasses import replace

from polyner.analysis.contrasts import plain
from polyner.corpora.languages import language_name
from polyner.findings.findings import Findings
from polyner.names import variant_name
from polyner.paper.checks.parts import compared, conclude, shown, verdict_on
from polyner.paper.checks.regimes import LITTLE
from polyner.paper.checks.transfer import BY_LANGUAGE, by_language
from polyner.paper.claims import Claim, Verdict
from polyner.paper.sizes import languages_together

# "Much larger": twice the paper's ten languages.
MANY = 20

_TUNED, _POLYGLOT = plain("fine_tuned", "polyglot")


def trends_hold_with_many(claim: Claim, findings: Findings) -> Verdict:
    """In each group of twenty languages or more, polyglot training gains less than 0.5 F1, and fine-tuning gains.

    Beside them stand the same of the smaller groups.
    """
    together, parts = languages_together(findings), []
    for regime, aim, line in (("polyglot", "below", LITTLE), ("fine_tuned", "above", 0.0)):
        only = {"model": [findings.analysed], "group": list(together)}
        what = f"{regime.replace('_', '-')} − monolingual"
        parts += compared(findings, plain("monolingual", regime), aim, line, only=only, what=what)
    many = {group for group, count in together.items() if count >= MANY}
    if parts and not many:
        reason = f"{max(together.values(), default=0)} languages trained together at most, fewer than {MANY}"
        return verdict_on(findings, claim, "not testable here", reason=reason)
    aside = {"aim": "", "line": None, "verdict": "", "reason": "", "against": float("nan")}
    parts = [part if part.group in many else replace(part, **aside) for part in parts]
    needs = f"monolingual, polyglot and fine-tuned results of a group of {MANY} languages"
    return conclude(claim, findings, parts, needs)


def multi_objective_helps(claim: Claim, findings: Findings) -> Verdict:
    """MGDA gains over the plain sum, on average over each group; beside it PCGrad, and the worst language by the plain
    sum."""
    sides = [_POLYGLOT, {**_POLYGLOT, "variant": "mgda"}]
    parts = compared(findings, sides, "above", 0.0, what="MGDA − plain, polyglot")
    changes = findings.contrasts.differences(*sides, by=BY_LANGUAGE)
    for (model, group), own in by_language(changes).items():
        worst = min(own, key=lambda code: own[code].first)
        what = f"MGDA − plain, on the worst language ({language_name(worst)})"
        parts.append(shown(own[worst], architecture=model, group=group, what=what))
    sides = [_POLYGLOT, {**_POLYGLOT, "variant": "pcgrad"}]
    parts += compared(findings, sides, "", 0.0, what="PCGrad − plain, polyglot")
    return conclude(claim, findings, parts, "polyglot runs with MGDA and with the plain sum")


def consolidation_helps(claim: Claim, findings: Findings) -> Verdict:
    """Fine-tuning with EWC at strength 1, fixed beforehand, gains over plain fine-tuning, on average over each group;
    beside it the other strengths and penalties, and what EWC keeps of the other languages."""
    sides = [_TUNED, {**_TUNED, "variant": "ewc"}]
    parts = compared(findings, sides, "above", 0.0, what="EWC − plain, fine-tuned")
    for variant in dict.fromkeys(findings.results["variant"]):
        if variant.startswith(("ewc_", "l2sp")):
            sides = [_TUNED, {**_TUNED, "variant": variant}]
            parts += compared(findings, sides, "", 0.0, what=f"{variant_name(variant)} − plain, fine-tuned")
    for (group, variant), each in findings.estimates.get("kept", {}).items():
        if variant == "ewc":
            what = "F1 kept on the other languages, EWC − plain"
            parts.append(shown(each, architecture=findings.analysed, group=group, what=what))
    return conclude(claim, findings, parts, "runs that were fine-tuned with EWC and without")
