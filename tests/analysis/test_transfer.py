import dataclasses
import itertools
import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from polyner.analysis.transfer import ngram_overlap, one_name_f1, rank_correlation, rank_correlation_interval, shared
from polyner.corpora.languages import language
from polyner.corpora.sentence import Sentence
from polyner.study.groups import table2_groups

KINDS = ("script", "family", "genus")


def text(*sentences: str) -> list[Sentence]:
    return [Sentence(tuple(words.split()), ("O",) * len(words.split())) for words in sentences]


def languages(codes):
    return [language(code) for code in codes]


def test_what_is_not_known_of_a_language_is_missing():
    catalan, training = language("cat"), languages(["fra", "spa"])
    assert shared(catalan, training, "script") == 1
    assert math.isnan(shared(catalan, training, "family"))
    known = dataclasses.replace(catalan, family="Indo-European")
    assert shared(known, training, "family") == 0.5  # of French it is not known


def test_relatedness_of_the_papers_novel_languages():
    heldout, training = (languages(table2_groups()[name].languages) for name in ("heldout", "lorelei"))
    found = {name: {each.code: shared(each, training, name) for each in heldout} for name in KINDS}
    # Latin: Hungarian, Indonesian, Somali, Swahili, Tagalog and Vietnamese; Arabic: Arabic and Farsi.
    assert found["script"] == {"rus": 0, "ben": 0, "uzb": 0.2, "yor": 0.6}
    # Indo-European: Farsi and Hindi; Niger-Congo: Swahili; no other Turkic language.
    assert found["family"] == {"rus": 0.2, "ben": 0.2, "uzb": 0, "yor": 0.1}
    assert [found["genus"][code] for code in ("rus", "ben")] == [0, 0.1]
    assert np.isnan([found["genus"][code] for code in ("uzb", "yor")]).all()


def test_ngram_overlap_by_hand():
    training = [text("abc"), text("xyd a")]
    # ab, bc, cd twice each, xy once; cd is in no word.
    found = [ngram_overlap(text("abcd abcd", "d xy"), training, n) for n in (2, 3, 4)]
    assert found == pytest.approx([5 / 7, 1 / 2, 0])


def test_ngrams_are_of_bytes():
    # é and è share the first of their two bytes.
    found = [ngram_overlap(text("é"), [text("è")], n) for n in (1, 2, 3)]
    assert found == pytest.approx([0.5, 0, float("nan")], nan_ok=True)


def test_overlap_of_the_same_text_is_complete_and_with_none_there_is_none():
    assert ngram_overlap(text("мир и война"), [text("мир и война")], 3) == 1
    assert ngram_overlap(text("мир и война"), [], 3) == 0


def test_one_name_a_sentence_is_right_where_sentences_are_names():
    def tagged(*tags):
        return Sentence(tuple("x" * len(tags)), tags)

    org, per, half = tagged("B-ORG", "I-ORG"), tagged("B-PER"), tagged("B-PER", "O")
    # Whole sentences are more often ORG; where PER is said in passing does not count.
    assert one_name_f1([org, org, per, half], [org, org, per, half, half]) == 50
    assert one_name_f1([org, per], [org, per, per]) == 50
    assert one_name_f1([org], [half, tagged("B-ORG", "B-ORG"), tagged("O")]) == 0


def test_rank_correlation_of_table_3():
    zero_shot = [1.61, 2.08, 14.54, 29.02]
    gain = [41.55 - 43.97, 76.63 - 76.10, 61.10 - 65.39, 64.95 - 62.66]
    # Ranks 1 2 3 4 and 2 3 1 4: ρ = 1 - 6 · (1 + 1 + 4 + 0) / (4 · 15). 9 of the 24 orders are at least as good.
    assert rank_correlation(zero_shot, gain) == (pytest.approx(0.4), 4, pytest.approx(18 / 24))


def test_perfect_order():
    assert rank_correlation([1, 2, 3, 4], [1, 10, 100, 1000]) == (pytest.approx(1), 4, pytest.approx(2 / 24))
    assert rank_correlation([1, 2, 3, 4], [4, 3, 2, 1]) == (pytest.approx(-1), 4, pytest.approx(2 / 24))
    assert rank_correlation([1, 2], [2, 1]) == (pytest.approx(-1), 2, 1)


@settings(max_examples=20)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=6))
def test_p_value_against_all_permutations(pairs):
    x, y = np.array(pairs).T
    rho, n, p = rank_correlation(x, y)
    if len(set(x)) == 1 or len(set(y)) == 1:
        assert np.isnan([rho, p]).all()
        return
    assert (rho, n) == (pytest.approx(stats.spearmanr(x, y).statistic), len(pairs))
    x_ranks, y_ranks = stats.rankdata(x), stats.rankdata(y)
    products = np.array([x_ranks[list(order)] @ y_ranks for order in itertools.permutations(range(n))])
    observed = x_ranks @ y_ranks
    assert p == pytest.approx(min(1, 2 * min(np.mean(products >= observed), np.mean(products <= observed))))


def test_p_value_of_more_pairs_is_the_approximation():
    x, y = np.random.default_rng(0).normal(size=(2, 12))
    assert rank_correlation(x, y).p == pytest.approx(stats.spearmanr(x, y).pvalue)


def test_pairs_with_a_nan_are_left_out():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nan = float("nan")
        assert rank_correlation([1, 2, nan, 3], [1, nan, 3, 2]) == (pytest.approx(1), 2, 1)
        assert np.isnan(rank_correlation([1, nan], [1, 2]).rho)
        assert rank_correlation([], []).n == 0
        assert np.isnan(rank_correlation([1, 1, 1], [1, 2, 3]).p)


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="could not be broadcast"):
        rank_correlation([1, 2], [1, 2, 3])


def test_interval_is_around_the_correlation_and_always_the_same():
    x, noise = np.random.default_rng(3).normal(size=(2, 12))
    y = np.round(x + noise)
    low, high = rank_correlation_interval(x, y)
    assert low < rank_correlation(x, y).rho < high
    assert (low, high) == rank_correlation_interval(x, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(rank_correlation_interval(x, np.ones(12))).all()


@pytest.mark.parametrize("correlation", [0.0, 0.5])
def test_interval_covers_the_correlation(correlation):
    truth, generator, covered = 6 / np.pi * np.arcsin(correlation / 2), np.random.default_rng(0), []
    for _ in range(300):
        x, noise = generator.normal(size=(2, 12))
        low, high = rank_correlation_interval(x, correlation * x + np.sqrt(1 - correlation**2) * noise, draws=500)
        covered.append(low <= truth <= high)
    assert 0.92 <= np.mean(covered) <= 0.98
