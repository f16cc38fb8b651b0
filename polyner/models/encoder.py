"""Pretrained encoders, and the vectors of words that they make."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

import torch
from platformdirs import user_cache_path
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from polyner.disk import write_whole
from polyner.errors import NotAvailable, PolynerError, needed, one_line
from polyner.models.encoder_files import locate
from polyner.models.ragged import numbered, sent
from polyner.models.subwords import Subwords, WindowBatch
from polyner.progress import progress_bar

_SENTENCES_A_FILE = 4096
_SENTENCES_AT_ONCE = 32


def load_encoder(folder: Path) -> nn.Module:
    """The encoder in a folder, freshly read, in evaluation mode.

    Raises NotAvailable where the folder is incomplete or transformers is not installed.
    """
    if not any(folder.glob("*.safetensors")):
        raise NotAvailable(f"{folder} has no weights in safetensors (pickled ones are not read)")
    return _loaded("AutoModel", folder, use_safetensors=True).eval()


def encoder_size(folder: Path, layers: int) -> int:
    """The size of the encoder's hidden layers. Raises PolynerError where it has fewer than `layers`."""
    config = _loaded("AutoConfig", folder)
    if layers > config.num_hidden_layers:
        raise PolynerError(f"{folder}: the encoder has {config.num_hidden_layers} layers, not {layers}")
    return config.hidden_size


@lru_cache(maxsize=4)
def load_subwords(folder: Path) -> Subwords:
    """The tokenizer of the encoder in a folder. Raises NotAvailable as `load_encoder`, or where it is no fast one."""
    tokenizer = _loaded("AutoTokenizer", folder, use_fast=True)
    if not tokenizer.is_fast:
        raise NotAvailable(f"{folder}: its tokenizer is not one of the fast ones")
    limit = getattr(_loaded("AutoConfig", folder), "max_position_embeddings", 512)
    # RoBERTa's family counts positions from its padding index on, two more than it can read, and says so only in its
    # tokenizer; a tokenizer that says nothing (which is a limit of about 10³⁰) gets the smaller number.
    stated = tokenizer.model_max_length
    return Subwords(tokenizer, stated if stated <= limit else limit - 2)


def word_vectors(encoder: nn.Module, batch: WindowBatch, layers: int) -> Tensor:
    """(W, layers·H) vectors of a batch's words: the last `layers` hidden layers at their first sub-word, joined."""
    device = next(encoder.parameters()).device
    hidden = encoder(
        input_ids=sent(batch.ids, device),
        attention_mask=sent(batch.attention.long(), device),
        output_hidden_states=True,
    ).hidden_states[-layers:]
    window, place = sent(batch.window, device), sent(batch.place, device)
    return torch.cat([layer[window, place] for layer in hidden], dim=1)


class FrozenEncoder:
    """An encoder whose word vectors are computed once for a sentence and kept on disk.

    They are kept as safetensors in half precision, by the encoder's revision and the words, below `$POLYNER_CACHE` or
    the user's cache folder. The encoder itself is loaded only when there is something to compute.
    """

    def __init__(self, encoder: str, revision: str, layers: int):
        self.folder, self.revision = locate(encoder, revision)
        self.layers = layers
        cache = Path(os.environ.get("POLYNER_CACHE") or user_cache_path("polyner")).expanduser()
        self.cache = cache / "vectors" / f"{self.revision[:16]}-{layers}"

    def vectors(self, sentences: Sequence[Sequence[str]], languages: Sequence[str], device: torch.device) -> Tensor:
        """The vectors (W, D), in half precision on the processor, of all words of the sentences.

        `languages` has a code a sentence: each corpus is kept by itself, so that one pass over it serves the
        monolingual, the polyglot and the fine-tuned models and all of their seeds.
        """
        blocks = []
        for _, members in groupby(zip(languages, sentences, strict=True), key=lambda pair: pair[0]):
            corpus = [words for _, words in members]
            blocks += [corpus[i : i + _SENTENCES_A_FILE] for i in range(0, len(corpus), _SENTENCES_A_FILE)]
        return torch.cat([self._block(block, device) for block in blocks])

    def _block(self, sentences: Sequence[Sequence[str]], device: torch.device) -> Tensor:
        digest = hashlib.sha256("\x1e".join("\x1f".join(words) for words in sentences).encode(errors="replace"))
        path = self.cache / f"{digest.hexdigest()[:32]}.safetensors"
        with suppress(OSError, SafetensorError, KeyError):  # absent, or damaged: either way it is computed
            return load_file(path)["vectors"]
        vectors = self._compute(sentences, device)
        write_whole(path, save({"vectors": vectors}))
        return vectors

    @torch.inference_mode()
    def _compute(self, sentences: Sequence[Sequence[str]], device: torch.device) -> Tensor:
        encoder = _frozen(self.folder).to(device)
        windows, numbers = load_subwords(self.folder).windows(sentences), numbered(sentences)
        result = torch.empty(len(windows.window), self.layers * encoder.config.hidden_size, dtype=torch.half)
        with progress_bar("word vectors", total=len(sentences)) as advance:
            # Sentences of similar length together, so that little is padding.
            for examples in numbers.lengths.argsort(stable=True).split(_SENTENCES_AT_ONCE):
                padded, mask = numbers.padded(examples)
                words = padded[mask]
                result[words] = word_vectors(encoder, windows.batch(words), self.layers).half().cpu()
                for _ in examples:
                    advance("")
        return result


_frozen = lru_cache(maxsize=1)(load_encoder)


def _loaded(kind: str, folder: Path, **options: Any) -> Any:
    transformers = needed("transformers", "an encoder", "mbert")
    transformers.utils.logging.disable_progress_bar()
    try:
        return getattr(transformers, kind).from_pretrained(folder, local_files_only=True, **options)
    except (OSError, ValueError, KeyError, ImportError, SafetensorError) as error:
        raise NotAvailable(f"{folder}: no encoder can be loaded: {one_line(error, 160)}") from None
