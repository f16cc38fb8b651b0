"""The checks of the claims: each compares figures with a line; `parts` says how these decide a claim together."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

from polyner.findings.findings import Findings
from polyner.paper.checks import analyses, beyond, regimes, transfer
from polyner.paper.claims import Claim, Verdict, claim, claims_of

CHECKS: Mapping[str, Callable[[Claim, Findings], Verdict]] = {
    "baselines-polyglot-worse": regimes.polyglot_worse,
    "baselines-bts-gains": regimes.bts_gains,
    "baselines-crf-beats-bts": regimes.crf_beats_bts,
    "baselines-transitions": regimes.transitions_change_little,
    "baselines-label-shift": regimes.label_shift,
    "finetune-beats-mono": regimes.beats_monolingual,
    "finetune-not-regularisation": regimes.regularisation_does_not_help,
    "novel-zero-shot-poor": transfer.zero_shot_is_poor,
    "novel-zero-shot-script": transfer.scripts_help_zero_shot,
    "novel-finetune": transfer.fine_tuning_is_mixed,
    "novel-zero-shot-no-guide": transfer.zero_shot_is_no_guide,
    "errors-polyglot-precision": analyses.polyglot_precision,
    "errors-per-org": analyses.per_and_org,
    "common-polyglot-lower": partial(
        analyses.common, step=("monolingual", "polyglot", "below"), names=("common_shares", "common_interactions")
    ),
    "common-finetune-raises": partial(
        analyses.common, step=("polyglot", "fine_tuned", "above"), names=("common_shares",)
    ),
    "pruning-mono-sparser": partial(analyses.areas, step=("polyglot", "monolingual", "above")),
    "pruning-polyglot-efficient": analyses.polyglot_is_efficient,
    "pruning-finetune-denser": partial(analyses.areas, step=("monolingual", "fine_tuned", "below")),
    "fisher-shared-quarter": analyses.languages_share_a_quarter,
    "fisher-unique-top": partial(analyses.less_than_implied, comparison="languages", what="top 5 %"),
    "fisher-retained": analyses.half_is_retained,
    "fisher-top-shifts": partial(analyses.less_than_implied, comparison="retained", what="top 5 % retained"),
    "beyond-many-languages": beyond.trends_hold_with_many,
    "beyond-multi-objective": beyond.multi_objective_helps,
    "beyond-ewc": beyond.consolidation_helps,
}


def verdict(identifier: str, findings: Findings) -> Verdict:
    """What findings say about one claim: "not run" where there are no results to judge it on.

    Raises ValueError for an unknown claim.
    """
    return CHECKS[identifier](claim(identifier), findings)


def verdicts(findings: Findings, identifiers: Iterable[str] | None = None) -> list[Verdict]:
    """The verdicts on the given claims, or on all of them, in the order given or in the paper's."""
    chosen = claims_of() if identifiers is None else identifiers
    return [verdict(identifier, findings) for identifier in chosen]


def verdict_records(judged: Iterable[Verdict]) -> list[dict[str, Any]]:
    """Verdicts as JSON can hold them: the fields of the claim and of the verdict, and `parts`, a list of their fields.

    What is not known is None.
    """
    return [
        {**asdict(each), **asdict(each.claim), "label": each.label, "parts": [_known(asdict(p)) for p in each.parts]}
        for each in judged
    ]


def _known(part: dict[str, Any]) -> dict[str, Any]:
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value for name, value in part.items()
    }
