"""The configurations of the architectures: plain values, so that planning a study needs no torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import Ge

from polyner.corpora.sentence import Sentence
from polyner.errors import PolynerError
from polyner.validation import Count, Fraction, NotNegative, Positive, configured


class ModelConfig:
    """What the configurations have in common.

    training_defaults: what of `TrainingConfig` is another for the architecture.
    fisher_information: whether there is any of it, which is that of a CRF over words (§5.3).
    """

    training_defaults: ClassVar[Mapping[str, Any]] = {}
    fisher_information: ClassVar[bool] = False

    def pinned(self) -> ModelConfig:
        """This configuration with whatever it names by a moving name (a branch) named for good.

        Raises NotAvailable where that cannot be found out here.
        """
        return self

    def obstacle(self, sentences: Sequence[Sentence]) -> str | None:
        """Why the architecture cannot be trained on sentences of a language, in a few words; None where it can.

        Raises NotAvailable where something that the architecture itself needs cannot be had here.
        """
        return None


@dataclass(frozen=True)
class WordCRFConfig(ModelConfig):
    """Sizes of the word-level CRF; the defaults are those of §3.4.

    embedding_size: of a byte or character.
    unit_layers, unit_hidden_size: the BiLSTM over the bytes or characters of a word; the size is per direction.
    max_word_length: bytes or characters of a word that are read; the rest is cut (the paper's code: 64).
    word_vector: "all_layers" joins the final states of every layer and direction (the paper's code; the paper does not
        say), "last_layer" only those of the last layer.
    sentence_layers, sentence_hidden_size: the BiLSTM over words. The paper has 256 per direction, its code 512.
    dropout: before each LSTM layer and behind the last of each stack.
    min_character_count: rarer characters become one unknown character (character CRF only).
    language_transitions: whether each language has CRF transitions of its own (§4).
    """

    fisher_information: ClassVar[bool] = True

    embedding_size: Count = 256
    unit_layers: Count = 2
    unit_hidden_size: Count = 256
    max_word_length: Count = 64
    word_vector: Literal["all_layers", "last_layer"] = "all_layers"
    sentence_layers: Count = 1
    sentence_hidden_size: Count = 256
    dropout: Fraction = 0.2
    min_character_count: Count = 2
    language_transitions: bool = False


@dataclass(frozen=True)
class CharNERConfig(ModelConfig):
    """Sizes of CharNER; the defaults are those of §3.4.

    units: "byte", as in this paper, or "character", as in the paper that introduced CharNER (Kuru et al., 2016).
    embedding_size: of a byte or character. The paper does not give it; its code has 128.
    layers, hidden_size: the BiLSTM; the size is per direction.
    input_dropout: the share of bytes whose whole embedding is dropped.
    layer_dropout, last_dropout: behind each layer but the last, and behind the last.
    min_character_count: rarer characters become one unknown character (units "character" only).
    """

    training_defaults: ClassVar[Mapping[str, Any]] = {"clip_norm": 1.0}  # as the paper's code

    units: Literal["byte", "character"] = "byte"
    embedding_size: Count = 128
    layers: Count = 5
    hidden_size: Count = 128
    input_dropout: Fraction = 0.2
    layer_dropout: Fraction = 0.5
    last_dropout: Fraction = 0.8
    min_character_count: Count = 2


@dataclass(frozen=True)
class ByteToSpanConfig(ModelConfig):
    """Sizes of Byte-to-Span; the defaults are those of Gillick et al. (2016) as §3.4 and footnote 5 give them.

    window: bytes a window. stride: how far training windows are apart; 1 starts one at every byte, which is 60 times
        the bytes of the corpus in every epoch. overlap: of the windows when tagging; an entity of more than overlap + 1
        bytes may be in none of them as a whole.
    embedding_size: of bytes and of symbols (not given in the paper). layers, hidden_size: of encoder and decoder.
    byte_dropout: the share of bytes replaced by DROP. layer_dropout: between the layers and behind the last; the
        paper has 0.5, its code 0.2.
    max_symbols: the longest output. descending: whether a window's entities come in order of descending start, as in
        the paper's code. initial_range: weights are drawn uniformly from ± this.
    """

    # §3.4: "Adam performed much worse". The paper's code has momentum 0.9 and 0.001, its gradient norm 5 intended.
    training_defaults: ClassVar[Mapping[str, Any]] = {"optimizer": "sgd", "learning_rate": 0.3, "batch_size": 128}

    window: Count = 60
    stride: Count = 1
    overlap: Annotated[int, Ge(0)] = 30
    embedding_size: Count = 320
    layers: Count = 4
    hidden_size: Count = 320
    byte_dropout: Fraction = 0.3
    layer_dropout: Fraction = 0.5
    max_symbols: Annotated[int, Ge(4)] = 30
    descending: bool = True
    initial_range: Positive = 0.08

    def __post_init__(self) -> None:
        if self.overlap >= self.window:
            raise ValueError(f"overlap is less than the window ({self.window}), not {self.overlap}")

    @property
    def most_entities(self) -> int:
        """How many entities the output of a window has room for, beside STOP."""
        return (self.max_symbols - 1) // 3


@dataclass(frozen=True)
class MBertConfig(ModelConfig):
    """Settings of the CRF over a pretrained encoder.

    encoder: a name on the Hugging Face hub, or a folder with config.json, a fast tokenizer and model.safetensors.
    revision: of the hub's repository; runs are filed with the commit it stands for.
    encoder_layers: how many of the encoder's last layers make a word's vector.
    trained: whether the encoder's weights are trained too; encoder_learning_rate: with which step size.
    most_unknown: a language of whose words more than this share is unknown to the vocabulary is left out.
    sentence_layers, sentence_hidden_size (per direction), dropout, language_transitions: as of the other CRFs.
    """

    fisher_information: ClassVar[bool] = True

    encoder: str = "bert-base-multilingual-cased"
    revision: str = "main"
    encoder_layers: Count = 4
    trained: bool = False
    encoder_learning_rate: Positive = 2e-5
    most_unknown: NotNegative = 0.5
    sentence_layers: Count = 1
    sentence_hidden_size: Count = 256
    dropout: Fraction = 0.2
    language_transitions: bool = False

    def pinned(self) -> MBertConfig:
        from polyner.models.encoder_files import locate

        return replace(self, revision=locate(self.encoder, self.revision)[1])

    def obstacle(self, sentences: Sequence[Sentence]) -> str | None:
        from polyner.models.encoder import load_subwords
        from polyner.models.encoder_files import locate

        subwords = load_subwords(locate(self.encoder, self.revision)[0])
        share = subwords.unknown_share(sentence.words for sentence in sentences)
        return f"{share:.0%} of its words are unknown to the encoder" if share > self.most_unknown else None


CONFIGS: Mapping[str, type[ModelConfig]] = {
    "char-crf": WordCRFConfig,
    "byte-crf": WordCRFConfig,
    "charner": CharNERConfig,
    "byte-to-span": ByteToSpanConfig,
    "mbert-crf": MBertConfig,
}
"""By the name of the architecture."""


def config_class(model: str) -> type[ModelConfig]:
    """The class of an architecture's configurations. Raises PolynerError for an unknown name."""
    if model not in CONFIGS:
        raise PolynerError(f"unknown model {model!r}: one of {', '.join(CONFIGS)}")
    return CONFIGS[model]


def configure(model: str, values: Mapping[str, Any] | None = None) -> ModelConfig:
    """An architecture's configuration with these values. Raises SettingsError, which says what is possible, for an
    unknown field or an impossible value."""
    return configured(config_class(model), values or {}, model)
