"""Common entities: those that other languages' training sets share, and how often a model gets them wrong (§5.1).

An entity of a language's validation set, that is its surface form and its type, is common if an entity of the same
type in another language's training set shares surface form with it. How much of it has to be shared is a matter of
granularity: all of it, or a character n-gram of n = 4 … 8. The rates of Figure 2 are means over these six.

A surface form is the entity's words joined by a space, as they are: upper and lower case differ. Its n-grams are those
of its code points, spaces included. An entity shorter than n has no n-gram and is therefore not common at n, even
where another language has the very same; that is what the exact granularity sees.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from polyner.analysis.sentences import ratio
from polyner.corpora.sentence import Sentence
from polyner.corpora.spans import entities_of, spans_of
from polyner.scoring import Tags, check_lengths

# The n of the n-grams (footnote 8), and the names of all six granularities.
LENGTHS = (4, 5, 6, 7, 8)
GRANULARITIES = ("exact", *map(str, LENGTHS))


# By type and granularity, then by surface form or n-gram: the language whose training set has it, or that several have.
CommonIndex: TypeAlias = dict[tuple[str, str], dict[str, str]]
_SEVERAL = "several"


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
    missed, wrong = (
        100 * ratio(errors[..., 0, :], errors.sum(axis=-2)) for errors in (gold - correct, predicted - correct)
    )
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
