"""Thresholds of pruning and their intervals, on span counts made by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyner.analysis.pruning import over_pruned, pruning_curve
from polyner.analysis.thresholds import Threshold, last_shares, mean_change, mean_ratio

SHARES = [0.0, 0.25, 0.5, 0.75, 1.0]


def level(last: int, sentences: int = 10) -> np.ndarray:
    """Every sentence's one entity is found up to the share number `last`, and nothing behind it."""
    found = (np.arange(len(SHARES)) <= last).astype(int)
    one = np.stack([found, found, np.ones_like(found)], axis=-1)
    return np.repeat(one[None], sentences, axis=0)


def threshold(last: int, language: str = "eng") -> Threshold:
    return Threshold.of(level(last), SHARES, language, draws=50)


@given(st.lists(st.lists(st.integers(0, 4), min_size=5, max_size=5), min_size=1, max_size=4), st.floats(0.1, 30))
def test_last_shares_are_those_of_the_curve(found, drop):
    counts = np.array([[(min(c, 4), 4, 4) for c in row] for row in found])
    rows = [
        (share, sentence, *counts[sentence, number])
        for sentence in range(len(found))
        for number, share in enumerate(SHARES)
    ]
    curve = pruning_curve(pd.DataFrame(rows, columns=["share", "sentence", "correct", "predicted", "gold"]))
    expected = over_pruned(curve, drop, by=[])["last_share"].iloc[0]
    assert last_shares(counts.sum(axis=0), SHARES, drop) == expected


@pytest.mark.parametrize(("last", "share"), [(0, 0.0), (2, 0.5), (4, 1.0)])
def test_where_all_sentences_agree_resamples_do(last, share):
    found = threshold(last)
    assert found.share == share
    assert set(found.resampled) == {share}


def test_sentences_that_disagree_move_the_threshold():
    both = np.concatenate([level(1, 3), level(3, 7)])
    found = Threshold.of(both, SHARES, "eng", drop=40, draws=500)
    assert found.share == 0.75  # three of ten entities lost are 18 points of F1
    # Six or more of those three among the ten of a resample, of which 4.7 % have so many, are more than 40.
    assert 0.02 < np.mean(found.resampled == 0.25) < 0.09
    assert set(found.resampled) == {0.25, 0.75}


def test_resamples_of_a_language_are_the_same_for_all_models():
    both = np.concatenate([level(1, 3), level(3, 7)])
    first, second = (Threshold.of(both, SHARES, "eng", drop=40, draws=100) for _ in range(2))
    assert (first.resampled == second.resampled).all()
    assert (first.resampled != Threshold.of(both, SHARES, "deu", drop=40, draws=100).resampled).any()


def test_a_change_is_known_no_better_than_half_a_step():
    first = {seed: [threshold(1), threshold(2, "deu")] for seed in range(3)}
    second = {seed: [threshold(3), threshold(2, "deu")] for seed in range(3)}
    change = mean_change(first, second, 0.25)
    assert (change.figure, change.seeds) == (0.25, 3)
    assert (change.low, change.high) == pytest.approx((0.125, 0.375))  # seeds and sentences agree
    one = mean_change({0: first[0]}, {0: second[0]}, 0.25)
    assert (one.low, one.high, one.over_seeds) == (pytest.approx(0.125), pytest.approx(0.375), None)


def test_seeds_that_disagree_widen_the_change():
    first = {seed: [threshold(2)] for seed in range(3)}
    second = {seed: [threshold(seed + 1)] for seed in range(3)}
    change = mean_change(first, second, 0.25)
    assert change.figure == 0
    assert change.high == pytest.approx(np.hypot(4.303 * 0.25 / np.sqrt(3), 0.125), abs=1e-3)


def test_the_ratio_is_that_of_the_weights_that_are_needed():
    # The polyglot model keeps half for its most demanding language, the monolingual ones a quarter and a half.
    polyglot = {seed: [threshold(2), threshold(3, "deu")] for seed in range(3)}
    monolingual = {seed: [threshold(3), threshold(2, "deu")] for seed in range(3)}
    ratio = mean_ratio(polyglot, monolingual, dict.fromkeys(range(3), (1000, [1000, 1000])), 0.25)
    assert ratio.figure == pytest.approx(500 / 750)
    assert ratio.low == pytest.approx((500 - 125) / (750 + 250))
    assert ratio.high == pytest.approx((500 + 125) / (750 - 250))


def test_a_seed_whose_monolingual_models_need_nothing_has_no_ratio():
    all_gone, half = [threshold(4)], [threshold(2)]
    weights = dict.fromkeys(range(4), (1000, [1000]))
    some = mean_ratio(dict.fromkeys(range(4), half), {0: all_gone, 1: half, 2: half, 3: half}, weights, 0.25)
    assert (some.figure, some.seeds) == (1.0, 3)
    none = mean_ratio(dict.fromkeys(range(4), half), dict.fromkeys(range(4), all_gone), weights, 0.25)
    assert np.isnan(none.figure)
    assert none.seeds == 0


@pytest.mark.parametrize("shares", [[0.25, 0.5, 0.75, 0.9, 1.0], [0.0, 0.5, 0.25, 0.75, 1.0], [0.0, 1.0]])
def test_shares_that_are_no_curve_are_refused(shares):
    with pytest.raises(ValueError, match="rising shares from 0"):
        last_shares(level(2).sum(axis=0), shares)


@pytest.mark.parametrize(("right", "found"), [(0, False), (1, False), (2, True), (10, True)])
def test_a_model_that_finds_next_to_nothing_has_no_threshold(right, found):
    counts = level(2, 10)
    counts[right:, :, 0] = 0
    assert Threshold.of(counts, SHARES, "eng", drop=10, draws=5).found is found
