"""What a novel language has in common with the languages of a polyglot model, and what goes with transfer (§4.2)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from polyner.corpora.languages import Language
from polyner.corpora.sentence import Sentence

# Pairs up to which the p-value comes from all permutations: 8! = 40,320 of them.
EXACT_UP_TO = 8

# Table 2 prints a branch as Farsi's family, and Vietnamese's additions to the alphabet with the script's name.
_LARGER = {"Indo-Iranian": "Indo-European", "Latin (Viet.)": "Latin"}


class RankCorrelation(NamedTuple):
    """Spearman's rank correlation, the number of pairs it is of, and its two-sided p-value."""

    rho: float
    n: int
    p: float


def relatedness(novel: Sequence[Language], training: Sequence[Language]) -> pd.DataFrame:
    """How many of the training languages are like each novel language (§4.2).

    Columns: language, shared_script, shared_family, shared_genus: the share (0 to 1) of the training languages with
    the same script, family, genus; missing where that of the novel language is not known; a training language of which
    it is not known shares none. Two of Table 2's names are read as what they are part of: the family Indo-Iranian as
    Indo-European, the script "Latin (Viet.)" as Latin.
    Raises ValueError without training languages, or where a novel language is one of them.
    """
    _check_novel([each.code for each in novel], [each.code for each in training])
    rows = [(each.code, *(_shared(each, training, name) for name in ("script", "family", "genus"))) for each in novel]
    return pd.DataFrame(rows, columns=["language", "shared_script", "shared_family", "shared_genus"])


def ngram_overlap(
    novel: Mapping[str, Sequence[Sentence]],
    training: Mapping[str, Sequence[Sentence]],
    n: int | Sequence[int] = (2, 3, 4),
) -> pd.DataFrame:
    """How much of each novel language's text consists of byte n-grams that the training languages' texts have (§4.2).

    Both map languages to training sentences. The n-grams are those of the UTF-8 bytes within single words; shorter
    words have none. Columns: language, n, tokens_overlap, types_overlap: the share (0 to 1) of the n-grams of the
    novel text that occur in the text of any training language, each weighted by how often it occurs in the novel text
    (tokens) or counted once (types); missing where there are no n-grams.
    Raises ValueError for n below 1, without training languages, or where a novel language is one of them.
    """
    _check_novel(novel, training)
    lengths = [n] if isinstance(n, int) else list(n)
    if any(length < 1 for length in lengths):
        raise ValueError(f"an n-gram has at least one byte, not {min(lengths)}")
    known_words = _words(*training.values())
    novel_words = {code: _words(sentences) for code, sentences in novel.items()}
    known = {length: _ngrams(known_words, length).keys() for length in lengths}
    rows = []
    for code, words in novel_words.items():
        for length in lengths:
            counts = _ngrams(words, length)
            shared = counts.keys() & known[length]
            tokens = sum(counts[ngram] for ngram in shared) / counts.total() if counts else np.nan
            rows.append((code, length, tokens, len(shared) / len(counts) if counts else np.nan))
    return pd.DataFrame(rows, columns=["language", "n", "tokens_overlap", "types_overlap"])


def rank_correlation(x: ArrayLike, y: ArrayLike) -> RankCorrelation:
    """Spearman's rank correlation of pairs of numbers; pairs with a nan are left out. Ties get their mean rank.

    Up to eight pairs, the p-value is exact: twice the share of all ways to pair the numbers whose correlation is at
    least as far on the same side (1 at most); beyond, it is that of the t approximation. Note that few pairs cannot
    be significant: four in perfect order have p = 2/24. With fewer than two pairs, or where all of x or of y are
    equal, correlation and p-value are nan. Raises ValueError where x and y differ in length.
    """
    from scipy import stats

    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if x.shape != y.shape or x.ndim != 1:
        raise ValueError(f"x and y must be two sequences of the same length, not {x.shape} and {y.shape}")
    known = ~(np.isnan(x) | np.isnan(y))
    first, second = stats.rankdata(x[known]), stats.rankdata(y[known])
    pairs = len(first)
    if pairs < 2 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return RankCorrelation(float("nan"), pairs, float("nan"))
    rho, p = float(_rho(first, second)), float(stats.spearmanr(first, second).pvalue)
    if pairs <= EXACT_UP_TO:
        # With the values given, the correlation grows with this sum, whose order is what the test looks at.
        test = stats.permutation_test(
            (first,),
            lambda permuted, axis: np.sum(permuted * second, axis=axis),
            permutation_type="pairings",
            vectorized=True,
            n_resamples=math.inf,
        )
        p = float(test.pvalue)
    return RankCorrelation(rho, pairs, p)


def rank_correlation_interval(x: ArrayLike, y: ArrayLike, draws: int = 10_000) -> tuple[float, float]:
    """The middle 95 % of Spearman's rank correlation on resamples of the pairs, low and high.

    The same pairs are drawn each time it is called. nan where x or y do not vary. Raises ValueError for fewer than four
    pairs, or where x and y differ in length.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if x.shape != y.shape or x.ndim != 1 or len(x) < 4:
        raise ValueError(f"x and y must be two sequences of four or more numbers each, not {x.shape} and {y.shape}")
    drawn = np.random.default_rng(0).integers(len(x), size=(draws, len(x)))
    replicates = _rho(x[drawn], y[drawn])
    # A resample of one pair over and over has no correlation.
    replicates = replicates[~np.isnan(replicates)]
    low, high = np.quantile(replicates, [0.025, 0.975]) if len(replicates) else (np.nan, np.nan)
    return float(low), float(high)


def _rho(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Spearman's rank correlation along the last axis; nan where one of the two does not vary."""
    from scipy import stats

    one, other = (ranks - ranks.mean(axis=-1, keepdims=True) for ranks in (stats.rankdata(v, axis=-1) for v in (x, y)))
    scale = np.sqrt((one**2).sum(axis=-1) * (other**2).sum(axis=-1))
    return np.divide((one * other).sum(axis=-1), scale, out=np.full_like(scale, np.nan), where=scale > 0)


def _check_novel(novel: Sequence[str] | Mapping, training: Sequence[str] | Mapping) -> None:
    if not training:
        raise ValueError("there are no training languages to compare with")
    both = [code for code in novel if code in training]
    if both:
        raise ValueError(f"not novel, but among the training languages: {', '.join(both)}")


def _shared(novel: Language, training: Sequence[Language], name: str) -> float:
    own, *others = (getattr(each, name) for each in (novel, *training))
    if own is None:
        return float("nan")
    return float(np.mean([_LARGER.get(other, other) == _LARGER.get(own, own) for other in others]))


def _words(*texts: Sequence[Sentence]) -> Counter[bytes]:
    """How often each word occurs in all texts together."""
    counts = Counter(word for sentences in texts for sentence in sentences for word in sentence.words)
    return Counter({word.encode(): count for word, count in counts.items()})


def _ngrams(words: Counter[bytes], n: int) -> Counter[bytes]:
    counts: Counter[bytes] = Counter()
    for word, count in words.items():
        for start in range(len(word) - n + 1):
            counts[word[start : start + n]] += count
    return counts
