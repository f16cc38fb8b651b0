"""Verdicts on the paper's claims, computed from the results at hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from polyner.paper.checks import CHECKS
from polyner.paper.claims import Claim, Verdict, claim, claims
from polyner.paper.evidence import Evidence, novel_groups, published_evidence


def verdict(identifier: str, evidence: Evidence) -> Verdict:
    """What the evidence says about one claim: "not run" where there are no results to judge it on.

    Raises ValueError for an unknown claim.
    """
    judged = claim(identifier)
    return replace(CHECKS[identifier](judged, evidence), paper_figure=_paper_figure(judged, evidence))


def verdicts(evidence: Evidence, identifiers: Iterable[str] | None = None) -> list[Verdict]:
    """The verdicts on the given claims, or on all of them, in the order given or in the paper's."""
    chosen = [known.id for known in claims()] if identifiers is None else identifiers
    return [verdict(identifier, evidence) for identifier in chosen]


def verdict_table(judged: Iterable[Verdict]) -> pd.DataFrame:
    """Verdicts as a table, one a row: id, section, claim, reading, verdict (with its label), name, figure, low, high,
    line, above, unit, paper_figure, signed, decimals, paper, detail, corpora, profile, sample (the fields of `Verdict`
    and of its claim)."""
    rows = [
        {
            "id": each.claim.id,
            "section": each.claim.section,
            "claim": each.claim.claim,
            "reading": each.claim.reading,
            "verdict": each.label,
            "name": each.name,
            "figure": each.figure,
            "low": each.low,
            "high": each.high,
            "line": each.line,
            "above": each.above,
            "unit": each.unit,
            "paper_figure": each.paper_figure,
            "signed": each.signed,
            "decimals": each.decimals,
            "paper": each.claim.paper,
            "detail": each.detail,
            "corpora": each.corpora,
            "profile": each.profile,
            "sample": each.sample,
        }
        for each in judged
    ]
    numbers = ["figure", "low", "high", "line", "paper_figure"]
    columns = ["id", "section", "claim", "reading", "verdict", "name", *numbers[:4], "above", "unit", numbers[4]]
    columns += ["signed", "decimals", "paper", "detail", "corpora", "profile", "sample"]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys([*numbers, "above"], float))


def _paper_figure(judged: Claim, evidence: Evidence) -> float | None:
    """The check's figure on the paper's own Tables 1 and 3, for the models and languages of the evidence where it has
    any of the table; None where the paper prints no data for it."""
    published = published_evidence()
    tables = []
    for novel in (False, True):
        theirs, ours = (
            table[table["group"].isin(novel_groups(table)) == novel] for table in (published.results, evidence.results)
        )
        cells = ours[["model", "language"]].drop_duplicates()
        tables.append(theirs if cells.empty else theirs.merge(cells))
    return CHECKS[judged.id](judged, replace(published, results=pd.concat(tables, ignore_index=True))).figure
