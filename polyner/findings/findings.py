"""What a study found: tidy tables with their provenance, whether its runs are at hand or were recorded."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

import pandas as pd

from polyner.analysis.contrasts import Contrasts, novel_groups, stacked
from polyner.analysis.estimates import Estimate
from polyner.analysis.inference import KEYS
from polyner.findings.overlaps import overlap_figures
from polyner.findings.runs import (
    RESULTS,
    Record,
    count_table,
    curve_table,
    history_table,
    result_table,
    sorted_records,
    unreachable_table,
)
from polyner.study.groups import PAPER_GROUPS, Group, groups_of

Estimates = dict[str, Mapping[Any, Estimate]]

# What is read of each table of the analyses.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "label_shift": PAPER_GROUPS,
    "relatedness": ("group", "language"),
    "confusions": ("regime", "group", "language", "seed", "gold", "predicted", "tokens"),
    "span_errors": ("regime", "group", "language", "seed", "type", "kind", "count"),
    "common_names": ("regime", "group", "language", "seed", "common", "n", "correct", "predicted", "gold"),
    "pruning": ("regime", "group", "language", "seed", "share", "weights", "correct", "predicted", "gold"),
    "fisher": ("group", "seed", "run", "comparison", "source", "ranks", "first", "second", "layer", "share", "overlap"),
    "forgetting": ("group", "variant", "language", "other", "seed", "run", "f1"),
    "conflicts": ("group", "variant", "seed", "run", "source", "layer", "cosine", "below_zero"),
    "course": ("group", "seed", "run", "epoch", "layer", "cosine", "below_zero"),
    "estimators": ("estimator", "passes", "seconds", "correlation"),
    "settings": ("model", "setting", "value", "default"),
}

# By table, the estimates that are computed from the same runs.
ESTIMATES_OF: Mapping[str, tuple[str, ...]] = {
    "confusions": ("recall_errors",),
    "common_names": ("common_rates", "common_shares", "common_interactions"),
    "forgetting": ("kept",),
    "pruning": ("pruning_areas", "pruning_thresholds", "pruning_ratios"),
}

# One run in so many may have been ended by the limit of epochs.
_ONE_IN = 10


@dataclass(frozen=True)
class Findings:
    """All that a study has to say, as tables; `findings.study` makes it of runs, `findings.files` reads and writes.

    results, counts, histories, curves, unreachable: as `findings.runs` makes them, of runs on whole training sets but
        for the curves and histories. Without counts, intervals know nothing of the choice of test sentences.
    tables: those of the analyses, by the names in `COLUMNS`. estimates: figures with their intervals that cannot be
        computed from these, by name and key.
    corpora: by language fingerprint, numbers of sentences, training_words, training_entities, test_gold.
    about: name, title, settings, corpora, sample (whether these are the built-in ones) and what was not run.
    runs: the runs themselves, as plain values.
    Raises ValueError where a table lacks a column.
    """

    results: pd.DataFrame
    counts: pd.DataFrame | None = None
    histories: pd.DataFrame = field(default_factory=lambda: history_table(()))
    curves: pd.DataFrame = field(default_factory=lambda: curve_table((), bool))
    unreachable: pd.DataFrame = field(default_factory=lambda: unreachable_table(()))
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    estimates: Mapping[str, Mapping[Any, Any]] = field(default_factory=dict)
    corpora: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)
    runs: Sequence[Record] = ()

    def __post_init__(self) -> None:
        needed = {"results": (*RESULTS[:8], "run"), **COLUMNS}
        for name, table in {"results": self.results, **self.tables}.items():
            if missing := [column for column in needed.get(name, ()) if column not in table]:
                raise ValueError(f"the table of {name.replace('_', ' ')} lacks {', '.join(missing)}")

    @classmethod
    def of_runs(
        cls, runs: Iterable[Record], corpora: Mapping[str, Any], about: Mapping[str, Any], **own: Any
    ) -> Findings:
        """The findings of these runs; `own` are further fields.

        Raises StoreError where a run does not fit its corpora.
        """
        settings = about["settings"]
        records = sorted_records(runs, list(settings["models"]))
        groups = groups_of(settings.get("groups"))
        sizes = {code: corpus["sentences"]["train"] for code, corpus in corpora.items()}
        whole = [each for each in records if all(sizes.get(code) == n for code, n in each["sentences"].items())]
        # Tables and charts have models and groups in the order in which they come: that of the settings.
        place = {name: number for number, name in enumerate([*settings["models"], *groups])}
        results = result_table(whole).sort_values(
            ["model", "group"], key=lambda names: names.map(place), kind="stable", ignore_index=True
        )
        return cls(
            results=results,
            counts=count_table(whole, corpora),
            histories=history_table(records),
            curves=curve_table(records, lambda group: groups[group].novel_of is not None),
            unreachable=unreachable_table(whole),
            corpora=corpora,
            about=about,
            runs=tuple(records),
            **own,
        )

    # Where they come from

    @property
    def name(self) -> str:
        """Of the folder that they are recorded in; empty for runs at hand."""
        return self.about.get("name", "")

    @property
    def title(self) -> str:
        """What readers call these findings."""
        return self.about.get("title") or self.name

    @property
    def sample(self) -> bool:
        """Whether they come from the built-in sample, so that nothing here is evidence."""
        return self.about.get("sample", False)

    @property
    def training_sizes(self) -> dict[str, int]:
        """How many training sentences each language has."""
        return {code: corpus["sentences"]["train"] for code, corpus in self.corpora.items()}

    @property
    def training_sentences(self) -> float:
        """How many a language has, on average."""
        sizes = self.training_sizes.values()
        return sum(sizes) / len(sizes) if sizes else 0.0

    @property
    def series(self) -> str:
        """What studies have in common that differ in the size of their training sets alone: corpora, groups, models."""
        settings = self.about["settings"]
        same = [self.about["corpora"], settings.get("groups"), settings["models"], settings["architecture"]]
        return json.dumps(same, sort_keys=True)

    @property
    def analysed(self) -> str:
        """The architecture that the analyses of §4.2 and §5 are of."""
        return self.about.get("analysed", "byte-crf")

    @cached_property
    def novel(self) -> set[str]:
        """The groups of §4.2."""
        return novel_groups(self.results)

    @property
    def groups(self) -> list[str]:
        """The groups that claims about all groups are about: those of the results that are not novel, or the paper's
        two where there are no others, so that what is missing of these is missed."""
        groups = [group for group in dict.fromkeys(self.results["group"]) if group not in self.novel]
        return groups if set(groups) - set(PAPER_GROUPS) else list(PAPER_GROUPS)

    @cached_property
    def together(self) -> dict[str, list[str]]:
        """The languages that the polyglot model of each group was trained on (of the analysed model, plain)."""
        of = {"regime": "polyglot", "variant": "", "model": self.analysed}
        own = self.results[(self.results[[*of]] == [*of.values()]).all(axis="columns")]
        return {group: list(dict.fromkeys(codes)) for group, codes in own.groupby("group", sort=False)["language"]}

    @cached_property
    def settings_groups(self) -> Mapping[str, Group]:
        """The groups of the settings by name."""
        return groups_of(self.about.get("settings", {}).get("groups"))

    # What follows from the tables

    @cached_property
    def contrasts(self) -> Contrasts:
        """Differences and means of the results, which every interval of F1 comes from."""
        return Contrasts(self.results, self.counts)

    @cached_property
    def of_table1(self) -> pd.DataFrame:
        """The results of plain runs in the groups' own languages, of the targets only where a group names some; without
        groups that have only one regime, beside others that have more."""
        results, groups = self.results, self.settings_groups
        pairs = zip(results["group"], results["language"], strict=True)
        own = [group not in groups or groups[group].is_target(code) for group, code in pairs]
        own = pd.Series(own, results.index, dtype=bool)
        table = results[(results["variant"] == "") & ~results["group"].isin(self.novel) & own]
        regimes = table.groupby("group")["regime"].transform("nunique")
        return table[regimes >= min(2, regimes.max())]

    @cached_property
    def of_table3(self) -> pd.DataFrame:
        """The results of plain runs on novel languages."""
        results = self.results
        return results[(results["variant"] == "") & results["group"].isin(self.novel)]

    @cached_property
    def overlaps(self) -> Mapping[Any, Any]:
        """The overlaps of Fisher information by group, comparison and share (`findings.fisher.overlap_figures`)."""
        table = self.tables.get("fisher")
        return self.estimates.get("overlaps", {}) if table is None or table.empty else overlap_figures(table)

    def variant_changes(self) -> pd.DataFrame:
        """What each variant changes in each language, and on average over a group (language "average").

        Columns: model, regime, variant, group, language, first (plain), second, difference, low, high, seeds.
        """
        columns, tables = [*KEYS, "first", "second", "difference", "low", "high", "seeds"], []
        own = self.results.loc[self.results["variant"] != "", ["regime", "variant"]].drop_duplicates()
        for regime, variant in own.itertuples(index=False):
            sides = {"regime": regime, "variant": ""}, {"regime": regime, "variant": variant}
            average = self.contrasts.table(*sides, average=True).assign(language="average")
            table = pd.concat([self.contrasts.table(*sides), average], ignore_index=True)
            tables.append(table[~table["group"].isin(self.novel)].assign(regime=regime, variant=variant))
        tables = [table for table in tables if len(table)]  # columns of an empty one are of no kind of number
        return stacked(tables, columns)

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


# Estimates that are kept are differences and ratios, which have no bounds.
_FIELDS = [entry.name for entry in fields(Estimate) if entry.name not in ("least", "most")]


def estimate_table(estimates: Estimates) -> pd.DataFrame:
    """Estimates as a table: name, key (JSON), and the fields of `Estimate`, languages with blanks between."""
    rows = [
        (name, json.dumps(key), *(getattr(each, entry) for entry in _FIELDS))
        for name, of_it in estimates.items()
        for key, each in of_it.items()
    ]
    table = pd.DataFrame(rows, columns=["name", "key", *_FIELDS])
    return table.assign(languages=table["languages"].map(" ".join))


def estimates_of(table: pd.DataFrame) -> Estimates:
    """What `estimate_table` wrote."""
    found: dict[str, dict[Any, Any]] = {}
    for row in table.to_dict("records"):
        name, key, row["languages"] = row.pop("name"), json.loads(row.pop("key")), tuple(row["languages"].split())
        found.setdefault(name, {})[tuple(key)] = Estimate(**row)
    return found
