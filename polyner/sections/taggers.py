"""The Byte-CRFs that readers can try: of each language the monolingual, the polyglot and the fine-tuned one."""

from __future__ import annotations

import dataclasses

import pandas as pd

from polyner.sections import novel
from polyner.sections.configuration import AnalysisConfig
from polyner.study.protocol import Study, best_of_seeds

MODEL = "byte-crf"


def asked(study: Study, config: AnalysisConfig) -> None:
    """Ask for the runs of `chosen_runs`: those of Table 1 and Table 3."""
    if MODEL in study.settings.models:
        study.results(models=[MODEL])
        novel.table3_runs(study, _about_the_model(config))


def chosen_runs(study: Study, config: AnalysisConfig) -> pd.DataFrame:
    """Of each language and regime (monolingual, polyglot, fine_tuned, zero_shot) the run to try, chosen by dev F1.

    Columns: language, regime, f1 (test, percent), run. A held-out language has the polyglot run as zero_shot. There is
    no row where the study is without the Byte-CRF.
    """
    columns = ["language", "regime", "f1", "run"]
    if MODEL not in study.settings.models:
        return pd.DataFrame(columns=columns)
    seen = study.results(models=[MODEL])
    unseen, _ = novel.novel_results(study, _about_the_model(config))
    tables = [best_of_seeds(table)[columns] for table in (seen, unseen) if not table.empty]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)


def scores(runs: pd.DataFrame) -> pd.DataFrame:
    """The test F1 in a table of chosen runs: language, and a column for each regime."""
    regimes = ("monolingual", "polyglot", "zero_shot", "fine_tuned")
    wide = runs.pivot(index="language", columns="regime", values="f1").reset_index().rename_axis(columns=None)
    return wide[["language", *(regime for regime in regimes if regime in wide)]]


def _about_the_model(config: AnalysisConfig) -> AnalysisConfig:
    return dataclasses.replace(config, model=MODEL)
