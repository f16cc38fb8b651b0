"""What a claim is judged on, and the rule by which an interval decides it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from polyner.analysis.differences import COUNTS
from polyner.corpora.sentence import Corpus
from polyner.paper.claims import Claim, Verdict
from polyner.paper.published import published_results, table3

RESULT_COLUMNS = ("model", "regime", "variant", "group", "language", "seed", "split", "f1", "run")

# Those of Table 1.
PAPER_GROUPS = ("conll", "lorelei")

# What the checks read of each table.
_CHANGE = ("first", "second", "difference", "low", "high", "seeds")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "results": RESULT_COLUMNS,
    "counts": COUNTS,
    "recall_errors": ("group", "gold", *_CHANGE),
    "common_errors": ("group", "common", *_CHANGE, "without"),
    "pruning": ("group", *_CHANGE, "first_share", "second_share", "languages", "left_out"),
    "efficiency": ("group", "ratio", "low", "high", "seeds", "languages", "kept", "f1_difference"),
    "fisher": ("group", "seed", "comparison", "first", "second", "layer", "share", "overlap"),
    "label_shift": ("figure", "low", "high", *PAPER_GROUPS),
}


@dataclass(frozen=True)
class Evidence:
    """Results to judge claims on, with the corpora they come from. A table that is None was not computed.

    results: a row a run, language and split (at least model, regime, variant, group, language, seed, split, f1, run).
        Those of §4.2 are of `novel_groups`, with the regime zero_shot for the polyglot run itself.
    counts: span counts, a row a test sentence (run, language, correct, predicted, gold). With those of all runs,
        intervals cover the choice of test sentences too.
    recall_errors: §5.1, changes of the rate of recall errors between regimes, by group and gold tag
        (`sections.judged.of_errors`).
    common_errors: §5.1, changes of the error rate on (not) common entities (`sections.judged.of_errors`).
    pruning: §5.2, changes of the share of weights that can be pruned (`sections.judged.of_pruning`).
    efficiency: §5.2, what polyglot models need of the monolingual ones' weights (`sections.judged.of_pruning`).
    fisher: §5.3, overlaps of important weights (`sections.fisher.fisher_overlaps`); with those without each part of
        the training sentences, intervals cover the choice of these too.
    label_shift: §4, a row with the ratio of the groups' mean divergences and its interval
        (`checks.baselines.label_shift_table`), for evidence without corpora.
    origin: what the results come from, in place of what `corpora` say; from_sample: whether that is a sample.
    Raises ValueError where a table lacks a column.
    """

    results: pd.DataFrame
    corpora: Mapping[str, Corpus]
    counts: pd.DataFrame | None = None
    profile: str = ""
    recall_errors: pd.DataFrame | None = None
    common_errors: pd.DataFrame | None = None
    pruning: pd.DataFrame | None = None
    efficiency: pd.DataFrame | None = None
    fisher: pd.DataFrame | None = None
    label_shift: pd.DataFrame | None = None
    origin: str = ""
    from_sample: bool = False
    source: str = field(init=False)

    def __post_init__(self) -> None:
        for name, columns in COLUMNS.items():
            table = getattr(self, name)
            if missing := [column for column in columns if table is not None and column not in table]:
                spoken = {"counts": "span counts"}.get(name, name.replace("_", " "))
                raise ValueError(f"the table of {spoken} lacks {', '.join(missing)}")
        sources = dict.fromkeys(corpus.source for corpus in self.corpora.values() if corpus.source)
        object.__setattr__(self, "source", self.origin or ", ".join(sources))

    @classmethod
    def of_corpora(cls, corpora: Mapping[str, Corpus], profile: str = "") -> Evidence:
        """Evidence from corpora alone, without any results."""
        return cls(pd.DataFrame(columns=RESULT_COLUMNS), corpora, profile=profile)

    def with_tables(self, **tables: pd.DataFrame | None) -> Evidence:
        """The same evidence with these tables, by their names. Raises TypeError for a name that is none."""
        if unknown := tables.keys() - COLUMNS.keys():
            raise TypeError(f"no such table: {', '.join(sorted(unknown))}; the tables are {', '.join(COLUMNS)}")
        return replace(self, **tables)

    @property
    def sample(self) -> bool:
        """Whether any corpus is a built-in sample, so that nothing here is evidence."""
        return self.from_sample or any(corpus.source == "sample" for corpus in self.corpora.values())

    @property
    def groups(self) -> list[str]:
        """The groups that claims about all groups are about: those of the results that are not novel, or the paper's
        two where there are no others, so that what is missing of these is missed."""
        found = dict.fromkeys(self.results["group"])
        groups = [group for group in found if group not in novel_groups(self.results)]
        return groups if set(groups) - set(PAPER_GROUPS) else list(PAPER_GROUPS)

    def verdict(self, claim: Claim, verdict: str, **figures: Any) -> Verdict:
        """A verdict on these results, labelled with where they come from; `figures` are fields of `Verdict`.

        A figure that is nan or infinite becomes None: there is no such figure.
        """
        known = {
            name: None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in figures.items()
        }
        return Verdict(claim, verdict, corpora=self.source, profile=self.profile, sample=self.sample, **known)


def novel_groups(results: pd.DataFrame) -> set[str]:
    """The groups of a table of results whose languages no polyglot model was trained on (§4.2)."""
    return {"heldout", *results.loc[results["regime"] == "zero_shot", "group"]}


def published_evidence() -> Evidence:
    """The paper's own Tables 1 and 3 as evidence, to compute its figures from as those of any results."""
    novel = table3().assign(variant="", seed=0, split="test", run="paper")
    return Evidence(pd.concat([published_results(), novel], ignore_index=True), corpora={})


def decide(low: float, high: float, line: float, above: bool) -> str:
    """The verdict of an interval on a claim that a figure lies above (or below) `line`."""
    if low > line:
        return "holds" if above else "does not hold"
    if high < line:
        return "does not hold" if above else "holds"
    return "undecided"
