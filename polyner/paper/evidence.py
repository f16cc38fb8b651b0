"""What a claim is judged on, and the rule by which an interval decides it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from polyner.analysis.differences import COUNTS
from polyner.corpora.sentence import Corpus
from polyner.paper.claims import Claim, Verdict
from polyner.paper.published import published_results

RESULT_COLUMNS = ("model", "regime", "variant", "group", "language", "seed", "split", "f1", "run")


@dataclass(frozen=True)
class Evidence:
    """Results to judge claims on, with the corpora they come from.

    `results` is a tidy table (at least model, regime, variant, group, language, seed, split, f1, run). `counts`
    holds span counts, a row a test sentence (run, language, correct, predicted, gold); with those of all runs,
    intervals cover the choice of test sentences too. Raises ValueError where a table lacks a column.
    """

    results: pd.DataFrame
    corpora: Mapping[str, Corpus]
    counts: pd.DataFrame | None = None
    profile: str = ""
    source: str = field(init=False)

    def __post_init__(self) -> None:
        for name, table, columns in (("results", self.results, RESULT_COLUMNS), ("span counts", self.counts, COUNTS)):
            missing = [column for column in columns if table is not None and column not in table]
            if missing:
                raise ValueError(f"the table of {name} lacks {', '.join(missing)}")
        sources = dict.fromkeys(corpus.source for corpus in self.corpora.values() if corpus.source)
        object.__setattr__(self, "source", ", ".join(sources))

    @classmethod
    def of_corpora(cls, corpora: Mapping[str, Corpus], profile: str = "") -> Evidence:
        """Evidence from corpora alone, without any results."""
        return cls(pd.DataFrame(columns=RESULT_COLUMNS), corpora, profile=profile)

    @property
    def sample(self) -> bool:
        """Whether any corpus is a built-in sample, so that nothing here is evidence."""
        return any(corpus.source == "sample" for corpus in self.corpora.values())

    def verdict(self, claim: Claim, verdict: str, **figures: Any) -> Verdict:
        """A verdict on these results, labelled with where they come from; `figures` are fields of `Verdict`.

        A figure that is nan becomes None: there is no such figure.
        """
        known = {
            name: None if isinstance(value, float) and math.isnan(value) else value for name, value in figures.items()
        }
        return Verdict(claim, verdict, corpora=self.source, profile=self.profile, sample=self.sample, **known)


def published_evidence() -> Evidence:
    """The paper's own table as evidence, to compute its figures from as those of any results."""
    return Evidence(published_results(), corpora={})


def decide(low: float, high: float, line: float, above: bool) -> str:
    """The verdict of an interval on a claim that a figure lies above (or below) `line`."""
    if low > line:
        return "holds" if above else "does not hold"
    if high < line:
        return "does not hold" if above else "holds"
    return "undecided"
