"""Made-up text with the statistics that speed depends on: lengths of sentences and words, and how often words recur."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass

from polyner.corpora.sentence import Sentence

_LATIN = [a + b for a in "bcdfglmnprstv" for b in "aeiou"]
_ETHIOPIC = [chr(code) for code in range(0x1208, 0x1300) if chr(code).isalpha()]
_TYPES = ("PER", "ORG", "LOC", "MISC")
_SHORT = 60  # the commonest words have one syllable
_VOCABULARY = 40_000


@dataclass(frozen=True)
class Kind:
    """Text like that of a corpus: the mean and spread of the logarithm of sentence lengths, and syllables to spell."""

    name: str
    length: float
    spread: float
    syllables: Sequence[str]
    syllables_a_word: int


KINDS = {
    # CoNLL-2002's Spanish has 32 words a sentence, its Dutch 13; the spread is that of many news corpora.
    "spanish": Kind("spanish", 3.3, 0.6, _LATIN, 3),
    "dutch": Kind("dutch", 2.35, 0.7, _LATIN, 3),
    "ethiopic": Kind("ethiopic", 2.7, 0.5, _ETHIOPIC, 4),
}


def made_up(kind: str, sentences: int, seed: int = 0) -> list[Sentence]:
    """Sentences whose words recur as words do (Zipf's law), every eighth or so a name of one or two words."""
    style = KINDS[kind]
    draw = random.Random(seed)
    vocabulary = _vocabulary(style, random.Random(1))
    weights = list(itertools.accumulate((rank + 2) ** -1.1 for rank in range(len(vocabulary))))
    made = []
    for _ in range(sentences):
        length = min(120, max(2, round(draw.lognormvariate(style.length, style.spread))))
        words = draw.choices(vocabulary, cum_weights=weights, k=length)
        tags = ["O"] * length
        for start in range(draw.randrange(8), length - 1, 8):
            entity_type = draw.choice(_TYPES)
            for place in range(start, start + draw.choice((1, 2))):
                words[place] = words[place].capitalize()
                tags[place] = f"{'B' if place == start else 'I'}-{entity_type}"
        made.append(Sentence(tuple(words), tuple(tags)))
    return made


def _vocabulary(style: Kind, draw: random.Random) -> list[str]:
    """Distinct words, the common ones shorter."""
    words: dict[str, None] = {}
    while len(words) < _VOCABULARY:
        most = 1 if len(words) < _SHORT else 2 * style.syllables_a_word - 1
        words["".join(draw.choices(style.syllables, k=draw.randint(1, most)))] = None
    return list(words)
