"""The checks of the claims of §5: which errors the regimes make, how many weights they need, and which matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from polyner.analysis.estimates import Estimate
from polyner.findings.findings import Findings
from polyner.names import REGIME_NAMES, group_name
from polyner.paper.checks.parts import NOT_CONVERGED, conclude, judged
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
            parts.append(judged(found, aim, 0.0, reasons, **own))
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


def common(claim: Claim, findings: Findings, step: Step, names: Sequence[str]) -> Verdict:
    """The figures of these names; the error rate on common entities is shown beside them.

    Where it falls further on them, names are transferred: a fall on all entities would not show it.
    """
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


# "Much fewer" weights: less than half.
FAR_FEWER = 0.5

# Shares of a layer that are its most important weights (Figure 4), and half of them.
TOP, QUARTER = 0.05, 0.25
HALF = 50.0

# What is fine-tuned, and what comes of it.
_REGIMES = ("polyglot", "fine_tuned")

_NOTHING_TO_COMPARE = "nothing to compare with"
_OUT_OF_REACH = "one language with itself overlaps less than an untrained network"
_NEEDS_CURVES = "areas under the pruning curves of models that find something"
_NEEDS_FISHER = "Fisher information of the languages in polyglot and fine-tuned models"


def polyglot_is_efficient(claim: Claim, findings: Findings) -> Verdict:
    """A polyglot model needs less than half of the weights that its monolingual models need together.

    Where models have one size and nothing can be pruned, it is one over the number of languages: the claim cannot fail
    there, so what the ratio is against that stands beside it.
    """
    figures = findings.estimates.get("pruning_ratios", {})
    parts, notes = [], []
    for group in of_paper(figures, "conll"):
        ratio = figures[(group,)]
        chance = 1 / max(1, len(ratio.languages))
        below = "is below" if ratio.high < chance else "is above" if ratio.low > chance else "cannot be told from"
        notes.append(f"It {below} {chance:.2f}, which it would be with nothing pruned.")
        about = {"what": "weights, polyglot ÷ monolingual together", "unit": "of the weights", "null": chance}
        reasons = limits(findings, group, "monolingual", "polyglot")
        parts.append(judged(ratio, "below", FAR_FEWER, reasons, architecture=findings.analysed, group=group, **about))
    return conclude(claim, findings, parts, _NEEDS_CURVES, note=" ".join(notes))


def languages_share_a_quarter(claim: Claim, findings: Findings) -> Verdict:
    """The top 25 % of weights overlap more between languages than in an untrained network on the same sentences."""
    figures = _overlaps(findings, "languages", QUARTER)
    parts = [_against(findings, each, "untrained", "above", group, "top 25 %") for group, each in figures.items()]
    gates = [f"{each.beside['within_gates']:.1f} %" for each in figures.values() if "within_gates" in each.beside]
    note = f"With ranks taken within each gate: {', '.join(gates)}." if gates else ""
    return conclude(claim, findings, parts, _NEEDS_FISHER, note=note)


def half_is_retained(claim: Claim, findings: Findings) -> Verdict:
    """More than half of the top 25 % of a language's weights in the polyglot model are so after fine-tuning."""
    parts, notes = [], []
    for group, each in _overlaps(findings, "retained", QUARTER).items():
        about = {"architecture": findings.analysed, "group": group, "what": "top 25 % retained", "unit": "percent"}
        # An untrained network alone keeps more than half: without its figure, ours says nothing.
        null = each.beside.get("untrained")
        reasons = [*limits(findings, group, *_REGIMES), *([_NOTHING_TO_COMPARE] if null is None else [])]
        parts.append(judged(each.estimate, "above", HALF, reasons, null=null, **about))
        if "itself" in each.beside:
            notes.append(f"Estimates of one model on other sentences would agree in {each.beside['itself']:.1f} %.")
    return conclude(claim, findings, parts, _NEEDS_FISHER, note=" ".join(notes))


def areas(claim: Claim, findings: Findings, step: Step) -> Verdict:
    """The areas under pruning curves; the shares that can be pruned, as the paper has them, stand beside them."""
    figures = findings.estimates.get("pruning_areas", {})
    parts = changes(findings, figures, findings.groups, [step], "area under F1 while pruning", "of the area")
    missing = lacking(parts, findings.groups)
    thresholds = findings.estimates.get("pruning_thresholds", {})
    parts += changes(findings, thresholds, findings.groups, [(*step[:2], "")], "weights that can be pruned")
    return conclude(claim, findings, parts, _NEEDS_CURVES, missing)


def less_than_implied(claim: Claim, findings: Findings, comparison: str, what: str) -> Verdict:
    """The top 5 % overlap less, or are retained less, than the top 25 % imply, and than one model with itself."""
    parts = [
        _against(findings, each, beside, "below", group, what)
        for group, each in _overlaps(findings, comparison, TOP).items()
        for beside in ("copula", "itself")
    ]
    return conclude(claim, findings, parts, _NEEDS_FISHER)


def _overlaps(findings: Findings, comparison: str, share: float) -> dict[str, Any]:
    """The overlaps (estimate, untrained, copula, itself, within_gates; percent) of one share, by group."""
    figures = findings.overlaps
    groups = of_paper(figures, "lorelei")
    return {group: figures[key] for group in groups if (key := (group, comparison, share)) in figures}


_BESIDE = {
    "untrained": "an untrained network",
    "copula": "what the top 25 % imply",
    "itself": "one language with itself",
}


def _against(findings: Findings, each: Any, beside: str, aim: str, group: str, what: str) -> Part:
    """An overlap against what it would be by construction; the difference where the doubt about both is known."""
    line, less = each.beside.get(beside), each.less.get(beside)
    about = {"architecture": findings.analysed, "group": group, "unit": "percent"}
    retained = "retained" in what
    other = "the same models on other sentences" if retained and beside == "itself" else _BESIDE[beside]
    about["what"] = f"{what}, against {other}"
    reasons = limits(findings, group, *(_REGIMES if retained else _REGIMES[:1]))
    if line is None:
        return replace(judged(each.estimate, aim, 0.0, [*reasons, _NOTHING_TO_COMPARE], **about), line=None)
    if aim == "above" and each.beside.get("itself", 100.0) < line:
        reasons = [*reasons, _OUT_OF_REACH]  # whatever languages share
    if less is None:
        return judged(each.estimate, aim, line, reasons, null=line, **about)
    about |= {"what": f"{what} ({each.estimate.figure:.1f} %) less {other} ({line:.1f} %)", "unit": POINTS}
    return judged(less, aim, 0.0, reasons, null=0.0, **about)
