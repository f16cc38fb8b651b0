"""Which runs each page of the book asks for. The pages ask by the same functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from polyner.sections import errors, fisher, gather, novel, table1, taggers
from polyner.sections.configuration import AnalysisConfig
from polyner.study.protocol import Study

Ask = Callable[[Study, AnalysisConfig], object]

# By page, what asks a study for its runs. Pages without runs are not here.
PAGES: Mapping[str, tuple[Ask, ...]] = {
    "02-baselines": (lambda study, config: table1.results(study, config, table1.BASELINES),),
    "03-fine-tuning": (lambda study, config: table1.results(study, config, table1.FINE_TUNING),),
    "04-novel-languages": (novel.table3_runs, novel.curve_runs),
    "05-error-analysis": (errors.analysed,),
    "06-pruning": (errors.analysed,),
    "07-fisher-overlap": (fisher.overlap_runs,),
    "08-claims": (gather.asked,),
    "tagger": (taggers.asked,),
}
