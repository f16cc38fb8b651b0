"""The checks of the claims of §5.1: which errors the regimes make, on validation data."""

from __future__ import annotations

from itertools import product

import pandas as pd

from polyner.paper.checks.judging import Figure, Measure, judged, judged_parts, not_run, widened
from polyner.paper.claims import Claim, Verdict
from polyner.paper.evidence import Evidence

UNIT = "percentage points"


def polyglot_precision(claim: Claim, evidence: Evidence) -> Verdict:
    """The share of O tokens taken for names is larger in polyglot than in monolingual and in fine-tuned models.

    Of the two differences (polyglot − monolingual, polyglot − fine-tuned) in either group, the figure is the smallest:
    all must be above 0. Where a group is missing, the claim can fail but not hold. Each interval is widened
    (Bonferroni).
    """
    rates = _recall_errors(evidence)
    rates = rates[rates["gold"] == "O"]
    more, missing = {}, []
    for group in evidence.groups:
        of_group = rates[rates["group"] == group]
        steps = (_step(of_group, "monolingual", "polyglot"), _step(of_group, "polyglot", "fine_tuned"))
        if None in steps:
            missing.append(group)
        else:
            more[f"{group}, than monolingual"], more[f"{group}, than fine-tuned"] = steps[0], -steps[1]
    if not more:
        return not_run(claim, evidence, "tagged validation data of all three regimes")
    measure = Measure("smallest surplus of errors on O tokens", UNIT, 0.0, above=True, signed=True)
    return judged_parts(claim, evidence, widened(more), measure, "Of polyglot models;", missing)


def per_and_org(claim: Claim, evidence: Evidence) -> Verdict:
    """The rate of errors on PER and on ORG tokens is lower in fine-tuned than in monolingual models, in both groups.

    Of the four differences (fine-tuned − monolingual), the figure is the largest: all must be below 0. Where a group
    or a type is missing, the claim can fail but not hold. Each interval is widened (Bonferroni).
    """
    rates = _recall_errors(evidence)
    changes, missing = {}, []
    for group, gold in product(evidence.groups, ("PER", "ORG")):
        of_type = rates[(rates["group"] == group) & (rates["gold"] == gold)]
        change = _step(of_type, "monolingual", "fine_tuned")
        if change is None:
            missing.append(f"{gold} in {group}")
        else:
            changes[f"{gold} in {group}"] = change
    if not changes:
        return not_run(claim, evidence, "tagged validation data of monolingual and fine-tuned models")
    measure = Measure("largest change of the error rate by fine-tuning", UNIT, 0.0, above=False, signed=True)
    return judged_parts(claim, evidence, widened(changes), measure, "Fine-tuned − monolingual;", missing)


def polyglot_knows_common_names(claim: Claim, evidence: Evidence) -> Verdict:
    """On CoNLL, the mean error rate on common entities of polyglot models less that of monolingual ones is below 0."""
    return _common(claim, evidence, "monolingual", "polyglot", above=False)


def fine_tuning_raises_common(claim: Claim, evidence: Evidence) -> Verdict:
    """On CoNLL, the mean error rate on common entities of fine-tuned models less that of polyglot ones is above 0."""
    return _common(claim, evidence, "polyglot", "fine_tuned", above=True)


def _common(claim: Claim, evidence: Evidence, first: str, second: str, above: bool) -> Verdict:
    """The change on common entities against 0; beside it, that on the others."""
    table, steps, left_out = evidence.common_errors, {}, 0
    if table is not None:
        conll = table[(table["group"] == "conll") & (table["first"] == first) & (table["second"] == second)]
        steps = {common: _step(conll[conll["common"] == common], first, second) for common in (True, False)}
        left_out = int(conll.loc[conll["common"], "without"].sum())
    models = f"{first} and {second} models".replace("_", "-")
    if steps.get(True) is None:
        alone = f": {left_out} seeds have none" if left_out else ""
        return not_run(claim, evidence, f"{models} of two CoNLL languages that predict entities in common{alone}")
    others = f"On entities that are not common {steps[False]}." if steps[False] else "There are only common entities."
    if left_out:
        others += f" Left out: {left_out} {'seed' if left_out == 1 else 'seeds'} without an error rate to compare."
    measure = Measure("change of the error rate on common entities", UNIT, 0.0, above=above, signed=True)
    return judged(claim, evidence, steps[True], measure, f"{others} {models} on CoNLL;".replace("  ", " "))


def _recall_errors(evidence: Evidence) -> pd.DataFrame:
    if evidence.recall_errors is None:
        return pd.DataFrame(columns=["group", "gold", "first", "second"])
    return evidence.recall_errors


def _step(rows: pd.DataFrame, first: str, second: str) -> Figure | None:
    """The change from one regime to another in a table that has one such row, or none that is known."""
    rows = rows[(rows["first"] == first) & (rows["second"] == second)]
    rows = rows.dropna(subset="difference") if len(rows) else rows
    if rows.empty:
        return None
    (row,) = rows[["difference", "low", "high", "seeds"]].itertuples(index=False)
    return Figure(*row)
