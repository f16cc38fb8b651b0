"""The checks of the claims of §4.1: fine-tuning the polyglot models."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace

from scipy import stats

from polyner.analysis.contrasts import plain
from polyner.findings.findings import Findings
from polyner.names import variant_name
from polyner.paper.checks.baselines import CRFS, LITTLE, WORD_AND_BYTE_TAGGERS
from polyner.paper.checks.parts import CROSSES, absent, compared, conclude
from polyner.paper.claims import Claim, Part, Verdict

# The models that the claim about fine-tuning gives averages of.
FINE_TUNED = (*CRFS, "charner")

# "Nearly everywhere": the share of languages that must gain.
NEARLY_EVERYWHERE = 0.75

REGULARISED = ("more_dropout", "weight_decay")


def beats_monolingual(claim: Claim, findings: Findings) -> Verdict:
    """Each architecture gains by fine-tuning, on average over a group and on three in four of its languages."""
    sides, only = plain("monolingual", "fine_tuned"), {"model": WORD_AND_BYTE_TAGGERS, "group": findings.groups}
    parts = compared(findings, sides, "above", 0.0, only=only, what="fine-tuned − monolingual")
    missing = absent(parts, FINE_TUNED, findings.groups)
    gains = defaultdict(list)
    for each in compared(findings, sides, "above", 0.0, by=("model", "group", "language"), only=only):
        if each.aim:
            gains[each.architecture, each.group].append(each)
    parts += [_counted(part, gains[part.architecture, part.group]) for part in parts if part.aim]
    return conclude(claim, findings, parts, "monolingual and fine-tuned results of one model", missing)


def _counted(mean: Part, gains: list[Part]) -> Part:
    """How many languages gain. The count itself decides: these are the languages that the claim is about; that it
    contradicts the claim, it must be too few to be three in four of any languages."""
    count = sum(each.figure > 0 for each in gains)
    share, judged = count / len(gains), not math.isnan(mean.against)
    printed = [each.paper for each in gains if not math.isnan(each.paper)]
    holds = judged and share >= NEARLY_EVERYWHERE
    return replace(
        mean,
        figure=100 * share,
        low=100 * stats.binomtest(count, len(gains), alternative="greater").proportion_ci().low,
        high=float("nan"),
        what=f"languages that gain ({count} of {len(gains)}; from: one-sided, of languages like these)",
        unit="percent",
        line=100 * NEARLY_EVERYWHERE,
        null=50.0,
        paper=100 * sum(each > 0 for each in printed) / len(printed) if len(printed) == len(gains) else math.nan,
        verdict="holds" if holds else "undecided",
        reason="" if holds else CROSSES if judged else mean.reason,
        against=float(stats.binom.cdf(count, len(gains), NEARLY_EVERYWHERE)) if judged else float("nan"),
    )


def regularisation_does_not_help(claim: Claim, findings: Findings) -> Verdict:
    """Neither more dropout nor weight decay gains a monolingual model 0.5 F1 or more, on average over a group."""
    parts, missing, first = [], [], {"regime": "monolingual", "variant": ""}
    for kind in REGULARISED:
        second, only = {**first, "variant": kind}, {"group": findings.groups}
        what = f"{variant_name(kind)} − plain"
        of_kind = compared(findings, [first, second], "below", LITTLE, only=only, what=what)
        models = dict.fromkeys(part.architecture for part in of_kind) or ["byte-crf"]
        missing += [f"{variant_name(kind)}, {name}" for name in absent(of_kind, models, findings.groups)]
        parts += of_kind
    needs = "monolingual runs with more regularisation, of a model that finds something"
    return conclude(claim, findings, parts, needs, missing)
