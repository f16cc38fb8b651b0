"""The check of the claim of §4 about label distributions."""

from __future__ import annotations

import math
from dataclasses import replace

from polyner.findings.findings import Findings
from polyner.paper.checks.parts import CROSSES, verdict_on
from polyner.paper.claims import Claim, Part, Verdict
from polyner.study.groups import PAPER_GROUPS

# "Large": on average as far apart as where one type has 12 in 100 entities more in one language than in the other. The
# paper has no figure.
LARGE = 0.01


def label_shift(claim: Claim, findings: Findings) -> Verdict:
    """Entity types of the CoNLL corpora are on average more than 0.01 bits apart between two languages.

    The claim is about these corpora: on others, the divergences are shown and nothing is judged, as is the half of it
    that is about LORELEI, whose corpora cannot be told from others.
    """
    table = findings.tables.get("label_shift")
    row = None if table is None or table.empty else table.iloc[0]
    if row is None or all(math.isnan(row[group]) for group in PAPER_GROUPS):
        return verdict_on(findings, claim, "not run", reason="needs corpora of two languages of a group")
    what = "mean divergence between two languages"
    parts = {
        group: Part(float(row[group]), group=group, what=what, unit="bits", null=0.0)
        for group in PAPER_GROUPS
        if not math.isnan(row[group])
    }
    if not row.get("published", False):
        reason = "these are other corpora"
        return verdict_on(findings, claim, "not testable here", parts=tuple(parts.values()), reason=reason)
    low, high = float(row["conll_low"]), float(row["conll_high"])
    verdict = "holds" if low > LARGE else "does not hold" if high < LARGE else "undecided"
    reason = CROSSES if verdict == "undecided" else ""
    about = {"low": low, "high": high, "line": LARGE, "aim": "above", "verdict": verdict, "reason": reason}
    parts["conll"] = replace(parts["conll"], **about)
    missing = ("the half about LORELEI, whose corpora are not public",)
    return verdict_on(findings, claim, verdict, parts=tuple(parts.values()), missing=missing, reason=reason)
