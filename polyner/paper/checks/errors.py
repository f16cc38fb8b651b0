"""The checks of the claims of §5.1: which errors the regimes make, on validation data."""

from __future__ import annotations

from itertools import product

import pandas as pd

from polyner.paper.checks.judging import GROUPS, Figure, conjunction, judged, not_run, weakest, widened
from polyner.paper.claims import Claim, Verdict
from polyner.paper.evidence import Evidence, decide

UNIT = "percentage points"


def polyglot_precision(claim: Claim, evidence: Evidence) -> Verdict:
    """The share of O tokens taken for names is larger in polyglot than in monolingual and in fine-tuned models.

    Of the two differences (polyglot − monolingual, polyglot − fine-tuned) in each group at hand, the figure is the
    smallest: all must be above 0. Each interval is widened (Bonferroni).
    """
    rates = _recall_errors(evidence)
    rates = rates[rates["gold"] == "O"]
    more = {}
    for group in [group for group in GROUPS if group in set(rates["group"])]:
        of_group = rates[rates["group"] == group]
        steps = (_step(of_group, "monolingual", "polyglot"), _step(of_group, "polyglot", "fine_tuned"))
        if None not in steps:
            more[f"{group}, than monolingual"], more[f"{group}, than fine-tuned"] = steps[0], -steps[1]
    if not more:
        return not_run(claim, evidence, "tagged validation data of all three regimes")
    more = {name: widened(figure, len(more)) for name, figure in more.items()}
    return judged(
        claim,
        evidence,
        weakest(list(more.values()), above=True),
        line=0.0,
        above=True,
        unit=UNIT,
        detail=f"More errors on O: {_listed(more)};",
    )


def per_and_org(claim: Claim, evidence: Evidence) -> Verdict:
    """The rate of errors on PER and on ORG tokens is lower in fine-tuned than in monolingual models, in both groups.

    Of the four differences (fine-tuned − monolingual), the figure is the largest: all must be below 0. Where a group
    or a type is missing, the claim can fail but not hold. Each interval is widened (Bonferroni).
    """
    rates = _recall_errors(evidence)
    changes, missing = {}, []
    for group, gold in product(GROUPS, ("PER", "ORG")):
        of_type = rates[(rates["group"] == group) & (rates["gold"] == gold)]
        change = _step(of_type, "monolingual", "fine_tuned")
        if change is None:
            missing.append(f"{gold} in {group}")
        else:
            changes[f"{gold} in {group}"] = change
    if not changes:
        return not_run(claim, evidence, "tagged validation data of monolingual and fine-tuned models")
    changes = {name: widened(figure, len(changes)) for name, figure in changes.items()}
    figure = weakest(list(changes.values()), above=False)
    decided = [decide(figure.low, figure.high, 0.0, above=False), *("undecided" for _ in missing[:1])]
    absent = f" Not at hand: {', '.join(missing)}." if missing else ""
    return judged(
        claim,
        evidence,
        figure,
        line=0.0,
        above=False,
        unit=UNIT,
        detail=f"Fine-tuned − monolingual: {_listed(changes)}.{absent} Over",
        decision=conjunction(decided),
    )


def polyglot_knows_common_names(claim: Claim, evidence: Evidence) -> Verdict:
    """On CoNLL, the mean error rate on common entities of polyglot models less that of monolingual ones is below 0."""
    return _common(claim, evidence, "monolingual", "polyglot", above=False)


def fine_tuning_raises_common(claim: Claim, evidence: Evidence) -> Verdict:
    """On CoNLL, the mean error rate on common entities of fine-tuned models less that of polyglot ones is above 0."""
    return _common(claim, evidence, "polyglot", "fine_tuned", above=True)


def _common(claim: Claim, evidence: Evidence, first: str, second: str, above: bool) -> Verdict:
    """The change on common entities against 0; beside it, that on the others."""
    table = evidence.common_errors
    steps = {}
    if table is not None:
        conll = table[table["group"] == "conll"]
        steps = {common: _step(conll[conll["common"] == common], first, second) for common in (True, False)}
    if steps.get(True) is None:
        models = f"{first} and {second} models of two CoNLL languages".replace("_", "-")
        return not_run(claim, evidence, f"{models} that predict entities in common")
    others = f"On entities that are not common {steps[False]}." if steps[False] else "There are only common entities."
    return judged(claim, evidence, steps[True], line=0.0, above=above, unit=UNIT, detail=f"{others} Over CoNLL,")


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


def _listed(figures: dict[str, Figure]) -> str:
    return "; ".join(f"{name} {figure}" for name, figure in figures.items())
