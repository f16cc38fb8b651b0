"""§5.3: which weights matter to which language."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from polyner.analysis.fisher import Fisher, fisher_information
from polyner.analysis.fisher_overlap import language_overlap, rank_correlation, top_overlap
from polyner.corpora.prepare import cap
from polyner.models import load_tagger
from polyner.models.tagger import Tagger
from polyner.progress import progress_bar
from polyner.runs.derived import derived_table
from polyner.sections.configuration import AnalysisConfig
from polyner.study import Study

# Tag sequences that the paper draws for each sentence.
PAPER_DRAWS = 1000
_COLUMNS = ["comparison", "first", "second", "layer", "share", "parameters", "used", "overlap", "precision", "seconds"]


def fisher_overlaps(study: Study, config: AnalysisConfig) -> pd.DataFrame:
    """How far the weights that matter most are the same (Figure 4), for every polyglot run of the analysed model.

    comparison "languages": language `first` and language `second` in the polyglot model (Figure 4 a); "retained": the
    language `first` (= `second`) in the polyglot model and in the one fine-tuned on it (Figure 4 b).
    Columns: model, group, seed, run (the polyglot one), comparison, first, second, layer, share, parameters, used,
    overlap (see `analysis.fisher_overlap.top_overlap`), precision and seconds (of the estimate of
    language `first` in the polyglot model).
    """
    tables = []
    groups = study.polyglot_groups(config.model)
    total = len(study.settings.seeds) * sum(map(len, groups.values()))
    with progress_bar("Fisher information", total=total) as advance:
        for group, languages in groups.items():
            for seed in study.settings.seeds:
                polyglot = study.run(config.model, "polyglot", languages, seed)
                tuned = [study.run(config.model, "fine_tuned", (code,), seed) for code in languages]
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


def estimator_comparison(study: Study, config: AnalysisConfig, sentences: int = 8, draws: int = 16) -> pd.DataFrame:
    """What each estimator of the Fisher information costs, and how well it agrees with the exact one.

    Measured on the first training sentences of the first language, in its group's polyglot model of the first seed.
    "signs" and "sampled" see them as one mini-batch with `draws` draws, and again with as many draws as make their
    backward passes as many as those of "literal", which draws as often for each sentence.
    Columns: language, estimator, draws, passes (backward; missing for "exact"), seconds (of "signs" and "sampled", the
    least of three tries), whole (seconds for all training sentences of the language, and 1,000 draws of "literal" as in
    the paper: extrapolated), correlation (of ranks with "exact", the mean over layers weighted by their size). Empty
    where there is no polyglot model.
    """
    groups = study.polyglot_groups(config.model)
    columns = ["language", "estimator", "draws", "passes", "seconds", "whole", "correlation"]
    if not groups:
        return pd.DataFrame(columns=columns)
    languages = next(iter(groups.values()))
    run = study.run(config.model, "polyglot", languages, study.settings.seeds[0])
    training = study.corpora[languages[0]].train
    few = training[:sentences]
    inputs = {"run": run.id, "corpus": study.corpora[languages[0]].fingerprint, "sentences": len(few), "draws": draws}

    def make() -> pd.DataFrame:
        tagger = load_tagger(run.folder)
        plan = [("exact", None)]
        plan += [(name, count) for name in ("signs", "sampled") for count in (draws, draws * len(few))]
        plan.append(("literal", draws))
        found = []
        with progress_bar("estimators", total=len(plan)) as advance:
            for name, count in plan:
                options = {"estimator": name, "draws": count, "batch_size": len(few)}
                times = 3 if name in ("signs", "sampled") else 1  # those are over before a busy machine evens out
                tries = (fisher_information(tagger, few, languages[0], **options) for _ in range(times))
                found.append(min(tries, key=lambda fisher: fisher.seconds))
                advance(name)
        rows = [(languages[0], *_cost(each, len(training)), _agreement(found[0], each)) for each in found]
        return pd.DataFrame(rows, columns=columns)

    return derived_table(study.store, "estimators", inputs, "polyner.sections.fisher", make)


def _cost(found: Fisher, training: int) -> tuple[str, int | None, int | None, float, float]:
    """Estimator, draws, backward passes, seconds, and seconds for so many training sentences."""
    literal = found.estimator == "literal"
    passes = found.draws * found.sentences if literal else found.draws
    scale = training / found.sentences * (PAPER_DRAWS / found.draws if literal else 1)
    return found.estimator, found.draws, passes, found.seconds, scale * found.seconds


def _agreement(first: Fisher, second: Fisher) -> float:
    table = rank_correlation(first, second).dropna()
    return float((table["correlation"] * table["parameters"]).sum() / max(1, table["parameters"].sum()))


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
