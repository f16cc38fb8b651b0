"""Which runs of a store a study has no use for, so that nobody wonders why they do not count."""

from __future__ import annotations

from collections import Counter

from polyner.models import MODEL_NAMES, model_class
from polyner.runs import Run
from polyner.runs.spec import code_version
from polyner.study import Study

OTHER_CODE = "another version of the code"
OTHER_SETTINGS = "other settings or for other claims"


def unused_runs(study: Study) -> dict[str, int]:
    """How many finished runs of the study's store were not asked for so far, by why not (the keys are above).

    Runs of another version of the code that trains them can no longer be used; the others are of other settings,
    corpora or seeds, or of what was not asked for.
    """
    others = [run for run in study.store.list() if run.id not in study.used]
    reasons = Counter(OTHER_SETTINGS if _of_this_code(run) else OTHER_CODE for run in others)
    return {reason: reasons[reason] for reason in (OTHER_CODE, OTHER_SETTINGS) if reasons[reason]}


def _of_this_code(run: Run) -> bool:
    model = run.spec["model"]
    if model not in MODEL_NAMES:
        return False
    return run.spec["code"] == code_version(model_class(model).__module__, "polyner.runs.perform")
