"""From words to the sub-words of an encoder's vocabulary, in windows that the encoder can read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from polyner.models.ragged import Ragged

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast


@dataclass(frozen=True)
class WindowBatch:
    """Some sentences' windows: ids and attention (M, L), and for each of their words its window and place, (W,)."""

    ids: Tensor
    attention: Tensor
    window: Tensor
    place: Tensor


@dataclass(frozen=True)
class Windows:
    """Sentences as windows of sub-words. A sentence that the encoder can read at once is one window.

    windows: the ids of each window, special symbols included. window, place: for each word, counting all, the number of
    its window and the position of its first sub-word there.
    """

    windows: Ragged
    window: Tensor
    place: Tensor

    def batch(self, words: Tensor) -> WindowBatch:
        """The windows of these words (numbers, those of a window together), and where they are in them."""
        own, window = self.window[words].unique_consecutive(return_inverse=True)
        ids, attention = self.windows.padded(own)
        return WindowBatch(ids, attention, window, self.place[words])


class Subwords:
    """Cuts words into sub-words with a fast tokenizer, and sentences into windows of at most `limit` of them."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast, limit: int):
        self._tokenizer = tokenizer
        self.limit = limit
        plain = tokenizer(["a"], is_split_into_words=True, add_special_tokens=False)["input_ids"]
        marked = tokenizer(["a"], is_split_into_words=True)["input_ids"]
        start = next(i for i in range(len(marked)) if marked[i : i + len(plain)] == plain)
        self._before, self._after = marked[:start], marked[start + len(plain) :]
        self._known: dict[str, tuple[int, ...]] = {}

    def pieces(self, words: Iterable[str]) -> list[tuple[int, ...]]:
        """The sub-word ids of each word by itself; none where the tokenizer leaves nothing of it."""
        words = list(words)
        if new := list({word: None for word in words if word not in self._known}):
            cut = self._tokenizer([[word] for word in new], is_split_into_words=True, add_special_tokens=False)
            self._known.update((word, tuple(ids)) for word, ids in zip(new, cut["input_ids"], strict=True))
        return [self._known[word] for word in words]

    def texts(self, word: str) -> list[str]:
        """The word's sub-words as the vocabulary spells them."""
        return self._tokenizer.convert_ids_to_tokens(list(self.pieces([word])[0]))

    def unknown_share(self, sentences: Iterable[Sequence[str]]) -> float:
        """The share of words, from 0 to 1, of which the encoder sees nothing: no sub-word at all, or only [UNK]."""
        cut = self.pieces(word for words in sentences for word in words)
        return sum(set(ids) <= {self._tokenizer.unk_token_id} for ids in cut) / max(1, len(cut))

    def windows(self, sentences: Sequence[Sequence[str]]) -> Windows:
        """The sentences' windows, cut between words.

        A word of which nothing is left stands as one unknown sub-word. Of a word longer than a window, the first
        sub-words are read: only the vector of the first is used.
        """
        room = self.limit - len(self._before) - len(self._after)
        nothing = (self._tokenizer.unk_token_id,)
        windows: list[list[int]] = []
        window, place = [], []
        for words in sentences:
            current: list[int] = []
            windows.append(current)
            for ids in self.pieces(words):
                ids = (ids or nothing)[:room]
                if len(current) + len(ids) > room:
                    current = []
                    windows.append(current)
                window.append(len(windows) - 1)
                place.append(len(self._before) + len(current))
                current += ids
        ids = Ragged.of([[*self._before, *ids, *self._after] for ids in windows])
        return Windows(ids, torch.tensor(window), torch.tensor(place))
