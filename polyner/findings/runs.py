"""Finished runs as plain values, which hold nothing of the corpora's text, and the tables that are made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from polyner.analysis.contrasts import stacked
from polyner.corpora.languages import in_order
from polyner.corpora.sentence import Corpus
from polyner.errors import StoreError
from polyner.runs import Run, RunStore
from polyner.runs.derived import derived_table
from polyner.runs.spec import REGIMES
from polyner.scoring import SPANS, count_spans_by_sentence, precision_recall_f1
from polyner.study.questions import Ask

Record = Mapping[str, Any]
"""What `run_record` makes."""

RESULTS = ["model", "regime", "variant", "group", "language", "seed", "split"]
RESULTS += ["f1", "precision", "recall", "selection_f1", "run", "ended"]
_ENVIRONMENT = ("polyner", "python", "torch", "device", "cores", "threads", "finished")
_CELL = ["model", "regime", "variant", "group", "language"]


def run_record(
    run: Run, asks: Iterable[Ask], sentences: Mapping[str, int], store: RunStore, corpora: Mapping
) -> Record:
    """What is kept of a finished run, and of what it was asked for.

    run: its id; asks: regime, variant, group and languages of each; sentences: of training, by language; spec;
    environment; best_epoch; ended: "patience" or "limit"; scores: by language and split, correct, predicted and gold
    spans by type, of the test split also the numbers of correct and predicted spans of each sentence, as text (gold
    ones are the corpus's), and how many entities are unreachable; history: a row an epoch.
    """
    scores = {
        code: {split: _scores(run, code, split, scored) for split, scored in splits.items()}
        for code, splits in run.metrics["languages"].items()
    }
    asked: dict[tuple[Any, ...], dict[str, Any]] = {}
    for ask in asks:
        key = {"regime": ask.regime, "variant": ask.variant, "group": ask.group, "languages": list(ask.languages)}
        asked[(*key.values(),)[:3] + ask.languages] = key
        for code in ask.languages:
            if code not in scores:
                counts = zero_shot_counts(store, run, corpora[code])
                scores[code] = {split: _zero_shot(own, split) for split, own in counts.groupby("split", sort=False)}
    digits = {"epoch": 0, "loss": 5, "dev_f1": 3, "seconds": 2}
    environment = {name: run.environment[name] for name in _ENVIRONMENT}
    environment["system"] = run.environment["platform"].partition("-")[0]
    return {
        "run": run.id,
        "asks": list(asked.values()),
        "sentences": dict(sentences),
        "spec": run.spec,
        "environment": {**environment, "training_seconds": round(run.seconds, 1)},
        "best_epoch": run.metrics["best_epoch"],
        "ended": run.metrics["ended"],
        "scores": scores,
        "history": [{name: round(epoch[name], places) for name, places in digits.items()} for epoch in run.history],
    }


def sorted_records(records: Iterable[Record], models: Sequence[str]) -> list[Record]:
    """The records of these models: by model in their order, regime, variant, languages, sentences and seed."""
    found = [each for each in records if each["spec"]["model"] in models]
    codes = in_order(code for each in found for code in each["spec"]["languages"])
    order = {code: number for number, code in enumerate(codes)}

    def place(each: Record) -> tuple[Any, ...]:
        spec = each["spec"]
        languages = [order[code] for code in spec["languages"]]
        variant = each["asks"][0]["variant"] if each["asks"] else ""
        kind = models.index(spec["model"]), REGIMES.index(spec["regime"]), variant
        return *kind, languages, sum(each["sentences"].values()), spec["seed"]

    return sorted(found, key=place)


def result_table(records: Iterable[Record]) -> pd.DataFrame:
    """Scores, a row a run, language, split and what it was asked for.

    Columns: model, regime (zero_shot for a polyglot run on a novel language), variant, group, language, seed, split
    (dev, test), f1, precision, recall (percent), selection_f1 (development F1 of the run: the mean over the languages
    it was trained on), run, ended (what ended the run: "patience" or "limit").
    """
    rows = []
    for each in records:
        spec = each["spec"]
        common = {"model": spec["model"], "seed": spec["seed"], "run": each["run"], "ended": each["ended"]}
        common["selection_f1"] = max(epoch["dev_f1"] for epoch in each["history"])
        for ask in each["asks"]:
            own = {name: ask[name] for name in ("regime", "variant", "group")}
            for code in ask["languages"]:
                for split, scores in each["scores"][code].items():
                    rows.append({**common, **own, "language": code, "split": split, **ratios(scores)})
    return pd.DataFrame(rows, columns=RESULTS)


def count_table(records: Iterable[Record], corpora: Mapping[str, Record]) -> pd.DataFrame:
    """Span counts of each test sentence: run, language, sentence, correct, predicted, gold.

    Raises StoreError where a record does not fit its corpus.
    """
    tables = []
    for each in records:
        for code, splits in each["scores"].items():
            try:
                texts = {name: splits["test"][name] for name in SPANS[:2]} | {"gold": corpora[code]["test_gold"]}
                table = pd.DataFrame({name: [int(number) for number in text.split()] for name, text in texts.items()})
            except (KeyError, ValueError) as error:
                raise StoreError(f"{each['run']} has no counts for {code}: {error}") from None
            tables.append(table.rename_axis("sentence").reset_index().assign(run=each["run"], language=code))
    return stacked(tables, ["run", "language", "sentence", *SPANS])


def history_table(records: Iterable[Record]) -> pd.DataFrame:
    """The course of each training: model, regime, variant, group, language (of a polyglot run, its group), seed, run,
    epoch, loss, dev_f1 (percent)."""
    rows = []
    for each in records:
        for ask in each["asks"]:
            if ask["regime"] == "zero_shot":
                continue
            language = ask["group"] if ask["regime"] == "polyglot" else ask["languages"][0]
            key = (each["spec"]["model"], ask["regime"], ask["variant"], ask["group"], language, each["spec"]["seed"])
            rows += [(*key, each["run"], row["epoch"], row["loss"], row["dev_f1"]) for row in each["history"]]
    columns = ["model", "regime", "variant", "group", "language", "seed", "run", "epoch", "loss", "dev_f1"]
    return pd.DataFrame(rows, columns=columns)


def curve_table(records: Iterable[Record], is_novel: Callable[[str], bool]) -> pd.DataFrame:
    """Learning curves of §4.2: F1 by the number of target sentences, from scratch and from the polyglot model, itself
    at 0 of fine_tuned.

    Columns: model, group, language, regime (monolingual, fine_tuned), sentences, seed, f1 (test, percent), run.
    """
    rows = []
    for each in records:
        for ask in each["asks"]:
            if not is_novel(ask["group"]) or ask["variant"]:
                continue
            zero = ask["regime"] == "zero_shot"
            regime, spec = "fine_tuned" if zero else ask["regime"], each["spec"]
            for code in ask["languages"]:
                f1 = ratios(each["scores"][code]["test"])["f1"]
                sentences = 0 if zero else each["sentences"][code]
                rows.append((spec["model"], ask["group"], code, regime, sentences, spec["seed"], f1, each["run"]))
    columns = ["model", "group", "language", "regime", "sentences", "seed", "f1", "run"]
    order = ["group", "language", "regime", "sentences"]
    return pd.DataFrame(rows, columns=columns).sort_values(order, kind="stable", ignore_index=True)


def unreachable_table(records: Iterable[Record]) -> pd.DataFrame:
    """How many entities of the test sets no output of a model can name, whatever it learns (of Byte-to-Span, those
    that no window holds).

    Columns: model, language, entities, unreachable, share (percent of the entities).
    """
    rows = []
    for each in records:
        for code, splits in each["scores"].items():
            if lost := splits["test"].get("unreachable"):
                gold = sum(counts[2] for counts in splits["test"]["by_type"].values())
                rows.append((each["spec"]["model"], code, gold, lost, 100 * lost / gold))
    table = pd.DataFrame(rows, columns=["model", "language", "entities", "unreachable", "share"])
    return table.drop_duplicates(["model", "language"], ignore_index=True)


def zero_shot_counts(store: RunStore, run: Run, corpus: Corpus) -> pd.DataFrame:
    """Span counts of a run on a language it has not seen (§4.2), tagged once and kept in the store.

    Columns: run, language, split (dev, test), sentence, correct, predicted, gold.
    """

    def make() -> pd.DataFrame:
        from polyner.models import load_tagger

        tagger, tables = load_tagger(run.folder), []
        for split in ("dev", "test"):
            sentences = corpus[split]
            tags = tagger.tag([sentence.words for sentence in sentences], corpus.language)
            tables.append(count_spans_by_sentence([sentence.tags for sentence in sentences], tags).assign(split=split))
        table = pd.concat(tables, ignore_index=True).assign(run=run.id, language=corpus.language)
        return table[["run", "language", "split", "sentence", *SPANS]]

    return derived_table(store, "zero-shot", {"run": run.id, "corpus": corpus.fingerprint}, make)


def best_of_seeds(results: pd.DataFrame) -> pd.DataFrame:
    """For each model, regime, variant, group and language, the run with the best development F1 and its test scores.

    A run is chosen by the development data of the languages that it was trained on (`selection_f1`): a polyglot one by
    the mean over them (§4), also where it is evaluated on a language that it has not seen.
    Columns: model, regime, variant, group, language, seed, f1 (test, of the chosen seed), dev_f1 (of this language),
    run, seeds (how many), f1_mean, f1_std (test F1 over the seeds; the deviation is missing where there is one seed).
    """
    dev, test = (results[results["split"] == split] for split in ("dev", "test"))
    choice = dev.sort_values(["selection_f1", "seed"], ascending=[False, True], kind="stable").drop_duplicates(_CELL)
    spread = test.groupby(_CELL)["f1"].agg(seeds="count", f1_mean="mean", f1_std="std").reset_index()
    best = test.merge(choice[[*_CELL, "seed", "f1"]].rename(columns={"f1": "dev_f1"}), on=[*_CELL, "seed"])
    return best.merge(spread, on=_CELL)[[*_CELL, "seed", "f1", "dev_f1", "run", "seeds", "f1_mean", "f1_std"]]


def ratios(scores: Mapping[str, Any]) -> dict[str, float]:
    """F1, precision and recall (percent) of a record's scores, all types together."""
    totals = [sum(counts[place] for counts in scores["by_type"].values()) for place in range(3)]
    precision, recall, f1 = precision_recall_f1(*totals)
    return {"f1": f1, "precision": precision, "recall": recall}


def _scores(run: Run, language: str, split: str, scores: Mapping[str, Any]) -> dict[str, Any]:
    by_type = {name: [counts[number] for number in SPANS] for name, counts in scores["by_type"].items()}
    record: dict[str, Any] = {"by_type": by_type, "accuracy": round(scores["accuracy"], 3)}
    if split == "test":
        _, gold, predicted = run.predictions(language, split)
        record |= _counts_text(count_spans_by_sentence(gold, predicted))
        record |= {"unreachable": scores["unreachable"]} if scores.get("unreachable") else {}
    return record


def _zero_shot(counts: pd.DataFrame, split: str) -> dict[str, Any]:
    totals = {"by_type": {"all": [int(counts[name].sum()) for name in SPANS]}}
    return totals | (_counts_text(counts) if split == "test" else {})


def _counts_text(counts: pd.DataFrame) -> dict[str, str]:
    """Correct and predicted spans of each sentence as text: `{"correct": "0 1 …", "predicted": "0 2 …"}`."""
    return {name: " ".join(map(str, counts[name])) for name in SPANS[:2]}
