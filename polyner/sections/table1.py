"""§4 and §4.1: which runs Table 1, and what the paper says beside it, rests on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from polyner.runs.spec import REGIMES
from polyner.sections.configuration import AnalysisConfig
from polyner.study.protocol import Study


class Question(NamedTuple):
    """Runs to compare: these regimes of a variant, of all models or of the analysed one only."""

    regimes: tuple[str, ...]
    variant: str = ""
    of_one_model: bool = False


# §4: monolingual against polyglot; transitions of each language's own.
BASELINES = (Question(("monolingual", "polyglot")), Question(("polyglot",), "language_transitions"))

# §4.1: all three regimes; fine-tuning without the optimizer's state; more regularisation, of two kinds.
FINE_TUNING = (
    Question(REGIMES),
    Question(("fine_tuned",), "reset_optimizer", of_one_model=True),
    Question(("monolingual",), "more_dropout", of_one_model=True),
    Question(("monolingual",), "weight_decay", of_one_model=True),
)


def results(study: Study, config: AnalysisConfig, questions: Sequence[Question]) -> list[pd.DataFrame]:
    """A table of results (`Study.results`) for each question, training what is not in the run store."""
    return [
        study.results(question.regimes, models=models_of(study, config, question), variant=question.variant)
        for question in questions
    ]


def models_of(study: Study, config: AnalysisConfig, question: Question) -> tuple[str, ...]:
    """The models that a question is about. The one model is the analysed one, or the study's first without it."""
    models = tuple(study.settings.models)
    if not question.of_one_model:
        return models
    return (config.model,) if config.model in models else models[:1]
