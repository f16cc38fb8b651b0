"""Sentences without tags, as `polyner tag` takes them, and plain text cut into them while it comes."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from polyner.corpora.columns import lines
from polyner.corpora.conll import clean_word

_INSIDE_WORDS = "'’ʼ-‐·״׳"
_INSIDE_NUMBERS = ".,:/"
_JOINERS = "\u200c\u200d"


class Untagged(NamedTuple):
    """One sentence to tag: its words, and for each the columns it came with (the word alone, if it came as text)."""

    words: list[str]
    columns: list[list[str]]


def sentences_in_text(name: str, stream: Iterable[bytes], *, punctuation: bool = False) -> Iterator[Untagged]:
    """A sentence a line, an empty one for an empty line. Words stand between blanks; with `punctuation`, a punctuation
    mark or symbol is a word of its own too (see `split_words`)."""
    for _, line in lines(name, stream):
        chunks = [chunk for word in line.split() if (chunk := clean_word(word))]
        words = [word for chunk in chunks for word in (split_words(chunk) if punctuation else [chunk])]
        yield Untagged(words, [[word] for word in words])


def split_words(chunk: str) -> list[str]:
    """Split text without blanks into words and punctuation, by Unicode's character categories.

    A word is a run of letters, marks and digits, with apostrophes and hyphens between letters (`d'Ivoire`) and
    separators between digits (`3,50`); every other character stands alone. Scripts without blanks are not segmented.
    """
    words: list[str] = []
    open_word = False
    for position, character in enumerate(chunk):
        belongs = _in_word(character) or _joins(chunk, position)
        if belongs and open_word:
            words[-1] += character
        else:
            words.append(character)
        open_word = belongs
    return words


def _in_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN" or character in _JOINERS


def _joins(chunk: str, position: int) -> bool:
    """Whether the character stands between two letters or digits that it does not part."""
    if not 0 < position < len(chunk) - 1:
        return False
    before, after = chunk[position - 1], chunk[position + 1]
    if chunk[position] in _INSIDE_NUMBERS:
        return before.isdigit() and after.isdigit()
    return chunk[position] in _INSIDE_WORDS and _in_word(before) and _in_word(after)
