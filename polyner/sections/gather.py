"""Everything that the claims of the paper are judged on, from a study."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

from polyner.corpora.prepare import prepared_corpora
from polyner.corpora.sentence import Corpus
from polyner.errors import SettingsError
from polyner.paper import Evidence, claims
from polyner.sections.errors import common_table, recall_error_table, tagged
from polyner.sections.figures import (
    Figures,
    error_tables,
    figures_of_errors,
    figures_of_pruning,
    pruning_tables,
    with_figures,
)
from polyner.sections.fisher import fisher_overlaps
from polyner.sections.pruning import span_counts
from polyner.study import questions
from polyner.study.protocol import Study
from polyner.study.questions import Question
from polyner.study.settings import Settings

# The runs that the claims of a section rest on; of §5, what tells whether they converged. None is about the optimizer's
# state.
_QUESTIONS: Mapping[str, tuple[Question, ...]] = {
    "4": (questions.MONOLINGUAL_AND_POLYGLOT, questions.TRANSITIONS),
    "4.1": (questions.TABLE_1, questions.MORE_DROPOUT, questions.WEIGHT_DECAY),
    "4.2": (Question(("polyglot",), models="analysed"), questions.TABLE_3),
    "5.1": (questions.ANALYSED,),
    "5.2": (questions.ANALYSED,),
    "5.3": (questions.OVERLAPS,),
}


def gather_evidence(study: Study, profile: str = "", sections: Iterable[str] | None = None) -> Evidence:
    """The tables of all claims, or of those of `sections` ("4", "4.1", "4.2", "5.1", "5.2", "5.3").

    What becomes of runs that are not in the store is the study's policy. Where they are not trained, a regime of a
    model counts for a group of languages and a seed as soon as all of its languages are there. Analyses are computed
    where the store does not keep them yet. Raises SettingsError for a section that has no claims.
    """
    wanted = _sections(sections)
    corpora = whole_corpora(study.settings) if "4" in wanted else study.corpora
    evidence = Evidence.of_corpora(corpora, profile or study.settings.profile)
    asked = [question for section, of_it in _QUESTIONS.items() if section in wanted for question in of_it]
    results = study.answers(*asked).drop_duplicates(ignore_index=True)
    if not results.empty:
        evidence = evidence.with_tables(results=results, counts=study.span_counts(results))
    figures: Figures = {}
    if "5.1" in wanted:
        data = tagged(study)
        recall, common = recall_error_table(data), common_table(study, data)
        evidence = evidence.with_tables(**error_tables(recall, common))
        figures |= figures_of_errors(recall, common)
    if "5.2" in wanted:
        counts, drop = span_counts(study), study.settings.analyses.pruning_drop
        evidence = evidence.with_tables(**pruning_tables(counts, drop))
        figures |= figures_of_pruning(counts, drop)
    if "5.3" in wanted:
        overlaps = fisher_overlaps(study)
        evidence = evidence.with_tables(fisher=None if overlaps.empty else overlaps)
    return with_figures(dataclasses.replace(evidence, analysed=study.analysed_model), figures)


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
