import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyner.analysis.sentences import f1_of, ratio, resampled_counts
from polyner.scoring import SPANS, count_spans_by_sentence, score

TAGS = st.sampled_from(["O", "B-PER", "I-PER", "B-LOC", "I-LOC"])


def test_f1_by_hand():
    # 3 correct of 4 predicted and 6 gold: precision 3/4, recall 1/2, F1 0.6.
    assert f1_of([3, 4, 6]) == pytest.approx(60.0)


def test_f1_without_any_span_is_zero():
    assert f1_of([[0, 0, 0], [0, 2, 0]]).tolist() == [0.0, 0.0]


def test_a_ratio_of_nothing_is_missing_or_what_is_asked_for():
    with np.errstate(all="raise"):
        assert ratio([1, 0, 3], [4, 0, 0]) == pytest.approx([0.25, np.nan, np.nan], nan_ok=True)
        assert ratio([1, 0], [4, 0], 0.0).tolist() == [0.25, 0.0]
        assert ratio([[1, 2]], [[4], [0]]) == pytest.approx(np.array([[0.25, 0.5], [np.nan] * 2]), nan_ok=True)


@given(st.lists(st.lists(st.tuples(TAGS, TAGS), min_size=1, max_size=6), min_size=1, max_size=5))
def test_f1_of_summed_sentences_is_the_corpus_f1(sentences):
    gold = [[gold for gold, _ in sentence] for sentence in sentences]
    predicted = [[predicted for _, predicted in sentence] for sentence in sentences]
    counts = count_spans_by_sentence(gold, predicted)[SPANS].to_numpy()
    assert f1_of(counts.sum(axis=0)) == pytest.approx(score(gold, predicted).f1)


def test_resampling_two_sentences_gives_each_sum_as_often_as_it_should():
    sums = resampled_counts([[1], [10]], draws=20_000)[:, 0]
    assert {value: np.mean(sums == value) for value in (2, 11, 20)} == pytest.approx(
        {2: 0.25, 11: 0.5, 20: 0.25}, abs=0.02
    )


def test_resampling_in_several_blocks_draws_as_many_sentences_each_time():
    assert np.all(resampled_counts(np.ones((30_000, 1)), draws=150) == 30_000)


def test_resampling_is_paired_and_repeats_with_its_seed():
    counts = np.random.default_rng(0).integers(0, 5, (50, 3))
    both = resampled_counts(np.stack([counts, counts], axis=1), seed=7)
    assert np.array_equal(both[:, 0], both[:, 1])
    assert np.array_equal(both[:, 0], resampled_counts(counts, seed=7))
    assert not np.array_equal(both[:, 0], resampled_counts(counts, seed=8))
