"""§5.2: how many weights each model needs."""

from __future__ import annotations

import pandas as pd

from polyner.analysis.pruning import prunable_count, pruning_curve
from polyner.models import load_tagger
from polyner.progress import progress_bar
from polyner.runs.derived import derived_table
from polyner.sections.configuration import AnalysisConfig
from polyner.sections.errors import SPLIT, analysed
from polyner.study import Study


def pruning_curves(
    study: Study, config: AnalysisConfig, *, scope: str = "global", order: str = "magnitude"
) -> pd.DataFrame:
    """F1 on validation data of every run of the analysed model, by the share of its weights that is pruned.

    Columns: model, regime, group, language, seed, run, scope, order, share, f1, precision, recall (percent), weights
    (how many of the run's model can be pruned).
    """
    results = analysed(study, config)
    keys = ["model", "regime", "group", "seed", "run"]
    tables = []
    by_run = results.groupby(keys, sort=False)["language"].agg(list).reset_index()
    with progress_bar("pruning", total=len(by_run)) as advance:
        for row in by_run.itertuples(index=False):
            curve = _curve(study, config, row.run, row.language, scope, order)
            tables.append(curve.assign(**{key: getattr(row, key) for key in keys}))
            advance(f"{row.regime} {'+'.join(row.language)}")
    columns = ["model", "regime", "group", "language", "seed", "run", "scope", "order", "share"]
    columns += ["f1", "precision", "recall", "weights"]
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)


def _curve(
    study: Study, config: AnalysisConfig, run: str, languages: list[str], scope: str, order: str
) -> pd.DataFrame:
    def make() -> pd.DataFrame:
        tagger = load_tagger(study.used[run].folder)
        sentences = {language: study.corpora[language][SPLIT] for language in languages}
        curve = pruning_curve(tagger, sentences, config.shares, scope=scope, order=order)
        return curve.assign(weights=prunable_count(tagger))

    inputs = {
        "run": run,
        "corpora": {language: study.corpora[language].fingerprint for language in languages},
        "shares": config.shares,
        "scope": scope,
        "order": order,
    }
    return derived_table(study.store, "pruning", inputs, "polyner.analysis.pruning", make)
