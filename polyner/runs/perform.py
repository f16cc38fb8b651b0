"""Performing a run: build or take over a tagger, train it, evaluate it, and write down what came out."""

from __future__ import annotations

import json
import os
import platform
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import torch

import polyner
from polyner.corpora.sentence import Corpus, Sentence
from polyner.errors import PolynerError
from polyner.models import load_tagger, model_class
from polyner.models.tagger import Tagger
from polyner.runs.devices import precision_on, resolve_device
from polyner.runs.spec import RunSpec
from polyner.scoring import score
from polyner.training.checkpoints import Checkpoints
from polyner.training.config import ObjectiveConfig, TrainingConfig
from polyner.training.loop import best_epoch, train
from polyner.training.objectives import Parent


def perform(
    spec: RunSpec, corpora: Mapping[str, Corpus], folder: Path, checkpoints: Path, device: str, parent: Path | None
) -> None:
    """Train and evaluate what `spec` says and fill `folder` with it; `parent` is the folder of the run it starts from.

    Checkpoints are kept in `checkpoints`; where there are some, an interrupted training goes on from them. In `folder`
    are then spec.json, history.jsonl, metrics.json, predictions/LANGUAGE.SPLIT.conll (word, gold tag, predicted tag),
    config.json and model.safetensors, optimizer.safetensors (of the same epoch), environment.json.
    """
    where = resolve_device(device)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    data = {code: corpora[code] for code in spec.languages}
    tagger = (load_tagger(parent) if parent else fresh_tagger(spec, data)).to(where)
    pulling = None  # what an objective pulls to, with what it was trained on
    if parent and spec.objective:
        of_parent = {code: corpora[code].train for code in spec.parent.languages}
        pulling = Parent(load_tagger(parent).to(where), of_parent)
    try:
        with threads_for(tagger):
            history = train(
                tagger,
                {code: corpus.train for code, corpus in data.items()},
                {code: corpus.dev for code, corpus in data.items()},
                training_of(spec, where),
                checkpoints,
                seed=spec.seed,
                objective=ObjectiveConfig(**spec.objective),
                parent=pulling,
                optimizer_state=parent / "optimizer.safetensors" if parent and spec.keep_optimizer else None,
                description=f"{spec.model} {spec.regime} {'+'.join(spec.languages)} seed {spec.seed}",
            )
            metrics = {code: evaluate(tagger, corpus, folder / "predictions") for code, corpus in data.items()}
    except ArithmeticError as error:
        raise PolynerError(f"{spec.id}: {error}") from None
    best = best_epoch(history)
    tagger.save_pretrained(folder)
    shutil.copyfile(Checkpoints(checkpoints).optimizer_file(best), folder / "optimizer.safetensors")
    (folder / "history.jsonl").write_text("".join(json.dumps(row) + "\n" for row in history), encoding="utf-8")
    _write_json(folder / "spec.json", spec.as_dict())
    found = {"best_epoch": best, "epochs": len(history), "ended": history[-1]["ended"]}
    found |= {"dev_f1": history[best - 1]["dev_f1"], "languages": metrics}
    _write_json(folder / "metrics.json", found)
    seconds = sum(row["seconds"] for row in history)
    _write_json(folder / "environment.json", {**environment(where), "training_seconds": seconds})


def evaluate(
    tagger: Tagger, corpus: Corpus, predictions: Path | None = None, splits: Sequence[str] = ("dev", "test")
) -> dict[str, dict[str, Any]]:
    """Scores on each split, overall and by type, and `unreachable`, how many entities no output could name.

    The tags go to the folder `predictions` if that is given.
    """
    metrics = {}
    for split in splits:
        sentences = corpus[split]
        tags = tagger.tag([sentence.words for sentence in sentences], corpus.language)
        scores = score([sentence.tags for sentence in sentences], tags)
        metrics[split] = {**scores.as_dict(), "unreachable": tagger.unreachable(sentences)}
        if predictions is not None:
            predictions.mkdir(parents=True, exist_ok=True)
            write_predictions(predictions / f"{corpus.language}.{split}.conll", sentences, tags)
    return metrics


def write_predictions(path: Path, sentences: tuple[Sentence, ...], tags: list[list[str]]) -> None:
    """Word, gold tag and predicted tag, by tabs, as `conlleval -d '\\t'` reads them."""
    lines = []
    for sentence, predicted in zip(sentences, tags, strict=True):
        lines += [f"{w}\t{g}\t{p}\n" for w, g, p in zip(sentence.words, sentence.tags, predicted, strict=True)] + ["\n"]
    path.write_text("".join(lines), encoding="utf-8", newline="\n")


def environment(device: str) -> dict[str, Any]:
    """What a run's numbers could depend on beside its specification, and when it ended."""
    return {
        "polyner": polyner.__version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "platform": platform.platform(),
        "device": torch.cuda.get_device_name(device) if device.startswith("cuda") else platform.machine(),
        "threads": torch.get_num_threads(),
        "cores": os.cpu_count(),
        "finished": datetime.now(timezone.utc).isoformat(timespec="seconds"),
    }


@contextmanager
def threads_for(tagger: Tagger) -> Iterator[int]:
    """One thread for a small model, whose LSTMs several threads slow down, unless `$OMP_NUM_THREADS` says otherwise.

    Small is one whose layers all have fewer than 128 units: there two threads gain a sixth where both have a core to
    themselves, and cost twice the time where they do not. `make bench` measures it.
    """
    before = torch.get_num_threads()
    if "OMP_NUM_THREADS" not in os.environ and tagger.width < 128:
        torch.set_num_threads(1)
    try:
        yield torch.get_num_threads()
    finally:
        torch.set_num_threads(before)


def training_of(spec: RunSpec, device: str) -> TrainingConfig:
    """How the run is trained. Raises PolynerError where the device does not compute in the precision asked for."""
    wanted = "off" if spec.precision == "float32" else "on"
    config = TrainingConfig(**{**spec.training, "mixed_precision": wanted})
    if precision_on(device, config) != spec.precision:
        raise PolynerError(f"{spec.id}: {device} does not compute in {spec.precision}")
    return config


def fresh_tagger(spec: RunSpec, data: Mapping[str, Corpus]) -> Tagger:
    """The network that a run without a parent begins with."""
    cls = model_class(spec.model)
    with torch.random.fork_rng(devices=[]):  # weights are drawn on the processor, whatever the device
        torch.manual_seed(spec.seed)
        return cls.build(cls.configure(spec.config), {code: corpus.train for code, corpus in data.items()})


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
