"""The checks of the claims: functions from evidence to a verdict.

Every check reduces its claim to one figure, an interval for it, and a line that the figure is held against; its
docstring says how. A figure that rests on trained models is decided only from three seeds on. Where a claim makes
several comparisons at once, each interval is widened for that (Bonferroni).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from polyner.paper.checks import baselines, errors, parameters, transfer
from polyner.paper.claims import Claim, Verdict
from polyner.paper.evidence import Evidence

Check = Callable[[Claim, Evidence], Verdict]

CHECKS: Mapping[str, Check] = {
    "baselines-polyglot-worse": baselines.polyglot_worse,
    "baselines-bts-gains": baselines.bts_gains,
    "baselines-crf-beats-bts": baselines.crf_beats_bts,
    "baselines-transitions": baselines.transitions_change_little,
    "baselines-label-shift": baselines.label_shift,
    "finetune-beats-mono": baselines.finetune_beats_mono,
    "finetune-not-regularisation": baselines.regularisation_does_not_help,
    "novel-zero-shot": transfer.zero_shot,
    "novel-finetune": transfer.fine_tuning_is_mixed,
    "novel-zero-shot-no-guide": transfer.zero_shot_is_no_guide,
    "errors-polyglot-precision": errors.polyglot_precision,
    "errors-per-org": errors.per_and_org,
    "common-polyglot-lower": errors.polyglot_knows_common_names,
    "common-finetune-raises": errors.fine_tuning_raises_common,
    "pruning-mono-sparser": parameters.monolingual_is_sparser,
    "pruning-polyglot-efficient": parameters.polyglot_is_efficient,
    "pruning-finetune-denser": parameters.fine_tuned_stays_denser,
    "fisher-shared-quarter": parameters.languages_share_a_quarter,
    "fisher-unique-top": parameters.top_is_unique,
    "fisher-retained": parameters.half_is_retained,
    "fisher-top-shifts": parameters.top_shifts_most,
}
