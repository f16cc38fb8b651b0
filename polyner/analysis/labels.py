"""Label distributions of corpora, how far apart they are (§4), and how much the splits of a corpus overlap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from polyner.analysis.resampling import resampled_counts
from polyner.corpora.languages import Language, in_order, is_language, language, table2
from polyner.corpora.sentence import SPLITS, Corpus, Sentence
from polyner.corpora.spans import entities_of, spans_of

# The languages of each group of a study.
Groups = Mapping[str, Collection[str]]


def corpus_sizes(corpora: Mapping[str, Corpus], groups: Groups | None = None) -> pd.DataFrame:
    """Table 2 beside the corpora at hand: a row for each group that these are in, and for the rest of Table 2.

    Columns: group, language, name, family, genus, script, paper (training sentences in Table 2), train, dev, test
    (sentences), tokens, entities (of the training set), repairs (tags mended while reading). What is not at hand
    is missing (`<NA>`). `groups` as for `entity_shares`.
    """
    rows, printed = [], table2()
    at_hand = _grouped(corpora, groups)
    absent = [(group, code) for group, code in _grouped(printed, None) if code not in corpora]
    for group, code in sorted([*at_hand, *absent], key=lambda row: in_order([*corpora, *printed]).index(row[1])):
        known = language(code) if is_language(code) else Language(code, code, None)
        row = {"group": group, "language": code, "name": known.name, "script": known.script}
        row |= {"family": known.family, "genus": known.genus}
        if code in printed:
            row["paper"] = printed[code].train_sentences
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


def entity_shares(corpora: Mapping[str, Corpus], split: str = "train", groups: Groups | None = None) -> pd.DataFrame:
    """How a language's entities divide into types: group, language, type, entities, share (0 to 1).

    Every type of a language's group has a row, with share 0 where the split has none of it. A language without
    entities has no rows. `groups` are those of a study with their languages, by default the paper's; what is in none
    is in the group "other".
    """
    counts = {
        code: Counter(type_ for _, type_ in _entities(corpus[split]).elements()) for code, corpus in corpora.items()
    }
    cells, types = _grouped(counts, groups), {}
    for group, code in cells:
        types.setdefault(group, set()).update(counts[code])
    rows = [
        (group, code, type_, counts[code][type_], counts[code][type_] / counts[code].total())
        for group, code in cells
        if counts[code].total()
        for type_ in sorted(types[group])
    ]
    return pd.DataFrame(rows, columns=["group", "language", "type", "entities", "share"])


def label_divergence(shares: pd.DataFrame) -> pd.DataFrame:
    """Jensen–Shannon divergence (bits, 0 to 1) of every two languages of a group: group, first, second, divergence.

    `shares` comes from `entity_shares`.
    """
    rows = []
    for group, members in shares.groupby("group", sort=False):
        wide = members.pivot(index="language", columns="type", values="share").fillna(0.0)
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


def split_overlap(corpora: Mapping[str, Corpus], groups: Groups | None = None) -> pd.DataFrame:
    """What of the development and test sets the training set holds already.

    Columns: group, language, split, sentences, seen_sentences (share of them, 0 to 1, whose words occur as a
    training sentence), entities, seen_entities (share of the mentions whose surface form and type occur in training).
    A share of nothing is missing. `groups` as for `entity_shares`.
    """
    rows = []
    for group, code in _grouped(corpora, groups):
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
    from scipy.spatial.distance import jensenshannon

    return jensenshannon(first, second, base=2, axis=-1) ** 2


def _grouped(codes: Iterable[str], groups: Groups | None) -> list[tuple[str, str]]:
    """Languages in the order given, each with every group that it is in."""
    if groups is None:
        groups = {}
        for code, row in table2().items():
            groups.setdefault(row.group, []).append(code)
    own = {code: [group for group, members in groups.items() if code in members] for code in codes}
    return [(group, code) for code, found in own.items() for group in found or ["other"]]
