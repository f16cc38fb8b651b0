"""The one training loop, for every architecture and every regime."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn

from polyner.models.tagger import Encoded, Tagger
from polyner.progress import progress_bar
from polyner.scoring import score
from polyner.training.batches import make_batches
from polyner.training.checkpoints import Checkpoints, load_optimizer
from polyner.training.config import BY_LANGUAGE, ObjectiveConfig, TrainingConfig
from polyner.training.objectives import Data, Objective, Parent, make_objective
from polyner.training.precision import Precision

PLAIN = ObjectiveConfig()


def train(
    tagger: Tagger,
    training: Data,
    development: Data,
    config: TrainingConfig,
    folder: Path,
    *,
    seed: int,
    objective: ObjectiveConfig = PLAIN,
    parent: Parent | None = None,
    optimizer_state: Path | None = None,
    description: str = "",
) -> list[dict[str, Any]]:
    """Train `tagger` in place and return its history; afterwards it has the weights of the best epoch.

    `training` and `development` map language codes to sentences. Checkpoints go to `folder`: where it already holds
    some of the same training, it goes on from the last, and ends as if it had never been interrupted. Each epoch draws
    its randomness from the seed and its own number alone. `objective` is what updates minimise; those that pull to a
    parent's weights need `parent`, with which `tagger` begins. `optimizer_state` is a file to start the optimizer from
    (footnote 7).

    The history has a dictionary an epoch: epoch, updates (so far), loss (mean over examples, without any penalty),
    penalty (of the objective, at the epoch's end), dev_f1 (mean over languages, percent), dev_f1_by_language, seconds,
    and ended: in the last, by what the training ended, "patience" or "limit" (of epochs), None in the others.
    Raises SettingsError for an objective that this run cannot have, and ArithmeticError where the loss is no longer
    finite.
    """
    minimised = make_objective(objective, tagger, training, parent)
    codes = [code for code, sentences in training.items() for _ in sentences]
    encoded = tagger.encode([s for sentences in training.values() for s in sentences], codes, training=True)
    held_out = {code: (tagger.encode(s, [code] * len(s)), [x.tags for x in s]) for code, s in development.items()}
    optimizer = _optimizer(tagger, config)
    precision = Precision.of(config, tagger.device)
    checkpoints = Checkpoints(folder)
    history = checkpoints.resume(tagger, optimizer, precision.scaler)
    if not history and optimizer_state is not None:
        load_optimizer(optimizer_state, tagger, optimizer)
    batching = dataclasses.replace(config, stratified=config.stratified or objective.name in BY_LANGUAGE)
    steps = math.ceil(len(encoded.lengths) / config.batch_size)
    with progress_bar(description, total=config.max_epochs * steps) as advance:
        for _ in range(len(history) * steps):
            advance("resumed")
        while _ending(history, config) is None:
            started = time.monotonic()
            epoch = len(history) + 1
            with torch.random.fork_rng(devices=[tagger.device] if tagger.device.type == "cuda" else []):
                torch.manual_seed(seed * 1_000_003 + epoch)
                batches = make_batches(encoded.lengths, encoded.languages, batching)
                shown = f"epoch {epoch}, " + (f"dev F1 {history[-1]['dev_f1']:.1f}" if history else "no dev F1 yet")
                loss = _run_epoch(minimised, encoded, batches, optimizer, precision, config, partial(advance, shown))
            scores = {code: score(gold, predict(tagger, own)).f1 for code, (own, gold) in held_out.items()}
            history.append(
                {
                    "epoch": epoch,
                    "updates": len(batches) + (history[-1]["updates"] if history else 0),
                    "loss": loss,
                    "penalty": minimised.penalty(),
                    "dev_f1": sum(scores.values()) / len(scores),
                    "dev_f1_by_language": scores,
                    "seconds": time.monotonic() - started,
                    "ended": None,
                }
            )
            checkpoints.save(tagger, optimizer, history, best_epoch(history), precision.scaler)
    checkpoints.load(best_epoch(history), tagger)
    return [*history[:-1], {**history[-1], "ended": _ending(history, config)}]


def best_epoch(history: Sequence[Mapping[str, Any]]) -> int:
    """The number of the epoch with the highest development F1.

    The first of them where several have it, but the last as long as it is 0: a model that finds no entity yet learns
    all the same, and its patience must not run out before it has begun to.
    """
    best = max(row["dev_f1"] for row in history)
    epochs = [row["epoch"] for row in history if row["dev_f1"] == best]
    return epochs[0] if best > 0 else epochs[-1]


@torch.inference_mode()
def predict(tagger: Tagger, encoded: Encoded) -> list[list[str]]:
    """The tags of encoded sentences, without dropout; afterwards the tagger is in the mode it was in."""
    was_training = tagger.training
    tagger.eval()
    tags = tagger.predict(encoded)
    tagger.train(was_training)
    return tags


def _run_epoch(
    objective: Objective,
    encoded: Encoded,
    batches: Sequence[torch.Tensor],
    optimizer: torch.optim.Optimizer,
    precision: Precision,
    config: TrainingConfig,
    advance: Callable[[], None],
) -> float:
    """One pass over the batches; the mean loss over examples."""
    tagger, scaler = objective.tagger, precision.scaler
    tagger.train()
    total = torch.zeros((), device=tagger.device)
    for examples in batches:
        optimizer.zero_grad(set_to_none=True)
        loss = objective.gradients(encoded, examples, precision)
        if config.clip_norm is not None:
            scaler.unscale_(optimizer)
            nn.utils.clip_grad_norm_(tagger.parameters(), config.clip_norm)
        scaler.step(optimizer)
        scaler.update()
        total += loss * len(examples)
        advance()
    mean = float(total) / sum(map(len, batches))
    if not math.isfinite(mean):
        raise ArithmeticError(f"the training loss is {mean}: try a smaller learning rate or gradient clipping")
    return mean


def _optimizer(tagger: Tagger, config: TrainingConfig) -> torch.optim.Optimizer:
    """Fused: one pass over the parameters, and with scaled gradients no waiting for the device."""
    groups, rate, decay = tagger.parameter_groups(), config.learning_rate, config.weight_decay
    if config.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=rate, momentum=config.momentum, weight_decay=decay, fused=True)
    return torch.optim.AdamW(groups, lr=rate, weight_decay=decay, fused=True)


def _ending(history: Sequence[Mapping[str, Any]], config: TrainingConfig) -> str | None:
    """By what the training has ended: "patience", else the "limit" of epochs; None while it goes on."""
    epochs = len(history)
    may_end = epochs >= config.min_epochs and history[-1]["updates"] >= config.min_updates
    if may_end and epochs - best_epoch(history) >= config.patience:
        return "patience"
    return "limit" if epochs >= config.max_epochs else None
