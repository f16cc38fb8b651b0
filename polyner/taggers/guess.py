"""Which language a text is in: by its script and, among languages that share it, by the frequent words and character
trigrams of their training text. The tagger in the page guesses in the same way, with the same lists."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from polyner.corpora.scripts import scripts_of
from polyner.corpora.sentence import Sentence

FREQUENT_WORDS, TRIGRAMS = 40, 200
_LEAD = 0.25  # of the best score: a lesser lead is no clear one
_LEAST_SCORE = 1.0  # per trigram: a text with less may be in none of the languages
_LEAST_TRIGRAMS = 12  # fewer, such as those of a name alone, tell nothing


class Guess(NamedTuple):
    """code: of the language, None where no language is in the text's script. sure: whether it is clearly ahead."""

    code: str | None
    sure: bool


def guess_language(words: Sequence[str], languages: Mapping[str, Mapping[str, Any]]) -> Guess:
    """The language of a text, given as words, among those of an index (see `Collection`)."""
    words = _in_small_letters(words)
    script = _script(words)
    codes = [code for code, about in languages.items() if not script or _script(about["frequent"]) == script]
    found = [trigram for word in words for trigram in _trigrams(word)]
    scores = sorted(((_score(words, found, languages[code]), -at, code) for at, code in enumerate(codes)), reverse=True)
    if not scores:
        return Guess(None, False)
    best, second = scores[0][0], scores[1][0] if len(scores) > 1 else 0.0
    sure = len(found) >= _LEAST_TRIGRAMS and best >= _LEAST_SCORE and best - second >= _LEAD * best
    return Guess(scores[0][2], sure)


def frequent_words(sentences: Iterable[Sentence]) -> list[str]:
    """The most frequent words outside entities, lower case: what a language is known by among those of its script."""
    return [word for word, _ in Counter(_plain_words(sentences)).most_common(FREQUENT_WORDS)]


def frequent_trigrams(sentences: Iterable[Sentence]) -> str:
    """The most frequent character trigrams of these words, with a blank at both ends, joined without a separator."""
    counts = Counter(trigram for word in _plain_words(sentences) for trigram in _trigrams(word))
    return "".join(trigram for trigram, _ in counts.most_common(TRIGRAMS))


def _plain_words(sentences: Iterable[Sentence]) -> list[str]:
    pairs = (pair for sentence in sentences for pair in zip(sentence.words, sentence.tags, strict=True))
    return _in_small_letters(word for word, tag in pairs if tag == "O")


def _in_small_letters(words: Iterable[str]) -> list[str]:
    """The words that have a letter, as texts and lists of words are compared."""
    return [unicodedata.normalize("NFC", word.lower()) for word in words if any(c.isalpha() for c in word)]


def _trigrams(word: str) -> list[str]:
    around = f" {word} "
    return [around[at : at + 3] for at in range(len(word))]


def _score(words: Sequence[str], trigrams: Sequence[str], about: Mapping[str, Any]) -> float:
    """How much a text looks like a language, per trigram."""
    joined = about["trigrams"]
    known = [joined[at : at + 3] for at in range(0, len(joined), 3)]
    return (_gain(trigrams, known) + _gain(words, about["frequent"])) / max(1, len(trigrams))


def _gain(parts: Iterable[str], known: Sequence[str]) -> float:
    # Frequencies fall about as 1/rank (Zipf); what a list lacks counts as half as frequent as its last one.
    ranks = {part: rank for rank, part in enumerate(known)}
    return sum(math.log(2 * len(known) / (ranks[part] + 1)) for part in parts if part in ranks)


def _script(words: Iterable[str]) -> str | None:
    """The script of most letters, None where there are none."""
    counts = Counter(script for word in words for letter in word for script in scripts_of(letter))
    return counts.most_common(1)[0][0] if counts else None
