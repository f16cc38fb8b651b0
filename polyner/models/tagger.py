"""What all architectures have in common: from sentences to tensors, a loss, tags, saving and loading."""

from __future__ import annotations

import dataclasses
from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import compress
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Protocol

import torch
from huggingface_hub import ModelCard, PyTorchModelHubMixin
from safetensors.torch import load_file, save
from torch import Tensor, nn

from polyner.corpora.sentence import Sentence, entity_types
from polyner.disk import write_whole
from polyner.errors import PolynerError
from polyner.models.characters import Speller
from polyner.models.configs import configure
from polyner.models.long_sentences import in_pieces, is_long, joined_tags
from polyner.models.rounding import whole_weights

_SENTENCES_AT_ONCE = 4096


class Encoded(Protocol):
    """Sentences as tensors, laid out once on the device; what a batch is, only its architecture knows.

    lengths: (N,) how much work each training example is (words, bytes or the like), on the processor; languages: the
    language code of each.
    """

    lengths: Tensor
    languages: Sequence[str]

    def batch(self, examples: Tensor) -> Any:
        """The batch of these examples (indices, on the processor), cut from the tensors without copying words."""


class Tagger(nn.Module, PyTorchModelHubMixin, library_name="polyner"):
    """A named entity tagger: `encode` sentences once, then `loss` for training batches or `predict` for all of them.

    Subclasses set `name`, by which `models.configs` has their configuration. They are built from training sentences
    (`build`), or loaded from a folder (`load_tagger`) or the Hugging Face hub, which they can be pushed to.
    `tags` and `languages` are what the tagger was trained with; their order is that of the model's outputs.
    """

    name: ClassVar[str]

    def __init__(self, config: Any, tags: Sequence[str], languages: Sequence[str]):
        super().__init__()
        self.config = config
        self.tags = tuple(tags)
        self.languages = tuple(languages)
        self.spell: Speller | None = None

    @classmethod
    def configure(cls, given: Any = MappingProxyType({})) -> Any:
        """The architecture's configuration: with these values, or as it is. Raises SettingsError as `configure`."""
        return configure(cls.name, given) if isinstance(given, Mapping) else given

    @classmethod
    def build(cls, config: Any, training: Mapping[str, Sequence[Sentence]], **more: Any) -> Tagger:
        """A freshly initialised tagger for the tags and languages of the training sentences."""
        return cls(config, _tag_inventory(training), tuple(training), **more)

    @abstractmethod
    def encode(self, sentences: Sequence[Sentence], languages: Sequence[str], *, training: bool = False) -> Encoded:
        """Sentences as tensors on this tagger's device. `languages` has a code a sentence.

        With `training` the tags are encoded too. Raises PolynerError for a tag that the tagger does not have.
        """

    @abstractmethod
    def loss(self, batch: Any) -> Tensor:
        """The training loss of a batch, a scalar to minimise: the mean of `terms(batch)` terms."""

    @abstractmethod
    def terms(self, batch: Any) -> Tensor | int:
        """How many terms (sentences, bytes or the like) the loss of a batch is the mean of."""

    @abstractmethod
    def predict(self, encoded: Any) -> list[list[str]]:
        """The tags of every encoded sentence. Call it in evaluation mode."""

    def unreachable(self, sentences: Sequence[Sentence]) -> int:
        """How many entities of the sentences no output of this tagger could name, whatever it has learned."""
        return 0

    def trained(self) -> dict[str, nn.Parameter]:
        """The parameters that training changes, by name."""
        return {name: parameter for name, parameter in self.named_parameters() if parameter.requires_grad}

    def parameter_groups(self) -> list[dict[str, Any]]:
        """The parameters to train, as torch's optimizers take them; a group may have its own `lr`."""
        return [{"params": list(self.trained().values())}]

    @property
    def width(self) -> int:
        """The units of the widest LSTM: what decides how many threads are worth their while."""
        return max((module.hidden_size for module in self.modules() if isinstance(module, nn.LSTM)), default=0)

    @property
    def device(self) -> torch.device:
        """Where the parameters are."""
        return next(self.parameters()).device

    def tag(self, sentences: Iterable[Iterable[str]], language: str | None = None) -> list[list[str]]:
        """The IOB2 tags of sentences given as words, some thousands of them at a time to bound the memory.

        A very long sentence is tagged in pieces (see `long_sentences`). `language` matters only where the transitions
        belong to languages. Empty sentences get empty tags. Raises PolynerError for text that is not cut into words.
        """
        return self._of_each(sentences, lambda some: self.predict(self._encoded(some, language)), joined_tags)

    def marginals(self, sentences: Iterable[Iterable[str]], language: str | None = None) -> list[Tensor]:
        """p(y_t = k | x) of each word and tag, for each sentence (T, K) on the processor; taken as `tag` takes them.

        Raises PolynerError for an architecture without a CRF.
        """
        raise PolynerError(f"{self.name} has no probabilities of tags: the architectures with a CRF have")

    @torch.inference_mode()
    def _of_each(
        self,
        sentences: Iterable[Iterable[str]],
        compute: Callable[[Sequence[Sequence[str]]], Sequence[Any]],
        joined: Callable[[Iterable[Any]], Any],
    ) -> list[Any]:
        """What `compute` makes of sentences, some thousands at a time; the pieces of a very long one are `joined`.

        An empty sentence has no pieces.
        """
        sentences = [sentences] if isinstance(sentences, str) else list(sentences)
        if text := [words for words in sentences if isinstance(words, str)]:
            raise PolynerError(f"{text[0]!r:.60} is text: tag takes sentences, each a list of words, so split it")
        sentences = [list(words) for words in sentences]
        at_once = [bool(words) and not is_long(words) for words in sentences]
        whole = list(compress(sentences, at_once))
        was_training = self.training
        self.eval()
        blocks = (whole[at : at + _SENTENCES_AT_ONCE] for at in range(0, len(whole), _SENTENCES_AT_ONCE))
        computed = (one for block in blocks for one in compute(block))
        result = [
            next(computed) if here else joined(in_pieces(words, compute))
            for words, here in zip(sentences, at_once, strict=True)
        ]
        self.train(was_training)
        return result

    def _encoded(self, sentences: Sequence[Sequence[str]], language: str | None) -> Any:
        filled = [Sentence(tuple(words), ("O",) * len(words)) for words in sentences]
        return self.encode(filled, [language or ""] * len(filled))

    def save_pretrained(self, save_directory: str | Path, **options: Any) -> str | None:
        """Write `config.json`, `model.safetensors` and a short `README.md` into a folder, for `load_tagger` and
        `from_pretrained`; `push_to_hub` sends the same files. `options` are those of huggingface_hub's method, whose
        `config` is always the tagger's own here."""
        config = {"model": self.name, "config": dataclasses.asdict(self.config), **self.vocabulary()}
        return super().save_pretrained(save_directory, **{**options, "config": config})

    def _save_pretrained(self, save_directory: Path) -> None:
        """Whole or not at all, and readable to whom other files are; safetensors' own are to their owner alone."""
        weights = {name: tensor.contiguous() for name, tensor in self.state_dict().items()}
        write_whole(Path(save_directory) / "model.safetensors", save(weights, {"format": "pt"}))

    @classmethod
    def _from_pretrained(cls, *, strict: bool = True, **options: Any) -> Tagger:
        """Weights that are missing are an error, where huggingface_hub would leave random ones."""
        return super()._from_pretrained(strict=strict, **options)

    @classmethod
    def _load_as_safetensor(cls, model: Tagger, model_file: str, map_location: str, strict: bool) -> Tagger:
        model.load_state_dict(whole_weights(load_file(model_file)), strict=strict)
        return model.to(map_location).eval()

    def generate_model_card(self, *args: Any, **kwargs: Any) -> ModelCard:
        """The README.md that is saved with the tagger and shown on the hub."""
        types = ", ".join(dict.fromkeys(tag[2:] for tag in self.tags if tag != "O"))
        return ModelCard(
            f"---\nlibrary_name: polyner\n---\n\n# {self.name}\n\n"
            f"A named entity tagger ({types}) trained on {', '.join(self.languages)} with polyner. To use it, with the "
            'folder of these files (from the hub: `huggingface_hub.snapshot_download("OWNER/NAME")`):\n\n'
            "```python\nfrom polyner.models import load_tagger\n\n"
            'load_tagger("FOLDER").tag([["A", "sentence"]])\n```\n'
        )

    def vocabulary(self) -> dict[str, Any]:
        """What `__init__` needs beside the configuration, as JSON can hold it."""
        own = {"tags": list(self.tags), "languages": list(self.languages)}
        characters = self.spell.characters if self.spell else None
        return own if characters is None else {**own, "characters": list(characters)}


def check_words(sentences: Sequence[Sentence], types: Sequence[str] | None = None) -> None:
    """Raise PolynerError for an empty word, and for an entity type other than `types` where these are given."""
    if any("" in sentence.words for sentence in sentences):
        raise PolynerError("an empty word cannot be tagged")
    if types is not None and (unknown := set(entity_types(sentences)) - set(types)):
        raise PolynerError(f"the tagger has no type {sorted(unknown)[0]!r}: it knows {', '.join(types)}")


def _tag_inventory(training: Mapping[str, Sequence[Sentence]]) -> tuple[str, ...]:
    """`O`, then `B-` and `I-` of each entity type in the training sentences, types sorted."""
    types = entity_types(sentence for sentences in training.values() for sentence in sentences)
    return ("O", *(f"{prefix}-{entity_type}" for entity_type in types for prefix in "BI"))
