"""Which runs of a store a study has no use for, so that nobody wonders why they do not count."""

from __future__ import annotations

from collections import Counter

from polyner.errors import StoreError
from polyner.models import MODEL_NAMES, model_class
from polyner.runs import Run
from polyner.runs.spec import code_version
from polyner.study.protocol import Study

OTHER_CODE = "another version of the code"
OTHER_SETTINGS = "other settings or for other claims"
DAMAGED = "no use, since its specification cannot be read"


def unused_runs(study: Study) -> dict[str, int]:
    """How many finished runs of the study's store were not asked for so far, by why not (the keys are above).

    Runs of another version of the code that trains them can no longer be used; the others are of other settings,
    corpora or seeds, or of what was not asked for.
    """
    others = [run for run in study.store.list() if run.id not in study.used]
    reasons = Counter(map(_reason, others))
    return {reason: reasons[reason] for reason in (OTHER_CODE, OTHER_SETTINGS, DAMAGED) if reasons[reason]}


def _reason(run: Run) -> str:
    try:
        model, code = run.spec["model"], run.spec["code"]
    except (StoreError, KeyError, TypeError):
        return DAMAGED
    if model not in MODEL_NAMES:
        return OTHER_CODE
    same = code == code_version(model_class(model).__module__, "polyner.runs.perform")
    return OTHER_SETTINGS if same else OTHER_CODE
