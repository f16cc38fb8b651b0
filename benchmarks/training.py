"""Training steps and tagging passes of the architectures, at the paper's sizes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch

from benchmarks import yardsticks
from benchmarks.measure import OURS, Elsewhere, Measured, compare, figure
from benchmarks.text import made_up
from polyner.corpora.sentence import Sentence
from polyner.corpora.spans import spans_of
from polyner.models import model_class
from polyner.models.tagger import Tagger
from polyner.training.config import TrainingConfig
from polyner.training.precision import half_precision

_PADDED, _PACKED, _HALF = "padded", "packed", "polyner, bfloat16"
EQUAL_SIZES = {"unit_layers": 1, "min_character_count": 1}
"""Of a character CRF that is as large as Flair's and NCRF++'s can be made: one layer over characters."""

_WAYS = {_PADDED: yardsticks.padded_lstm, _PACKED: yardsticks.packed_lstm}


def build(name: str, sentences: Sequence[Sentence], **sizes: Any) -> Tagger:
    """A freshly initialised tagger of the paper's sizes, but for `sizes`."""
    torch.manual_seed(0)
    cls = model_class(name)
    return cls.build(cls.configure(sizes), {"spa": sentences})


def flair(python: str, what: str, sentences: Sequence[Sentence]) -> Elsewhere:
    """A training step of Flair's tagger on the sentences, or tagging them, by a Python that has Flair."""
    pairs = json.dumps([[sentence.words, spans_of(sentence.tags)] for sentence in sentences])
    command = [python, str(Path(__file__).with_name("flair_tagger.py")), what]
    return Elsewhere(
        subprocess.run(command, check=True, input=pairs, stdout=subprocess.PIPE, text=True).stdout.split()[-1]
    )


def training_steps(
    name: str, kind: str, batch_size: int, repeats: int, peer: str | None = None, **sizes: Any
) -> Iterator[Measured]:
    """One step, with the optimizer's, and the rate at which ours computes.

    Ours has a batch of sentences of about the mean length, as training sorts them; the yardsticks have the first
    sentences as they come, and their time is scaled to as many words. `peer` is a Python with Flair, for `EQUAL_SIZES`.
    """
    sentences = made_up(kind, 20 * batch_size if name != "byte-to-span" else 8)
    model = build(name, sentences, **sizes).train()
    encoded = model.encode(sentences, ["spa"] * len(sentences), training=True)
    lengths = encoded.lengths
    chosen = typical_batch(lengths, batch_size)
    ours, plain = encoded.batch(chosen), encoded.batch(torch.arange(batch_size))
    as_much = float(lengths[chosen].sum() / lengths[:batch_size].sum())
    optimizer = torch.optim.AdamW(model.parameters(), fused=True)

    def step(loss: Callable[[], torch.Tensor], half: bool = False) -> None:
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half, cache_enabled=False):
            value = loss()
        value.backward()
        optimizer.step()

    ways = {OURS: partial(step, lambda: model.loss(ours))}
    if half_precision(TrainingConfig(mixed_precision="on"), torch.device("cpu")):
        ways[_HALF] = partial(step, lambda: model.loss(ours), half=True)
    for way, encode in _WAYS.items():
        if name in ("byte-crf", "char-crf"):
            own = sentences[:batch_size]
            ways[way] = partial(step, partial(yardsticks.word_crf_loss, model, own, encode))
        elif name == "charner":
            ways[way] = partial(step, partial(yardsticks.charner_loss, model, plain, encode))
    if name == "byte-to-span":
        ways["cell by cell"] = partial(step, partial(yardsticks.byte_to_span_loss, model, plain))
    if peer:
        ways["Flair"] = partial(flair, peer, "train", sentences[:batch_size])
    quantity = f"training step, {_described(name, sizes)}, {kind}, batch of {batch_size}"
    rows = compare(quantity, ways, repeats, {way: as_much for way in ways if way not in (OURS, _HALF)})
    yield from rows
    # Forward, and backward with respect to the inputs and to the weights.
    yield from _rates(quantity, 3 * recurrent_operations(model, ours) / rows[0].amount / 1e9)


def sgemm_rate() -> float:
    """How many GFLOP/s a product of matrices in single precision reaches, at the shapes of the word LSTM."""
    left, right = torch.randn(1000, 256), torch.randn(256, 1024)
    (row,) = compare("", {OURS: lambda: [left @ right for _ in range(20)]}, 3)
    return 20 * 2 * 1000 * 256 * 1024 / row.amount / 1e9


def tagging(
    name: str, kind: str, sentences: int, repeats: int, peer: str | None = None, **sizes: Any
) -> Iterator[Measured]:
    """Tags of a corpus from its words; the yardsticks do a part of it, whose time is scaled.

    Ours takes the whole corpus at once, the yardsticks batches of 32 and of 128 sentences.
    """
    corpus = made_up(kind, sentences)
    model = build(name, corpus, **sizes).eval()
    words = [sentence.words for sentence in corpus]
    ways: dict[str, Callable[[], Any]] = {OURS: partial(model.tag, words)}
    parts: dict[str, int] = {}
    quantity = f"tagging, {_described(name, sizes)}, {kind}, {sentences} sentences"
    plain = {"byte-crf": yardsticks.word_crf_tags, "char-crf": yardsticks.word_crf_tags}
    plain["charner"] = yardsticks.charner_tags
    if name in plain:
        for way, encode in _WAYS.items():
            for batch in (32, 128):
                part = min(sentences, batch if way == _PADDED else 512)
                parts[f"{way}, batches of {batch}"] = part
                ways[f"{way}, batches of {batch}"] = partial(plain[name], model, corpus[:part], encode, batch)
    else:
        part = max(1, sentences // 50)
        encoded = model.encode(corpus[:part], ["spa"] * part)
        parts["a window at a time"] = part
        ways["a window at a time"] = partial(yardsticks.byte_to_span_symbols, model, encoded)
    if peer:
        parts["Flair"] = min(sentences, 320)
        ways["Flair"] = partial(flair, peer, "tag", corpus[: parts["Flair"]])
    scale = {way: sum(map(len, words)) / sum(map(len, words[:part])) for way, part in parts.items()}
    rows = compare(quantity, ways, repeats, scale)
    yield from rows
    if name != "byte-to-span":
        encoded = model.encode(corpus, ["spa"] * sentences)
        operations = recurrent_operations(model, encoded.batch(torch.arange(sentences)))
        yield from _rates(quantity, operations / rows[0].amount / 1e9)


def _described(name: str, sizes: dict[str, Any]) -> str:
    return f"{name} at equal sizes" if sizes == EQUAL_SIZES else name


def _rates(quantity: str, rate: float) -> Iterator[Measured]:
    yield figure(quantity, "rate of polyner", rate, "GFLOP/s")
    yield figure(quantity, "rate of polyner over that of sgemm", rate / sgemm_rate(), "×")


def recurrent_operations(model: Tagger, batch: Any) -> float:
    """Floating-point operations of a forward pass in the LSTMs, padding not counted.

    A cell with D inputs and H units takes 2 · 4H · (D + H) of them a position.
    """
    if hasattr(batch, "words"):
        distinct = batch.words[batch.mask].unique()
        passes = [
            (model.unit_encoder, batch.source.lengths[distinct].sum()),
            (model.sentence_encoder, batch.lengths.sum()),
        ]
    elif hasattr(batch, "symbols"):
        passes = [(model.encoder, batch.data.numel()), (model.decoder, (batch.symbols >= 0).sum())]
    else:
        passes = [(model.encoder, batch.lengths.sum())]
    total = 0.0
    for lstm, positions in passes:
        directions = 2 if lstm.bidirectional else 1
        for layer in range(lstm.num_layers):
            inputs = lstm.input_size if layer == 0 else directions * lstm.hidden_size
            total += int(positions) * directions * 2 * 4 * lstm.hidden_size * (inputs + lstm.hidden_size)
    return total


def typical_batch(lengths: torch.Tensor, size: int) -> torch.Tensor:
    """Of the examples sorted by length, those neighbours whose mean length is nearest to that of all."""
    order = lengths.argsort(stable=True)
    means = lengths[order].double().unfold(0, size, 1).mean(dim=1)
    first = int((means - lengths.double().mean()).abs().argmin())
    return order[first : first + size]
