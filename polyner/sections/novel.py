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
from polyner.study import Study

REGIMES = ("monolingual", "zero_shot", "fine_tuned")
_SPLITS = ("dev", "test")


def novel_languages(study: Study, model: str) -> tuple[str, ...]:
    """The held-out languages at hand, none where there is no polyglot model to transfer from."""
    if "lorelei" not in study.polyglot_groups(model):
        return ()
    return tuple(code for code in languages_of("heldout") if code in study.learns(model))


def novel_results(study: Study, config: AnalysisConfig) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Table 3 and what its intervals come from.

    The first table has the columns of `Study.results`, with the regimes monolingual, zero_shot (whose run is the
    polyglot one) and fine_tuned; the second those of `Study.span_counts`, for the test sentences.
    """
    model = config.model
    rows, counts = [], [pd.DataFrame(columns=["run", "language", "sentence", "correct", "predicted", "gold"])]
    for language in novel_languages(study, model):
        for seed in study.settings.seeds:
            keys = {"model": model, "variant": "", "group": "heldout", "language": language, "seed": seed}
            for regime in ("monolingual", "fine_tuned"):
                run = study.run(model, regime, (language,), seed)
                for split, scores in run.metrics["languages"][language].items():
                    rows.append({**keys, "regime": regime, "split": split, **_scores(scores), "run": run.id})
                counts.append(study.span_counts(pd.DataFrame([{"run": run.id, "language": language}])))
            together = study.polyglot_languages(model, language)
            run = study.run(model, "polyglot", together, seed)
            spans = _zero_shot_counts(study, run, language)
            for split in _SPLITS:
                own = spans[spans["split"] == split]
                rows.append({**keys, "regime": "zero_shot", "split": split, **_ratios(own), "run": run.id})
            counts.append(spans[spans["split"] == "test"].drop(columns="split"))
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


def learning_curves(study: Study, config: AnalysisConfig) -> pd.DataFrame:
    """F1 by the number of target sentences, from scratch and from the polyglot model.

    The smaller sets are parts of the larger ones; early stopping sees all of the development data. Columns: model,
    language, regime (monolingual, fine_tuned), sentences, seed, f1 (test, percent), run. The point at 0 sentences of
    fine_tuned is the polyglot model itself.
    """
    rows = []
    model = config.model
    for language in novel_languages(study, model):
        corpus = study.corpora[language]
        sizes = [size for size in config.curve_sizes if size < len(corpus.train)] + [len(corpus.train)]
        for size in reversed(sizes):
            corpus = cap(corpus, train=size)
            smaller = study.with_corpora({language: corpus})
            for regime in ("monolingual", "fine_tuned"):
                for seed in study.settings.seeds:
                    run = smaller.run(model, regime, (language,), seed)
                    f1 = run.metrics["languages"][language]["test"]["f1"]
                    rows.append((model, language, regime, size, seed, f1, run.id))
        for seed in study.settings.seeds:
            run = study.run(model, "polyglot", study.polyglot_languages(model, language), seed)
            spans = _zero_shot_counts(study, run, language)
            f1 = _ratios(spans[spans["split"] == "test"])["f1"]
            rows.append((model, language, "fine_tuned", 0, seed, f1, run.id))
    columns = ["model", "language", "regime", "sentences", "seed", "f1", "run"]
    return pd.DataFrame(rows, columns=columns).sort_values(["language", "regime", "sentences"], ignore_index=True)


def _zero_shot_counts(study: Study, run: Run, language: str) -> pd.DataFrame:
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


def _scores(scores: dict[str, float]) -> dict[str, float]:
    return {name: scores[name] for name in ("f1", "precision", "recall")}


def _ratios(counts: pd.DataFrame) -> dict[str, float]:
    precision, recall, f1 = precision_recall_f1(*counts[["correct", "predicted", "gold"]].sum())
    return {"f1": f1, "precision": precision, "recall": recall}
