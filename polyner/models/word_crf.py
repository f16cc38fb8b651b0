"""The word-level CRF over characters or bytes (§3.1, §3.4).

bytes or characters of a word → BiLSTM → word vector → BiLSTM over the sentence → linear → CRF

The word encoder sees no context, so each distinct word of a batch is encoded once and its vector gathered wherever
the word stands; at evaluation, each distinct word of all sentences is encoded once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

import torch
from torch import Tensor, nn

from polyner.corpora.sentence import Sentence
from polyner.models.characters import Speller, character_inventory
from polyner.models.configs import WordCRFConfig
from polyner.models.lstm import LSTM, length_groups
from polyner.models.ragged import Ragged, sent
from polyner.models.sentence_crf import EncodedSentences, SentenceBatch, SentenceCRF

_WORDS_AT_ONCE = 4096


class WordCRF(SentenceCRF):
    """What the character and the byte CRF share: all but the alphabet that words are spelled in."""

    def __init__(
        self,
        config: WordCRFConfig | dict,
        tags: Sequence[str],
        languages: Sequence[str],
        characters: Sequence[str] | None = None,
    ):
        config = self.configure(config)
        layers_used = config.unit_layers if config.word_vector == "all_layers" else 1
        super().__init__(config, tags, languages, vector_size=2 * layers_used * config.unit_hidden_size)
        self.layers_used = layers_used
        self.spell = Speller(characters)
        self.embedding = nn.Embedding(len(self.spell), config.embedding_size)
        self.unit_encoder = LSTM(config.embedding_size, config.unit_hidden_size, config.unit_layers, config.dropout)

    def read(self, sentences: Sequence[Sequence[str]], languages: Sequence[str]) -> tuple[Ragged, Ragged]:
        """Numbers of distinct words, and these words' bytes or characters."""
        index: dict[str, int] = {}
        words = [[index.setdefault(word, len(index)) for word in sentence] for sentence in sentences]
        units = [self.spell(word)[: self.config.max_word_length] for word in index]
        return Ragged.of(words), Ragged.of(units, self.device)

    def vectors(self, batch: SentenceBatch) -> Tensor:
        distinct, place = batch.words.unique(return_inverse=True)
        return self.word_vectors(batch.source, distinct)[sent(place, self.device)]

    def reader(self, encoded: EncodedSentences) -> Callable[[SentenceBatch], Tensor]:
        table = self.word_vectors(encoded.source, torch.arange(len(encoded.source)))
        return lambda batch: table[sent(batch.words, self.device)]

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


class CharacterCRF(WordCRF):
    """The character CRF: a word is its Unicode characters; those not seen in training share one index, 0."""

    name: ClassVar[str] = "char-crf"

    @classmethod
    def build(cls, config: WordCRFConfig, training: Mapping[str, Sequence[Sentence]]) -> CharacterCRF:
        return super().build(config, training, characters=character_inventory(training, config.min_character_count))
