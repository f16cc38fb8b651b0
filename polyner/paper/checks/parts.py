"""What the checks share: a figure as a part of a claim, and how parts decide it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from polyner.analysis.estimates import LEAST_SEEDS, Estimate, holm
from polyner.findings.findings import Findings
from polyner.names import architecture_name, group_name
from polyner.paper.claims import Claim, Part, Verdict
from polyner.paper.published import printed_f1

# One-sided: a 95 % interval lies on one side of a line where the p-value of being there is below this.
LEVEL = 0.025

CROSSES, UNKNOWN_SPREAD = "interval crosses the line", "no interval"
ONE_SEED, NOT_CONVERGED = "one seed", "not converged"
FINDS_NOTHING = "no name is found"
AFTER_HOLM = "not after Holm's correction"


def judged(estimate: Estimate, aim: str, line: float, reasons: Iterable[str] = (), **about: Any) -> Part:
    """A figure against a line, by its 95 % interval; undecided for any of the `reasons`, or with fewer than two seeds.

    Without an aim it is only shown. `about` are fields of `Part`. Whether a part contradicts the claim depends on how
    many there are: `conclude` says.
    """
    if not aim:
        return shown(estimate, **about)
    reasons = [*reasons, *([ONE_SEED] if estimate.seeds < LEAST_SEEDS else [])]
    if not reasons and math.isnan(estimate.variance):
        reasons = [UNKNOWN_SPREAD]
    holds, against = False, float("nan")
    if not reasons:
        if aim == "above":
            holds, against = estimate.low > line, estimate.p_below(line)
        elif aim == "below":
            holds, against = estimate.high < line, estimate.p_above(line)
        else:
            holds = -line < estimate.low and estimate.high < line
            against = min(estimate.p_above(line), estimate.p_below(-line))
        reasons = [] if holds else [CROSSES]
    about |= {"verdict": "holds" if holds else "undecided", "reason": ", ".join(reasons), "against": against}
    return shown(estimate, **{"line": line, "aim": aim, **about})


def shown(estimate: Estimate, **about: Any) -> Part:
    """A figure that is not judged, only shown beside others."""
    about = {"seeds": estimate.seeds, "languages": estimate.languages, **about}
    return Part(estimate.figure, estimate.low, estimate.high, **about)


def compared(
    findings: Findings,
    sides: Sequence[Mapping[str, str]],
    aim: str,
    line: float,
    by: Sequence[str] = ("model", "group"),
    ratio: bool = False,
    only: Mapping[str, Iterable[str]] | None = None,
    **about: Any,
) -> list[Part]:
    """second − first (or second ÷ first) of two kinds of runs, a part for each value of `by`; by chance they are alike.

    `only` restricts columns of `by` to some values; `about` are fields of `Part`. Without an aim they are only shown,
    as are models that find nothing on either side: they neither gain nor lose, whatever is claimed of them.
    """
    parts = []
    for key, estimate in findings.contrasts.differences(*sides, by=by, ratio=ratio).items():
        cells = dict(zip(by, key, strict=True))
        if not all(cells[column] in values for column, values in (only or {}).items()):
            continue
        whole = [{**cells, **side} for side in sides]
        converged = all(findings.converged(side, estimate.languages) for side in whole)
        first, second = (printed_f1(side, estimate.languages) for side in whole)
        paper = second / first if ratio else second - first
        own = {"architecture": whole[1]["model"], "group": cells["group"], "paper": paper, "null": 0.0, **about}
        if estimate.first == estimate.second == 0:
            parts.append(shown(estimate, reason=FINDS_NOTHING, **own))
        else:
            parts.append(judged(estimate, aim, line, [] if converged else [NOT_CONVERGED], **own))
    return parts


def verdict_on(findings: Findings, claim: Claim, verdict: str, parts: Iterable[Part] = (), **about: Any) -> Verdict:
    """A verdict on these findings, labelled with where they come from, and its parts with the languages of their groups
    that they lack; `about` are fields of `Verdict`."""
    profile = findings.about.get("settings", {}).get("profile", "")
    labels, whole = {"corpora": findings.about.get("corpora", ""), "profile": profile}, []
    for part in parts:
        group = findings.settings_groups.get(part.group)
        of_group = (group.targets or group.languages) if part.languages and part.aim and group else ()
        whole.append(replace(part, without=tuple(code for code in of_group if code not in part.languages)))
    return Verdict(claim, verdict, tuple(whole), **labels, sample=findings.sample, **about)


def conclude(
    claim: Claim, findings: Findings, parts: Sequence[Part], needs: str, missing: Iterable[str] = (), note: str = ""
) -> Verdict:
    """The verdict on a claim of several parts; "not run", for want of what it `needs`, where there are none, and "not
    testable here" where the models find nothing.

    It holds where all parts do, each by its own interval, and does not where one contradicts it after Holm's correction
    for their number. What is `missing` is named, and does not veto; what is only shown does not count.
    """
    if not any(part.aim for part in parts):
        if any(part.reason == FINDS_NOTHING for part in parts):
            about = {"missing": tuple(missing), "reason": "the models find no name at all", "note": note}
            return verdict_on(findings, claim, "not testable here", parts, **about)
        return verdict_on(findings, claim, "not run", parts, reason=f"needs {needs}", note=note)
    adjusted = holm([part.against for part in parts])
    parts = [_corrected(part, p_value) for part, p_value in zip(parts, adjusted, strict=True)]
    found = {part.verdict for part in parts if part.aim}
    verdict = "does not hold" if "does not hold" in found else "holds" if found == {"holds"} else "undecided"
    why = reasons_of(parts) if verdict == "undecided" else ""
    return verdict_on(findings, claim, verdict, parts, missing=tuple(missing), reason=why, note=note)


def reasons_of(parts: Iterable[Part]) -> str:
    """Why parts are undecided, what most of them have first."""
    counts = Counter(reason for part in parts if part.verdict == "undecided" for reason in part.reason.split(", "))
    return ", ".join(reason for reason, _ in counts.most_common() if reason)


def absent(parts: Iterable[Part], models: Iterable[str], groups: Iterable[str]) -> list[str]:
    """Which architectures and groups that a claim is about have no part."""
    there = {(part.architecture, part.group) for part in parts}
    pairs = [(model, group) for model in models for group in groups]
    return [f"{architecture_name(model)}, {group_name(group)}" for model, group in pairs if (model, group) not in there]


def _corrected(part: Part, adjusted: float) -> Part:
    if adjusted < LEVEL:
        return replace(part, verdict="does not hold", reason="")
    return replace(part, reason=AFTER_HOLM) if part.against < LEVEL else part


def largest_by_chance(estimates: Sequence[Estimate], draws: int = 10_000) -> float:
    """The largest change, up or down, to expect of figures that are 0 and have these variances."""
    spread = np.sqrt([each.variance for each in estimates])
    drawn = np.random.default_rng(0).standard_normal((draws, len(spread))) * spread
    return float(np.abs(drawn).max(axis=1).mean())
