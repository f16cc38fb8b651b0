"""The checks of the claims of §4 and §4.1: polyglot training, and fine-tuning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from polyner.analysis.differences import Comparison
from polyner.analysis.labels import entity_shares, label_divergence, resampled_divergence
from polyner.analysis.significance import percentile_interval
from polyner.corpora.sentence import Corpus
from polyner.paper.checks.judging import (
    GROUPS,
    Figure,
    average_against_zero,
    basis,
    judged,
    not_run,
    regimes,
    signed,
    weakest,
)
from polyner.paper.claims import Claim, Verdict
from polyner.paper.evidence import Evidence, decide

WORD_AND_BYTE_TAGGERS = ("char-crf", "byte-crf", "charner", "mbert-crf")

# §4: "no more than 0.5 F1 on any language".
LITTLE_DIFFERENCE = 0.5

# "With few exceptions": the share of languages (of every model) that must gain.
NEARLY_EVERYWHERE = 0.75

# What the page of fine-tuning tries, and how it is called.
REGULARISED = {"more_dropout": "more dropout", "weight_decay": "weight decay"}


def polyglot_worse(claim: Claim, evidence: Evidence) -> Verdict:
    """Polyglot − monolingual F1 on average is below 0."""
    results = _of(evidence.results, WORD_AND_BYTE_TAGGERS)
    comparison = Comparison(results, *regimes("monolingual", "polyglot"))
    return average_against_zero(claim, evidence, comparison, above=False)


def bts_gains(claim: Claim, evidence: Evidence) -> Verdict:
    """Polyglot − monolingual F1 of Byte-to-Span on average is above 0."""
    results = _of(evidence.results, ["byte-to-span"])
    comparison = Comparison(results, *regimes("monolingual", "polyglot"))
    return average_against_zero(claim, evidence, comparison, above=True)


def crf_beats_bts(claim: Claim, evidence: Evidence) -> Verdict:
    """F1 of the character and byte CRF − F1 of Byte-to-Span, monolingual and polyglot, on average is above 0."""
    results = evidence.results[evidence.results["regime"].isin(["monolingual", "polyglot"])]
    results = results[results["variant"] == ""]
    # Byte-to-Span is set against each CRF under the CRF's name, told apart in the column that is free here.
    crf = _of(results, ("char-crf", "byte-crf"))
    bts = [
        _of(results, ["byte-to-span"]).assign(model=model, variant="byte-to-span") for model in crf["model"].unique()
    ]
    comparison = Comparison(pd.concat([crf, *bts]), {"variant": "byte-to-span"}, {"variant": ""})
    return average_against_zero(claim, evidence, comparison, above=True)


def transitions_change_little(claim: Claim, evidence: Evidence) -> Verdict:
    """The largest change of F1 on any language by language-specific transitions is below 0.5.

    Each language's interval is widened (Bonferroni), since the largest of many differences is judged.
    """
    plain = {"regime": "polyglot", "variant": ""}
    comparison = Comparison(_of(evidence.results), plain, {"regime": "polyglot", "variant": "language_transitions"})
    if comparison.cells.empty:
        return not_run(claim, evidence, "polyglot runs with and without language-specific transitions")
    cells = comparison.table(evidence.counts, confidence=1 - 0.05 / len(comparison.cells))
    largest = cells.loc[cells["difference"].abs().idxmax()]
    sizes = [_size(Figure(*row)) for row in cells[["difference", "low", "high", "seeds"]].itertuples(index=False)]
    change = f"{signed(largest['difference'])} F1 on {largest['language']} ({largest['model']})"
    return judged(
        claim,
        evidence,
        weakest(sizes, above=False),
        line=LITTLE_DIFFERENCE,
        above=False,
        unit="F1 points",
        detail=f"The largest change is {change}. From {basis(cells)};",
    )


def label_shift(claim: Claim, evidence: Evidence) -> Verdict:
    """Mean divergence of entity types between CoNLL languages − that between LORELEI languages is above 0."""
    table = label_shift_table(evidence.corpora) if evidence.label_shift is None else evidence.label_shift
    if table.empty:
        return not_run(claim, evidence, "corpora of two languages of each group")
    row = table.iloc[0]
    return evidence.verdict(
        claim,
        decide(row["low"], row["high"], 0.0, above=True),
        figure=float(row["figure"]),
        low=float(row["low"]),
        high=float(row["high"]),
        line=0.0,
        unit="bits",
        detail=f"Mean divergence between two languages: CoNLL {row['conll']:.3f}, LORELEI {row['lorelei']:.3f} bits.",
    )


def label_shift_table(corpora: Mapping[str, Corpus]) -> pd.DataFrame:
    """How much further apart the label distributions of the CoNLL languages are than those of the LORELEI ones.

    One row with the columns figure, low, high, conll, lorelei (bits); none where a group has fewer than two corpora.
    The interval comes from resampling the training sentences of every corpus. Resampled distributions are further
    apart than the ones they come from, so it is the basic bootstrap's, which corrects for that.
    """
    columns = ["figure", "low", "high", *GROUPS]
    divergences = label_divergence(entity_shares(corpora))
    means, replicates = [], []
    for group in GROUPS:
        pairs = divergences[divergences["group"] == group]
        if pairs.empty:
            return pd.DataFrame(columns=columns)
        languages = dict.fromkeys([*pairs["first"], *pairs["second"]])
        means.append(pairs["divergence"].mean())
        replicates.append(resampled_divergence({code: corpora[code] for code in languages}))
    figure = means[0] - means[1]
    low, high = (2 * figure - bound for bound in reversed(percentile_interval(replicates[0] - replicates[1])))
    return pd.DataFrame([(figure, low, high, *means)], columns=columns)


def finetune_beats_mono(claim: Claim, evidence: Evidence) -> Verdict:
    """Fine-tuned − monolingual F1 is above 0 on average, and for three in four of the languages of every model."""
    comparison = Comparison(_of(evidence.results), *regimes("monolingual", "fine_tuned"))
    verdict = average_against_zero(claim, evidence, comparison, above=True)
    if comparison.cells.empty:
        return verdict
    gains = comparison.table()["difference"] > 0
    decided = "undecided" if verdict.verdict == "holds" and gains.mean() < NEARLY_EVERYWHERE else verdict.verdict
    gaining = f"{gains.sum()} of {len(gains)} languages gain, counted for every model."
    return replace(verdict, verdict=decided, detail=f"{gaining} {verdict.detail}")


def regularisation_does_not_help(claim: Claim, evidence: Evidence) -> Verdict:
    """The largest average gain of a monolingual model by more dropout or weight decay is not above 0.

    Each kind's interval is widened (Bonferroni), since the best of several is judged.
    """
    results, plain = _of(evidence.results), {"regime": "monolingual", "variant": ""}
    kinds = {kind: Comparison(results, plain, {**plain, "variant": kind}) for kind in REGULARISED}
    kinds = {kind: comparison for kind, comparison in kinds.items() if not comparison.cells.empty}
    if not kinds:
        return not_run(claim, evidence, "monolingual runs with more regularisation")
    confidence = 1 - 0.05 / len(kinds)
    gains = {kind: Figure.of(each.mean(evidence.counts, confidence)) for kind, each in kinds.items()}
    best = max(gains, key=lambda kind: gains[kind].value)
    return judged(
        claim,
        evidence,
        weakest(list(gains.values()), above=False),
        line=0.0,
        above=False,
        unit="F1 points",
        detail=f"The most is gained by {REGULARISED[best]}. From {basis(kinds[best].cells)};",
    )


def _of(results: pd.DataFrame, models: Sequence[str] | None = None) -> pd.DataFrame:
    """The rows of the two groups of Table 1, and of `models` where they are given."""
    chosen = results["group"].isin(GROUPS)
    return results[chosen if models is None else chosen & results["model"].isin(models)]


def _size(change: Figure) -> Figure:
    """How large a change is, whichever its direction."""
    nearest, furthest = sorted(map(abs, (change.low, change.high)))
    return Figure(abs(change.value), 0.0 if change.low <= 0 <= change.high else nearest, furthest, change.seeds)
