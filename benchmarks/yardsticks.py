"""Plain implementations of what polyner computes fast: the same numbers from the same parameters, nothing clever.

*padded* is what the paper's code does: every word of every sentence padded to 64 bytes, every sentence to the longest
of its batch, and all of it computed. *packed* is what one writes with PyTorch and pytorch-crf first: every word
encoded, packed sequences, pytorch-crf's own loops. Both take a tagger and use its parameters, so that their outputs and
gradients can be compared with the tagger's own. Sentences come in the order they have in the corpus.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.functional import cross_entropy, dropout
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

from polyner.corpora.sentence import Sentence
from polyner.models.byte_to_span import GO, ByteToSpan, EncodedWindows, WindowBatch
from polyner.models.charner import CharNER, UnitBatch
from polyner.models.lstm import LSTM
from polyner.models.word_crf import WordCRF

LONGEST_WORD = 64

# From an LSTM, sequences (N, T, D) padded at the end and their lengths (N,): the last layer's states (N, T, H), and the
# final states of every layer and direction (layers · directions, N, H).
Encode = Callable[[LSTM, Tensor, Tensor], tuple[Tensor, Tensor]]


def packed_lstm(lstm: LSTM, data: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    """PyTorch's own LSTM on a packed sequence."""
    packed = pack_padded_sequence(data, lengths, batch_first=True, enforce_sorted=False)
    states, (final, _) = nn.LSTM.forward(lstm, packed)
    return pad_packed_sequence(states, batch_first=True, total_length=data.shape[1])[0], final


def padded_lstm(lstm: LSTM, data: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    """PyTorch's own LSTM over the padding too, layer by layer, sequences turned around for the backward direction."""
    step = torch.arange(data.shape[1])
    turned = torch.where(step < lengths[:, None], lengths[:, None] - 1 - step, step)
    rows = torch.arange(len(data))[:, None]
    final = []
    for layer in range(lstm.num_layers):
        if layer:
            data = dropout(data, lstm.dropout, lstm.training)
        outputs = []
        for suffix in ("", "_reverse") if lstm.bidirectional else ("",):
            states = _one_direction(lstm, data[rows, turned] if suffix else data, f"_l{layer}{suffix}")
            final.append(states[rows[:, 0], lengths - 1])
            outputs.append(states[rows, turned] if suffix else states)
        data = torch.cat(outputs, dim=2)
    return data, torch.stack(final)


def _one_direction(lstm: LSTM, data: Tensor, suffix: str) -> Tensor:
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    weights = {f"{name}_l0": getattr(lstm, name + suffix) for name in names}
    single = nn.LSTM(data.shape[2], lstm.hidden_size, batch_first=True)
    return functional_call(single, weights, (data,))[0]


def word_crf_emissions(tagger: WordCRF, sentences: Sequence[Sentence], encode: Encode) -> tuple[Tensor, Tensor]:
    """Emissions (N, T, K) and mask (N, T): every word of every sentence is encoded, however often it occurs."""
    most = tagger.config.max_word_length
    units = [torch.tensor(tagger.spell(word)[:most]) for sentence in sentences for word in sentence.words]
    lengths = torch.tensor([len(word) for word in units])
    padded = pad_sequence(units, batch_first=True)
    if encode is padded_lstm:
        padded = nn.functional.pad(padded, (0, LONGEST_WORD - padded.shape[1]))
    _, final = encode(tagger.unit_encoder, _dropped(tagger, tagger.embedding(padded)), lengths)
    words = final[-2 * tagger.layers_used :].transpose(0, 1).flatten(start_dim=1)
    sizes = [len(sentence.words) for sentence in sentences]
    vectors = pad_sequence(words.split(sizes), batch_first=True)
    states, _ = encode(tagger.sentence_encoder, _dropped(tagger, vectors), torch.tensor(sizes))
    mask = torch.arange(max(sizes)) < torch.tensor(sizes)[:, None]
    return tagger.to_tags(_dropped(tagger, states)), mask


def word_crf_loss(tagger: WordCRF, sentences: Sequence[Sentence], encode: Encode) -> Tensor:
    """The mean over sentences of −log p(y | x), by pytorch-crf."""
    emissions, mask = word_crf_emissions(tagger, sentences, encode)
    tags = pad_sequence([torch.tensor(row) for row in tagger.tag_indices(sentences)], batch_first=True)
    return -tagger.crf.crfs[0](emissions, tags, mask, reduction="mean")


@torch.no_grad()
def word_crf_tags(tagger: WordCRF, sentences: Sequence[Sentence], encode: Encode, batch: int = 128) -> list[list[str]]:
    """The most probable tags, by pytorch-crf's decoder."""
    result = []
    for start in range(0, len(sentences), batch):
        emissions, mask = word_crf_emissions(tagger, sentences[start : start + batch], encode)
        result += [[tagger.tags[tag] for tag in row] for row in tagger.crf.crfs[0].decode(emissions, mask)]
    return result


def charner_scores(tagger: CharNER, batch: UnitBatch, encode: Encode) -> Tensor:
    """The score of each type for each byte: (N, T, K)."""
    states, _ = encode(tagger.encoder, tagger.input_dropout(tagger.embedding(batch.units)), batch.lengths)
    return tagger.to_types(dropout(states, tagger.config.last_dropout, tagger.training))


def charner_loss(tagger: CharNER, batch: UnitBatch, encode: Encode) -> Tensor:
    """The mean over bytes of −log p(label)."""
    return cross_entropy(charner_scores(tagger, batch, encode)[batch.mask], batch.labels[batch.mask])


@torch.no_grad()
def charner_tags(tagger: CharNER, sentences: Sequence[Sentence], encode: Encode, batch: int = 64) -> list[list[str]]:
    """The most probable tags, by Viterbi over bytes with transitions 0 or −∞ (§3.2)."""
    result = []
    for start in range(0, len(sentences), batch):
        part = sentences[start : start + batch]
        encoded = tagger.encode(part, ["" for _ in part])
        units = encoded.batch(torch.arange(len(part)))
        scores = charner_scores(tagger, units, encode).log_softmax(dim=2)
        for row, place, length in zip(scores, units.place, units.lengths.tolist(), strict=True):
            result.append(_tags_of_bytes(tagger.types, _byte_labels(row[:length], place), place[:length].tolist()))
    return result


def _byte_labels(scores: Tensor, place: Tensor) -> list[int]:
    """The best labels of a sentence's bytes (T, K): one a word, a space that of the word before it or O (0)."""
    types = scores.shape[1]
    no_other = torch.full((types, types), -torch.inf).fill_diagonal_(0.0)
    into_space, out_of_space = no_other.clone(), no_other.clone()
    into_space[:, 0] = out_of_space[0] = 0.0
    best, came_from = scores[0], []
    for t in range(1, len(scores)):
        inside = place[t] == place[t - 1]
        step = no_other if inside else into_space if place[t] % 2 else out_of_space
        best, previous = (best[:, None] + step).max(dim=0)
        best = best + scores[t]
        came_from.append(previous.tolist())
    label = int(best.argmax())
    labels = [label]
    for previous in reversed(came_from):
        label = previous[label]
        labels.append(label)
    return labels[::-1]


def _tags_of_bytes(types: Sequence[str], labels: Sequence[int], places: Sequence[int]) -> list[str]:
    by_place = dict(zip(places, labels, strict=True))
    tags = []
    for place in range(0, max(places) + 1, 2):
        inside = by_place.get(place - 1, 0) != 0
        tags.append(f"{'I' if inside else 'B'}-{types[by_place[place]]}" if by_place[place] else "O")
    return tags


def byte_to_span_loss(tagger: ByteToSpan, batch: WindowBatch) -> Tensor:
    """The mean over symbols of −log p(symbol), with an LSTM cell called for every byte and every symbol."""
    given = torch.cat([torch.full_like(batch.symbols[:, :1], GO), batch.symbols[:, :-1]], dim=1).clamp(min=0)
    _, read = _cell_by_cell(tagger.encoder, tagger.bytes(_bytes_dropped(tagger, batch.data)), None)
    states, _ = _cell_by_cell(tagger.decoder, tagger.symbols(given), read)
    logits = tagger.to_symbols(dropout(states, tagger.config.layer_dropout, tagger.training))
    return cross_entropy(logits.flatten(end_dim=1), batch.symbols.flatten(), ignore_index=-100)


@torch.no_grad()
def byte_to_span_symbols(tagger: ByteToSpan, encoded: EncodedWindows) -> list[list[int]]:
    """Greedy output of every window, one window at a time."""
    return [
        tagger.write(encoded.batch(torch.tensor([window])).data)[0].tolist() for window in range(len(encoded.starts))
    ]


def _cell_by_cell(lstm: nn.LSTM, data: Tensor, first: list | None) -> tuple[Tensor, list[tuple[Tensor, Tensor]]]:
    """The states (N, T, H) of the last layer, and each layer's last state and cell."""
    outputs = list(data.unbind(dim=1))
    last = []
    for layer in range(lstm.num_layers):
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        weights = {name: getattr(lstm, f"{name}_l{layer}") for name in names}
        cell = nn.LSTMCell(outputs[0].shape[1], lstm.hidden_size)
        state = first[layer] if first else None
        for step, value in enumerate(outputs):
            if layer:
                value = dropout(value, lstm.dropout, lstm.training)
            state = functional_call(cell, weights, (value, state))
            outputs[step] = state[0]
        last.append(state)
    return torch.stack(outputs, dim=1), last


def _bytes_dropped(tagger: ByteToSpan, data: Tensor) -> Tensor:
    from polyner.models.byte_to_span import DROP, PAD

    if not tagger.training:
        return data
    dropped = torch.rand(data.shape) < tagger.config.byte_dropout
    return torch.where(dropped & (data != PAD), DROP, data)


def _dropped(tagger: Any, data: Tensor) -> Tensor:
    return dropout(data, tagger.config.dropout, tagger.training)
