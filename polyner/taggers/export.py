"""Runs as taggers in eight bits: one run as a folder, or all that a study chose as a folder of taggers with a card."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from polyner.analysis.estimates import Estimate
from polyner.analysis.sentences import f1_of, jackknife
from polyner.corpora.languages import in_order, language_name
from polyner.corpora.sentence import Corpus, entity_types
from polyner.corpora.sources.provenance import read_sources
from polyner.errors import SettingsError
from polyner.findings.runs import best_of_seeds
from polyner.findings.study import findings_of
from polyner.integrity import sha256
from polyner.models import load_tagger
from polyner.models.rounding import round_weights
from polyner.models.tagger import Tagger
from polyner.runs import Run
from polyner.scoring import SPANS, count_spans_by_sentence
from polyner.study.protocol import Study
from polyner.study.questions import PAGES
from polyner.taggers.card import card
from polyner.taggers.collection import FORMAT, INDEX, Collection
from polyner.taggers.guess import frequent_trigrams, frequent_words


def chosen_runs(study: Study) -> pd.DataFrame:
    """Of each language and regime (monolingual, polyglot, fine_tuned, zero_shot) the Byte-CRF to try, chosen by dev F1.

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
    return wide.filter(["language", "monolingual", "polyglot", "zero_shot", "fine_tuned"])


def export_tagger(tagger: Tagger, folder: Path) -> Path:
    """Write a tagger with weights in eight bits: config.json, model.safetensors, README.md. Returns the second."""
    tagger.save_pretrained(folder)
    return round_weights(folder / "model.safetensors")


def export_run(run: Run, folder: Path) -> dict[str, Any]:
    """Write the tagger of a finished run so. Returns what an index says of it."""
    weights = export_tagger(load_tagger(run.folder), folder)
    return {
        "regime": run.spec["regime"],
        "trained_on": list(run.spec["languages"]),
        "size": weights.stat().st_size,
        "sha256": sha256(weights),
    }


def about_languages(study: Study, runs: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """What an index says of the languages in a table of `chosen_runs`, before the exported taggers are scored."""
    languages = {}
    for code in in_order(runs["language"]):
        own = runs[runs["language"] == code]
        train = study.corpora[code].train
        languages[code] = {
            "name": language_name(code),
            "group": own["group"].iloc[0],
            "sentences": len(train),
            "models": {
                row.regime: {"run": row.run, "f1": round(row.f1, 2), "dev_f1": round(row.dev_f1, 2)}
                for row in own.itertuples()
            },
            "frequent": frequent_words(train),
            "trigrams": frequent_trigrams(train),
        }
    return languages


def export_study(study: Study, folder: Path, title: str = "", source: str = "") -> Collection:
    """Write the taggers that a study chose, with their index and card, in place of what the folder held.

    Their scores are those of the written files, on the test sets of the study's corpora. `title` is what readers call
    them, `source` how the corpora are had. Raises SettingsError where no run is there, or where the folder holds
    something else.
    """
    known = {INDEX, "README.md", *Collection.open(folder).models} if (folder / INDEX).is_file() else set()
    if folder.exists() and {path.name for path in folder.iterdir()} - known:
        raise SettingsError(f"{folder} holds something else than taggers")
    runs = chosen_runs(study)
    if runs.empty:
        raise SettingsError("no byte-crf of these settings has been trained: there is nothing to export")
    folder = folder.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent, prefix=".") as beside:
        new, old = Path(beside, "new"), Path(beside, "old")
        _write_taggers(study, runs, new, title, source)
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
    return Collection.open(folder)


def _write_taggers(study: Study, runs: pd.DataFrame, folder: Path, title: str, source: str) -> None:
    languages, models = about_languages(study, runs), {}
    for name in dict.fromkeys(runs["run"]):
        models[name] = export_run(study.used[name], folder / name)
        (folder / name / "README.md").unlink()  # there is one card for all
        tagger = load_tagger(folder / name)
        for code, regime in runs.loc[runs["run"] == name, ["language", "regime"]].itertuples(index=False):
            languages[code]["models"][regime] |= scores_on_test(tagger, study.corpora[code])
    known = read_sources(Path(study.settings.corpora))
    for code, about in languages.items():
        entry = known.get(code, {})
        about |= {key: entry.get(key, "") for key in ("origin", "licence")}
        about["texts"] = next(iter(entry.get("conversions") or ()), "")
    about = {
        "title": title or study.settings.profile,
        "seeds": sorted({study.used[name].spec["seed"] for name in models}),
        "corpora": source,
        "settings": _settings(study),
        "date": date.today().isoformat(),
    }
    index = {"format": FORMAT, "about": about, "languages": languages, "models": models}
    (folder / INDEX).write_text(json.dumps(index, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (folder / "README.md").write_text(card(Collection.open(folder)), encoding="utf-8")


def scores_on_test(tagger: Tagger, corpus: Corpus) -> dict[str, Any]:
    """F1 (percent) on the test set with its 95 % interval over sentences, overall and by type: f1, low, high, types.

    A type has gold too, the number of its entities.
    """
    gold = [sentence.tags for sentence in corpus.test]
    predicted = tagger.tag([sentence.words for sentence in corpus.test], corpus.language)
    of_types = {}
    for kind in entity_types(corpus.test):
        one = [[[tag if tag[2:] == kind else "O" for tag in tags] for tags in side] for side in (gold, predicted)]
        counts = count_spans_by_sentence(*one)
        of_types[kind] = {**_with_interval(counts), "gold": int(counts["gold"].sum())}
    return {**_with_interval(count_spans_by_sentence(gold, predicted)), "types": of_types}


def _with_interval(counts: pd.DataFrame) -> dict[str, float]:
    table = counts[SPANS].to_numpy(dtype=float)
    variance = float((jackknife(table) ** 2).sum())
    f1 = Estimate(float(f1_of(table.sum(axis=0))), variance, math.inf, least=0.0, most=100.0)
    return {"f1": round(f1.figure, 2), "low": round(f1.low, 2), "high": round(f1.high, 2)}


def _settings(study: Study) -> Mapping[str, Any]:
    config, training = study.config("byte-crf"), study.training("byte-crf")
    return {
        **{name: getattr(study.settings, name) for name in ("profile", "max_train_sentences", "types")},
        **{name: getattr(config, name) for name in ("embedding_size", "unit_hidden_size", "sentence_hidden_size")},
        **{name: getattr(training, name) for name in ("learning_rate", "batch_size", "patience")},
    }
