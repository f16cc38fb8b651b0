"""The figures of §5 in the tables that the checks of claims read (`paper.evidence.COLUMNS`)."""

from __future__ import annotations

import pandas as pd

from polyner.analysis.changes import change_table
from polyner.analysis.pruning import efficiency, pruning_curve
from polyner.sections.errors import common_rate_changes, recall_error_changes
from polyner.sections.pruning import efficiency_ratios, threshold_differences


def of_errors(recall: pd.DataFrame, common: pd.DataFrame) -> dict[str, pd.DataFrame | None]:
    """From the tables of `sections.errors.recall_error_table` and `common_table`."""
    rates = change_table(recall_error_changes(recall), ["group", "gold", "first", "second"])
    common_rates = change_table(common_rate_changes(common), ["group", "common", "first", "second"])
    return {"recall_errors": _some(rates), "common_errors": _some(common_rates.assign(without=0))}


def of_pruning(counts: pd.DataFrame, drop: float) -> dict[str, pd.DataFrame | None]:
    """From the table of `sections.pruning.span_counts`."""
    found = threshold_differences(counts, drop)
    table = change_table(found, ["group", "first", "second"])
    table = table.rename(columns={"first_rate": "first_share", "second_rate": "second_share"})
    table["languages"] = [" ".join(each.languages) for each in found.values()]
    languages = counts.groupby("group")["language"].unique()
    table["left_out"] = [
        " ".join(code for code in languages[group] if code not in each.languages) for (group, *_), each in found.items()
    ]
    ratios = change_table({(group,): each for group, each in efficiency_ratios(counts, drop).items()}, ["group"])
    ratios = ratios.drop(columns=["first_rate", "second_rate"]).rename(columns={"difference": "ratio"})
    if len(ratios):
        own = efficiency(pruning_curve(counts), drop).groupby("group")[["kept", "f1_difference"]].mean()
        ratios = ratios.merge(own.reset_index(), on="group")
    return {"pruning": _some(table), "efficiency": _some(ratios)}


def of_fisher(overlaps: pd.DataFrame) -> dict[str, pd.DataFrame | None]:
    """From the table of `sections.fisher.fisher_overlaps`: what the trained models have, layer by layer."""
    return {"fisher": _some(overlaps[(overlaps["source"] == "trained") & (overlaps["ranks"] == "layer")])}


def _some(table: pd.DataFrame) -> pd.DataFrame | None:
    """The table, None where it is empty."""
    return None if table.empty else table
