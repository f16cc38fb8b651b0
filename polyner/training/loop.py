"""The one training loop, for every architecture and every regime."""

from __future__ import annotations

import dataclasses
import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from polyner.corpora.sentence import Sentence
from polyner.errors import SettingsError
from polyner.models.tagger import Encoded, Tagger
from polyner.progress import progress_bar
from polyner.scoring import f1_score
from polyner.training.checkpoints import Checkpoints, load_optimizer

_BATCHES_A_POOL = 20


@dataclass(frozen=True)
class TrainingConfig:
    """How a tagger is trained. The defaults are the paper's (§3.4), but for the batch size.

    optimizer: "adam" or "sgd"; learning_rate: its step size; momentum: of "sgd".
    weight_decay: how much of each weight an update takes away, in units of the learning rate; with "adam" apart from
        its moments (AdamW).
    batch_size: training examples. The paper's code has 128 for the CRFs and 32 for CharNER; 32 trains the word-level
        CRFs in far fewer epochs.
    max_epochs, min_epochs, patience: training ends after `patience` epochs without a better development F1, but not
        before `min_epochs`, and at `max_epochs`. The F1 is the mean over the languages trained on.
    clip_norm: the gradient's norm is clipped to this; None for no clipping.
    sampling_exponent: how often a polyglot epoch shows each language: in proportion to its number of sentences to this
        power. 1 is the plain concatenation of the corpora (§4), 0 uniform sampling (footnote 6).
    mixed_precision: "on" computes matrix products and LSTMs in half precision: in float16 with scaled gradients on
        CUDA, where cuDNN's LSTMs know no other under autocast, in bfloat16 on processors that have it. "auto" does so
        on CUDA only; "off" computes in float32 everywhere.
    """

    optimizer: str = "adam"
    learning_rate: float = 1e-3
    momentum: float = 0.0
    weight_decay: float = 0.0
    batch_size: int = 32
    max_epochs: int = 100
    min_epochs: int = 5
    patience: int = 10
    clip_norm: float | None = None
    sampling_exponent: float = 1.0
    mixed_precision: str = "auto"

    def __post_init__(self) -> None:
        if self.optimizer not in ("adam", "sgd"):
            raise SettingsError(f"optimizer is 'adam' or 'sgd', not {self.optimizer!r}")
        if self.mixed_precision not in ("auto", "on", "off"):
            raise SettingsError(f"mixed_precision is 'auto', 'on' or 'off', not {self.mixed_precision!r}")
        for name in ("batch_size", "max_epochs", "min_epochs", "patience"):
            if not isinstance(getattr(self, name), int) or getattr(self, name) < 1:
                raise SettingsError(f"{name} is a whole number of at least 1, not {getattr(self, name)!r}")
        if not self.learning_rate > 0:
            raise SettingsError(f"learning_rate is positive, not {self.learning_rate!r}")
        if self.clip_norm is not None and not self.clip_norm > 0:
            raise SettingsError(f"clip_norm is positive or None, not {self.clip_norm!r}")
        if not self.weight_decay >= 0:
            raise SettingsError(f"weight_decay is at least 0, not {self.weight_decay!r}")
        if not 0 <= self.momentum < 1:
            raise SettingsError(f"momentum is at least 0 and less than 1, not {self.momentum!r}")

    @classmethod
    def of(cls, overrides: Mapping[str, Any]) -> TrainingConfig:
        """The defaults with `overrides`. Raises SettingsError for an unknown field."""
        known = [field.name for field in dataclasses.fields(cls)]
        if unknown := sorted(set(overrides) - set(known)):
            raise SettingsError(f"unknown training setting {unknown[0]!r}: one of {', '.join(known)}")
        return cls(**overrides)


Data = Mapping[str, Sequence[Sentence]]


def train(
    tagger: Tagger,
    training: Data,
    development: Data,
    config: TrainingConfig,
    folder: Path,
    *,
    seed: int,
    optimizer_state: Path | None = None,
    description: str = "",
) -> list[dict[str, Any]]:
    """Train `tagger` in place and return its history; afterwards it has the weights of the best epoch.

    `training` and `development` map language codes to sentences. Checkpoints go to `folder`: where it already holds
    some of the same training, it goes on from the last, and ends as if it had never been interrupted. Each epoch draws
    its randomness from the seed and its own number alone. `optimizer_state` is a file to start the optimizer from
    (footnote 7). The history has a dictionary an epoch: epoch, loss (mean over examples), dev_f1 (mean over languages,
    percent), dev_f1_by_language, seconds. Raises ArithmeticError where the loss is no longer finite.
    """
    codes = [code for code, sentences in training.items() for _ in sentences]
    encoded = tagger.encode([s for sentences in training.values() for s in sentences], codes, training=True)
    held_out = {code: (tagger.encode(s, [code] * len(s)), [x.tags for x in s]) for code, s in development.items()}
    optimizer = _optimizer(tagger, config)
    half = half_precision(config, tagger.device)
    scaler = torch.amp.GradScaler("cuda", enabled=half is torch.float16)
    checkpoints = Checkpoints(folder)
    history = checkpoints.resume(tagger, optimizer)
    if not history and optimizer_state is not None:
        load_optimizer(optimizer_state, tagger, optimizer)
    steps = math.ceil(len(encoded.lengths) / config.batch_size)
    with progress_bar(description, total=config.max_epochs * steps) as advance:
        for _ in range(len(history) * steps):
            advance("resumed")
        while not _finished(history, config):
            started = time.monotonic()
            epoch = len(history) + 1
            with torch.random.fork_rng(devices=[tagger.device] if tagger.device.type == "cuda" else []):
                torch.manual_seed(seed * 1_000_003 + epoch)
                batches = make_batches(encoded.lengths, encoded.languages, config)
                shown = f"epoch {epoch}, " + (f"dev F1 {history[-1]['dev_f1']:.1f}" if history else "no dev F1 yet")
                loss = _run_epoch(
                    tagger, encoded, batches, optimizer, scaler, half, config, lambda text=shown: advance(text)
                )
            scores = {code: f1_score(gold, predict(tagger, sentences)) for code, (sentences, gold) in held_out.items()}
            history.append(
                {
                    "epoch": epoch,
                    "loss": loss,
                    "dev_f1": sum(scores.values()) / len(scores),
                    "dev_f1_by_language": scores,
                    "seconds": time.monotonic() - started,
                }
            )
            checkpoints.save(tagger, optimizer, history, best=best_epoch(history))
    checkpoints.load(best_epoch(history), tagger)
    return history


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


def make_batches(lengths: torch.Tensor, languages: Sequence[str], config: TrainingConfig) -> list[torch.Tensor]:
    """One epoch's batches of example indices, drawn by torch's random generator.

    The examples are shuffled, sorted by length within pools of some batches, so that little of a batch is padding, and
    the batches shuffled. With a sampling exponent other than 1 an epoch has as many examples as ever, drawn with
    replacement so that each language has its share.
    """
    if config.sampling_exponent == 1.0 or len(set(languages)) == 1:
        order = torch.randperm(len(lengths))
    else:
        order = _drawn_by_language(languages, config.sampling_exponent)
    batches = [
        batch
        for pool in order.split(_BATCHES_A_POOL * config.batch_size)
        for batch in pool[lengths[pool].argsort(stable=True)].split(config.batch_size)
    ]
    return [batches[i] for i in torch.randperm(len(batches))]


def _drawn_by_language(languages: Sequence[str], exponent: float) -> torch.Tensor:
    """As many example indices as there are examples: for each a language is drawn, then one of its examples."""
    numbers = {code: number for number, code in enumerate(dict.fromkeys(languages))}
    own = torch.tensor([numbers[code] for code in languages])
    members = [(own == number).nonzero().squeeze(1) for number in numbers.values()]
    shares = torch.tensor([len(examples) for examples in members], dtype=torch.double) ** exponent
    drawn = torch.multinomial(shares, len(own), replacement=True)
    order = torch.empty_like(own)
    for number, examples in enumerate(members):
        chosen = drawn == number
        order[chosen] = examples[torch.randint(len(examples), (int(chosen.sum()),))]
    return order


def _run_epoch(
    tagger: Tagger,
    encoded: Encoded,
    batches: Sequence[torch.Tensor],
    optimizer: torch.optim.Optimizer,
    scaler: torch.amp.GradScaler,
    half: torch.dtype | None,
    config: TrainingConfig,
    advance: Callable[[], None],
) -> float:
    """One pass over the batches; the mean loss over examples."""
    tagger.train()
    total = torch.zeros((), device=tagger.device)
    for examples in batches:
        optimizer.zero_grad(set_to_none=True)
        # Without the cache of weights in half precision, the gradients of their several uses are added in single.
        with torch.autocast(tagger.device.type, dtype=half, enabled=half is not None, cache_enabled=False):
            loss = tagger.loss(encoded.batch(examples))
        scaler.scale(loss).backward()
        if config.clip_norm is not None:
            scaler.unscale_(optimizer)
            nn.utils.clip_grad_norm_(tagger.parameters(), config.clip_norm)
        scaler.step(optimizer)
        scaler.update()
        total += loss.detach() * len(examples)
        advance()
    mean = float(total) / sum(map(len, batches))
    if not math.isfinite(mean):
        raise ArithmeticError(f"the training loss is {mean}: try a smaller learning rate or gradient clipping")
    return mean


def half_precision(config: TrainingConfig, device: torch.device) -> torch.dtype | None:
    """The half precision that `config` asks for and `device` has; None for single precision."""
    if device.type == "cuda":
        return None if config.mixed_precision == "off" else torch.float16
    wanted = config.mixed_precision == "on" and device.type == "cpu"
    return torch.bfloat16 if wanted and torch.ops.mkldnn._is_mkldnn_bf16_supported() else None


def _optimizer(tagger: Tagger, config: TrainingConfig) -> torch.optim.Optimizer:
    """Fused: one pass over the parameters, and with scaled gradients no waiting for the device."""
    groups, rate, decay = tagger.parameter_groups(), config.learning_rate, config.weight_decay
    if config.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=rate, momentum=config.momentum, weight_decay=decay, fused=True)
    return torch.optim.AdamW(groups, lr=rate, weight_decay=decay, fused=True)


def _finished(history: Sequence[Mapping[str, Any]], config: TrainingConfig) -> bool:
    epochs = len(history)
    if epochs < min(config.min_epochs, config.max_epochs):
        return False
    return epochs >= config.max_epochs or epochs - best_epoch(history) >= config.patience


def write_history(path: Path, history: Sequence[Mapping[str, Any]]) -> None:
    """One JSON object a line and epoch."""
    path.write_text("".join(json.dumps(row) + "\n" for row in history), encoding="utf-8")
