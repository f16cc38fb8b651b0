"""Sentences from patterns: choose patterns so that the entity types have given shares, fill them, split them."""

from __future__ import annotations

import random
import re
from collections import Counter
from functools import cache

from polyner.corpora.languages import table2
from polyner.corpora.sample.names import SLOT, Names, lines, number
from polyner.corpora.sentence import SPLITS, Corpus, Sentence
from polyner.corpora.spans import Span, tags_of
from polyner.errors import CorpusError

SIZES = {"train": 400, "dev": 100, "test": 100}

# The share of each type among a corpus's entities. The CoNLL languages differ on purpose, the others agree (§4).
CONLL_SHARES = {
    "eng": {"PER": 0.38, "ORG": 0.34, "LOC": 0.16, "MISC": 0.12},
    "spa": {"PER": 0.20, "ORG": 0.48, "LOC": 0.22, "MISC": 0.10},
    "deu": {"PER": 0.22, "ORG": 0.16, "LOC": 0.48, "MISC": 0.14},
    "nld": {"PER": 0.36, "ORG": 0.14, "LOC": 0.16, "MISC": 0.34},
}
LORELEI_SHARES = {"PER": 0.26, "ORG": 0.22, "GPE": 0.36, "LOC": 0.16}

PLAIN_SHARE = 0.15  # sentences that name nothing
WITHHELD = 6  # every sixth pattern occurs in dev and test only
CANDIDATES = 5

# What `{PER}` and the like stand for where no list is named.
DEFAULT_LISTS = {"PER": "person", "ORG": "organisation", "GPE": "city", "LOC": "place"}

OPTIONAL = re.compile(r"\[([^\]]*)\]")


def sample_corpus(language: str, seed: int = 0) -> Corpus:
    """The sample corpus of a language of Table 2 (ISO 639-3 code): 400 training, 100 dev and 100 test sentences.

    Entity types are PER ORG LOC MISC for the CoNLL languages and PER ORG GPE LOC for all others (§3.2). No sentence
    occurs twice, in one split or in two. Raises CorpusError for a language that is not in Table 2.
    """
    if language not in table2():
        raise CorpusError(f"no sample corpus for language {language!r}: one of {', '.join(table2())}")
    rng = random.Random(number(language, seed, "sentences"))
    names = Names(language, seed)
    shares = CONLL_SHARES.get(language, LORELEI_SHARES)
    patterns, plain = lines(names.data["patterns"]), lines(names.data["plain"])
    rng.shuffle(patterns)
    common = [pattern for position, pattern in enumerate(patterns) if position % WITHHELD]

    seen: set[tuple[str, ...]] = set()
    splits = {}
    for split in SPLITS:
        counts: Counter[str] = Counter()
        sentences: list[Sentence] = []
        while len(sentences) < SIZES[split]:
            if rng.random() < PLAIN_SHARE:
                pattern = without_options(rng.choice(plain), rng)
            else:
                pattern = choose(common if split == "train" else patterns, counts, shares, rng)
            sentence = fill(pattern, names, rng)
            if sentence.words not in seen:
                seen.add(sentence.words)
                sentences.append(sentence)
                counts.update(types_in(pattern))
        splits[split] = tuple(sentences)
    return Corpus(language, **splits, source="sample")


def choose(patterns: list[str], counts: Counter[str], shares: dict[str, float], rng: random.Random) -> str:
    """Of a few patterns taken at random, the one that brings the types counted so far nearest to `shares`."""
    so_far = counts.total()

    def distance(pattern: str) -> float:
        new = types_in(pattern)
        total = so_far + len(new)
        return sum(abs(counts[name] + new.count(name) - share * total) for name, share in shares.items())

    return min((without_options(pattern, rng) for pattern in rng.sample(patterns, CANDIDATES)), key=distance)


def without_options(pattern: str, rng: random.Random) -> str:
    """The pattern with each `[part in brackets]` either kept or left out."""
    return OPTIONAL.sub(lambda part: part[1] if rng.random() < 0.5 else "", pattern)


@cache
def types_in(pattern: str) -> tuple[str, ...]:
    """The entity types of a pattern's slots."""
    return tuple(slot["type"] for slot in SLOT.finditer(pattern) if slot["type"])


def fill(pattern: str, names: Names, rng: random.Random) -> Sentence:
    """The tagged sentence that a pattern gives; what is written onto a slot (an ending, a prefix) joins its name."""
    words: list[str] = []
    tags: list[str] = []
    drawn: set[str] = set()
    for token in pattern.split():
        if not (slot := SLOT.search(token)):
            words.append(token)
            tags.append("O")
            continue
        entity_type = slot["type"]
        for _ in range(10):  # attempts to find a name that the sentence does not have yet
            name = names.draw(slot["list"] or DEFAULT_LISTS[entity_type], rng)
            if name not in drawn:
                break
        drawn.add(name)
        filling = f"{token[: slot.start()]}{name}{token[slot.end() :]}".split()
        words += filling
        tags += tags_of([Span(0, len(filling), entity_type)] if entity_type else [], len(filling))
    first = next(position for position, word in enumerate(words) if word[0].isalnum())
    words[first] = words[first][0].upper() + words[first][1:]
    return Sentence(tuple(words), tuple(tags))
