"""What claims are judged on: results with their intervals, and the figures of the analyses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import pandas as pd

from polyner.analysis.contrasts import Contrasts, novel_groups
from polyner.corpora.sentence import Corpus
from polyner.paper.claims import Claim, Verdict

__all__ = ["COLUMNS", "PAPER_GROUPS", "RESULT_COLUMNS", "Evidence", "novel_groups"]

RESULT_COLUMNS = ("model", "regime", "variant", "group", "language", "seed", "split", "f1", "run")

# Those of Table 1.
PAPER_GROUPS = ("conll", "lorelei")

# One run in so many may have been ended by the limit of epochs.
_ONE_IN = 10

# What is read of each table.
_CHANGE = ("first", "second", "difference", "low", "high", "seeds")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "results": RESULT_COLUMNS,
    "counts": ("run", "language", "correct", "predicted", "gold"),
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

    results: a row a run, language and split (at least model, regime, variant, group, language, seed, split, f1, run;
        `ended` says what ended the run, "patience" or "limit"). Those of §4.2 are of `novel_groups`, with the regime
        zero_shot for the polyglot run itself.
    counts: span counts, a row a test sentence (run, language, correct, predicted, gold). With those of all runs,
        intervals cover the choice of test sentences too.
    recall_errors, common_errors, pruning, efficiency, fisher: the tables of §5, as `sections` makes them.
    label_shift: §4, how far label distributions are apart (`checks.labels.label_shift_table`), for evidence without
        corpora.
    figures: the figures of §5 with their intervals, by name and key (`sections.figures`).
    analysed: the architecture that these are of.
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
    figures: Mapping[str, Mapping[Any, Any]] = field(default_factory=dict)
    analysed: str = "byte-crf"
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

    @cached_property
    def contrasts(self) -> Contrasts:
        """Differences and means of the results."""
        return Contrasts(self.results, self.counts)

    @property
    def novel(self) -> set[str]:
        """The groups of §4.2."""
        return novel_groups(self.results)

    @property
    def groups(self) -> list[str]:
        """The groups that claims about all groups are about: those of the results that are not novel, or the paper's
        two where there are no others, so that what is missing of these is missed."""
        groups = [group for group in dict.fromkeys(self.results["group"]) if group not in self.novel]
        return groups if set(groups) - set(PAPER_GROUPS) else list(PAPER_GROUPS)

    def converged(self, cells: Mapping[str, str], languages: Iterable[str] | None = None) -> bool:
        """Whether of the runs of these cells (plain ones, all languages by default) at most one in ten was ended by the
        limit of epochs. Where it is not known what ended a run, it counts as converged.
        """
        if "ended" not in self.results:
            return True
        fits = pd.Series(True, self.results.index) if languages is None else self.results["language"].isin(languages)
        for column, value in {"variant": "", **cells}.items():
            fits &= self.results[column] == value
        ended = self.results[fits].drop_duplicates("run")["ended"] == "limit"
        return _ONE_IN * ended.sum() <= len(ended)

    def verdict(self, claim: Claim, verdict: str, **about: Any) -> Verdict:
        """A verdict on these results, labelled with where they come from; `about` are fields of `Verdict`."""
        return Verdict(claim, verdict, corpora=self.source, profile=self.profile, sample=self.sample, **about)
