"""The checks of the claims of §4.2: languages that the polyglot model has not seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from polyner.analysis.contrasts import plain
from polyner.analysis.estimates import Estimate, cochran_q, difference_over_languages, holm
from polyner.analysis.transfer import rank_correlation, rank_correlation_interval
from polyner.corpora.languages import language_name
from polyner.findings.findings import Findings
from polyner.paper.checks.parts import CROSSES, LEVEL, compared, conclude, judged, reasons_of, verdict_on
from polyner.paper.claims import Claim, Part, Verdict

# "Poor": less than half of what a monolingual model reaches.
POOR = 0.5

# A guide to who gains would rank languages as the gains do, at least this far (Spearman's ρ).
GUIDE = 0.5

# Fewer languages are no sample of languages.
LEAST_LANGUAGES = 10

BY_LANGUAGE = ("model", "group", "language")


def zero_shot_is_poor(claim: Claim, findings: Findings) -> Verdict:
    """The mean zero-shot F1 is less than half of the mean monolingual F1 of the same novel languages."""
    sides, only = plain("monolingual", "zero_shot"), {"group": findings.novel}
    about = {"what": "zero-shot ÷ monolingual F1", "unit": "of the monolingual F1"}
    parts = compared(findings, sides, "below", POOR, ratio=True, only=only, **about)
    if nulls := _relatedness(findings, "one_name"):
        own = findings.contrasts.means(BY_LANGUAGE, regime="monolingual")
        parts = [replace(part, null=_without_transfer(part, nulls, own)) for part in parts]
    return conclude(claim, findings, parts, "zero-shot and monolingual results on a novel language")


def _relatedness(findings: Findings, column: str) -> dict[tuple[str, str], float]:
    """A column of the table relatedness, by group and novel language; empty where a study has it not."""
    near = findings.tables.get("relatedness", pd.DataFrame())
    return near.set_index(["group", "language"])[column].to_dict() if column in near else {}


def _without_transfer(part: Part, nulls: Mapping, own: Mapping) -> float | None:
    """What the part's figure would be if every sentence were called one name; None where that is not known."""
    pairs = [(part.group, code) for code in part.languages]
    alone = sum(own[(part.architecture, *pair)].figure for pair in pairs)
    return sum(nulls[pair] for pair in pairs) / alone if alone and nulls.keys() >= set(pairs) else None


def scripts_help_zero_shot(claim: Claim, findings: Findings) -> Verdict:
    """Zero-shot F1 is higher on novel languages whose script a language of the polyglot model has than on others.

    The languages are the sample, so that there must be ten; leaving out each in turn gives the interval.
    """
    parts, few = [], 0
    near = _relatedness(findings, "shared_script")
    for (model, group), scores in by_language(findings.contrasts.means(BY_LANGUAGE, regime="zero_shot")).items():
        if len(scores) >= LEAST_LANGUAGES and any((group, code) not in near for code in scores):
            continue
        shares = {code: near.get((group, code), 0.0) for code in scores}
        sides = [[scores[code].figure for code in scores if (shares[code] > 0) is script] for script in (False, True)]
        if len(scores) < LEAST_LANGUAGES or min(map(len, sides)) < 2:
            few = max(few, len(scores))
            continue
        seeds = min(each.seeds for each in scores.values())
        found = replace(difference_over_languages(*sides), seeds=seeds, languages=tuple(scores))
        what = f"zero-shot F1 with a shared script ({len(sides[1])}) − without ({len(sides[0])})"
        parts.append(judged(found, "above", 0.0, architecture=model, group=group, what=what, null=0.0))
    return _or_too_few(claim, findings, parts, few, "zero-shot results on novel languages, and their scripts")


def fine_tuning_is_mixed(claim: Claim, findings: Findings) -> Verdict:
    """At least one novel language gains by fine-tuning and one loses, each after Holm's correction.

    It does not hold where all of them gain, or all lose, each by its own interval.
    """
    sides, only = plain("monolingual", "fine_tuned"), {"group": findings.novel}
    every = compared(findings, sides, "above", 0.0, by=BY_LANGUAGE, only=only)
    parts = [part for part in every if part.aim]
    if len(parts) < 2:
        needs = "fine-tuned and monolingual results on two novel languages"
        return conclude(claim, findings, [] if parts else every, needs)
    found = findings.contrasts.differences(*sides, by=BY_LANGUAGE)
    estimates = [found[part.architecture, part.group, part.languages[0]] for part in parts]
    sure = [not np.isnan(part.against) for part in parts]
    adjusted = holm([each.p_value() if known else np.nan for each, known in zip(estimates, sure, strict=True)])
    gains = [each.figure > 0 for each in estimates]
    settled = [p_value < 2 * LEVEL for p_value in adjusted]
    mixed = {side for side, clear in zip(gains, settled, strict=True) if clear} == {True, False}
    alike = all(sure) and len(set(gains)) == 1 and all(each.p_value() < 2 * LEVEL for each in estimates)
    shown = []
    for part, estimate, clear, known in zip(parts, estimates, settled, sure, strict=True):
        verdict = ("gains" if part.figure > 0 else "loses") if clear else "undecided"
        reason = "" if clear else CROSSES if known else part.reason
        what = f"fine-tuned − monolingual, {language_name(estimate.languages[0])}"
        shown.append(replace(part, what=what, languages=(), aim="", line=None, verdict=verdict, reason=reason))
    verdict = "holds" if mixed else "does not hold" if alike else "undecided"
    note = ""
    if all(sure):
        q, p_value = cochran_q(estimates)
        chance = f"{p_value:.2g}" if p_value >= 0.001 else "less than 0.001"
        note = f"Do languages differ in their gain at all? Cochran's Q = {q:.1f}, p = {chance}."
    why = reasons_of(shown) if verdict == "undecided" else ""
    return verdict_on(findings, claim, verdict, parts=tuple(shown), reason=why, note=note)


def zero_shot_is_no_guide(claim: Claim, findings: Findings) -> Verdict:
    """The rank correlation over novel languages of zero-shot F1 with the gain from fine-tuning.

    It does not hold where the interval, of resampled languages, lies above 0, and holds where it lies below 0.5, the
    least that would be a guide.
    """
    parts, few = [], 0
    transferred = by_language(findings.contrasts.means(BY_LANGUAGE, regime="zero_shot"))
    gains = by_language(findings.contrasts.differences(*plain("monolingual", "fine_tuned"), by=BY_LANGUAGE))
    for (model, group), scores in transferred.items():
        codes = [code for code in scores if code in gains.get((model, group), {})]
        if len(codes) < LEAST_LANGUAGES:
            few = max(few, len(codes))
            continue
        sides = [[side[code].figure for code in codes] for side in (scores, gains[model, group])]
        rho, (low, high) = rank_correlation(*sides).rho, rank_correlation_interval(*sides)
        about = {"architecture": model, "group": group, "what": "zero-shot F1 and gain", "unit": "(Spearman's ρ)"}
        about |= {"line": GUIDE, "aim": "below", "null": 0.0, "languages": tuple(codes)}
        about["seeds"] = min(each.seeds for side in (scores, gains[model, group]) for each in side.values())
        verdict = "does not hold" if low > 0 else "holds" if high < GUIDE else "undecided"
        reason = CROSSES if verdict == "undecided" else ""
        parts.append(Part(rho, low, high, verdict=verdict, reason=reason, **about))
    return _or_too_few(claim, findings, parts, few, "zero-shot, monolingual and fine-tuned results on novel languages")


def _or_too_few(claim: Claim, findings: Findings, parts: Sequence[Part], few: int, needs: str) -> Verdict:
    if few and not parts:
        reason = f"{few} novel languages, too few ({LEAST_LANGUAGES} are needed) or all alike"
        return verdict_on(findings, claim, "not testable here", reason=reason)
    return conclude(claim, findings, parts, needs)


def by_language(estimates: Mapping[tuple[str, ...], Estimate]) -> dict[tuple[str, str], dict[str, Estimate]]:
    """Estimates of each language (`BY_LANGUAGE`), by model and group."""
    found: dict[tuple[str, str], dict[str, Estimate]] = {}
    for (model, group, code), estimate in estimates.items():
        found.setdefault((model, group), {})[code] = estimate
    return found
