"""§4.2: languages that the polyglot model has not seen."""

from __future__ import annotations

import pandas as pd

from polyner.analysis.transfer import ngram_overlap, relatedness
from polyner.corpora.languages import languages_of
from polyner.corpora.prepare import cap
from polyner.models import load_tagger
from polyner.runs import Run
from polyner.runs.derived import derived_table
from polyner.scoring import count_spans_by_sentence, precision_recall_f1
from polyner.sections.configuration import AnalysisConfig
from polyner.study.protocol import Study

REGIMES = ("monolingual", "zero_shot", "fine_tuned")
_SPLITS = ("dev", "test")


def novel_languages(study: Study, model: str) -> tuple[str, ...]:
    """The held-out languages at hand, none where there is no polyglot model to transfer from."""
    if "lorelei" not in study.polyglot_groups(model):
        return ()
    return tuple(code for code in languages_of("heldout") if code in study.learns(model))


def table3_runs(study: Study, config: AnalysisConfig) -> list[tuple[str, str, int, Run]]:
    """Table 3's runs: language, regime, seed and run, which is the polyglot one where the regime is zero_shot."""
    model, runs = config.model, []
    for language in novel_languages(study, model):
        for seed in study.settings.seeds:
            for regime in ("monolingual", "fine_tuned"):
                runs.append((language, regime, seed, study.run(model, regime, (language,), seed)))
            runs.append((language, "zero_shot", seed, _polyglot_run(study, model, language, seed)))
    return runs


def novel_results(study: Study, config: AnalysisConfig) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Table 3 and what its intervals come from.

    The first table has the columns of `Study.results`, with the regimes monolingual, zero_shot (whose run is the
    polyglot one) and fine_tuned; the second those of `Study.span_counts`, for the test sentences.
    """
    rows, counts = [], [pd.DataFrame(columns=["run", "language", "sentence", "correct", "predicted", "gold"])]
    for language, regime, seed, run in table3_runs(study, config):
        keys = {"model": config.model, "regime": regime, "variant": "", "group": "heldout", "language": language}
        if regime == "zero_shot":
            spans = zero_shot_counts(study, run, language)
            scores = {split: _ratios(spans[spans["split"] == split]) for split in _SPLITS}
            counts.append(spans[spans["split"] == "test"].drop(columns="split"))
        else:
            scores = {split: _scores(values) for split, values in run.metrics["languages"][language].items()}
            counts.append(study.span_counts(pd.DataFrame([{"run": run.id, "language": language}])))
        rows += [{**keys, "seed": seed, "split": split, **values, "run": run.id} for split, values in scores.items()]
    columns = ["model", "regime", "variant", "group", "language", "seed", "split", "f1", "precision", "recall", "run"]
    return pd.DataFrame(rows, columns=columns), pd.concat(counts, ignore_index=True)


def overlaps(study: Study, config: AnalysisConfig) -> pd.DataFrame:
    """How near each held-out language is to those that the polyglot model was trained on.

    Columns: language, shared_script, shared_family, shared_genus (the share of the training languages), and
    byte_2_grams, byte_3_grams, byte_4_grams (the share of the n-grams of its training text that theirs have too).
    """
    novel = novel_languages(study, config.model)
    if not novel:
        return pd.DataFrame(columns=["language"])
    training = study.polyglot_groups(config.model)["lorelei"]
    text = {code: study.corpora[code].train for code in (*novel, *training)}
    grams = ngram_overlap({code: text[code] for code in novel}, {code: text[code] for code in training})
    wide = grams.pivot(index="language", columns="n", values="tokens_overlap")
    wide.columns = [f"byte_{n}_grams" for n in wide.columns]
    return relatedness(novel, training).merge(wide.reset_index(), on="language")


def curve_runs(study: Study, config: AnalysisConfig) -> list[tuple[str, str, int, int, Run]]:
    """The runs of the learning curves: language, regime, number of target sentences, seed and run.

    The smaller sets are parts of the larger ones. At 0 sentences of fine_tuned stands the polyglot run itself.
    """
    model, runs = config.model, []
    for language in novel_languages(study, model):
        corpus = study.corpora[language]
        sizes = [size for size in config.curve_sizes if size < len(corpus.train)] + [len(corpus.train)]
        for size in reversed(sizes):
            corpus = cap(corpus, train=size)
            smaller = study.with_corpora({language: corpus})
            for regime in ("monolingual", "fine_tuned"):
                for seed in study.settings.seeds:
                    runs.append((language, regime, size, seed, smaller.run(model, regime, (language,), seed)))
        for seed in study.settings.seeds:
            runs.append((language, "fine_tuned", 0, seed, _polyglot_run(study, model, language, seed)))
    return runs


def learning_curves(study: Study, config: AnalysisConfig) -> pd.DataFrame:
    """F1 by the number of target sentences, from scratch and from the polyglot model (`curve_runs`).

    Early stopping sees all of the development data. Columns: model, language, regime (monolingual, fine_tuned),
    sentences, seed, f1 (test, percent), run.
    """
    rows = []
    for language, regime, size, seed, run in curve_runs(study, config):
        if size:
            f1 = run.metrics["languages"][language]["test"]["f1"]
        else:
            spans = zero_shot_counts(study, run, language)
            f1 = _ratios(spans[spans["split"] == "test"])["f1"]
        rows.append((config.model, language, regime, size, seed, f1, run.id))
    columns = ["model", "language", "regime", "sentences", "seed", "f1", "run"]
    return pd.DataFrame(rows, columns=columns).sort_values(["language", "regime", "sentences"], ignore_index=True)


def zero_shot_counts(study: Study, run: Run, language: str) -> pd.DataFrame:
    """Span counts of the polyglot run on a language it has not seen: run, language, split, sentence, ..."""

    def make() -> pd.DataFrame:
        tagger = load_tagger(run.folder)
        tables = []
        for split in _SPLITS:
            sentences = study.corpora[language][split]
            tags = tagger.tag([sentence.words for sentence in sentences], language)
            counts = count_spans_by_sentence([sentence.tags for sentence in sentences], tags)
            tables.append(counts.rename_axis("sentence").reset_index().assign(split=split))
        columns = ["run", "language", "split", "sentence", "correct", "predicted", "gold"]
        return pd.concat(tables, ignore_index=True).assign(run=run.id, language=language)[columns]

    corpus = study.corpora[language].fingerprint
    inputs = {"run": run.id, "corpus": corpus}
    return derived_table(study.store, "zero-shot", inputs, "polyner.runs.perform", make)


def _polyglot_run(study: Study, model: str, language: str, seed: int) -> Run:
    return study.run(model, "polyglot", study.polyglot_languages(model, language), seed)


def _scores(scores: dict[str, float]) -> dict[str, float]:
    return {name: scores[name] for name in ("f1", "precision", "recall")}


def _ratios(counts: pd.DataFrame) -> dict[str, float]:
    precision, recall, f1 = precision_recall_f1(*counts[["correct", "predicted", "gold"]].sum())
    return {"f1": f1, "precision": precision, "recall": recall}
