"""The checks of the claims of §5.2 and §5.3: how many weights the models need, and which matter to which language.

Intervals are over seeds; what other sentences would change is not in them.
"""

from __future__ import annotations

import pandas as pd

from polyner.paper.checks.judging import Figure, basis, conjunction, judged, not_run, over_seeds, signed
from polyner.paper.claims import Claim, Verdict
from polyner.paper.evidence import Evidence, decide

# "Far fewer" weights: less than half.
FAR_FEWER = 0.5

# Shares of a layer that are its most important weights (Figure 4), and half of them.
TOP, QUARTER = 0.05, 0.25
HALF = 50.0


def monolingual_is_sparser(claim: Claim, evidence: Evidence) -> Verdict:
    """The share of weights that can be pruned is larger in monolingual than in polyglot models.

    For each language it is the last share before F1 on validation data is more than a point below that of the whole
    model (Figure 3 c, d); of a polyglot model, for this language. The figure is the mean difference in percentage
    points over the languages of each group at hand, then over the groups.
    """
    return _threshold_difference(claim, evidence, "polyglot", "monolingual", above=True)


def fine_tuned_stays_denser(claim: Claim, evidence: Evidence) -> Verdict:
    """The share of weights that can be pruned is smaller in fine-tuned than in monolingual models.

    Measured as in `monolingual_is_sparser`.
    """
    return _threshold_difference(claim, evidence, "monolingual", "fine_tuned", above=False)


def polyglot_is_efficient(claim: Claim, evidence: Evidence) -> Verdict:
    """The CoNLL polyglot model needs less than half of the weights that its monolingual models need together.

    A model needs what is left of it before its first language is over-pruned (`analysis.pruning.efficiency`); the paper
    has 0.3. That so few are needed is worth little if F1 is much lower, so the change of F1 stands beside it.
    """
    curves = _curves(evidence)
    curves = curves[curves["group"] == "conll"]
    needs = "pruning curves of monolingual and polyglot models of CoNLL"
    if not {"monolingual", "polyglot"} <= set(curves["regime"]):
        return not_run(claim, evidence, needs)
    from polyner.analysis.pruning import efficiency

    table = efficiency(curves).dropna(subset="ratio")
    if table.empty:
        return not_run(claim, evidence, "monolingual models of CoNLL that find something, and so need weights")
    means = table[["languages", "kept", "f1_difference"]].mean()
    return judged(
        claim,
        evidence,
        over_seeds(table, "ratio", ["group"]),
        line=FAR_FEWER,
        above=False,
        unit="of the monolingual models' weights",
        detail=f"One model for {means['languages']:.0f} languages keeps {means['kept']:.0%} of its weights, and has "
        f"{signed(means['f1_difference'])} F1 against the monolingual models. From CoNLL;",
    )


def languages_share_a_quarter(claim: Claim, evidence: Evidence) -> Verdict:
    """Of the top 25 % of a language's weights, more than 25 %, as by chance, are in another's top 25 %.

    By Fisher information in the polyglot model, in percent: the mean over pairs of languages and over the layers of the
    LSTMs, which the paper's figure is about; then over the groups at hand (the paper's are LORELEI's only).
    """
    return _overlap(claim, evidence, "languages", QUARTER, 100 * QUARTER, "By chance it is 25.")


def half_is_retained(claim: Claim, evidence: Evidence) -> Verdict:
    """Of the top 25 % of a language's weights in the polyglot model, more than half are so after fine-tuning.

    Measured as in `languages_share_a_quarter`, for the same language in two models. The embeddings are left out, as
    those of bytes that a language does not have are equally unimportant on both sides.
    """
    return _overlap(claim, evidence, "retained", QUARTER, HALF, "By chance it is 25.")


def top_is_unique(claim: Claim, evidence: Evidence) -> Verdict:
    """Of the top 5 % of a language's weights, fewer than half are in another's top 5 %; fewer than of the top 25 %.

    The paper gives no figure and calls the overlap of the top 25 % high (40 %), so "little" must be less than that; and
    what it concludes, that the weights are "uniquely important to that language", needs more than half to be so. The
    figure is the overlap in percent, measured as in `languages_share_a_quarter`. Both intervals are widened
    (Bonferroni). Smaller sets overlap less by chance too, so the detail has both shares corrected for chance.
    """
    table, confidence = _overlaps(evidence, "languages"), 1 - 0.05 / 2
    if table.empty:
        return not_run(claim, evidence, "Fisher information of several languages in a polyglot model")
    top, less = over_seeds(table, TOP, _CELLS, confidence), over_seeds(table, "step", _CELLS, confidence)
    decisions = [decide(top.low, top.high, HALF, above=False), decide(less.low, less.high, 0.0, above=False)]
    return judged(
        claim,
        evidence,
        top,
        line=HALF,
        above=False,
        unit="percent",
        detail=f"Of the top 25 % it is {top.value - less.value:.1f}; the difference is {less}. "
        f"{_beyond_chance(table)} {_layers(table)};",
        decision=conjunction(decisions),
    )


def top_shifts_most(claim: Claim, evidence: Evidence) -> Verdict:
    """A smaller part of the top 5 % than of the top 25 % of a language's weights is retained by fine-tuning.

    The figure is the difference of the two in percentage points, measured as in `half_is_retained`. Smaller sets
    overlap less by chance too, so the detail has both shares corrected for chance.
    """
    table = _overlaps(evidence, "retained")
    if table.empty:
        return not_run(claim, evidence, "Fisher information before and after fine-tuning")
    top, quarter = (over_seeds(table, share, _CELLS).value for share in (TOP, QUARTER))
    return judged(
        claim,
        evidence,
        over_seeds(table, "step", _CELLS),
        line=0.0,
        above=False,
        unit="percentage points",
        detail=f"Retained: {top:.1f} % of the top 5 %, {quarter:.1f} % of the top 25 %. {_beyond_chance(table)} "
        f"{_layers(table)};",
    )


_CELLS = ["group", "first", "second", "layer"]


def _curves(evidence: Evidence) -> pd.DataFrame:
    """The curves of pruning the smallest weights of the whole model; empty where there are none."""
    if evidence.pruning is None:
        return pd.DataFrame(columns=["group", "regime"])
    return evidence.pruning[(evidence.pruning["scope"] == "global") & (evidence.pruning["order"] == "magnitude")]


def _threshold_difference(claim: Claim, evidence: Evidence, first: str, second: str, above: bool) -> Verdict:
    """second − first of the shares that can be pruned, in percentage points, against 0."""
    curves = _curves(evidence)
    curves = curves[curves["regime"].isin([first, second])]
    needs = f"pruning curves of {first.replace('_', '-')} and {second.replace('_', '-')} models"
    if curves["regime"].nunique() < 2:
        return not_run(claim, evidence, needs)
    from polyner.analysis.pruning import over_pruned

    keys = ["group", "language", "seed"]
    shares = over_pruned(curves, by=["regime", *keys]).pivot(index=keys, columns="regime", values="last_share").dropna()
    if shares.empty:
        return not_run(claim, evidence, needs)
    shares = (100 * shares).assign(difference=100 * (shares[second] - shares[first])).reset_index()
    parts = " and ".join(
        f"{over_seeds(shares, x, keys[:2]).value:.1f} % of {x.replace('_', '-')}" for x in (first, second)
    )
    return judged(
        claim,
        evidence,
        over_seeds(shares, "difference", keys[:2]),
        line=0.0,
        above=above,
        unit="percentage points",
        detail=f"{parts} models can be pruned. From {basis(shares)};",
    )


def _overlap(claim: Claim, evidence: Evidence, comparison: str, share: float, line: float, remark: str) -> Verdict:
    """The overlap at one share, in percent, above a line."""
    table = _overlaps(evidence, comparison)
    if table.empty:
        return not_run(claim, evidence, "Fisher information of the languages in polyglot and fine-tuned models")
    figure: Figure = over_seeds(table, share, _CELLS)
    detail = f"{remark} {_layers(table)};"
    return judged(claim, evidence, figure, line=line, above=True, unit="percent", detail=detail)


def _overlaps(evidence: Evidence, comparison: str) -> pd.DataFrame:
    """Overlaps in the LSTMs in percent: the columns of cells, seed, one for each share, and step (5 % less 25 %)."""
    if evidence.fisher is None:
        return pd.DataFrame()
    table = evidence.fisher
    table = table[(table["comparison"] == comparison) & table["layer"].str.contains("LSTM")]
    if not {TOP, QUARTER} <= set(table["share"]):
        return pd.DataFrame()
    wide = 100 * table.pivot(index=[*_CELLS, "seed"], columns="share", values="overlap")
    return wide.assign(step=wide[TOP] - wide[QUARTER]).reset_index()


def _beyond_chance(table: pd.DataFrame) -> str:
    """How much of what chance leaves open the sets of either share have in common."""
    parts = [
        f"{100 * (over_seeds(table, share, _CELLS).value - 100 * share) / (100 - 100 * share):.1f} %"
        for share in (TOP, QUARTER)
    ]
    return f"Corrected for chance, {parts[0]} of the top 5 % and {parts[1]} of the top 25 %."


def _layers(table: pd.DataFrame) -> str:
    return f"From {table['layer'].nunique()} LSTM layers, {basis(table.rename(columns={'first': 'language'}))}"
