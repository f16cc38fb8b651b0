"""Which runs of a store a study has no use for, so that nobody wonders why they do not count."""

from __future__ import annotations

from collections import Counter

from polyner.runs.leftovers import is_unusable
from polyner.study.protocol import Study

OTHER_CODE = "an earlier version of the training, or damaged"
OTHER_SETTINGS = "other settings or for other claims"


def unused_runs(study: Study) -> dict[str, int]:
    """How many finished runs of the study's store were not asked for so far, by why not (the keys are above)."""
    others = [run for run in study.store.list() if run.id not in study.used]
    reasons = Counter(OTHER_CODE if is_unusable(run) else OTHER_SETTINGS for run in others)
    return {reason: reasons[reason] for reason in (OTHER_CODE, OTHER_SETTINGS) if reasons[reason]}
