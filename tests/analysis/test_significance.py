import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyner.analysis.significance import (
    f1_of,
    jackknife_interval,
    resampled_counts,
    seed_interval,
)
from polyner.scoring import count_spans_by_sentence, f1_score

TAGS = st.sampled_from(["O", "B-PER", "I-PER", "B-LOC", "I-LOC"])


def test_f1_by_hand():
    # 3 correct of 4 predicted and 6 gold: precision 3/4, recall 1/2, F1 0.6.
    assert f1_of([3, 4, 6]) == pytest.approx(60.0)


def test_f1_without_any_span_is_zero():
    assert f1_of([[0, 0, 0], [0, 2, 0]]).tolist() == [0.0, 0.0]


@given(st.lists(st.lists(st.tuples(TAGS, TAGS), min_size=1, max_size=6), min_size=1, max_size=5))
def test_f1_of_summed_sentences_is_the_corpus_f1(sentences):
    gold = [[gold for gold, _ in sentence] for sentence in sentences]
    predicted = [[predicted for _, predicted in sentence] for sentence in sentences]
    counts = count_spans_by_sentence(gold, predicted).to_numpy()
    assert f1_of(counts.sum(axis=0)) == pytest.approx(f1_score(gold, predicted))


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


def test_no_sentences_cannot_be_resampled():
    with pytest.raises(ValueError, match="no sentences"):
        resampled_counts(np.zeros((0, 3)))


def test_seed_interval_by_hand():
    # Mean 2, standard deviation 1, so the error of the mean is 1/√3; t(0.975, 2) = 4.303.
    interval = seed_interval([1.0, 2.0, 3.0])
    assert interval.figure == 2
    assert interval.high - 2 == pytest.approx(4.303 / np.sqrt(3), abs=1e-3)
    assert interval.low == pytest.approx(4 - interval.high)
    assert interval.observations == 3


def test_two_seeds_give_no_interval():
    with pytest.raises(ValueError, match="at least 3"):
        seed_interval([1.0, 2.0])


@given(st.lists(st.floats(-50, 50), min_size=3, max_size=8))
def test_the_jackknife_of_a_mean_is_the_t_interval(values):
    values = np.array(values)
    without = [np.delete(values, i).mean() for i in range(len(values))]
    jackknife, expected = jackknife_interval(values.mean(), without), seed_interval(values)
    assert (jackknife.low, jackknife.high) == pytest.approx((expected.low, expected.high), abs=1e-6)
    assert jackknife.observations == len(values)


def test_one_part_cannot_be_left_out():
    with pytest.raises(ValueError, match="at least two parts"):
        jackknife_interval(1.0, [1.0])
