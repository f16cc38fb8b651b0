"""The word-level CRF over multilingual BERT (§3.1, third variant), or over any other pretrained encoder.

sub-words → encoder → its last four layers at each word's first sub-word → BiLSTM over the sentence → linear → CRF

The paper does not say whether BERT's own weights are trained. Joining the last four layers is the feature-based recipe
of the BERT paper, so they are frozen here unless the configuration says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from torch import Tensor

from polyner.corpora.sentence import Sentence
from polyner.models.configs import MBertConfig
from polyner.models.encoder import FrozenEncoder, encoder_size, load_encoder, load_subwords, word_vectors
from polyner.models.encoder_files import locate
from polyner.models.ragged import Ragged, sent
from polyner.models.sentence_crf import SentenceCRF
from polyner.models.subwords import WindowBatch, Windows
from polyner.models.tagger import check_words, tag_inventory


@dataclass(frozen=True)
class VectorBatch:
    """N sentences: lengths (N,), on the processor; mask (N, T), language (N,), tags (N, T); words.

    The words are their vectors (W, D), or windows to make them from.
    """

    lengths: Tensor
    mask: Tensor
    language: Tensor
    tags: Tensor | None
    words: Tensor | WindowBatch


@dataclass(frozen=True)
class EncodedSubwords:
    """Sentences as word vectors (W, D) on the processor where the encoder is frozen, and else as windows."""

    numbers: Ragged
    words: Tensor | Windows
    tags: Ragged | None
    language: Tensor
    languages: tuple[str, ...]

    @property
    def lengths(self) -> Tensor:
        return self.numbers.lengths

    def batch(self, examples: Tensor) -> VectorBatch:
        numbers, mask = self.numbers.padded(examples)
        device = self.language.device
        tags = None if self.tags is None else self.tags.padded(examples)[0]
        trained = isinstance(self.words, Windows)
        words = self.words.batch(examples) if trained else sent(self.words[numbers[mask]], device)
        lengths, language = self.lengths[examples], self.language[sent(examples, device)]
        return VectorBatch(lengths, sent(mask, device), language, tags, words)


class MBertCRF(SentenceCRF):
    """A BiLSTM-CRF over the vectors of a pretrained encoder."""

    name: ClassVar[str] = "mbert-crf"

    def __init__(self, config: MBertConfig | dict, tags: Sequence[str], languages: Sequence[str], encoder_size: int):
        config = self.configure(config)
        super().__init__(config, tags, languages, vector_size=config.encoder_layers * encoder_size)
        self.encoder_size = encoder_size
        self.encoder = load_encoder(locate(config.encoder, config.revision)[0]) if config.trained else None

    @classmethod
    def build(cls, config: MBertConfig, training: Mapping[str, Sequence[Sentence]]) -> MBertCRF:
        size = encoder_size(locate(config.encoder, config.revision)[0], config.encoder_layers)
        return cls(config, tag_inventory(training), tuple(training), size)

    def encode(
        self, sentences: Sequence[Sentence], languages: Sequence[str], *, training: bool = False
    ) -> EncodedSubwords:
        check_words(sentences)
        words = [sentence.words for sentence in sentences]
        if self.config.trained:
            read: Tensor | Windows = self._subwords.windows(words)
        else:
            read = self._frozen.vectors(words, languages, self.device)
        numbers = iter(range(sum(map(len, words))))
        return EncodedSubwords(
            numbers=Ragged.of([[next(numbers) for _ in sentence] for sentence in words]),
            words=read,
            tags=Ragged.of(self.tag_indices(sentences), self.device) if training else None,
            language=self.language_indices(languages),
            languages=tuple(languages),
        )

    def vectors(self, batch: VectorBatch) -> Tensor:
        if isinstance(batch.words, WindowBatch):
            vectors = word_vectors(self.encoder, batch.words, self.config.encoder_layers)
        else:
            vectors = batch.words.float()
        padded = vectors.new_zeros(*batch.mask.shape, vectors.shape[1])
        return padded.masked_scatter(batch.mask.unsqueeze(2), vectors)

    def parameter_groups(self) -> list[dict[str, Any]]:
        if self.encoder is None:
            return super().parameter_groups()
        own = set(self.encoder.parameters())
        return [
            {"params": [parameter for parameter in self.parameters() if parameter not in own]},
            {"params": list(self.encoder.parameters()), "lr": self.config.encoder_learning_rate},
        ]

    @property
    def width(self) -> int:
        return max(super().width, self.encoder_size)

    def vocabulary(self) -> dict[str, Any]:
        return {**super().vocabulary(), "encoder_size": self.encoder_size}

    @cached_property
    def _frozen(self) -> FrozenEncoder:
        return FrozenEncoder(self.config.encoder, self.config.revision, self.config.encoder_layers)

    @cached_property
    def _subwords(self):
        return load_subwords(locate(self.config.encoder, self.config.revision)[0])
