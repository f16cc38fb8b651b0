"""The Byte-CRFs that readers can try: of each language the monolingual, the polyglot and the fine-tuned one."""

from __future__ import annotations

import pandas as pd

from polyner.findings.runs import best_of_seeds
from polyner.findings.study import findings_of
from polyner.study.protocol import Study
from polyner.study.questions import PAGES

REGIMES = ("monolingual", "polyglot", "zero_shot", "fine_tuned")


def chosen_runs(study: Study) -> pd.DataFrame:
    """Of each language and regime (monolingual, polyglot, fine_tuned, zero_shot) the run to try, chosen by dev F1.

    Columns: language, group, regime, f1 (test, percent), dev_f1, run. A novel language has the polyglot run as
    zero_shot; a language of several groups is that of the first. There is no row where the study is without the
    Byte-CRF.
    """
    best = best_of_seeds(findings_of(study, PAGES["tagger"]).results)
    best = best[["language", "group", "regime", "f1", "dev_f1", "run"]]
    return best.drop_duplicates(["language", "regime"], ignore_index=True)


def scores(runs: pd.DataFrame) -> pd.DataFrame:
    """The test F1 in a table of chosen runs: language, and a column for each regime."""
    wide = runs.pivot(index="language", columns="regime", values="f1").reset_index().rename_axis(columns=None)
    return wide[["language", *(regime for regime in REGIMES if regime in wide)]]
