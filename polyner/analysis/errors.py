"""What kinds of errors a model makes (§5.1): which types it takes for which, where its spans go wrong, and how often it
gets common entities wrong, those that other languages' training sets share.

An entity of a language's validation set is common if an entity of the same type in another language's training set
shares surface form with it: all of it, or a character n-gram of n = 4 … 8 (granularities). A surface form is the
entity's words joined by a space, as they are: upper and lower case differ. Its n-grams are those of its code points,
spaces included. An entity shorter than n is therefore not common at n, even where another language has the very same.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import product
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from polyner.analysis.sentences import ratio
from polyner.corpora.sentence import Sentence
from polyner.corpora.spans import Span, entities_of, spans_of
from polyner.scoring import Tags, check_lengths

# What becomes of an entity, in the order in which tables list it.
KINDS = ("correct", "wrong_type", "wrong_boundary", "wrong_both", "missed", "spurious")

# The n of the n-grams (footnote 8), and the names of all six granularities.
LENGTHS = (4, 5, 6, 7, 8)
GRANULARITIES = ("exact", *map(str, LENGTHS))
# By type and granularity, then by surface form or n-gram: the language whose training set has it, or that several have.
CommonIndex: TypeAlias = dict[tuple[str, str], dict[str, str]]
_SEVERAL = "several"


def confusion(gold: Tags, predicted: Tags) -> pd.DataFrame:
    """How many tokens of each entity type are predicted as each type, O included, B- and I- taken together (§5.1).

    Columns: gold, predicted, tokens; a row for every two of O and the types that occur on either side, with 0 tokens
    where the one is never taken for the other. Types are sorted, O comes last.
    Raises ValueError where the two do not have the same sentences of the same lengths.
    """
    tokens = Counter(
        (_type(gold_tag), _type(predicted_tag))
        for gold_tags, predicted_tags in zip(gold, predicted, strict=True)
        for gold_tag, predicted_tag in zip(gold_tags, predicted_tags, strict=True)
    )
    types = [*sorted({type_ for pair in tokens for type_ in pair} - {"O"}), "O"]
    rows = [(first, second, tokens[first, second]) for first in types for second in types]
    return pd.DataFrame(rows, columns=["gold", "predicted", "tokens"])


def span_errors(gold: Tags, predicted: Tags) -> pd.DataFrame:
    """What becomes of the gold and the predicted entities, each of them counted exactly once.

    Columns: type, kind, count; a row for every kind of every type that occurs on either side, 0 included. The kinds:
    `correct`; `wrong_type` (the same words, another type); `wrong_boundary` (the same type, overlapping words);
    `wrong_both` (overlapping words, another type); `missed` (gold, without partner); `spurious` (predicted, without
    partner). `type` is the gold type, for spurious entities the predicted one. Over all types, the gold entities are
    all kinds but spurious, and the predicted ones all but missed.

    An entity has at most one partner, an entity of the other side that it overlaps. Of all ways to pair them, the one
    counted has the most pairs, then the most of the same type, then the most words in common, then those further left.
    Thus of a gold entity predicted as two, the one is a wrong boundary and the other is spurious. The most pairs are
    also what nervaluate's `strict` scheme counts, so its totals are the same.
    Raises ValueError where the two do not have the same sentences of the same lengths.
    """
    check_lengths(gold, predicted)
    counts: Counter[tuple[str, str]] = Counter()
    for gold_tags, predicted_tags in zip(gold, predicted, strict=True):
        gold_spans, predicted_spans = spans_of(gold_tags), spans_of(predicted_tags)
        # An entity that is found overlaps nothing else, so leaving it out changes no other pair.
        found = set(gold_spans) & set(predicted_spans)
        counts.update((span.type, "correct") for span in found)
        gold_spans = [span for span in gold_spans if span not in found]
        predicted_spans = [span for span in predicted_spans if span not in found]
        pairs = _pairs(gold_spans, predicted_spans)
        counts.update((first.type, _kind(first, second)) for first, second in pairs)
        paired = {span for pair in pairs for span in pair}
        counts.update((span.type, "missed") for span in gold_spans if span not in paired)
        counts.update((span.type, "spurious") for span in predicted_spans if span not in paired)
    # A type that is only ever predicted in place of another has no count of its own.
    types = sorted({_type(tag) for side in (gold, predicted) for tags in side for tag in tags} - {"O"})
    rows = [(type_, kind, counts[type_, kind]) for type_ in types for kind in KINDS]
    return pd.DataFrame(rows, columns=["type", "kind", "count"])


def _pairs(gold: Sequence[Span], predicted: Sequence[Span]) -> tuple[tuple[Span, Span], ...]:
    """The best pairing of entities that are not found, from left to right. Entities of one side do not overlap, so two
    pairs never cross, and the pairing is an alignment of the two lists."""
    # What is best behind i gold and j predicted ones: pairs, pairs of the same type and common words; and the pairs.
    best = defaultdict(lambda: ((0, 0, 0), ()))
    for i, j in product(reversed(range(len(gold))), reversed(range(len(predicted)))):
        first, second, ways = gold[i], predicted[j], [best[i, j + 1], best[i + 1, j]]
        if (overlap := min(first.end, second.end) - max(first.start, second.start)) > 0:
            (pairs, same_type, words), rest = best[i + 1, j + 1]
            count = (pairs + 1, same_type + (first.type == second.type), words + overlap)
            ways.insert(0, (count, ((first, second), *rest)))
        best[i, j] = max(ways, key=lambda way: way[0])
    return best[0, 0][1]


def _kind(gold: Span, predicted: Span) -> str:
    if gold.type == predicted.type:
        return "wrong_boundary"
    return "wrong_type" if gold[:2] == predicted[:2] else "wrong_both"


def _type(tag: str) -> str:
    """`PER` for B-PER and I-PER, `O` for O."""
    return tag.partition("-")[2] or "O"


def common_index(training: Mapping[str, Sequence[Sentence]]) -> CommonIndex:
    """Index the entities of training sets, by language, so that each language can be matched against all others."""
    index: CommonIndex = {}
    for language, sentences in training.items():
        for surface, type_ in {each for sentence in sentences for each in entities_of(sentence.words, sentence.tags)}:
            for granularity in GRANULARITIES:
                owners = index.setdefault((type_, granularity), {})
                for piece in _pieces(surface, granularity):
                    owners[piece] = language if owners.get(piece, language) == language else _SEVERAL
    return index


def is_common(surface: str, type_: str, language: str, index: CommonIndex) -> tuple[bool, ...]:
    """Whether an entity of `language` is common at each of GRANULARITIES.

    `language` need not be one of the index; where it is, its own training entities do not count.
    """
    by_owners = ((index.get((type_, each), {}), _pieces(surface, each)) for each in GRANULARITIES)
    return tuple(any(owners.get(piece, language) != language for piece in pieces) for owners, pieces in by_owners)


def common_counts_by_sentence(
    words: Sequence[Sequence[str]], gold: Tags, predicted: Tags, language: str, index: CommonIndex
) -> NDArray[np.int64]:
    """Entities of each sentence, common and not: (sentences, 2, 6, 3), from which all rates and intervals come.

    The axes: sentence; common, not common; granularity (GRANULARITIES); correct, predicted, gold entities. Raises
    ValueError where gold and predicted tags do not have the same sentences of the same lengths.
    """
    check_lengths(gold, predicted)
    # Each entity (surface form, type) is looked up once, however often it is mentioned.
    entities: dict[tuple[str, str], int] = {}
    mentions = []
    for row, (sentence, *tags) in enumerate(zip(words, gold, predicted, strict=True)):
        gold_spans, predicted_spans = map(set, map(spans_of, tags))
        for column, spans in enumerate((gold_spans & predicted_spans, predicted_spans, gold_spans)):
            for span in spans:
                entity = " ".join(sentence[span.start : span.end]), span.type
                mentions.append((row, entities.setdefault(entity, len(entities)), column))
    counts = np.zeros((len(words), 2, len(GRANULARITIES), 3), dtype=np.int64)
    if mentions:
        # Side 0 is that of the common ones.
        sides = np.where([is_common(*entity, language, index) for entity in entities], 0, 1)
        rows, numbers, columns = np.array(mentions).T
        granularities = np.arange(len(GRANULARITIES))
        np.add.at(counts, (rows[:, None], sides[numbers], granularities, columns[:, None]), 1)
    return counts


def mean_rates(counts: ArrayLike) -> NDArray[np.float64]:
    """The error rates of Figure 2, in percent (§5.1): means over the granularities that have any.

    Of summed counts (…, 2, 6, 3), correct, predicted and gold entities: (…, 2), of common entities and of others; nan
    without such entities. A gold entity that is not predicted with its span and type is a recall error, a predicted
    entity that is not gold is a precision error, and the error rate the harmonic mean of their shares of the gold and
    of the predicted entities, which is 0 where either is.
    """
    correct, predicted, gold = np.moveaxis(np.asarray(counts, dtype=float), -1, 0)
    return 100 * _mean(_harmonic(ratio(gold - correct, gold), ratio(predicted - correct, predicted)))


def common_shares(counts: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Which share of a model's errors contains a common surface form (percent), as the caption of Figure 2 says.

    Of summed counts (…, 2, 6, 3): the harmonic mean of the shares of missed gold and of wrongly predicted entities, and
    these two, as means over granularities (…). nan for a model that makes no such error.
    """
    correct, predicted, gold = np.moveaxis(np.asarray(counts, dtype=float), -1, 0)
    errors = gold - correct, predicted - correct
    missed, wrong = (100 * ratio(each[..., 0, :], each.sum(axis=-2)) for each in errors)
    return _mean(_harmonic(missed, wrong)), _mean(missed), _mean(wrong)


def _pieces(surface: str, granularity: str) -> list[str]:
    """What a surface form is made of: it itself, or its character n-grams."""
    if granularity == "exact":
        return [surface]
    n = int(granularity)
    return [surface[start : start + n] for start in range(len(surface) - n + 1)]


def _harmonic(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """The harmonic mean; that of two zeros is 0, like that of a zero and anything else."""
    total = first + second
    return np.divide(2 * first * second, total, out=0 * total, where=total > 0)


def _mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean of the values that are known along the last axis, nan where there is none."""
    return ratio(np.nansum(values, axis=-1), (~np.isnan(values)).sum(axis=-1))
