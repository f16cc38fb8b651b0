"""The check of the claim of §4 about label distributions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from polyner.analysis.labels import entity_shares, label_divergence, resampled_divergence
from polyner.analysis.resampling import percentile_interval
from polyner.corpora.quality import entity_counts
from polyner.corpora.sentence import Corpus
from polyner.corpora.sources.known import KNOWN
from polyner.paper.checks.parts import CROSSES
from polyner.paper.claims import Claim, Part, Verdict
from polyner.paper.evidence import PAPER_GROUPS, Evidence

# "Large": on average as far apart as where one type has 12 in 100 entities more in one language than in the other. The
# paper has no figure.
LARGE = 0.01

_CONLL = {code: sets["train"].entities for name in ("conll2002", "conll2003") for code, sets in KNOWN[name].items()}


def label_shift(claim: Claim, evidence: Evidence) -> Verdict:
    """Entity types of the CoNLL corpora are on average more than 0.01 bits apart between two languages.

    The claim is about these corpora: on others, the divergences are shown and nothing is judged, as is the half of it
    that is about LORELEI, whose corpora cannot be told from others.
    """
    table = label_shift_table(evidence.corpora) if evidence.label_shift is None else evidence.label_shift
    row = None if table.empty else table.iloc[0]
    if row is None or all(math.isnan(row[group]) for group in PAPER_GROUPS):
        return evidence.verdict(claim, "not run", reason="needs corpora of two languages of a group")
    what = "mean divergence between two languages"
    parts = {
        group: Part(float(row[group]), group=group, what=what, unit="bits", null=0.0)
        for group in PAPER_GROUPS
        if not math.isnan(row[group])
    }
    if not row.get("published", False):
        reason = "these are other corpora"
        return evidence.verdict(claim, "not testable here", parts=tuple(parts.values()), reason=reason)
    low, high = float(row["conll_low"]), float(row["conll_high"])
    verdict = "holds" if low > LARGE else "does not hold" if high < LARGE else "undecided"
    reason = CROSSES if verdict == "undecided" else ""
    about = {"low": low, "high": high, "line": LARGE, "aim": "above", "verdict": verdict, "reason": reason}
    parts["conll"] = replace(parts["conll"], **about)
    missing = ("the half about LORELEI, whose corpora are not public",)
    return evidence.verdict(claim, verdict, parts=tuple(parts.values()), missing=missing, reason=reason)


def label_shift_table(corpora: Mapping[str, Corpus]) -> pd.DataFrame:
    """The mean divergence of label distributions in each group, and that of LORELEI over that of CoNLL.

    One row with the columns figure, low, high (the ratio, nan where a group has fewer than two corpora), conll, lorelei
    (bits; nan for such a group), conll_low, conll_high, and published: whether the CoNLL corpora are those of the
    shared tasks, by the numbers of their training entities. Intervals come from resampling the training sentences of
    every corpus. Resampled distributions are further apart than the ones they come from, so they are the basic
    bootstrap's, which corrects for that.
    """
    divergences = label_divergence(entity_shares(corpora))
    means, replicates, conll = dict.fromkeys(PAPER_GROUPS, float("nan")), {}, []
    for group in PAPER_GROUPS:
        pairs = divergences[divergences["group"] == group]
        if not pairs.empty:
            languages = dict.fromkeys([*pairs["first"], *pairs["second"]])
            means[group] = float(pairs["divergence"].mean())
            replicates[group] = resampled_divergence({code: corpora[code] for code in languages})
            conll = [*languages] if group == "conll" else conll
    bounds, shares = (float("nan"),) * 2, (float("nan"),) * 3
    if "conll" in replicates:
        bounds = _basic(means["conll"], replicates["conll"])
    if len(replicates) == len(PAPER_GROUPS) and means["conll"] > 0 and (replicates["conll"] > 0).all():
        figure = means["lorelei"] / means["conll"]
        shares = figure, *_basic(figure, replicates["lorelei"] / replicates["conll"])
    published = bool(conll) and all(entity_counts(corpora[code].train) == _CONLL.get(code) for code in conll)
    columns = ["figure", "low", "high", *PAPER_GROUPS, "conll_low", "conll_high", "published"]
    return pd.DataFrame([(*shares, *means.values(), *bounds, published)], columns=columns)


def _basic(figure: float, replicates: NDArray[np.float64]) -> tuple[float, float]:
    """The basic bootstrap's 95 % interval of what cannot be below 0."""
    low, high = percentile_interval(replicates)
    return max(0.0, 2 * figure - high), max(0.0, 2 * figure - low)
