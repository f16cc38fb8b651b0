"""The checks of the claims of §4.2: languages that the polyglot model has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from math import factorial

import numpy as np
import pandas as pd

from polyner.analysis.differences import COUNTS, DRAWS, Comparison, Difference
from polyner.analysis.significance import (
    LEAST_SEEDS,
    Interval,
    f1_of,
    percentile_interval,
    resampled_counts,
    seed_interval,
)
from polyner.analysis.transfer import rank_correlation, relatedness
from polyner.corpora.languages import in_order, table2
from polyner.corpora.languages import language as language_of_code
from polyner.paper.checks.judging import Figure, Measure, basis, conjunction, judged, not_run, regimes, signed, weakest
from polyner.paper.claims import Claim, Verdict
from polyner.paper.evidence import Evidence, decide, novel_groups
from polyner.paper.published import table3

# "Poor": less than half of what a monolingual model reaches.
POOR = 0.5

# A guide to who gains would rank languages as the gains do, at least this far (Spearman's ρ).
GUIDE = 0.5

# The paper says it of four languages; of fewer nothing is said. With four, even a perfect order has p = 2/24.
LEAST_LANGUAGES = 4
LEAST_TO_DECIDE = 5


def zero_shot(claim: Claim, evidence: Evidence) -> Verdict:
    """Zero-shot F1 is less than half of monolingual F1, and higher for languages that share a script.

    The figure is the mean zero-shot F1 over the mean monolingual F1 of the same languages; the ratio itself is
    resampled, and taken of each seed, for its interval. The second part compares the mean zero-shot F1 of the languages
    whose script some language of the polyglot model has, by Table 2, with that of the others; it says something of
    these languages, not of others like them. Both parts must hold; both intervals are widened (Bonferroni).
    """
    rows = _heldout(evidence)
    comparison = Comparison(rows, *regimes("monolingual", "zero_shot"))
    if comparison.cells.empty:
        return not_run(claim, evidence, "zero-shot and monolingual results on a held-out language")
    confidence = 1 - 0.05 / 2
    ratio = Figure.of(comparison.share(evidence.counts, confidence))
    ratio = ratio._replace(low=ratio.low if np.isnan(ratio.low) else max(0.0, ratio.low))
    measure = Measure("zero-shot F1", "of the monolingual F1", POOR, above=False)

    sides = comparison.cells["language"].unique(), _polyglot_languages(evidence)
    related = relatedness(*([language_of_code(code) for code in codes] for codes in sides))
    sharing = related.loc[related["shared_script"] > 0, "language"].tolist()
    zero_shots = rows[rows["regime"] == "zero_shot"].merge(comparison.cells)
    gap = _script_gap(zero_shots, sharing, evidence.counts, confidence)
    if gap is None:
        script = "All languages at hand share a script with the polyglot model, or none does: that part is open."
        better = "undecided"
    else:
        script = f"Sharing a script ({' '.join(sharing)}) is worth {gap} F1."
        better = decide(gap.low, gap.high, 0.0, above=True)
    means = zero_shots.groupby("language", sort=False)["f1"].mean()
    listed = ", ".join(f"{language} {f1:.2f}" for language, f1 in means.items())
    detail = f"Zero-shot F1: {listed}. {script} From {basis(comparison.cells)};"
    return judged(claim, evidence, ratio, measure, detail, decision=conjunction([measure.decide(ratio), better]))


def fine_tuning_is_mixed(claim: Claim, evidence: Evidence) -> Verdict:
    """Fine-tuning gains on one held-out language at least and loses on another, none against what the paper says.

    The figure is the largest gain (fine-tuned − monolingual F1) or the largest loss, whichever is smaller: it is above
    0 where there are both. The claim does not hold where there is only one of them (the interval is below 0), or where
    a language gains (its interval is above 0) that loses in the paper, or the reverse. Each language's interval is
    widened (Bonferroni).
    """
    comparison = Comparison(_heldout(evidence), *regimes("monolingual", "fine_tuned"))
    if comparison.cells["language"].nunique() < 2:
        return not_run(claim, evidence, "fine-tuned and monolingual results on two held-out languages")
    table = comparison.table(evidence.counts, confidence=1 - 0.05 / len(comparison.cells))
    gains = [Figure(*row) for row in table[["difference", "low", "high", "seeds"]].itertuples(index=False)]
    figure = weakest([weakest(gains, above=False), weakest([-gain for gain in gains], above=False)], above=True)
    printed = table3().pivot(index="language", columns="regime", values="f1")
    printed = printed["fine_tuned"] - printed["monolingual"]
    listed, against = [], []
    for language, gain in zip(table["language"], gains, strict=True):
        theirs = printed.get(language, float("nan"))
        listed.append(f"{language} {gain} (the paper {signed(theirs)})")
        if (theirs > 0 and gain.high < 0) or (theirs < 0 and gain.low > 0):
            against.append(language)
    opposed = f" The interval lies on the other side than the paper's figure: {' '.join(against)}." if against else ""
    measure = Measure("smaller of largest gain and largest loss", "F1 points", 0.0, above=True, signed=True)
    detail = f"Gains: {', '.join(listed)}.{opposed} From {basis(comparison.cells)};"
    return judged(claim, evidence, figure, measure, detail, decision="does not hold" if against else None)


def zero_shot_is_no_guide(claim: Claim, evidence: Evidence) -> Verdict:
    """The rank correlation over languages of zero-shot F1 with the gain from fine-tuning is below 0.5.

    The line is what a guide would need; that a correlation is not significant does not show that there is none. From
    five languages on it is decided by the interval of Fisher's transformation (with Fieller's variance for ranks). The
    paper's four cannot decide it: no order of four has a p-value below 2/24. Of fewer there is no figure: two are
    always in perfect order. Languages count, not models: of several models, a language's F1 and gain are the means.
    """
    rows = _heldout(evidence)
    gains = Comparison(rows, *regimes("monolingual", "fine_tuned"))
    transfer = Comparison(rows, *regimes("monolingual", "zero_shot"))
    cells = gains.table().merge(transfer.table(), on=["model", "language", "group"], suffixes=("", "_zero_shot"))
    pairs = cells.groupby("language", sort=False)[["second_zero_shot", "difference"]].mean()
    if len(pairs) < LEAST_LANGUAGES:
        needs = f"zero-shot, monolingual and fine-tuned results on {LEAST_LANGUAGES} held-out languages"
        return not_run(claim, evidence, f"{needs}, not {len(pairs)}")
    correlation = rank_correlation(pairs["second_zero_shot"], pairs["difference"])
    low, high = _correlation_interval(correlation.rho, correlation.n)
    few = f", too few to decide: its p-value cannot be below 2/{factorial(correlation.n)}"
    number = f"{correlation.n} languages{few if correlation.n < LEAST_TO_DECIDE else ''}"
    p_value = "one side is the same for all" if np.isnan(correlation.p) else f"p = {correlation.p:.2f}"
    seeds = int(cells[["seeds", "seeds_zero_shot"]].to_numpy().min())
    measure = Measure("rank correlation of zero-shot F1 and gain", "(Spearman's ρ)", GUIDE, above=False, signed=True)
    figure = Figure(correlation.rho, low, high, seeds)
    return judged(claim, evidence, figure, measure, f"Of {number} ({p_value}). From {basis(cells)};")


def _heldout(evidence: Evidence) -> pd.DataFrame:
    """The test scores of the languages of §4.2."""
    results = evidence.results[evidence.results["split"] == "test"]
    return results[results["group"].isin(novel_groups(results))]


def _polyglot_languages(evidence: Evidence) -> Sequence[str]:
    """The languages of the polyglot model that is transferred, by its results; without any, those of LORELEI that
    corpora are at hand of, or all of these."""
    polyglot = evidence.results[evidence.results["regime"] == "polyglot"]
    transferred = polyglot["run"].isin(_heldout(evidence)["run"])
    trained = polyglot[transferred if transferred.any() else polyglot["group"] == "lorelei"]["language"]
    lorelei = [code for code, row in table2().items() if row.group == "lorelei"]
    return in_order(trained) or [code for code in lorelei if code in evidence.corpora] or lorelei


def _script_gap(
    rows: pd.DataFrame, sharing: Sequence[str], counts: pd.DataFrame | None, confidence: float
) -> Figure | None:
    """Mean zero-shot F1 of the languages of `sharing` less that of the others, with its interval over seeds and over
    sentences; None where one of the two has no languages."""
    f1, runs = (rows.pivot(index=["model", "language"], columns="seed", values=value) for value in ("f1", "run"))
    shares = f1.index.get_level_values("language").isin(sharing)
    if shares.all() or not shares.any():
        return None
    weights = np.where(shares, 1 / shares.sum(), -1 / (~shares).sum())
    complete = f1.dropna(axis="columns")
    over_seeds = None
    if complete.shape[1] >= LEAST_SEEDS:
        f1, runs = complete, runs[complete.columns]
        over_seeds = seed_interval(weights @ f1.to_numpy(), confidence)
    figure = float(weights @ f1.mean(axis="columns"))
    return Figure.of(
        Difference(figure, complete.shape[1], over_seeds, _over_sentences(figure, weights, runs, counts, confidence))
    )


def _over_sentences(
    figure: float, weights: np.ndarray, runs: pd.DataFrame, counts: pd.DataFrame | None, confidence: float
) -> Interval | None:
    """The interval of a weighted sum of F1s, resampling the sentences of each language; None without all counts."""
    known = {} if counts is None else dict(iter(counts.groupby(list(COUNTS[:2]), sort=False)[list(COUNTS[2:])]))
    total = np.zeros(DRAWS)
    for weight, ((_, language), row) in zip(weights, runs.iterrows(), strict=True):
        keys = [(run, language) for run in row.dropna()]
        if not all(key in known for key in keys):
            return None
        stacked = np.stack([known[key].to_numpy(float) for key in keys], axis=1)
        total += weight * f1_of(resampled_counts(stacked, DRAWS, list(language.encode()))).mean(axis=1)
    return Interval(figure, *percentile_interval(total, confidence), DRAWS)


def _correlation_interval(rho: float, n: int) -> tuple[float, float]:
    """The 95 % interval of Spearman's ρ of n pairs; nan for fewer than five."""
    if n < LEAST_TO_DECIDE:
        return float("nan"), float("nan")
    half = 1.96 * np.sqrt(1.06 / (n - 3))
    with np.errstate(divide="ignore"):
        middle = np.arctanh(rho)
    return float(np.tanh(middle - half)), float(np.tanh(middle + half))
