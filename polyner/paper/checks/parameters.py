"""The checks of the claims of §5.2 and §5.3: how many weights the models need, and which matter to which language."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from polyner.findings.findings import Findings
from polyner.paper.checks.errors import POINTS, changes, lacking, limits, of_paper
from polyner.paper.checks.parts import conclude, judged
from polyner.paper.claims import Claim, Part, Verdict

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


def monolingual_is_sparser(claim: Claim, findings: Findings) -> Verdict:
    """Monolingual models keep more of their F1 while they are pruned than polyglot ones, over each group."""
    return _areas(claim, findings, ("polyglot", "monolingual", "above"))


def fine_tuned_stays_denser(claim: Claim, findings: Findings) -> Verdict:
    """Fine-tuned models keep less of their F1 while they are pruned than monolingual ones, over each group."""
    return _areas(claim, findings, ("monolingual", "fine_tuned", "below"))


def polyglot_is_efficient(claim: Claim, findings: Findings) -> Verdict:
    """A polyglot model needs less than half of the weights that its monolingual models need together.

    Where models have one size and nothing can be pruned, it is one over the number of languages: the claim cannot fail
    there, so what the ratio is against that stands beside it.
    """
    figures = findings.estimates.get("pruning_ratios", {})
    parts, notes = [], []
    for (group,), ratio in figures.items():
        if group not in of_paper(figures, "conll"):
            continue
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


def top_is_unique(claim: Claim, findings: Findings) -> Verdict:
    """The top 5 % overlap less between languages than the top 25 % imply, and than one language with itself."""
    return _less_than_implied(claim, findings, "languages", "top 5 %")


def top_shifts_most(claim: Claim, findings: Findings) -> Verdict:
    """The top 5 % are retained less than the top 25 % imply, and less than one model with itself."""
    return _less_than_implied(claim, findings, "retained", "top 5 % retained")


def _areas(claim: Claim, findings: Findings, step: tuple[str, str, str]) -> Verdict:
    """The areas under pruning curves; the shares that can be pruned, as the paper has them, stand beside them."""
    areas = findings.estimates.get("pruning_areas", {})
    parts = changes(findings, areas, findings.groups, [step], "area under F1 while pruning", "of the area")
    missing = lacking(parts, findings.groups)
    thresholds = findings.estimates.get("pruning_thresholds", {})
    parts += changes(findings, thresholds, findings.groups, [(*step[:2], "")], "weights that can be pruned")
    return conclude(claim, findings, parts, _NEEDS_CURVES, missing)


def _less_than_implied(claim: Claim, findings: Findings, comparison: str, what: str) -> Verdict:
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
    about["what"] = f"{what}, against {_BESIDE[beside]}"
    reasons = limits(findings, group, *(_REGIMES if "retained" in what else _REGIMES[:1]))
    if line is None:
        return replace(judged(each.estimate, aim, 0.0, [*reasons, _NOTHING_TO_COMPARE], **about), line=None)
    if aim == "above" and each.beside.get("itself", 100.0) < line:
        reasons = [*reasons, _OUT_OF_REACH]  # whatever languages share
    if less is None:
        return judged(each.estimate, aim, line, reasons, null=line, **about)
    about |= {"what": f"{what} ({each.estimate.figure:.1f} %) less {_BESIDE[beside]} ({line:.1f} %)", "unit": POINTS}
    return judged(less, aim, 0.0, reasons, null=0.0, **about)
