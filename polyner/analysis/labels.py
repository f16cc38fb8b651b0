"""Label distributions of corpora, how far apart they are (§4), and how much the splits of a corpus overlap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.spatial.distance import jensenshannon

from polyner.analysis.sentences import resampled_counts
from polyner.corpora.languages import Language, in_order, is_language, language, table2
from polyner.corpora.sentence import SPLITS, Corpus, Sentence
from polyner.corpora.spans import entities_of, spans_of
from polyner.study.groups import Group, groups_with, table2_groups


def corpus_sizes(corpora: Mapping[str, Corpus], groups: Mapping[str, Group] | None = None) -> pd.DataFrame:
    """Table 2 beside the corpora at hand: a row for each group that these are in, and for the rest of Table 2.

    Columns: group, language, name, family, genus, script, paper (training sentences in Table 2), train, dev, test
    (sentences), tokens, entities (of the training set), repairs (tags mended while reading). What is not at hand
    is missing (`<NA>`). `groups` are those of a study with their languages, by default the paper's; what is in none is
    in the group "other".
    """
    rows, printed, told = [], table2(), ["name", "family", "genus", "script"]
    at_hand = _in_groups(corpora, groups)
    absent = [(row.group, code) for code, row in printed.items() if code not in corpora]
    for group, code in sorted([*at_hand, *absent], key=lambda row: in_order([*corpora, *printed]).index(row[1])):
        known = language(code) if is_language(code) else Language(code, code, None)
        row = {"group": group, "language": code, "paper": known.train_sentences}
        row |= {name: getattr(known, name) for name in told}
        if corpus := corpora.get(code):
            row |= {split: len(corpus[split]) for split in SPLITS}
            row["tokens"] = sum(len(sentence) for sentence in corpus.train)
            row["entities"] = sum(_entities(corpus.train).values())
            row["repairs"] = sum(corpus.repairs.values())
        rows.append(row)
    numbers = ["paper", *SPLITS, "tokens", "entities", "repairs"]
    return pd.DataFrame(rows, columns=["group", "language", *told, *numbers]).astype(dict.fromkeys(numbers, "Int64"))


def label_divergence(shares: pd.DataFrame) -> pd.DataFrame:
    """Jensen–Shannon divergence (bits, 0 to 1) of every two languages of a group: group, first, second, divergence.

    `shares`: group, language, type, share (0 to 1).
    """
    rows = []
    for group, members in shares.groupby("group", sort=False):
        wide = members.pivot(index="language", columns="type", values="share").fillna(0.0)
        for first, second in combinations(dict.fromkeys(members["language"]), 2):
            rows.append((group, first, second, float(_divergence(wide.loc[first], wide.loc[second]))))
    return pd.DataFrame(rows, columns=["group", "first", "second", "divergence"])


def mean_divergence(corpora: Sequence[Corpus], draws: int = 1000, seed: int = 0) -> tuple[float, np.ndarray]:
    """Mean divergence of entity types over all pairs of `corpora`, and on resamples of their sentences: (draws,)."""
    types, whole, resampled = sorted({type_ for corpus in corpora for type_ in corpus.types}), [], []
    for corpus in corpora:
        by_sentence = [Counter(span.type for span in spans_of(sentence.tags)) for sentence in corpus.train]
        counts = np.array([[found[type_] for type_ in types] for found in by_sentence], dtype=float)
        whole.append(counts.sum(axis=0))
        resampled.append(resampled_counts(counts, draws, [seed, *corpus.language.encode()]))
    mean, drawn = (
        np.mean([_divergence(*pair) for pair in combinations(side, 2)], axis=0) for side in (whole, resampled)
    )
    return float(mean), drawn


def split_overlap(corpora: Mapping[str, Corpus], groups: Mapping[str, Group] | None = None) -> pd.DataFrame:
    """What of the development and test sets the training set holds already.

    Columns: group, language, split, sentences, seen_sentences (share of them, 0 to 1, whose words occur as a
    training sentence), entities, seen_entities (share of the mentions whose surface form and type occur in training).
    A share of nothing is missing. `groups` as for `corpus_sizes`.
    """
    rows = []
    for group, code in _in_groups(corpora, groups):
        corpus = corpora[code]
        trained_sentences = {sentence.words for sentence in corpus.train}
        trained_entities = set(_entities(corpus.train))
        for split in ("dev", "test"):
            sentences, entities = corpus[split], _entities(corpus[split])
            seen_sentences = sum(sentence.words in trained_sentences for sentence in sentences)
            seen_entities = sum(count for entity, count in entities.items() if entity in trained_entities)
            of_sentences = seen_sentences / len(sentences) if sentences else np.nan
            of_entities = seen_entities / entities.total() if entities else np.nan
            rows.append((group, code, split, len(sentences), of_sentences, entities.total(), of_entities))
    columns = ["group", "language", "split", "sentences", "seen_sentences", "entities", "seen_entities"]
    return pd.DataFrame(rows, columns=columns)


def _entities(sentences: Sequence[Sentence]) -> Counter[tuple[str, str]]:
    """How often each entity (surface form, type) is mentioned."""
    return Counter(entity for sentence in sentences for entity in entities_of(sentence.words, sentence.tags))


def _divergence(first, second) -> np.ndarray:
    """Jensen–Shannon divergence in bits along the last axis; SciPy gives its square root."""
    return jensenshannon(first, second, base=2, axis=-1) ** 2


def _in_groups(codes: Iterable[str], groups: Mapping[str, Group] | None) -> list[tuple[str, str]]:
    """Languages in the order given, each with every group that it is in."""
    return [(group, code) for code in codes for group in groups_with(groups or table2_groups(), code)]
