"""§5.3: which weights matter to which language."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from polyner.analysis.fisher import Fisher, fisher_information
from polyner.analysis.fisher_overlap import language_overlap, top_overlap
from polyner.corpora.prepare import cap
from polyner.models import load_tagger
from polyner.models.tagger import Tagger
from polyner.progress import progress_bar
from polyner.runs import Run
from polyner.runs.derived import derived_table
from polyner.sections.configuration import AnalysisConfig
from polyner.study import Study

_COLUMNS = ["comparison", "first", "second", "layer", "share", "parameters", "used", "overlap", "precision", "seconds"]


def overlap_runs(study: Study, config: AnalysisConfig) -> list[tuple[str, tuple[str, ...], int, Run, list[Run]]]:
    """Every polyglot run of the analysed model and those fine-tuned from it: group, languages, seed, run, runs."""
    model = config.model
    return [
        (group, codes, seed, study.run(model, "polyglot", codes, seed), _tuned(study, model, codes, seed))
        for group, codes in study.polyglot_groups(model).items()
        for seed in study.settings.seeds
    ]


def fisher_overlaps(study: Study, config: AnalysisConfig) -> pd.DataFrame:
    """How far the weights that matter most are the same (Figure 4), for every polyglot run of the analysed model.

    comparison "languages": language `first` and language `second` in the polyglot model (Figure 4 a); "retained": the
    language `first` (= `second`) in the polyglot model and in the one fine-tuned on it (Figure 4 b).
    Columns: model, group, seed, run (the polyglot one), comparison, first, second, layer, share, parameters, used,
    overlap (see `analysis.fisher_overlap.top_overlap`), precision and seconds (of the estimate of
    language `first` in the polyglot model).
    """
    tables = []
    runs = overlap_runs(study, config)
    with progress_bar("Fisher information", total=sum(len(languages) for _, languages, *_ in runs)) as advance:
        for group, languages, seed, polyglot, tuned in runs:
            inputs = {
                "runs": [polyglot.id, *(run.id for run in tuned)],
                "corpora": {code: study.corpora[code].fingerprint for code in languages},
                "estimator": config.fisher_estimator,
                "draws": config.fisher_draws,
                "sentences": config.fisher_sentences,
            }

            def make(polyglot=polyglot, tuned=tuned, languages=languages) -> pd.DataFrame:
                return _overlaps(study, config, languages, polyglot, tuned, advance)

            table = derived_table(study.store, "fisher", inputs, "polyner.analysis.fisher", make)
            tables.append(table.assign(model=config.model, group=group, seed=seed, run=polyglot.id))
    columns = ["model", "group", "seed", "run", *_COLUMNS]
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)


def _tuned(study: Study, model: str, languages: Sequence[str], seed: int) -> list[Run]:
    return [study.run(model, "fine_tuned", (code,), seed) for code in languages]


def _overlaps(study: Study, config: AnalysisConfig, languages: Sequence[str], polyglot, tuned, advance) -> pd.DataFrame:
    together = load_tagger(polyglot.folder)
    shared, retained = {}, []
    for language, run in zip(languages, tuned, strict=True):
        shared[language] = _information(study, config, together, language)
        alone = _information(study, config, load_tagger(run.folder), language)
        table = top_overlap(shared[language], alone)
        retained.append(table.assign(comparison="retained", first=language, second=language))
        advance(language)
    table = pd.concat([language_overlap(shared).assign(comparison="languages"), *retained], ignore_index=True)
    table["precision"] = table["first"].map({code: fisher.precision for code, fisher in shared.items()})
    table["seconds"] = table["first"].map({code: fisher.seconds for code, fisher in shared.items()})
    return table[_COLUMNS]


def _information(study: Study, config: AnalysisConfig, tagger: Tagger, language: str) -> Fisher:
    sentences = cap(study.corpora[language], train=config.fisher_sentences).train
    draws = None if config.fisher_estimator == "exact" else config.fisher_draws
    return fisher_information(tagger, sentences, language, estimator=config.fisher_estimator, draws=draws)
