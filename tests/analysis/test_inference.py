import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from polyner.analysis.estimates import Estimate
from polyner.analysis.inference import Scores
from polyner.findings.files import all_recorded
from tests.analysis.simulation import Simulation

MONOLINGUAL, POLYGLOT, FINE_TUNED = ({"regime": regime} for regime in ("monolingual", "polyglot", "fine_tuned"))
BY_LANGUAGE = ("model", "group", "language")
COLUMNS = ["model", "regime", "variant", "group", "language", "seed", "split", "f1", "run"]


def table(scores: dict, variant: str = "", model: str = "crf") -> pd.DataFrame:
    """Test scores by (regime, group, language), one a seed."""
    rows = [
        (model, regime, variant, group, language, seed, "test", f1, f"{model}{variant} {regime} {of} {seed}")
        for (regime, group, language), values in scores.items()
        for of in [group if regime == "polyglot" else language]
        for seed, f1 in enumerate(values)
        if f1 is not None
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def relabelled(results: pd.DataFrame, regimes: tuple[str, ...], order: tuple[int, ...]) -> pd.DataFrame:
    """The same runs of some regimes with other seeds."""
    own = results["regime"].isin(regimes)
    return results.assign(seed=results["seed"].where(~own, results["seed"].map(lambda seed: order[seed])))


def intervals(scores: Scores) -> np.ndarray:
    sides = [(MONOLINGUAL, POLYGLOT), (MONOLINGUAL, FINE_TUNED), (POLYGLOT, FINE_TUNED)]
    asked = [scores.differences(*each, by) for each in sides for by in (("model", "group"), BY_LANGUAGE)]
    asked += [scores.differences(*each, ratio=True) for each in sides] + [scores.means()]
    return np.array([(each.figure, each.low, each.high) for estimates in asked for each in estimates.values()])


@pytest.fixture(scope="module")
def study() -> tuple[pd.DataFrame, pd.DataFrame]:
    return Simulation(groups={"conll": 3, "lorelei": 2}, sentences=60).draw(np.random.default_rng(5))


def test_two_variants_of_one_language_are_a_two_sample_t_test():
    one, two = [70.0, 71.5, 69.2], [72.0, 74.1, 72.6]
    results = pd.concat([table({("monolingual", "g", "eng"): one}), table({("monolingual", "g", "eng"): two}, "new")])
    scores = Scores(results)
    estimate = scores.differences(MONOLINGUAL, {**MONOLINGUAL, "variant": "new"})["crf", "g"]
    classical = stats.ttest_ind(two, one)
    low, high = classical.confidence_interval()
    assert (estimate.low, estimate.high) == pytest.approx((low, high))
    assert estimate.p_value() == pytest.approx(classical.pvalue)
    assert (estimate.freedom, estimate.seeds, estimate.languages) == (pytest.approx(4), 3, ("eng",))


def test_sides_that_are_not_pooled_are_welchs_test():
    one, two = [70.0, 71.5, 69.2], [72.0, 86.1, 72.6]
    scores = Scores(table({("monolingual", "g", "eng"): one, ("polyglot", "g", "eng"): two}))
    estimate = scores.differences(MONOLINGUAL, POLYGLOT)["crf", "g"]
    satterthwaite = stats.ttest_ind(two, one, equal_var=False)
    parts = [np.var(side, ddof=1) / 3 for side in (one, two)]
    assert estimate.figure / estimate.variance**0.5 == pytest.approx(satterthwaite.statistic)
    assert estimate.freedom == pytest.approx(sum(parts) ** 2 / sum(part**2 / (3 + 1) for part in parts) - 2)
    assert satterthwaite.df < estimate.freedom < 4


def test_fine_tuned_and_polyglot_are_a_paired_t_test_over_runs():
    before = {("polyglot", "g", "eng"): [70.0, 72.0, 71.0, 69.0], ("polyglot", "g", "deu"): [60.0, 61.0, 62.5, 60.2]}
    after = {("fine_tuned", "g", "eng"): [71.0, 73.5, 71.2, 70.1], ("fine_tuned", "g", "deu"): [61.0, 61.2, 64.0, 61.0]}
    estimate = Scores(table(before | after)).differences(POLYGLOT, FINE_TUNED)["crf", "g"]
    paired = stats.ttest_rel(np.mean(list(after.values()), axis=0), np.mean(list(before.values()), axis=0))
    assert (estimate.low, estimate.high) == pytest.approx(tuple(paired.confidence_interval()))
    assert estimate.p_value() == pytest.approx(paired.pvalue)
    assert estimate.freedom == pytest.approx(3)


def test_monolingual_languages_are_strata_and_the_average_pools_them():
    values = {"eng": [70.0, 71.0, 73.0], "deu": [60.0, 60.5, 59.0]}
    scores = Scores(table({("monolingual", "g", language): each for language, each in values.items()}))
    estimate = scores.means()["crf", "monolingual", "", "g"]
    pooled = np.mean([np.var(each, ddof=1) for each in values.values()])
    assert estimate.variance == pytest.approx(pooled / 3 / 2)
    assert estimate.freedom == pytest.approx(4)
    one = scores.means(BY_LANGUAGE, **MONOLINGUAL)["crf", "g", "eng"]
    assert one.variance == pytest.approx(pooled / 3)


def test_families_of_two_groups_pool_their_spread():
    first, second = [70.0, 71.0, 73.0], [60.0, 60.5, 59.0]
    scores = Scores(table({("polyglot", "g", "eng"): first, ("polyglot", "h", "amh"): second}))
    estimates = scores.means(("model", "group"), **POLYGLOT)
    for estimate in estimates.values():
        assert estimate.variance == pytest.approx(np.mean([np.var(first, ddof=1), np.var(second, ddof=1)]) / 3)
        assert estimate.freedom == pytest.approx(4)


def test_languages_of_one_run_give_fewer_degrees_of_freedom_the_more_they_agree():
    def freedom(second):
        scores = Scores(table({("polyglot", "g", "eng"): [1.0, 2.0, 3.0], ("polyglot", "g", "deu"): second}))
        return scores.means(BY_LANGUAGE, **POLYGLOT)["crf", "g", "eng"].freedom

    assert freedom([11.0, 12.0, 13.0]) == pytest.approx(2)
    assert freedom([11.0, 13.0, 12.0]) == pytest.approx(4 / (1 + 0.5**2))
    assert freedom([13.0, 12.0, 11.0]) == pytest.approx(4)


@settings(max_examples=6)
@given(order=st.permutations(range(3)))
def test_seeds_of_independent_runs_can_be_relabelled(study, order):
    for regimes in (("monolingual",), ("polyglot", "fine_tuned")):
        for counts in (None, study[1]):
            changed = Scores(relabelled(study[0], regimes, order), counts)
            np.testing.assert_allclose(intervals(changed), intervals(Scores(study[0], counts)), atol=1e-9)


@settings(max_examples=6)
@given(order=st.permutations(range(3)).filter(lambda order: list(order) != [0, 1, 2]))
def test_breaking_the_pairs_of_a_family_changes_the_interval(study, order):
    before = Scores(study[0]).differences(POLYGLOT, FINE_TUNED)
    after = Scores(relabelled(study[0], ("fine_tuned",), order)).differences(POLYGLOT, FINE_TUNED)
    for key, estimate in before.items():
        assert after[key].figure == pytest.approx(estimate.figure)
        assert after[key].variance != pytest.approx(estimate.variance)


def test_a_parent_counts_before_the_seed(study):
    results = study[0]
    parents = results["run"].where(results["regime"] == "polyglot")
    named = results.assign(
        parent=[
            f"polyglot {row.group} {row.seed}" if row.regime == "fine_tuned" else parents[row.Index]
            for row in results.itertuples()
        ]
    )
    shuffled = relabelled(named, ("fine_tuned",), (2, 0, 1))
    np.testing.assert_allclose(intervals(Scores(shuffled)), intervals(Scores(results)))


def test_runs_fine_tuned_from_one_parent_are_one_unit():
    results = table({("polyglot", "g", "eng"): [70.0, 71.0], ("fine_tuned", "g", "eng"): [72.0, 74.0, 73.5, 75.5]})
    parents = [f"crf polyglot g {seed}" for seed in (0, 0, 1, 1)]
    estimate = Scores(results.assign(parent=[None, None, *parents])).differences(POLYGLOT, FINE_TUNED)["crf", "g"]
    assert estimate.seeds == 2
    assert estimate.figure == pytest.approx((3.0 + 3.5) / 2)
    assert estimate.variance == pytest.approx(np.var([3.0, 3.5], ddof=1) / 2)


def test_a_new_way_of_fine_tuning_is_paired_by_the_plain_polyglot_run():
    plain = table({("polyglot", "g", "eng"): [70.0, 72.0, 71.0], ("fine_tuned", "g", "eng"): [71.0, 74.0, 72.0]})
    new = table({("fine_tuned", "g", "eng"): [71.5, 74.4, 72.6]}, "ewc")
    scores = Scores(pd.concat([plain, new]))
    estimate = scores.differences(FINE_TUNED, {**FINE_TUNED, "variant": "ewc"})["crf", "g"]
    assert estimate.variance == pytest.approx(np.var([0.5, 0.4, 0.6], ddof=1) / 3)


def test_zero_shot_scores_and_what_was_fine_tuned_on_new_languages_are_of_the_run_that_gave_them():
    results = table({("polyglot", "g", "eng"): [70.0, 72.0, 71.0], ("fine_tuned", "new", "rus"): [50.0, 52.0, 53.0]})
    zero_shot = table({("zero_shot", "new", "rus"): [1.0, 3.0, 2.5]})
    zero_shot["run"] = results["run"][:3].to_numpy()
    estimate = Scores(pd.concat([results, zero_shot])).differences({"regime": "zero_shot"}, FINE_TUNED)["crf", "new"]
    assert estimate.variance == pytest.approx(np.var([49.0, 49.0, 50.5], ddof=1) / 3)


def test_only_complete_pairs_make_up_a_figure():
    results = table({("polyglot", "g", "eng"): [70.0, 72.0, 71.0], ("fine_tuned", "g", "eng"): [71.0, None, 73.0]})
    estimate = Scores(results).differences(POLYGLOT, FINE_TUNED)["crf", "g"]
    assert (estimate.figure, estimate.seeds) == (pytest.approx(1.5), 2)
    assert (estimate.first, estimate.second) == (pytest.approx(70.5), pytest.approx(72.0))


def test_runs_that_share_no_parent_stand_by_themselves():
    results = table(
        {("polyglot", "g", "eng"): [70.0, 72.0, None, None], ("fine_tuned", "g", "eng"): [None, None, 73, 74]}
    )
    estimate = Scores(results).differences(POLYGLOT, FINE_TUNED)["crf", "g"]
    assert estimate.figure == pytest.approx(2.5)
    assert estimate.variance == pytest.approx(np.var([70, 72], ddof=1) / 2 + np.var([73, 74], ddof=1) / 2)


def test_one_seed_everywhere_gives_no_interval(study):
    results, counts = study
    scores = Scores(results[results["seed"] == 0], counts)
    for estimate in scores.differences(MONOLINGUAL, FINE_TUNED).values():
        assert estimate.seeds == 1
        assert np.isnan([estimate.low, estimate.high, estimate.variance_seeds, estimate.p_value()]).all()
        assert estimate.variance_sentences > 0


def test_one_seed_borrows_the_spread_of_cells_like_it():
    results = table({("monolingual", "g", "eng"): [70.0, 72.0, 71.0], ("monolingual", "g", "deu"): [60.0]})
    estimate = Scores(results).means(BY_LANGUAGE, **MONOLINGUAL)["crf", "g", "deu"]
    assert (estimate.seeds, estimate.freedom, estimate.variance) == (1, pytest.approx(2), pytest.approx(1.0))


def test_ratio_is_the_delta_method():
    one, two = [70.0, 72.0, 71.0], [30.0, 33.0, 36.0]
    scores = Scores(table({("monolingual", "g", "eng"): one, ("zero_shot", "g", "eng"): two}))
    estimate = scores.differences(MONOLINGUAL, {"regime": "zero_shot"}, ratio=True)["crf", "g"]
    assert estimate.figure == pytest.approx(33 / 71)
    assert estimate.variance == pytest.approx(9 / 3 / 71**2 + (33 / 71**2) ** 2 * 1 / 3)
    nothing = Scores(table({("monolingual", "g", "eng"): [0.0, 0.0], ("zero_shot", "g", "eng"): [1.0, 2.0]}))
    assert np.isnan(nothing.differences(MONOLINGUAL, {"regime": "zero_shot"}, ratio=True)["crf", "g"].figure)


def test_sentences_are_left_out_for_all_runs_at_once():
    counts = pd.DataFrame(
        [
            (run, "eng", number, *each)
            for run, rows in {
                "crf monolingual eng 0": [(1, 1, 1), (0, 1, 2), (2, 3, 2)],
                "crf zero_shot eng 0": [(1, 2, 1), (1, 1, 2), (1, 2, 2)],
            }.items()
            for number, each in enumerate(rows)
        ],
        columns=["run", "language", "sentence", "correct", "predicted", "gold"],
    )
    f1 = {"monolingual": 600 / 10, "zero_shot": 600 / 10}
    results = table({(regime, "g", "eng"): [score] for regime, score in f1.items()})
    estimate = Scores(results, counts).differences(MONOLINGUAL, {"regime": "zero_shot"})["crf", "g"]
    without = np.array([400 / 7 - 400 / 8, 400 / 7 - 600 / 7, 400 / 6 - 200 / 5])
    assert estimate.variance_sentences == pytest.approx(2 / 3 * ((without - without.mean()) ** 2).sum())


def test_what_differs_between_runs_on_these_sentences_counts_once(study):
    for estimate in Scores(*study).means().values():
        both = estimate.variance_seeds + estimate.variance_sentences - estimate.variance
        assert 0 < both < estimate.variance_sentences


def test_figures_of_other_counts_than_spans():
    results = table({("monolingual", "g", "eng"): [25.0, 50.0]})
    counts = pd.DataFrame(
        [
            (run, "eng", number, errors, 2)
            for run, of in zip(results["run"], [(0, 1), (1, 1)], strict=True)
            for number, errors in enumerate(of)
        ],
        columns=["run", "language", "sentence", "errors", "words"],
    )
    scores = Scores(results, counts, columns=("errors", "words"), figure=lambda sums: 100 * sums[..., 0] / sums[..., 1])
    assert scores.means()["crf", "monolingual", "", "g"].variance_sentences == pytest.approx(12.5**2)


def test_wrong_questions_and_tables_are_errors(study):
    results, counts = study
    scores = Scores(results, counts)
    with pytest.raises(ValueError, match="told apart: regime"):
        scores.differences({"model": "crf"}, {"model": "crf"}, ("group",))
    with pytest.raises(ValueError, match="told apart: colour"):
        scores.means(("colour",))
    with pytest.raises(ValueError, match="more than one run of a cell"):
        Scores(pd.concat([results, results]))
    with pytest.raises(ValueError, match="the results say"):
        Scores(results.assign(f1=results["f1"] + 1), counts)
    other = counts.copy()
    last = other["run"] == results["run"].iloc[2]
    other.loc[last, "gold"] = other.loc[last, "gold"].to_numpy()[::-1]
    with pytest.raises(ValueError, match="other gold entities"):
        Scores(results, other)
    with pytest.raises(ValueError, match="others on"):
        Scores(results, pd.concat([counts, counts.tail(1).assign(correct=0, predicted=0, gold=0)]))
    assert np.isnan(Scores(results, counts[counts["language"] != "conll0"]).means()["crf", "polyglot", "", "conll"].low)
    assert Scores(results[:0], counts).means() == {}


def test_p_values_agree_with_the_interval():
    estimate = Estimate(1.0, 0.25, 10.0)
    low, high = estimate.interval()
    assert estimate.p_value(low) == pytest.approx(0.05)
    assert estimate.p_above(low) == pytest.approx(0.025)
    assert estimate.p_below(high) == pytest.approx(0.025)
    certain = Estimate(1.0, 0.0, 2.0)
    assert (certain.p_above(), certain.p_below(), certain.p_value(), certain.p_above(1.0)) == (0.0, 1.0, 0.0, 0.5)


@pytest.mark.parametrize("record", all_recorded(), ids=lambda record: record.name)
def test_relabelling_recorded_monolingual_seeds_changes_no_interval(record):
    results = record.results[record.results["split"] == "test"]
    own = results["regime"] == "monolingual"
    names = dict(zip(sorted(set(results["seed"])), [7, 5, 6, 8, 9], strict=False))
    other = results.assign(seed=results["seed"].where(~own, results["seed"].map(names)))
    before, after = (intervals(Scores(each, record.counts)) for each in (results, other))
    assert not np.isnan(before[:, 0]).any()
    np.testing.assert_allclose(after, before, atol=1e-9)
