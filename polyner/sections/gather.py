"""Everything that the claims of the paper are judged on, from a study."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import pandas as pd

from polyner.corpora.languages import LANGUAGES
from polyner.corpora.prepare import prepared_corpora
from polyner.corpora.sentence import Corpus
from polyner.errors import SettingsError, StoreError
from polyner.paper import Evidence, claims
from polyner.runs import Run, RunSpec, RunStore
from polyner.sections import table1
from polyner.sections.configuration import AnalysisConfig
from polyner.sections.errors import (
    PAIRS,
    analysed,
    common_counts,
    common_differences,
    recall_error_differences,
    tagged,
)
from polyner.sections.fisher import fisher_overlaps, overlap_runs
from polyner.sections.novel import novel_results, table3_runs
from polyner.sections.pruning import pruning_tables, span_counts
from polyner.study.protocol import POLYGLOT_GROUPS, Study
from polyner.study.settings import Settings

_T = TypeVar("_T")

# What is asked of Table 1 for the claims of a section. None is about the optimizer's state.
_QUESTIONS: Mapping[str, tuple[table1.Question, ...]] = {
    "4": table1.BASELINES,
    "4.1": tuple(question for question in table1.FINE_TUNING if question.variant != "reset_optimizer"),
}


class NotInStore(StoreError):
    """A run that is not in the run store and is not to be trained."""


class FinishedRuns(RunStore):
    """A run store in which runs are only looked up: asking for one that is not there raises NotInStore."""

    def get(self, spec: RunSpec, corpora: Mapping[str, Corpus], *, device: str = "auto") -> Run:
        if run := self.look_up(spec):
            return run
        raise NotInStore(f"no run {spec.id} in {self.folder}")


def gather_evidence(
    study: Study, config: AnalysisConfig, profile: str = "", sections: Iterable[str] | None = None
) -> Evidence:
    """The tables of all claims, or of those of `sections` ("4", "4.1", "4.2", "5.1", "5.2", "5.3").

    Runs that are not in the study's store are trained. Where the store is one of `FinishedRuns`, they are left out: a
    regime of a model counts for a group of languages and a seed as soon as all of its languages are there. Analyses are
    computed where the store does not keep them yet. Section 4.1 compares regularisation for one model only: the
    analysed one, or the study's first where that is not among them.
    Raises SettingsError for a section that has no claims.
    """
    wanted = _sections(sections)
    parts = [_seeds(_of_group(study, group)) for group in POLYGLOT_GROUPS]
    corpora = whole_corpora(study.settings) if "4" in wanted else study.corpora
    evidence = Evidence.of_corpora(corpora, profile or study.settings.profile)
    if tables := _results(parts, config, wanted):
        results, counts = (_stacked(side) for side in zip(*tables, strict=True))
        evidence = evidence if results is None else evidence.with_tables(results=results, counts=counts)
    if "5.1" in wanted:
        evidence = evidence.with_tables(**_errors(parts, config))
    if "5.2" in wanted:
        counts = _stacked(_each(parts, lambda part: span_counts(part, config)))
        evidence = evidence.with_tables(**pruning_tables(counts, config.pruning_drop))
    if "5.3" in wanted:
        evidence = evidence.with_tables(fisher=_stacked(_each(parts, lambda part: fisher_overlaps(part, config))))
    return evidence


def section_of(claim_section: str) -> str:
    """The number of a claim's section: "5.1" of "5.1, Figure 1"."""
    return claim_section.partition(",")[0]


def claims_of(sections: Iterable[str] | None = None) -> list[str]:
    """The ids of the claims of these sections, or of all. Raises SettingsError for a section that has none."""
    wanted = _sections(sections or None)
    return [known.id for known in claims() if section_of(known.section) in wanted]


def _sections(sections: Iterable[str] | None) -> set[str]:
    known = list(dict.fromkeys(section_of(claim.section) for claim in claims()))
    wanted = set(known if sections is None else sections)
    if unknown := sorted(wanted - set(known)):
        raise SettingsError(f"no claims in section {unknown[0]!r}: one of {', '.join(known)}")
    return wanted


def whole_corpora(settings: Settings) -> dict[str, Corpus]:
    """All corpora at hand, neither selected nor capped: label distributions are compared on these (page 1)."""
    whole = {"languages": None, "max_train_sentences": None, "max_eval_sentences": None}
    return prepared_corpora(dataclasses.replace(settings, **whole))


def _of_group(study: Study, group: str) -> Study:
    """The study with the corpora of one group, and with LORELEI's those of the held-out languages."""
    groups = (group, "heldout") if group == "lorelei" else (group,)
    part = study.with_settings(study.settings)
    part.corpora = {code: corpus for code, corpus in study.corpora.items() if LANGUAGES[code].group in groups}
    return part


def _seeds(study: Study) -> list[Study]:
    """The study once for each of its seeds. What is known about models and runs is shared."""
    parts = []
    for seed in study.settings.seeds:
        part = copy.copy(study)
        part.settings = dataclasses.replace(study.settings, seeds=(seed,))
        parts.append(part)
    return parts


def _each(parts: Sequence[Sequence[Study]], compute: Callable[[Study], _T]) -> Iterator[_T]:
    """What is computed from every group and seed, less those with runs that are not there."""
    for group in parts:
        yield from _found(group, compute)


def _found(studies: Iterable[Study], compute: Callable[[Study], _T]) -> Iterator[_T]:
    for study in studies:
        try:
            found = compute(study)
        except NotInStore:
            continue
        yield found


def asked(study: Study, config: AnalysisConfig) -> None:
    """Ask the study for all runs that the claims rest on, without judging any."""
    table1.results(study, config, [question for section in _QUESTIONS for question in _QUESTIONS[section]])
    table3_runs(study, config)
    analysed(study, config)
    overlap_runs(study, config)


def _results(
    parts: Sequence[Sequence[Study]], config: AnalysisConfig, wanted: set[str]
) -> list[tuple[pd.DataFrame, pd.DataFrame]]:
    """Results with their span counts: of Table 1, of the variants of the sections that are wanted, and of Table 3."""
    study = parts[0][0]
    runs = {
        (model, regime, question.variant): None
        for section in sorted(wanted & _QUESTIONS.keys())
        for question in _QUESTIONS[section]
        for model in table1.models_of(study, config, question)
        for regime in question.regimes
    }
    if "4.2" in wanted:
        runs.setdefault((config.model, "polyglot", ""))

    def scored(study: Study, model: str, regime: str, variant: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        results = study.results([regime], models=[model], variant=variant)
        return results, study.span_counts(results)

    tables = [table for key in runs for table in _each(parts, lambda part, key=key: scored(part, *key))]
    if "4.2" in wanted:
        tables += _each(parts, lambda part: novel_results(part, config))
    return tables


def _errors(parts: Sequence[Sequence[Study]], config: AnalysisConfig) -> dict[str, pd.DataFrame | None]:
    """The two tables of §5.1. Each group is compared on its own, over the seeds that it has."""
    recall, common = [], []
    for group in parts:
        data = [each for found in _found(group, lambda part: tagged(part, config)) for each in found]
        recall.append(recall_error_differences(data, PAIRS))
        common.append(common_differences(common_counts(group[0], data), PAIRS))
    return {"recall_errors": _stacked(recall), "common_errors": _stacked(common)}


def _stacked(tables: Iterable[pd.DataFrame]) -> pd.DataFrame | None:
    """The tables one below the other; None where all are empty."""
    tables = [table for table in tables if not table.empty]
    return pd.concat(tables, ignore_index=True) if tables else None
