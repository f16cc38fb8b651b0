"""What the word-level taggers share (§3.1): word vectors → BiLSTM over the sentence → linear → CRF."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from polyner.corpora.sentence import Sentence
from polyner.errors import PolynerError
from polyner.models.crf import Chain, LinearChainCRF, log_likelihood, marginals, viterbi
from polyner.models.lstm import LSTM, Dropout
from polyner.models.ragged import Ragged, sent
from polyner.models.tagger import Tagger, check_words

_SENTENCES_AT_ONCE = 128


@dataclass(frozen=True)
class SentenceBatch:
    """N sentences: word numbers (N, T) and lengths (N,), on the processor; mask (N, T), language (N,), tags (N, T).

    `source` is what the words' vectors are made from, of all words of all sentences.
    """

    words: Tensor
    lengths: Tensor
    mask: Tensor
    language: Tensor
    tags: Tensor | None
    source: Any


@dataclass(frozen=True)
class EncodedSentences:
    """Sentences as numbers of words, and the `source` of these words' vectors.

    The numbers stay on the processor: which words a batch has decides what is computed, and must not wait for a device.
    """

    words: Ragged
    source: Any
    tags: Ragged | None
    language: Tensor
    languages: tuple[str, ...]

    @property
    def lengths(self) -> Tensor:
        return self.words.lengths

    def batch(self, examples: Tensor) -> SentenceBatch:
        words, mask = self.words.padded(examples)
        mask, rows = (sent(tensor, self.language.device) for tensor in (mask, examples))
        tags = None if self.tags is None else self.tags.padded(examples)[0]
        return SentenceBatch(words, self.lengths[examples], mask, self.language[rows], tags, self.source)


class SentenceCRF(Tagger):
    """A BiLSTM-CRF over word vectors of `vector_size` numbers; a subclass makes them, in `vectors`.

    Its configuration has sentence_layers and sentence_hidden_size (per direction), dropout, language_transitions.
    """

    def __init__(self, config: Any, tags: Sequence[str], languages: Sequence[str], vector_size: int):
        super().__init__(config, tags, languages)
        self.sentence_encoder = LSTM(vector_size, config.sentence_hidden_size, config.sentence_layers, config.dropout)
        self.dropout = Dropout(config.dropout)
        self.to_tags = nn.Linear(2 * config.sentence_hidden_size, len(self.tags))
        self.crf = LinearChainCRF(len(self.tags), len(self.languages) if config.language_transitions else 1)

    @abstractmethod
    def read(self, sentences: Sequence[Sequence[str]], languages: Sequence[str]) -> tuple[Ragged, Any]:
        """The number of each word of each sentence, and the source of the words' vectors."""

    @abstractmethod
    def vectors(self, batch: SentenceBatch) -> Tensor:
        """The word vectors (N, T, D) of a batch."""

    def encode(
        self, sentences: Sequence[Sentence], languages: Sequence[str], *, training: bool = False
    ) -> EncodedSentences:
        check_words(sentences)
        words, source = self.read([sentence.words for sentence in sentences], languages)
        return EncodedSentences(
            words=words,
            source=source,
            tags=Ragged.of(self.tag_indices(sentences), self.device) if training else None,
            language=self.language_indices(languages),
            languages=tuple(languages),
        )

    def scores(self, batch: SentenceBatch) -> tuple[Tensor, Chain]:
        """The CRF's emissions (N, T, K) and chain for a batch: all that its posterior depends on."""
        return self.emissions(self.vectors(batch), batch.lengths), self.crf.chain(batch.language)

    def loss(self, batch: SentenceBatch) -> Tensor:
        """The mean over sentences of −log p(y | x)."""
        emissions, chain = self.scores(batch)
        return -log_likelihood(emissions, batch.tags, batch.mask, chain).mean()

    def terms(self, batch: SentenceBatch) -> int:
        return len(batch.lengths)

    def predict(self, encoded: EncodedSentences) -> list[list[str]]:
        return [[self.tags[tag] for tag in row.tolist()] for row in self._of_words(encoded, viterbi)]

    def reader(self, encoded: EncodedSentences) -> Callable[[SentenceBatch], Tensor]:
        """How to have the word vectors of batches, when all sentences are going to be read."""
        return self.vectors

    def emissions(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        """The CRF's emission scores (N, T, K) from word vectors (N, T, D) of sentences of `lengths` (N,).

        They are arbitrary behind a sentence's last word.
        """
        states, _ = self.sentence_encoder(self.dropout(vectors), lengths)
        return self.to_tags(self.dropout(states)).float()

    def marginals(self, sentences: Iterable[Iterable[str]], language: str | None = None) -> list[Tensor]:
        def compute(some: Sequence[Sequence[str]]) -> list[Tensor]:
            return self._of_words(self._encoded(some, language), marginals)

        none = torch.empty(0, len(self.tags))
        return self._of_each(sentences, compute, lambda parts: torch.cat([none, *parts]))

    def _of_words(self, encoded: EncodedSentences, compute: Callable[[Tensor, Tensor, Chain], Tensor]) -> list[Tensor]:
        """What `compute` makes of emissions, mask and chain, for the words of each sentence, on the processor."""
        vectors = self.reader(encoded)
        result = [torch.empty(0)] * len(encoded.lengths)
        for examples in encoded.lengths.argsort(stable=True).split(_SENTENCES_AT_ONCE):
            batch = encoded.batch(examples)
            emissions, chain = self.emissions(vectors(batch), batch.lengths), self.crf.chain(batch.language)
            for example, row in zip(examples.tolist(), compute(emissions, batch.mask, chain).cpu(), strict=True):
                result[example] = row[: int(encoded.lengths[example])]
        return result

    def tag_indices(self, sentences: Sequence[Sentence]) -> list[list[int]]:
        """Each sentence's gold tags as this tagger numbers them. Raises PolynerError for one that it does not have."""
        index = {tag: position for position, tag in enumerate(self.tags)}
        try:
            return [[index[tag] for tag in sentence.tags] for sentence in sentences]
        except KeyError as error:
            raise PolynerError(f"the tagger has no tag {error}: it knows {', '.join(self.tags)}") from None

    def language_indices(self, codes: Sequence[str]) -> Tensor:
        """(N,) numbers of the transitions that the languages have, 0 where all share them.

        Raises PolynerError for a language without transitions where each has its own.
        """
        if not self.config.language_transitions:
            return torch.zeros(len(codes), dtype=torch.long, device=self.device)
        if unknown := sorted(set(codes) - set(self.languages)):
            known = ", ".join(self.languages)
            raise PolynerError(
                f"this tagger has transitions of its own for {known}: name one of them, not {unknown[0]!r}"
            )
        return torch.tensor([self.languages.index(code) for code in codes], device=self.device)
