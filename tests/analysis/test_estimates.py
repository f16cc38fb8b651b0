import numpy as np
import pytest
from scipy import stats

from polyner.analysis.estimates import Estimate, cochran_q, difference_over_languages, holm, slopes_over_languages


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.9]) == pytest.approx([1.0, 1.0])
    np.testing.assert_allclose(holm([0.02, np.nan, 0.03]), [0.04, np.nan, 0.04])
    assert holm([]).size == 0


def test_cochran_q_by_hand():
    found, p_value = cochran_q([Estimate(1.0, 1.0, 9), Estimate(3.0, 1.0, 9), Estimate(5.0, 0.5, 9)])
    mean = (1 + 3 + 10) / 4
    q = (1 - mean) ** 2 + (3 - mean) ** 2 + 2 * (5 - mean) ** 2
    assert (found, p_value) == pytest.approx((q, stats.chi2.sf(q, 2)))


def test_difference_over_languages_is_welchs_test():
    first, second = [1.0, 4.0, 2.0, 8.0, 3.0], [9.0, 14.0, 8.0, 20.0]
    found, welch = difference_over_languages(first, second), stats.ttest_ind(second, first, equal_var=False)
    assert found.interval() == pytest.approx(tuple(welch.confidence_interval()))
    assert found.p_value() == pytest.approx(welch.pvalue)
    assert (found.first, found.second) == pytest.approx((np.mean(first), np.mean(second)))


def panel(slopes=(1.5, -0.5), languages=8, groups=4, spread=0.0, seed=0):
    """Figures with levels of each language and group, and slopes on two predictors that vary within both."""
    generator = np.random.default_rng(seed)
    predictors = generator.normal(size=(languages, groups, 2))
    own = np.array(slopes) + spread * generator.normal(size=(languages, 1, 2))
    levels = 10 * generator.normal(size=(languages, 1)) + 5 * generator.normal(size=groups)
    figures = (predictors * own).sum(axis=2) + levels
    names = [f"l{number}" for number in range(languages) for _ in range(groups)]
    return figures.ravel(), predictors.reshape(-1, 2), names, [f"g{number}" for number in range(groups)] * languages


def test_slopes_are_found_beside_levels_of_languages_and_occasions():
    first, second = slopes_over_languages(*panel())
    assert (first.figure, second.figure) == pytest.approx((1.5, -0.5))
    assert (first.variance, first.freedom, len(first.languages)) == (pytest.approx(0), 7, 8)
    figures, predictors, languages, occasions = panel()
    moved = figures + np.array([7.0 if code == "l3" else 0.0 for code in languages])
    assert slopes_over_languages(moved, predictors, languages, occasions)[0].figure == pytest.approx(1.5)
    order = np.random.default_rng(1).permutation(len(figures))
    again = slopes_over_languages(
        figures[order], predictors[order], [languages[i] for i in order], [occasions[i] for i in order]
    )
    assert again[1].figure == pytest.approx(-0.5)


def test_the_intervals_of_slopes_cover_what_languages_differ_in():
    held = [
        each.low < slope < each.high
        for seed in range(60)
        for each, slope in zip(slopes_over_languages(*panel(spread=0.4, seed=seed)), (1.5, -0.5), strict=True)
    ]
    assert 0.85 < np.mean(held) <= 1


def test_a_slope_that_the_levels_leave_open_is_none():
    figures, predictors, languages, occasions = panel()
    same = np.array([float(code == "l1") for code in languages])
    assert slopes_over_languages(figures, np.column_stack([predictors[:, 0], same]), languages, occasions) is None
    # Only one language has it: without this language it is not known.
    only = np.where(np.array(languages) == "l2", predictors[:, 1], 0.0)
    assert slopes_over_languages(figures, np.column_stack([predictors[:, 0], only]), languages, occasions) is None
