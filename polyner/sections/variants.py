"""What variants of a study's own change, each against the same runs without it."""

from __future__ import annotations

import pandas as pd

from polyner.analysis.contrasts import Contrasts
from polyner.study.protocol import Study
from polyner.study.questions import Question


def variant_changes(study: Study, question: Question) -> dict[tuple[str, str], pd.DataFrame]:
    """By regime and variant of a question, the change of F1 by language (`Contrasts.table`): variant − plain."""
    own = study.answers(question)
    plain = study.answers(Question(question.regimes, models=question.models))
    results = pd.concat([plain, own], ignore_index=True)
    contrasts = Contrasts(results, study.span_counts(results))
    changes = {}
    for regime, variant in own[["regime", "variant"]].drop_duplicates().itertuples(index=False):
        sides = ({"regime": regime, "variant": name} for name in ("", variant))
        changes[regime, variant] = contrasts.table(*sides)
    return changes
