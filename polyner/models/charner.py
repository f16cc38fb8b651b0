"""CharNER (§3.2): a deep BiLSTM over the bytes of a sentence, whose decoder keeps the label of a word constant.

Every byte has an entity type as its label, without B- or I-. The space between two words carries the type when the
second continues the first's entity, and O otherwise: by that, two touching entities of one type stay apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, log_softmax, pad

from polyner.corpora.sentence import Sentence
from polyner.models.characters import Speller, character_inventory
from polyner.models.configs import CharNERConfig
from polyner.models.crf import Chain, viterbi
from polyner.models.lstm import LSTM, Dropout
from polyner.models.ragged import Ragged
from polyner.models.tagger import Tagger, check_words

_SENTENCES_AT_ONCE = 64
_IGNORED = -100


@dataclass(frozen=True)
class UnitBatch:
    """N sentences of T units: `lengths` (N,), on the processor; `units`, `labels`, `mask` and `place` (N, T).

    The place of a unit of word i is 2i, that of the space behind it 2i + 1.
    """

    units: Tensor
    lengths: Tensor
    mask: Tensor
    place: Tensor
    labels: Tensor | None


@dataclass(frozen=True)
class EncodedUnits:
    """Sentences as their bytes or characters, each with its place and, for training, its label."""

    units: Ragged
    places: Ragged
    labels: Ragged | None
    languages: tuple[str, ...]

    @property
    def lengths(self) -> Tensor:
        return self.units.lengths

    def batch(self, examples: Tensor) -> UnitBatch:
        units, mask = self.units.padded(examples)
        labels = None if self.labels is None else self.labels.padded(examples)[0]
        return UnitBatch(units, self.lengths[examples], mask, self.places.padded(examples)[0], labels)


class CharNER(Tagger):
    """bytes → embeddings → BiLSTM of five layers → a type for each byte → Viterbi over words."""

    name: ClassVar[str] = "charner"

    def __init__(
        self,
        config: CharNERConfig | dict,
        tags: Sequence[str],
        languages: Sequence[str],
        characters: Sequence[str] | None = None,
    ):
        super().__init__(self.configure(config), tags, languages)
        config = self.config
        self.types = ("O", *dict.fromkeys(tag[2:] for tag in self.tags if tag != "O"))
        self.spell = Speller(characters)
        self.embedding = nn.Embedding(len(self.spell), config.embedding_size)
        self.encoder = LSTM(config.embedding_size, config.hidden_size, config.layers, config.layer_dropout)
        self.input_dropout = nn.Dropout1d(config.input_dropout)  # of (N, T, E) it drops whole rows: one byte each
        self.last_dropout = Dropout(config.last_dropout)
        self.to_types = nn.Linear(2 * config.hidden_size, len(self.types))

    @classmethod
    def build(cls, config: CharNERConfig, training: Mapping[str, Sequence[Sentence]]) -> CharNER:
        characters = None
        if config.units == "character":
            characters = character_inventory(training, config.min_character_count, always=" ")
        return super().build(config, training, characters=characters)

    def encode(
        self, sentences: Sequence[Sentence], languages: Sequence[str], *, training: bool = False
    ) -> EncodedUnits:
        check_words(sentences, self.types[1:] if training else None)
        spelled = [[self.spell(word) for word in sentence.words] for sentence in sentences]
        (space,) = self.spell(" ")
        units = [[unit for word in words for unit in (*word, space)][:-1] for words in spelled]
        places = [
            [place for i, word in enumerate(words) for place in (*[2 * i] * len(word), 2 * i + 1)][:-1]
            for words in spelled
        ]
        tagged = zip(sentences, places, strict=True)
        return EncodedUnits(
            units=Ragged.of(units, self.device),
            places=Ragged.of(places, self.device),
            labels=Ragged.of([self._labels(s.tags, row) for s, row in tagged], self.device) if training else None,
            languages=tuple(languages),
        )

    def loss(self, batch: UnitBatch) -> Tensor:
        """The mean over bytes of −log p(label)."""
        labels = batch.labels.masked_fill(~batch.mask, _IGNORED)
        return cross_entropy(self.scores(batch).flatten(end_dim=1), labels.flatten(), ignore_index=_IGNORED)

    def terms(self, batch: UnitBatch) -> Tensor:
        return batch.mask.sum()

    def predict(self, encoded: EncodedUnits) -> list[list[str]]:
        result: list[list[str]] = [[]] * len(encoded.lengths)
        for examples in encoded.lengths.argsort(stable=True).split(_SENTENCES_AT_ONCE):
            batch = encoded.batch(examples)
            words, spaces, mask = places_summed(log_softmax(self.scores(batch), dim=2), batch.place, batch.mask)
            labels, joined = decode_words(words, spaces, mask)
            lengths = mask.sum(dim=1).tolist()
            for example, row, continued, length in zip(
                examples.tolist(), labels.tolist(), joined.tolist(), lengths, strict=True
            ):
                result[example] = self._tags(row[:length], continued[:length])
        return result

    def scores(self, batch: UnitBatch) -> Tensor:
        """The score of each type for each byte: (N, T, K), arbitrary behind a sentence's last one."""
        states, _ = self.encoder(self.input_dropout(self.embedding(batch.units)), batch.lengths)
        return self.to_types(self.last_dropout(states)).float()

    def _labels(self, tags: Sequence[str], places: Sequence[int]) -> list[int]:
        by_place = []
        for tag, following in zip(tags, [*tags[1:], "O"], strict=True):
            by_place += [tag[2:] or "O", following[2:] if following[0] == "I" else "O"]
        return [self.types.index(by_place[place]) for place in places]

    def _tags(self, labels: Sequence[int], joined: Sequence[bool]) -> list[str]:
        prefixes = ("I-" if continues else "B-" for continues in joined)
        return [prefix + self.types[label] if label else "O" for prefix, label in zip(prefixes, labels, strict=True)]


def places_summed(log_probabilities: Tensor, place: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Sums of byte scores (N, T, K) over each word and each space: (N, W, K), (N, W, K), and the words' mask (N, W).

    As a word's bytes all have one label, only the sum matters for which it is. Position i of the spaces is the one
    behind word i.
    """
    sentences, _, types = log_probabilities.shape
    words = int(place.max()) // 2 + 1
    sums = log_probabilities.new_zeros(sentences, 2 * words, types)
    index = place.masked_fill(~mask, 0).unsqueeze(2).expand_as(log_probabilities)
    sums.scatter_add_(1, index, log_probabilities * mask.unsqueeze(2))
    last = place.masked_fill(~mask, 0).max(dim=1).values // 2
    return sums[:, 0::2], sums[:, 1::2], torch.arange(words, device=place.device) <= last[:, None]


def decode_words(words: Tensor, spaces: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """The best labels of the words (N, W), and whether each continues the entity of the word before (N, W).

    This is Viterbi over bytes with transitions 0 or −∞: a label cannot change inside a word, a space behind a word has
    the word's label or O, and behind a space other than O the label stays. O is label 0. Words and spaces come in turn,
    so the chain has twice as many labels: those of words, then those of spaces.
    """
    sentences, length, types = words.shape
    emissions = words.new_full((sentences, 2 * length, 2 * types), -torch.inf)
    emissions[:, 0::2, :types], emissions[:, 1::2, types:] = words, spaces
    transitions = words.new_full((2 * types, 2 * types), -torch.inf)
    label = torch.arange(types, device=words.device)
    transitions[label, types + label] = transitions[types + label, label] = 0.0
    transitions[label, types] = transitions[types, label] = 0.0
    no_preference = words.new_zeros(2 * types)
    chain = Chain(no_preference, transitions, no_preference)
    found = viterbi(emissions[:, :-1], mask.repeat_interleave(2, dim=1)[:, 1:], chain)
    return found[:, 0::2], pad(found[:, 1::2] > types, (1, 0))
