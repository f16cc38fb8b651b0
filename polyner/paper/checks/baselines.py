"""The checks of the claims of §4 and §4.1: polyglot training, and fine-tuning."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from polyner.analysis.differences import Comparison
from polyner.analysis.labels import entity_shares, label_divergence, resampled_divergence
from polyner.analysis.significance import percentile_interval
from polyner.corpora.sentence import Corpus
from polyner.paper.checks.judging import (
    Figure,
    Measure,
    all_cells,
    averages,
    basis,
    comparisons,
    judged,
    judged_parts,
    nearly_all,
    not_run,
    regimes,
    signed,
    weakest,
)
from polyner.paper.claims import Claim, Verdict
from polyner.paper.evidence import PAPER_GROUPS, Evidence, decide

CRFS = ("char-crf", "byte-crf")
WORD_AND_BYTE_TAGGERS = (*CRFS, "charner", "mbert-crf")

# The models that the claim about fine-tuning gives averages of.
FINE_TUNED = (*CRFS, "charner")

# §4: "no more than 0.5 F1 on any language" is "little difference". What is less than that is no gain either.
LITTLE_DIFFERENCE = 0.5

# "With few exceptions": the share of a model's languages that must gain.
NEARLY_EVERYWHERE = 0.75

# Of "large" differences between label distributions and others that are not, the ones are twice the others at least.
MUCH_SMALLER = 0.5

# What the page of fine-tuning tries, and how it is called.
REGULARISED = {"more_dropout": "more dropout", "weight_decay": "weight decay"}

_F1 = "F1 points"


def polyglot_worse(claim: Claim, evidence: Evidence) -> Verdict:
    """No model gains 0.5 F1 or more by polyglot training, on average over the languages of either group.

    The figure is the largest of the average gains (polyglot − monolingual) of the four models on the two groups: all
    must be below 0.5, the largest difference that the paper calls little (§4). A line at 0 could not be met by models
    that neither gain nor lose. Each interval is widened (Bonferroni).
    """
    apart = comparisons(_of(evidence, WORD_AND_BYTE_TAGGERS), *regimes("monolingual", "polyglot"), ["model", "group"])
    if not apart:
        return not_run(claim, evidence, "monolingual and polyglot results of a model that finds something")
    measure = Measure("largest average gain from polyglot training", _F1, LITTLE_DIFFERENCE, above=False, signed=True)
    missing = _missing(apart, WORD_AND_BYTE_TAGGERS, evidence.groups)
    return judged_parts(claim, evidence, averages(apart, evidence), measure, _from(apart), missing)


def bts_gains(claim: Claim, evidence: Evidence) -> Verdict:
    """Polyglot − monolingual F1 of Byte-to-Span is above 0 on average over the languages of each of the two groups.

    The figure is the smaller of the two; each interval is widened (Bonferroni).
    """
    apart = comparisons(_of(evidence, ["byte-to-span"]), *regimes("monolingual", "polyglot"), ["group"])
    if not apart:
        return not_run(claim, evidence, "monolingual and polyglot results of Byte-to-Span, if it finds something")
    measure = Measure("smallest average gain from polyglot training", _F1, 0.0, above=True, signed=True)
    return judged_parts(
        claim, evidence, averages(apart, evidence), measure, _from(apart), _missing(apart, evidence.groups)
    )


def crf_beats_bts(claim: Claim, evidence: Evidence) -> Verdict:
    """F1 of the character and of the byte CRF − F1 of Byte-to-Span is above 0, monolingual and polyglot.

    The figure is the smallest of the averages of either CRF, in either regime, over the languages of either group: all
    must be above 0. Each interval is widened (Bonferroni).
    """
    results, both = _of(evidence), ("monolingual", "polyglot")
    results = results[results["regime"].isin(both) & (results["variant"] == "")]
    # Byte-to-Span is set against each CRF under the CRF's name, told apart in the column that is free here.
    crf = results[results["model"].isin(CRFS)]
    bts = results[results["model"] == "byte-to-span"]
    against = [bts.assign(model=model, variant="byte-to-span") for model in crf["model"].unique()]
    apart = comparisons(
        pd.concat([crf, *against]), {"variant": "byte-to-span"}, {"variant": ""}, ["model", "regime", "group"]
    )
    if not apart:
        return not_run(claim, evidence, "results of Byte-to-Span and of the character or byte CRF")
    measure = Measure("smallest average lead over Byte-to-Span", _F1, 0.0, above=True, signed=True)
    missing = _missing(apart, CRFS, both, evidence.groups)
    return judged_parts(claim, evidence, averages(apart, evidence), measure, _from(apart), missing)


def transitions_change_little(claim: Claim, evidence: Evidence) -> Verdict:
    """The largest change of F1 on any language by language-specific transitions is below 0.5.

    Each language's interval is widened (Bonferroni), since the largest of many differences is judged.
    """
    plain = {"regime": "polyglot", "variant": ""}
    comparison = Comparison(_of(evidence), plain, {"regime": "polyglot", "variant": "language_transitions"})
    if comparison.cells.empty:
        return not_run(claim, evidence, "polyglot runs with and without language-specific transitions")
    cells = comparison.table(evidence.counts, confidence=1 - 0.05 / len(comparison.cells))
    largest = cells.loc[cells["difference"].abs().idxmax()]
    sizes = [_size(change) for change in _figures(cells)]
    change = f"{signed(largest['difference'])} F1 on {largest['language']} ({largest['model']})"
    measure = Measure("largest change on any language, up or down", _F1, LITTLE_DIFFERENCE, above=False)
    detail = f"The largest change is {change}. From {basis(cells)};"
    return judged(claim, evidence, weakest(sizes, above=False), measure, detail)


def label_shift(claim: Claim, evidence: Evidence) -> Verdict:
    """Label distributions of the LORELEI languages are less than half as far apart as those of the CoNLL languages.

    The figure is the mean Jensen–Shannon divergence of entity types between two languages of LORELEI over that of
    CoNLL. The paper says "large" of the one and not of the other, without a figure; any difference at all between the
    groups would be too little for that, so the one must be at least twice the other.
    """
    table = label_shift_table(evidence.corpora) if evidence.label_shift is None else evidence.label_shift
    for group in PAPER_GROUPS:
        if table.empty or math.isnan(table[group].iloc[0]):
            return not_run(claim, evidence, f"corpora of two languages of the {group} group")
    row = {name: float(table[name].iloc[0]) for name in ("figure", "low", "high", *PAPER_GROUPS)}
    return evidence.verdict(
        claim,
        decide(row["low"], row["high"], MUCH_SMALLER, above=False),
        figure=row["figure"],
        low=row["low"],
        high=row["high"],
        line=MUCH_SMALLER,
        name="divergence between LORELEI languages",
        unit="of that between CoNLL languages",
        detail=f"Mean divergence of entity types between two languages: CoNLL {row['conll']:.3f}, "
        f"LORELEI {row['lorelei']:.3f} bits.",
    )


def label_shift_table(corpora: Mapping[str, Corpus]) -> pd.DataFrame:
    """The mean divergence of label distributions in each group, and that of LORELEI over that of CoNLL.

    One row with the columns figure, low, high (the ratio, nan where a group has fewer than two corpora), conll, lorelei
    (bits; nan for such a group). The interval comes from resampling the training sentences of every corpus. Resampled
    distributions are further apart than the ones they come from, so it is the basic bootstrap's, which corrects for
    that.
    """
    divergences = label_divergence(entity_shares(corpora))
    means, replicates = dict.fromkeys(PAPER_GROUPS, float("nan")), {}
    for group in PAPER_GROUPS:
        pairs = divergences[divergences["group"] == group]
        if not pairs.empty:
            languages = dict.fromkeys([*pairs["first"], *pairs["second"]])
            means[group] = float(pairs["divergence"].mean())
            replicates[group] = resampled_divergence({code: corpora[code] for code in languages})
    shares = (float("nan"),) * 3
    if len(replicates) == len(PAPER_GROUPS):
        shares = _share(means["lorelei"], means["conll"], replicates["lorelei"], replicates["conll"])
    return pd.DataFrame([(*shares, *means.values())], columns=["figure", "low", "high", *PAPER_GROUPS])


def finetune_beats_mono(claim: Claim, evidence: Evidence) -> Verdict:
    """Each model gains by fine-tuning, on average and in three of four of its languages.

    The gain is fine-tuned − monolingual F1. Two parts for each model, all of which must be above 0: the average over
    languages (then over the two groups), and the gain that three in four of its languages reach. The interval of the
    latter lies above 0 where those of so many languages do, and below where so many lie below that three in four cannot
    gain. A language's interval is widened for as many languages as would have to be taken for gaining wrongly, the
    average's for the number of models (Bonferroni). The figure is the smallest of all these. Of the models, the
    character CRF, byte CRF and CharNER must be there, on both groups.
    """
    results, both = _of(evidence, WORD_AND_BYTE_TAGGERS), regimes("monolingual", "fine_tuned")
    apart = comparisons(results, *both, ["model"])
    if not apart:
        return not_run(claim, evidence, "monolingual and fine-tuned results of a model that finds something")
    parts, gaining = {}, []
    for (model, average), comparison in zip(averages(apart, evidence).items(), apart.values(), strict=True):
        languages = len(comparison.cells)
        least = math.ceil(NEARLY_EVERYWHERE * languages)
        table = comparison.table(evidence.counts, confidence=1 - 0.05 / (languages - least + 1))
        parts[f"{model} on average"] = average
        parts[f"{least} of {languages} languages of {model}"] = nearly_all(_figures(table), True, least)
        gaining.append(f"{(table['difference'] > 0).sum()} of {languages} languages gain with {model}")
    measure = Measure("smallest gain from fine-tuning", _F1, 0.0, above=True, signed=True)
    missing = _missing(comparisons(results, *both, ["model", "group"]), FINE_TUNED, evidence.groups)
    return judged_parts(claim, evidence, parts, measure, f"{'; '.join(gaining)}. {_from(apart)}", missing)


def regularisation_does_not_help(claim: Claim, evidence: Evidence) -> Verdict:
    """More dropout and weight decay both gain a monolingual model less than 0.5 F1, on average over either group.

    The figure is the largest of the average gains: all must be below 0.5, the largest difference that the paper calls
    little (§4). Each interval is widened (Bonferroni).
    """
    results, plain, apart = _of(evidence), {"regime": "monolingual", "variant": ""}, {}
    for kind, name in REGULARISED.items():
        of_kind = comparisons(results, plain, {**plain, "variant": kind}, ["model", "group"])
        apart |= {f"{name}, {where}": comparison for where, comparison in of_kind.items()}
    if not apart:
        return not_run(claim, evidence, "monolingual runs with more regularisation, of a model that finds something")
    models = list(dict.fromkeys(name.partition(", ")[2].partition(" on ")[0] for name in apart))
    expected = (
        f"{kind}, {model} on {group}" for kind, model, group in product(REGULARISED.values(), models, evidence.groups)
    )
    measure = Measure("largest average gain from regularisation", _F1, LITTLE_DIFFERENCE, above=False, signed=True)
    missing = [name for name in expected if name not in apart]
    return judged_parts(claim, evidence, averages(apart, evidence), measure, _from(apart), missing)


def _share(
    part: float, whole: float, parts: NDArray[np.float64], wholes: NDArray[np.float64]
) -> tuple[float, float, float]:
    """part / whole with the basic bootstrap's 95 % interval, not below 0; all nan where a whole is 0."""
    if not (whole > 0 and (wholes > 0).all()):
        return math.nan, math.nan, math.nan
    figure = float(part / whole)
    low, high = percentile_interval(parts / wholes)
    return figure, max(0.0, 2 * figure - high), max(0.0, 2 * figure - low)


def _of(evidence: Evidence, models: Sequence[str] | None = None) -> pd.DataFrame:
    """The results of the evidence's groups, and of `models` where they are given."""
    results = evidence.results[evidence.results["group"].isin(evidence.groups)]
    return results if models is None else results[results["model"].isin(models)]


def _missing(apart: Iterable[str], *expected: Sequence[str]) -> list[str]:
    """Which of the named parts that the claim is about are not there."""
    return [name for name in map(" on ".join, product(*expected)) if name not in set(apart)]


def _from(apart: dict[str, Comparison]) -> str:
    return f"From {basis(all_cells(apart))};"


def _figures(table: pd.DataFrame) -> list[Figure]:
    """The differences of `Comparison.table`."""
    return [Figure(*row) for row in table[["difference", "low", "high", "seeds"]].itertuples(index=False)]


def _size(change: Figure) -> Figure:
    """How large a change is, whichever its direction."""
    nearest, furthest = sorted(map(abs, (change.low, change.high)))
    return Figure(abs(change.value), 0.0 if change.low <= 0 <= change.high else nearest, furthest, change.seeds)
