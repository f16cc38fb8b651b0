"""The word-level CRF over characters or bytes (§3.1, §3.4).

bytes or characters of a word → BiLSTM → word vector → BiLSTM over the sentence → linear → CRF

The word encoder sees no context, so each distinct word of a batch is encoded once and its vector gathered wherever
the word stands; at evaluation, each distinct word of all sentences is encoded once.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from polyner.corpora.sentence import Sentence
from polyner.models.characters import character_inventory
from polyner.models.configs import WordCRFConfig
from polyner.models.lstm import bilstm, length_groups
from polyner.models.ragged import Ragged, sent
from polyner.models.sentence_crf import SentenceCRF
from polyner.models.tagger import check_words, tag_inventory

_WORDS_AT_ONCE = 4096


@dataclass(frozen=True)
class WordBatch:
    """N sentences: word ids (N, T) and lengths (N,), both on the processor; mask (N, T), language (N,), tags (N, T).

    `units` are the words' bytes or characters.
    """

    words: Tensor
    lengths: Tensor
    mask: Tensor
    language: Tensor
    tags: Tensor | None
    units: Ragged


@dataclass(frozen=True)
class EncodedWords:
    """Sentences as ids into a table of distinct words, and that table's bytes or characters.

    The ids stay on the processor: which words a batch has decides what is computed, and must not wait for a device.
    """

    words: Ragged
    tags: Ragged | None
    language: Tensor
    units: Ragged
    languages: tuple[str, ...]

    @property
    def lengths(self) -> Tensor:
        return self.words.lengths

    def batch(self, examples: Tensor) -> WordBatch:
        words, mask = self.words.padded(examples)
        device = self.language.device
        tags = None if self.tags is None else self.tags.padded(examples)[0]
        lengths = self.words.lengths[examples]
        mask, examples = (sent(tensor, device) for tensor in (mask, examples))
        return WordBatch(words, lengths, mask, self.language[examples], tags, self.units)


class WordCRF(SentenceCRF):
    """What the character and the byte CRF share: all but how a word is spelled in `units`."""

    def __init__(self, config: WordCRFConfig | dict, tags: Sequence[str], languages: Sequence[str], units: int):
        config = self.configure(config)
        layers_used = config.unit_layers if config.word_vector == "all_layers" else 1
        super().__init__(config, tags, languages, vector_size=2 * layers_used * config.unit_hidden_size)
        self.layers_used = layers_used
        self.embedding = nn.Embedding(units, config.embedding_size)
        sizes = config.embedding_size, config.unit_hidden_size, config.unit_layers
        self.unit_encoder = bilstm(*sizes, config.dropout)

    @abstractmethod
    def spell(self, word: str) -> list[int]:
        """The word's bytes or characters as indices of the embedding."""

    def encode(
        self, sentences: Sequence[Sentence], languages: Sequence[str], *, training: bool = False
    ) -> EncodedWords:
        check_words(sentences)
        index: dict[str, int] = {}
        words = [[index.setdefault(word, len(index)) for word in sentence.words] for sentence in sentences]
        units = [self.spell(word)[: self.config.max_word_length] for word in index]
        return EncodedWords(
            words=Ragged.of(words),
            tags=Ragged.of(self.tag_indices(sentences), self.device) if training else None,
            language=self.language_indices(languages),
            units=Ragged.of(units, self.device),
            languages=tuple(languages),
        )

    def vectors(self, batch: WordBatch) -> Tensor:
        distinct, place = batch.words.unique(return_inverse=True)
        return self.word_vectors(batch.units, distinct)[sent(place, self.device)]

    def predict(self, encoded: EncodedWords) -> list[list[str]]:
        table = self.word_vectors(encoded.units, torch.arange(len(encoded.units)))
        return self.decode(encoded, lambda batch: table[sent(batch.words, self.device)])

    def word_vectors(self, units: Ragged, words: Tensor) -> Tensor:
        """The vectors (U, D) of U words of the table, encoded in groups by length so that little is padded.

        `words` has their indices, on the processor.
        """
        order = units.lengths[words].argsort(descending=True, stable=True)
        groups = [
            group
            for chunk in words[order].split(_WORDS_AT_ONCE)
            for group in (chunk.split(length_groups(units.lengths[chunk])) if self.device.type == "cpu" else [chunk])
        ]
        encoded = torch.cat([self._encode_words(units, group) for group in groups])
        return encoded[sent(order.argsort(), encoded.device)]

    def _encode_words(self, units: Ragged, words: Tensor) -> Tensor:
        padded, _ = units.padded(words)
        _, final = self.unit_encoder(self.dropout(self.embedding(padded)), units.lengths[words])
        used = final[-2 * self.layers_used :]  # (layers × directions, U, hidden)
        return used.transpose(0, 1).flatten(start_dim=1)


class ByteCRF(WordCRF):
    """The Byte-CRF: a word is its UTF-8 bytes, so one alphabet of 256 serves every language."""

    name: ClassVar[str] = "byte-crf"

    def __init__(self, config: WordCRFConfig | dict, tags: Sequence[str], languages: Sequence[str]):
        super().__init__(config, tags, languages, units=256)

    def spell(self, word: str) -> list[int]:
        return list(word.encode("utf-8", errors="replace"))


class CharacterCRF(WordCRF):
    """The character CRF: a word is its Unicode characters; those not seen in training share one index, 0."""

    name: ClassVar[str] = "char-crf"

    def __init__(
        self, config: WordCRFConfig | dict, tags: Sequence[str], languages: Sequence[str], characters: Sequence[str]
    ):
        super().__init__(config, tags, languages, units=1 + len(characters))
        self.characters = tuple(characters)
        self._index = {character: position for position, character in enumerate(self.characters, start=1)}

    @classmethod
    def build(cls, config: WordCRFConfig, training: Mapping[str, Sequence[Sentence]]) -> CharacterCRF:
        characters = character_inventory(training, config.min_character_count)
        return cls(config, tag_inventory(training), tuple(training), characters)

    def spell(self, word: str) -> list[int]:
        return [self._index.get(character, 0) for character in word]

    def vocabulary(self) -> dict[str, list[str]]:
        return {**super().vocabulary(), "characters": list(self.characters)}
