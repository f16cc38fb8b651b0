"""What a novel language has in common with the languages of a polyglot model, and what goes with transfer (§4.2)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from polyner.analysis.sentences import ratio
from polyner.corpora.languages import Language
from polyner.corpora.sentence import Sentence
from polyner.corpora.spans import Span, spans_of, tags_of
from polyner.scoring import score

# Pairs up to which the p-value comes from all permutations: 8! = 40,320 of them.
EXACT_UP_TO = 8

# Table 2 prints a branch as Farsi's family, and Vietnamese's additions to the alphabet with the script's name.
_LARGER = {"Indo-Iranian": "Indo-European", "Latin (Viet.)": "Latin"}


class RankCorrelation(NamedTuple):
    """Spearman's rank correlation, the number of pairs it is of, and its two-sided p-value."""

    rho: float
    n: int
    p: float


def one_name_f1(sentences: Iterable[Sentence], training: Iterable[Sentence]) -> float:
    """F1 (percent) of calling every sentence one name, of the type that sentences of the training languages most often
    are as a whole (§4.2): what needs no transfer where many sentences are no more than a name. 0 where none is."""
    spans = ((span, len(each)) for each in training for span in spans_of(each.tags))
    whole = Counter(span.type for span, words in spans if span.end - span.start == words)
    if not whole:
        return 0.0
    (kind, _), *_ = whole.most_common(1)
    gold = [each.tags for each in sentences]
    return score(gold, [tags_of([Span(0, len(tags), kind)], len(tags)) for tags in gold]).f1


def shared(own: Language, training: Sequence[Language], name: str) -> float:
    """The share (0 to 1) of the training languages that have the same script, family or genus (`name`) (§4.2).

    Missing where that of the language is not known; a training language of which it is not known shares none. Two of
    Table 2's names are read as what they are part of: the family Indo-Iranian as Indo-European, the script "Latin
    (Viet.)" as Latin.
    """
    wanted, *others = (getattr(each, name) for each in (own, *training))
    if wanted is None:
        return float("nan")
    return float(np.mean([_LARGER.get(other, other) == _LARGER.get(wanted, wanted) for other in others]))


def ngram_overlap(text: Sequence[Sentence], training: Iterable[Sequence[Sentence]], n: int) -> float:
    """The share (0 to 1) of a text's byte n-grams that the training languages' texts have too (§4.2).

    Each n-gram counts as often as it occurs in the text. They are those of the UTF-8 bytes within single words; shorter
    words have none. Missing without any.
    """
    own, known = _ngrams(text, n), _ngrams(chain.from_iterable(training), n)
    return sum(count for ngram, count in own.items() if ngram in known) / own.total() if own else float("nan")


def rank_correlation(x: ArrayLike, y: ArrayLike) -> RankCorrelation:
    """Spearman's rank correlation of pairs of numbers; pairs with a nan are left out. Ties get their mean rank.

    Up to eight pairs, the p-value is exact: twice the share of all ways to pair the numbers whose correlation is at
    least as far on the same side (1 at most); beyond, it is that of the t approximation. With fewer than two pairs, or
    where all of x or of y are equal, correlation and p-value are nan. Raises ValueError where x and y differ in length.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    known = ~(np.isnan(x) | np.isnan(y))
    first, second = stats.rankdata(x[known]), stats.rankdata(y[known])
    pairs = len(first)
    if pairs < 2 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return RankCorrelation(float("nan"), pairs, float("nan"))
    rho, p = map(float, stats.spearmanr(first, second))
    if pairs <= EXACT_UP_TO:
        # With the values given, the correlation grows with this sum, whose order is what the test looks at.
        test = stats.permutation_test(
            (first,), lambda permuted, axis: permuted @ second, permutation_type="pairings", n_resamples=math.inf
        )
        p = float(test.pvalue)
    return RankCorrelation(rho, pairs, p)


def rank_correlation_interval(x: ArrayLike, y: ArrayLike, draws: int = 10_000) -> tuple[float, float]:
    """The middle 95 % of Spearman's rank correlation on resamples of the pairs, low and high.

    The same pairs are drawn each time it is called. nan where x or y do not vary. Raises ValueError without pairs.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    drawn = np.random.default_rng(0).integers(len(x), size=(draws, len(x)))
    ranks = (stats.rankdata(values[drawn], axis=-1) for values in (x, y))
    one, other = (each - each.mean(axis=-1, keepdims=True) for each in ranks)
    scale = np.sqrt((one**2).sum(axis=-1) * (other**2).sum(axis=-1))
    replicates = ratio((one * other).sum(axis=-1), scale)
    # A resample of one pair over and over has no correlation.
    replicates = replicates[~np.isnan(replicates)]
    low, high = np.quantile(replicates, [0.025, 0.975]) if len(replicates) else (np.nan, np.nan)
    return float(low), float(high)


def _ngrams(sentences: Iterable[Sentence], n: int) -> Counter[bytes]:
    counts: Counter[bytes] = Counter()
    for word, count in Counter(word for sentence in sentences for word in sentence.words).items():
        spelled = word.encode()
        for start in range(len(spelled) - n + 1):
            counts[spelled[start : start + n]] += count
    return counts
