"""Byte-to-Span (§3.3; Gillick et al., 2016): a sequence-to-sequence model from windows of bytes to spans.

60 bytes → 4-layer LSTM → its final states → 4-layer LSTM → `S:start L:length TYPE …  STOP`
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pad_sequence

from polyner.corpora.sentence import Sentence
from polyner.models.byte_spans import (
    GO,
    STOP,
    ByteSpan,
    Stream,
    Symbols,
    entities_inside,
    lost_entities,
    stitch,
    stream_of,
    window_starts,
    word_tags,
)
from polyner.models.configs import ByteToSpanConfig
from polyner.models.ragged import sent
from polyner.models.tagger import Tagger, check_words

DROP, PAD = 256, 257
_WINDOWS_AT_ONCE = 512
_IGNORED = -100


@dataclass(frozen=True)
class WindowBatch:
    """N windows: bytes (N, window) and, for training, the symbols to put out (N, S), filled up with −100."""

    data: Tensor
    symbols: Tensor | None


@dataclass(frozen=True)
class EncodedWindows:
    """Byte streams, one a language, joined into one tensor, and where its windows start; nothing is cut beforehand.

    starts, ends: (windows,) the first byte of each window and the end of its stream, on the processor. spans: the
    entities, in order. streams: what each language's sentences look like.
    """

    data: Tensor
    starts: Tensor
    ends: Tensor
    spans: list[ByteSpan]
    streams: tuple[Stream, ...]
    languages: tuple[str, ...]
    config: ByteToSpanConfig
    alphabet: Symbols

    @property
    def lengths(self) -> Tensor:
        return torch.full((len(self.starts),), self.config.window)

    def batch(self, examples: Tensor) -> WindowBatch:
        starts, ends = self.starts[examples], self.ends[examples]
        symbols = pad_sequence(
            [self._symbols(*window) for window in zip(starts.tolist(), ends.tolist(), strict=True)], True, _IGNORED
        )
        start, end, symbols = (sent(tensor, self.data.device) for tensor in (starts, ends, symbols))
        positions = start.unsqueeze(1) + torch.arange(self.config.window, device=self.data.device)
        data = self.data[positions.clamp(max=len(self.data) - 1)]
        return WindowBatch(data.masked_fill(positions >= end.unsqueeze(1), PAD), symbols)

    def _symbols(self, start: int, end: int) -> Tensor:
        """What is to be put out for a window. A stream's last one may reach behind its end, into the next language."""
        most, descending = self.config.most_entities, self.config.descending
        inside = entities_inside(self.spans, start, min(start + self.config.window, end), most, descending)
        moved = [ByteSpan(span.start - start, span.end - start, span.type) for span in inside]
        return torch.tensor(self.alphabet.write(moved, descending))


class ByteToSpan(Tagger):
    """Reads windows of bytes and writes spans, without any notion of a word."""

    name: ClassVar[str] = "byte-to-span"

    def __init__(self, config: ByteToSpanConfig | dict, tags: Sequence[str], languages: Sequence[str]):
        super().__init__(self.configure(config), tags, languages)
        config = self.config
        self.types = tuple(dict.fromkeys(tag[2:] for tag in self.tags if tag != "O"))
        self.alphabet = Symbols(config.window, len(self.types))
        dropout = config.layer_dropout if config.layers > 1 else 0.0
        self.bytes = nn.Embedding(258, config.embedding_size)
        self.symbols = nn.Embedding(len(self.alphabet), config.embedding_size)
        sizes = config.embedding_size, config.hidden_size, config.layers
        self.encoder = nn.LSTM(*sizes, batch_first=True, dropout=dropout)
        self.decoder = nn.LSTM(*sizes, batch_first=True, dropout=dropout)
        self.dropout = nn.Dropout(config.layer_dropout)
        self.to_symbols = nn.Linear(config.hidden_size, len(self.alphabet))
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -config.initial_range, config.initial_range)

    def encode(
        self, sentences: Sequence[Sentence], languages: Sequence[str], *, training: bool = False
    ) -> EncodedWindows:
        check_words(sentences, self.types if training else None)
        step = self.config.stride if training else self.config.window - self.config.overlap
        streams, starts, ends, spans, codes = [], [], [], [], []
        offset = 0
        for code, members in groupby(zip(sentences, languages, strict=True), key=lambda pair: pair[1]):
            stream = stream_of([sentence for sentence, _ in members], self.types, offset)
            own = window_starts(len(stream.data), self.config.window, step)
            streams.append(stream)
            starts += [offset + start for start in own]
            ends += [offset + len(stream.data)] * len(own)
            codes += [code] * len(own)
            spans += stream.spans
            offset += len(stream.data)
        data = bytearray(b"".join(stream.data for stream in streams))
        return EncodedWindows(
            data=torch.frombuffer(data, dtype=torch.uint8).long().to(self.device),
            starts=torch.tensor(starts),
            ends=torch.tensor(ends),
            spans=spans,
            streams=tuple(streams),
            languages=tuple(codes),
            config=self.config,
            alphabet=self.alphabet,
        )

    def loss(self, batch: WindowBatch) -> Tensor:
        """The mean over symbols, STOP included, of −log p(symbol | the symbols before it, the window)."""
        given = torch.cat([torch.full_like(batch.symbols[:, :1], GO), batch.symbols[:, :-1]], dim=1).clamp(min=0)
        states, _ = self.decoder(self.symbols(given), self._read(batch.data))
        logits = self.to_symbols(self.dropout(states)).float()
        return cross_entropy(logits.flatten(end_dim=1), batch.symbols.flatten(), ignore_index=_IGNORED)

    def terms(self, batch: WindowBatch) -> Tensor:
        return (batch.symbols != _IGNORED).sum()

    def predict(self, encoded: EncodedWindows) -> list[list[str]]:
        written: list[list[int]] = []
        for examples in torch.arange(len(encoded.starts)).split(_WINDOWS_AT_ONCE):
            written += self.write(encoded.batch(examples).data).tolist()
        return self.tags_of_windows(encoded, written)

    def tags_of_windows(self, encoded: EncodedWindows, written: Sequence[Sequence[int]]) -> list[list[str]]:
        """The tags of all sentences, from the symbols written for each window."""
        windows = zip(encoded.starts.tolist(), encoded.ends.tolist(), map(self.alphabet.read, written), strict=True)
        result: list[list[str]] = []
        by_stream = groupby(windows, key=lambda window: window[1])
        for stream, (_, members) in zip(encoded.streams, by_stream, strict=True):
            spans = stitch((start, spans) for start, _, spans in members)
            result += word_tags(stream.words, spans, self.types)
        return result

    def unreachable(self, sentences: Sequence[Sentence]) -> int:
        config, stream = self.config, stream_of(sentences, self.types)
        step = config.window - config.overlap
        return lost_entities(stream, config.window, step, config.most_entities, config.descending)

    def write(self, data: Tensor) -> Tensor:
        """The most probable next symbol, again and again, for windows (N, window): (N, at most max_symbols)."""
        state = self._read(data)
        symbol = torch.full_like(data[:, :1], GO)
        written: list[Tensor] = []
        stopped = torch.zeros(len(data), dtype=torch.bool, device=data.device)
        while len(written) < self.config.max_symbols and not bool(stopped.all()):
            states, state = self.decoder(self.symbols(symbol), state)
            symbol = self.to_symbols(states).argmax(dim=2)
            written.append(symbol)
            stopped |= symbol[:, 0] == STOP
        return torch.cat(written, dim=1)

    def _read(self, data: Tensor) -> tuple[Tensor, Tensor]:
        """The encoder's final states for windows of bytes; in training, some bytes become DROP."""
        if self.training and self.config.byte_dropout:
            dropped = torch.rand(data.shape, device=data.device) < self.config.byte_dropout
            data = torch.where(dropped & (data != PAD), DROP, data)
        return self.encoder(self.bytes(data))[1]
