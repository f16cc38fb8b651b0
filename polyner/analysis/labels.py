"""Label distributions of corpora, how far apart they are (§4), and how much the splits of a corpus overlap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from polyner.analysis.significance import resampled_counts
from polyner.corpora.languages import LANGUAGES
from polyner.corpora.sentence import SPLITS, Corpus, Sentence
from polyner.corpora.spans import entities_of, spans_of


def corpus_sizes(corpora: Mapping[str, Corpus]) -> pd.DataFrame:
    """Table 2 beside the corpora at hand: a row for each of its languages, and for others that are at hand.

    Columns: group, language, name, family, genus, script, paper (training sentences in Table 2), train, dev, test
    (sentences), tokens, entities (of the training set), repairs (tags mended while reading). What is not at hand
    is missing (`<NA>`).
    """
    rows = []
    for code in [*LANGUAGES, *(code for code in corpora if code not in LANGUAGES)]:
        row: dict = {"group": _group(code), "language": code, "name": code}
        if code in LANGUAGES:
            known = LANGUAGES[code]
            row |= {"name": known.name, "family": known.family, "genus": known.genus, "script": known.script}
            row["paper"] = known.train_sentences
        if code in corpora:
            corpus = corpora[code]
            row |= {split: len(corpus[split]) for split in SPLITS}
            row["tokens"] = sum(len(sentence) for sentence in corpus.train)
            row["entities"] = sum(_entities(corpus.train).values())
            row["repairs"] = sum(corpus.repairs.values())
        rows.append(row)
    text = ["group", "language", "name", "family", "genus", "script"]
    numbers = ["paper", *SPLITS, "tokens", "entities", "repairs"]
    return pd.DataFrame(rows, columns=[*text, *numbers]).astype(dict.fromkeys(numbers, "Int64"))


def entity_shares(corpora: Mapping[str, Corpus], split: str = "train") -> pd.DataFrame:
    """How a language's entities divide into types: group, language, type, entities, share (0 to 1).

    Every type of a language's group has a row, with share 0 where the split has none of it. A language without
    entities has no rows.
    """
    counts = {
        code: Counter(type_ for _, type_ in _entities(corpus[split]).elements()) for code, corpus in corpora.items()
    }
    return _shares(counts, "type", "entities")


def tag_shares(corpora: Mapping[str, Corpus], split: str = "train") -> pd.DataFrame:
    """How a language's tokens divide into tags, O included: group, language, tag, tokens, share (0 to 1)."""
    counts = {
        code: Counter(tag for sentence in corpus[split] for tag in sentence.tags) for code, corpus in corpora.items()
    }
    return _shares(counts, "tag", "tokens")


def label_divergence(shares: pd.DataFrame) -> pd.DataFrame:
    """Jensen–Shannon divergence (bits, 0 to 1) of every two languages of a group: group, first, second, divergence.

    `shares` comes from `entity_shares` or `tag_shares`.
    """
    label = "type" if "type" in shares else "tag"
    rows = []
    for group, members in shares.groupby("group", sort=False):
        wide = members.pivot(index="language", columns=label, values="share").fillna(0.0)
        for first, second in combinations(dict.fromkeys(members["language"]), 2):
            rows.append((group, first, second, float(_divergence(wide.loc[first], wide.loc[second]))))
    return pd.DataFrame(rows, columns=["group", "first", "second", "divergence"])


def resampled_divergence(corpora: Mapping[str, Corpus], draws: int = 1000, seed: int = 0) -> np.ndarray:
    """Mean divergence of entity types over all pairs of `corpora`, on resamples of their training sentences: (draws,).

    Raises ValueError for fewer than two corpora.
    """
    if len(corpora) < 2:
        raise ValueError("a divergence needs at least two corpora")
    types = sorted({type_ for corpus in corpora.values() for type_ in corpus.types})
    replicates = []
    for code, corpus in corpora.items():
        counts = np.zeros((len(corpus.train), len(types)))
        for row, sentence in enumerate(corpus.train):
            for span in spans_of(sentence.tags):
                counts[row, types.index(span.type)] += 1
        replicates.append(resampled_counts(counts, draws, [seed, *code.encode()]))
    return np.mean([_divergence(first, second) for first, second in combinations(replicates, 2)], axis=0)


def split_overlap(corpora: Mapping[str, Corpus]) -> pd.DataFrame:
    """What of the development and test sets the training set holds already.

    Columns: group, language, split, sentences, seen_sentences (share of them, 0 to 1, whose words occur as a
    training sentence), entities, seen_entities (share of the mentions whose surface form and type occur in training).
    A share of nothing is missing.
    """
    rows = []
    for code, corpus in corpora.items():
        trained_sentences = {sentence.words for sentence in corpus.train}
        trained_entities = set(_entities(corpus.train))
        for split in ("dev", "test"):
            sentences, entities = corpus[split], _entities(corpus[split])
            seen_sentences = sum(sentence.words in trained_sentences for sentence in sentences)
            seen_entities = sum(count for entity, count in entities.items() if entity in trained_entities)
            rows.append(
                {
                    "group": _group(code),
                    "language": code,
                    "split": split,
                    "sentences": len(sentences),
                    "seen_sentences": seen_sentences / len(sentences) if sentences else np.nan,
                    "entities": entities.total(),
                    "seen_entities": seen_entities / entities.total() if entities else np.nan,
                }
            )
    columns = ["group", "language", "split", "sentences", "seen_sentences", "entities", "seen_entities"]
    return pd.DataFrame(rows, columns=columns)


def _entities(sentences: Sequence[Sentence]) -> Counter[tuple[str, str]]:
    """How often each entity (surface form, type) is mentioned."""
    return Counter(entity for sentence in sentences for entity in entities_of(sentence.words, sentence.tags))


def _shares(counts: Mapping[str, Counter[str]], label: str, unit: str) -> pd.DataFrame:
    labels: dict[str, set[str]] = {}
    for code, counter in counts.items():
        labels.setdefault(_group(code), set()).update(counter)
    rows = [
        (_group(code), code, name, counter[name], counter[name] / counter.total())
        for code, counter in counts.items()
        if counter.total()
        for name in sorted(labels[_group(code)])
    ]
    return pd.DataFrame(rows, columns=["group", "language", label, unit, "share"])


def _divergence(first, second) -> np.ndarray:
    """Jensen–Shannon divergence in bits along the last axis; SciPy gives its square root."""
    from scipy.spatial.distance import jensenshannon

    return jensenshannon(first, second, base=2, axis=-1) ** 2


def _group(code: str) -> str:
    return LANGUAGES[code].group if code in LANGUAGES else "other"
