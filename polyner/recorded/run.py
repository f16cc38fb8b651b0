"""One run as a record: what of it is kept, and how it is written so that a change shows as a line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from polyner.runs import Run
from polyner.scoring import count_spans_by_sentence, precision_recall_f1

SPLITS = ("dev", "test")
_ENVIRONMENT = ("polyner", "python", "torch", "device", "cores", "threads", "finished")
_DEPTH = 4  # levels of a record that are spread over lines


def run_record(run: Run, variant: str, sentences: Mapping[str, int]) -> dict[str, Any]:
    """What is kept of a finished run. `sentences` are the training sentences of each of its languages.

    The scores of a split are correct, predicted and gold spans by type; those of the test split hold the numbers of
    correct and predicted spans of each sentence too, in order, as text. Gold ones are the corpus's, and not here.
    """
    languages = {
        code: {split: _scores(run, code, split, by_type) for split, by_type in splits.items()}
        for code, splits in run.metrics["languages"].items()
    }
    environment = {name: run.environment[name] for name in _ENVIRONMENT if name in run.environment}
    system = str(run.environment.get("platform", "")).partition("-")[0]
    return {
        "run": run.id,
        "variant": variant,
        "sentences": dict(sentences),
        "spec": run.spec,
        "environment": {**environment, "system": system, "training_seconds": round(run.seconds, 1)},
        "best_epoch": run.metrics["best_epoch"],
        "ended": run.metrics["ended"],
        "languages": languages,
        "zero_shot": {},
        "history": [_rounded(epoch) for epoch in run.history],
    }


def counts_text(counts: pd.DataFrame) -> dict[str, str]:
    """Correct and predicted spans of each sentence as text: `{"correct": "0 1 …", "predicted": "0 2 …"}`."""
    return {name: " ".join(map(str, counts[name])) for name in ("correct", "predicted")}


def counts_table(scores: Mapping[str, Any], gold: str) -> pd.DataFrame:
    """The counts of each sentence (sentence, correct, predicted, gold) of a record's test scores.

    `gold` is the corpus's text of gold spans. Raises ValueError where the two have different numbers of sentences.
    """
    texts = {"correct": scores["correct"], "predicted": scores["predicted"], "gold": gold}
    numbers = {name: [int(number) for number in text.split()] for name, text in texts.items()}
    table = pd.DataFrame(numbers)
    return table.rename_axis("sentence").reset_index()


def ratios(scores: Mapping[str, Any]) -> dict[str, float]:
    """F1, precision and recall (percent) of a record's scores, all types together."""
    totals = [sum(counts[place] for counts in scores["by_type"].values()) for place in range(3)]
    precision, recall, f1 = precision_recall_f1(*totals)
    return {"f1": f1, "precision": precision, "recall": recall}


def write_record(path: Path, value: Mapping[str, Any]) -> None:
    """Write a record as JSON: its upper levels a line an entry, what lies deeper on one line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_text(value) + "\n", encoding="utf-8", newline="\n")


def _scores(run: Run, language: str, split: str, scores: Mapping[str, Any]) -> dict[str, Any]:
    by_type = {
        name: [counts[number] for number in ("correct", "predicted", "gold")]
        for name, counts in scores["by_type"].items()
    }
    record: dict[str, Any] = {"by_type": by_type, "accuracy": round(scores["accuracy"], 3)}
    if split == "test":
        _, gold, predicted = run.predictions(language, split)
        record |= counts_text(count_spans_by_sentence(gold, predicted))
    return record


def _rounded(epoch: Mapping[str, Any]) -> dict[str, Any]:
    digits = {"loss": 5, "dev_f1": 3, "seconds": 2}
    return {"epoch": epoch["epoch"], **{name: round(epoch[name], places) for name, places in digits.items()}}


def _text(value: Any, depth: int = 0) -> str:
    spread = isinstance(value, Mapping) and value and depth < _DEPTH
    rows = isinstance(value, list) and value and isinstance(value[0], Mapping)
    inner = "\n" + "  " * (depth + 1)
    end = "\n" + "  " * depth
    if spread:
        items = (f"{json.dumps(name)}: {_text(item, depth + 1)}" for name, item in value.items())
        return "{" + inner + f",{inner}".join(items) + end + "}"
    if rows:
        return "[" + inner + f",{inner}".join(json.dumps(item, ensure_ascii=False) for item in value) + end + "]"
    return json.dumps(value, ensure_ascii=False)
