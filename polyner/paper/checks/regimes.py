"""The checks of the claims of §4 and §4.1: polyglot training against monolingual, and fine-tuning."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from scipy import stats

from polyner.analysis.contrasts import plain
from polyner.corpora.languages import language_name
from polyner.findings.findings import Findings
from polyner.names import variant_name
from polyner.paper.checks.parts import CROSSES, absent, compared, conclude, largest_by_chance, verdict_on
from polyner.paper.claims import Claim, Part, Verdict
from polyner.paper.published import printed_f1
from polyner.study.groups import PAPER_GROUPS

CRFS = ("char-crf", "byte-crf")
WORD_AND_BYTE_TAGGERS = (*CRFS, "charner", "mbert-crf")
BTS = "byte-to-span"
# The models that the claim about fine-tuning gives averages of.
FINE_TUNED = (*CRFS, "charner")

# §4: "no more than 0.5 F1 on any language" is "little difference". What is less than that is no gain either.
LITTLE = 0.5


def polyglot_worse(claim: Claim, findings: Findings) -> Verdict:
    """No architecture but Byte-to-Span gains 0.5 F1 or more on average over a group's languages.

    The line is the largest difference that the paper calls little: models that neither gain nor lose could not be shown
    to lie below 0.
    """
    needs = "monolingual and polyglot results of a model that finds something"
    return _polyglot(claim, findings, WORD_AND_BYTE_TAGGERS, "below", LITTLE, needs)


def bts_gains(claim: Claim, findings: Findings) -> Verdict:
    """Byte-to-Span gains on average over the languages of each group."""
    needs = "monolingual and polyglot results of Byte-to-Span"
    return _polyglot(claim, findings, [BTS], "above", 0.0, needs, _level_of_bts(findings))


def _polyglot(
    claim: Claim, findings: Findings, models: Sequence[str], aim: str, line: float, needs: str, note: str = ""
) -> Verdict:
    """What polyglot training of these architectures gains, on average over the languages of each group."""
    sides, only = plain("monolingual", "polyglot"), {"model": models, "group": findings.groups}
    parts = compared(findings, sides, aim, line, only=only, what="polyglot − monolingual")
    return conclude(claim, findings, parts, needs, absent(parts, models, findings.groups), note)


def _level_of_bts(findings: Findings) -> str:
    """How good monolingual Byte-to-Span is, here and in the paper: a weak model has much to gain, and much to be led
    by."""
    means = findings.contrasts.means(("model", "group"), regime="monolingual")
    own = [means[BTS, group] for group in findings.groups if (BTS, group) in means]
    levels = [(each.figure, printed_f1({"model": BTS, "regime": "monolingual"}, each.languages)) for each in own]
    return " ".join(
        f"Monolingual Byte-to-Span has {here:.1f} F1 here and {printed:.1f} in the paper."
        for here, printed in levels
        if not math.isnan(printed)
    )


def crf_beats_bts(claim: Claim, findings: Findings) -> Verdict:
    """The character and the byte CRF lead Byte-to-Span, monolingual and polyglot, on average over each group."""
    parts, missing = [], []
    for regime in ("monolingual", "polyglot"):
        of_regime = []
        for model in CRFS:
            sides = [{"model": BTS, "regime": regime}, {"model": model, "regime": regime}]
            about = {"only": {"group": findings.groups}, "what": f"lead over Byte-to-Span, {regime}"}
            of_regime += compared(findings, sides, "above", 0.0, by=("group",), **about)
        parts += of_regime
        missing += [f"{name}, {regime}" for name in absent(of_regime, CRFS, findings.groups)]
    needs = "results of Byte-to-Span and of the character or byte CRF"
    return conclude(claim, findings, parts, needs, missing, _level_of_bts(findings))


def transitions_change_little(claim: Claim, findings: Findings) -> Verdict:
    """The mean change by transitions of each language's own lies within ±0.5 F1, for each CRF and group.

    The largest change on any language stands beside it, with what the largest of so many would be if none of them
    changed: the more languages, the larger it is.
    """
    sides = [*plain("polyglot"), {"regime": "polyglot", "variant": "language_transitions"}]
    only = {"group": findings.groups}
    parts = compared(findings, sides, "within", LITTLE, only=only, what="own − shared transitions")
    changes = findings.contrasts.differences(*sides, by=("model", "group", "language"))
    known = {key: each for key, each in changes.items() if key[1] in findings.groups}
    note = ""
    if known:
        key, largest = max(known.items(), key=lambda each: abs(each[1].figure))
        chance = largest_by_chance(list(known.values()))
        by_chance = f"; by chance the largest of {len(known)} would be about {chance:.1f}" if chance == chance else ""
        note = f"The largest change on any language is {largest.figure:+.2f} F1 ({language_name(key[2])}){by_chance}."
    missing = absent(parts, dict.fromkeys(part.architecture for part in parts), findings.groups)
    needs = "polyglot runs with and without language-specific transitions"
    return conclude(claim, findings, parts, needs, missing, note.replace("-", "−"))


# "Large": on average as far apart as where one type has 12 in 100 entities more in one language than in the other. The
# paper has no figure.
LARGE = 0.01


def label_shift(claim: Claim, findings: Findings) -> Verdict:
    """Entity types of the CoNLL corpora are on average more than 0.01 bits apart between two languages.

    The claim is about these corpora: on others, the divergences are shown and nothing is judged, as is the half of it
    that is about LORELEI, whose corpora cannot be told from others.
    """
    table = findings.tables.get("label_shift")
    row = {} if table is None else table.iloc[0]
    known = [group for group in PAPER_GROUPS if not math.isnan(row.get(group, math.nan))]
    if not known:
        return verdict_on(findings, claim, "not run", reason="needs corpora of two languages of a group")
    about = {"what": "mean divergence between two languages", "unit": "bits", "null": 0.0}
    parts = {group: Part(float(row[group]), group=group, **about) for group in known}
    if not row.get("published", False):
        return verdict_on(findings, claim, "not testable here", parts.values(), reason="these are other corpora")
    low, high = float(row["conll_low"]), float(row["conll_high"])
    verdict = "holds" if low > LARGE else "does not hold" if high < LARGE else "undecided"
    reason = CROSSES if verdict == "undecided" else ""
    about = {"low": low, "high": high, "line": LARGE, "aim": "above", "verdict": verdict, "reason": reason}
    parts["conll"] = replace(parts["conll"], **about)
    missing = ("the half about LORELEI, whose corpora are not public",)
    return verdict_on(findings, claim, verdict, parts.values(), missing=missing, reason=reason)


# "Nearly everywhere": the share of languages that must gain.
NEARLY_EVERYWHERE = 0.75

REGULARISED, UPDATES = ("more_dropout", "weight_decay"), "more_updates"


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
    """Neither more dropout nor weight decay gains a monolingual model 0.5 F1 or more, on average over a group.

    What the schedule of the polyglot and the fine-tuned model together gains is shown beside it.
    """
    parts, missing, first = [], [], {"regime": "monolingual", "variant": ""}
    for kind in REGULARISED:
        second, only = {**first, "variant": kind}, {"group": findings.groups}
        what = f"{variant_name(kind)} − plain"
        of_kind = compared(findings, [first, second], "below", LITTLE, only=only, what=what)
        models = dict.fromkeys(part.architecture for part in of_kind) or ["byte-crf"]
        missing += [f"{variant_name(kind)}, {name}" for name in absent(of_kind, models, findings.groups)]
        parts += of_kind
    updates, what = {**first, "variant": UPDATES}, f"{variant_name(UPDATES)} − plain"
    parts += compared(findings, [first, updates], "", LITTLE, only={"group": findings.groups}, what=what)
    needs = "monolingual runs with more regularisation, of a model that finds something"
    return conclude(claim, findings, parts, needs, missing)
