"""The word-level CRF over multilingual BERT (§3.1, third variant), or over any other pretrained encoder.

sub-words → encoder → its last four layers at each word's first sub-word → BiLSTM over the sentence → linear → CRF

The paper does not say whether BERT's own weights are trained. Joining the last four layers is the feature-based recipe
of the BERT paper, so they are frozen here unless the configuration says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor

from polyner.corpora.sentence import Sentence
from polyner.models.configs import MBertConfig
from polyner.models.encoder import FrozenEncoder, encoder_size, load_encoder, load_subwords, word_vectors
from polyner.models.encoder_files import locate
from polyner.models.ragged import Ragged, numbered, sent
from polyner.models.sentence_crf import SentenceBatch, SentenceCRF
from polyner.models.subwords import Windows


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
        return super().build(config, training, encoder_size=size)

    def read(self, sentences: Sequence[Sequence[str]], languages: Sequence[str]) -> tuple[Ragged, Tensor | Windows]:
        """Numbers of running words, and these words as windows, or as vectors (W, D) where the encoder is frozen."""
        if self.config.trained:
            folder = locate(self.config.encoder, self.config.revision)[0]
            return numbered(sentences), load_subwords(folder).windows(sentences)
        frozen = FrozenEncoder(self.config.encoder, self.config.revision, self.config.encoder_layers)
        return numbered(sentences), frozen.vectors(sentences, languages, self.device)

    def vectors(self, batch: SentenceBatch) -> Tensor:
        words = torch.cat([row[:length] for row, length in zip(batch.words, batch.lengths.tolist(), strict=True)])
        if isinstance(batch.source, Windows):
            vectors = word_vectors(self.encoder, batch.source.batch(words), self.config.encoder_layers)
        else:
            vectors = sent(batch.source[words], self.device).float()
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
