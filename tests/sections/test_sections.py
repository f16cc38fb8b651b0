"""The analyses over a small study: what comes out, how it hangs together, and that nothing is computed twice."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from polyner.analysis.fisher_overlap import top_overlap
from polyner.corpora.prepare import cap
from polyner.errors import SettingsError
from polyner.models import load_tagger
from polyner.models.fisher import fisher_information
from polyner.runs.spec import REGIMES
from polyner.sections import errors, fisher, novel, pruning
from polyner.study.protocol import Study
from polyner.study.questions import TABLE_3
from polyner.study.settings import Settings

ANALYSIS = {"curve_sizes": [5, 10, 500], "pruning_step": 0.5, "fisher_draws": 2, "fisher_sentences": 4}
REGIME_CODES = {"polyglot": ("amh", "swa"), "fine_tuned": ("swa",)}
PAIRS = [("monolingual", "polyglot"), ("polyglot", "fine_tuned")]


def no_loading(folder):
    raise AssertionError(f"{folder} is computed again")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    languages = ["eng", "spa", "amh", "swa", "yor"]
    caps = {"max_train_sentences": 30, "max_eval_sentences": 12}
    runs = str(tmp_path_factory.mktemp("runs"))
    training = {"max_epochs": 1}
    return Study(Settings.load("smoke", languages=languages, runs=runs, training=training, analysis=ANALYSIS, **caps))


def analysed_otherwise(study, **analysis):
    return Study(dataclasses.replace(study.settings, analysis={**ANALYSIS, **analysis}), corpora=study.corpora)


@pytest.fixture(scope="module")
def data(study):
    return errors.tagged(study)


def test_zero_shot_scores_are_those_of_the_polyglot_run(study):
    results = study.answers(TABLE_3)
    counts = study.span_counts(results)
    assert set(results["regime"]) == {"monolingual", "zero_shot", "fine_tuned"}
    assert set(results["language"]) == {"yor"}
    zero = results[(results["regime"] == "zero_shot") & (results["split"] == "test")].iloc[0]
    polyglot = study.run("byte-crf", "polyglot", ("amh", "swa"), 1)
    assert zero["run"] == polyglot.id
    assert study.store.find(results[results["regime"] == "fine_tuned"]["run"].iloc[0]).spec["parent"] == polyglot.id
    own = counts[counts["run"] == polyglot.id]
    assert len(own) == 12
    correct, predicted, gold = own[["correct", "predicted", "gold"]].sum()
    assert zero["f1"] == pytest.approx(200 * correct / (predicted + gold) if correct else 0.0)


def test_what_is_near_comes_from_the_languages_of_the_polyglot_model(study):
    (row,) = novel.overlaps(study).to_dict("records")
    assert row["language"] == "yor"
    assert row["shared_script"] == 0.5  # Swahili is written in the Latin script, Amharic is not
    assert 0 < row["byte_4_grams"] < row["byte_2_grams"] <= 1


def test_a_learning_curve_ends_at_the_whole_set_and_begins_at_the_polyglot_model(study):
    curves = novel.learning_curves(study)
    tuned = curves[curves["regime"] == "fine_tuned"]
    assert list(tuned["sentences"]) == [0, 5, 10, 30]
    assert list(curves[curves["regime"] == "monolingual"]["sentences"]) == [5, 10, 30]
    results = study.answers(TABLE_3)
    whole = results[results["split"] == "test"].set_index("regime")["f1"]
    assert tuned.set_index("sentences")["f1"][30] == whole["fine_tuned"]
    assert tuned.set_index("sentences")["f1"][0] == whole["zero_shot"]


def test_a_study_without_held_out_languages_has_empty_tables(study):
    without = Study(study.settings, corpora={code: study.corpora[code] for code in study.corpora if code != "yor"})
    results = without.answers(TABLE_3)
    assert results.empty
    assert without.span_counts(results).empty
    assert novel.learning_curves(without).empty
    assert novel.overlaps(without).empty


def test_recall_errors_agree_with_the_confusions(study, data):
    assert {(each.regime, each.language) for each in data} == {
        (regime, code) for regime in REGIMES for code in ("eng", "spa", "amh", "swa")
    }
    confusions = errors.token_confusions(data)
    tokens = sum(len(s) for s in study.corpora["eng"].dev)
    english = confusions[(confusions["language"] == "eng") & (confusions["regime"] == "polyglot")]
    assert english["tokens"].sum() == tokens
    table = errors.recall_error_counts(confusions, ["regime", "group"]).set_index(["regime", "group", "gold"])
    changes = errors.recall_error_differences(data, PAIRS, draws=50)
    for row in changes.itertuples():
        for regime, rate in ((row.first, row.first_rate), (row.second, row.second_rate)):
            assert rate == pytest.approx(table["error_rate"][regime, row.group, row.gold])
        assert row.difference == pytest.approx(row.second_rate - row.first_rate)
        assert row.low <= row.difference + 1e-9
        assert row.difference <= row.high + 1e-9 or row.low <= row.high


def test_a_regime_does_not_differ_from_itself(data):
    changes = errors.recall_error_differences(data, [("polyglot", "polyglot")], draws=20)
    assert (changes[["difference", "low", "high"]] == 0).all(axis=None)


def test_common_names_are_counted_for_every_regime_and_compared_in_pairs(study, data):
    counts = errors.common_counts(study, data)
    assert len(counts) == 3 * 4
    rates = errors.common_rates(counts)
    assert set(rates["common"]) == {True, False}
    golds = rates[rates["language"] == "spa"].groupby("common")["gold"].nunique()
    assert (golds == 1).all()  # which gold names are common does not depend on the regime
    differences = errors.common_differences(counts, PAIRS, draws=20)
    assert len(differences) == 2 * 2 * 2
    means = rates.groupby(["group", "common", "regime"])["error_rate"].mean()
    for row in differences.dropna(subset="difference").itertuples():
        expected = means[row.group, row.common, row.second] - means[row.group, row.common, row.first]
        assert row.difference == pytest.approx(expected, abs=1e-6) or rates["error_rate"].isna().any()


def counted(errors_of: list[int], predicted: bool = True) -> np.ndarray:
    """Sentences with one common entity each, which the model gets wrong (1), or right (0)."""
    wrong = np.array(errors_of)[:, None]
    counts = np.zeros((len(wrong), 2, 6, 3))
    counts[:, 0, :, 0], counts[:, 0, :, 1], counts[:, 0, :, 2] = 1 - wrong, predicted, 1
    return counts if predicted else counts * [0, 0, 1]


def test_a_seed_without_common_entities_is_left_out_and_told():
    counts = {}
    for seed in range(4):
        counts["monolingual", "conll", "eng", seed] = counted([1, 1, 1, 0])
        # The last seed predicts no entity at all, so that it has no rate of wrong ones.
        counts["polyglot", "conll", "eng", seed] = counted([1, 0, 0, 0], predicted=seed < 3)
    common, other = errors.common_differences(counts, [("monolingual", "polyglot")], draws=200).to_dict("records")
    assert (common["difference"], common["seeds"], common["without"]) == (-50.0, 3, 1)
    assert common["low"] < -50 < common["high"]
    assert np.isnan(other["difference"])
    assert (other["seeds"], other["without"]) == (0, 4)


def test_seeds_are_averaged_on_each_resample():
    """Two seeds that err on different sentences: what one gains on a resample, the other loses."""
    counts = {}
    for seed, wrong in enumerate(([1, 1, 0, 0], [0, 0, 1, 1])):
        counts["monolingual", "conll", "eng", seed] = counted([0, 0, 0, 0])
        counts["polyglot", "conll", "eng", seed] = counted(wrong)
    (common, _) = errors.common_differences(counts, [("monolingual", "polyglot")], draws=200).to_dict("records")
    assert (common["difference"], common["low"], common["high"]) == (50, 50, 50)


def test_curves_of_pruning_start_at_the_runs_own_score_and_are_kept(study, monkeypatch):
    curves = pruning.pruning_curves(study)
    assert set(curves["share"]) == {0.0, 0.5, 1.0}
    for row in curves[curves["share"] == 0].itertuples():
        assert row.f1 == pytest.approx(study.used[row.run].metrics["languages"][row.language]["dev"]["f1"])
    assert curves["weights"].nunique() == 1
    monkeypatch.setattr("polyner.sections.pruning.load_tagger", no_loading)
    pd.testing.assert_frame_equal(pruning.pruning_curves(study), curves)


def pruned_counts(last: dict[tuple[str, str], float], seeds=3, right: dict[str, int] | None = None) -> pd.DataFrame:
    """Ten entities in as many sentences, all found (or `right` of them) by (regime, language) up to a pruned share."""
    rows = []
    for (regime, language), end in last.items():
        for seed in range(seeds):
            run = f"{regime}-{'' if regime == 'polyglot' else language}-{seed}"
            keys = ("byte-crf", regime, "conll", language, seed, run, "global", "magnitude")
            for share in (0.0, 0.25, 0.5, 0.75, 1.0):
                for sentence in range(10):
                    correct = int(share <= end and sentence < (right or {}).get(regime, 10))
                    rows.append((*keys, share, sentence, correct, correct, 1, 1000))
    columns = ["model", "regime", "group", "language", "seed", "run", "scope", "order", "share", "sentence"]
    return pd.DataFrame(rows, columns=[*columns, "correct", "predicted", "gold", "weights"])


ENDS = {("polyglot", "eng"): 0.25, ("polyglot", "deu"): 0.5, ("monolingual", "eng"): 0.5, ("monolingual", "deu"): 0.75}


def test_claims_about_pruning_rest_on_thresholds():
    tuned = {("fine_tuned", "eng"): 0.25, ("fine_tuned", "deu"): 0.25}
    tables = pruning.pruning_tables(pruned_counts(ENDS | tuned))
    sparser, denser = tables["pruning"].to_dict("records")
    assert (sparser["first_share"], sparser["second_share"], sparser["difference"]) == pytest.approx((37.5, 62.5, 25.0))
    # All seeds and sentences agree; thresholds are known to half a step.
    assert (sparser["low"], sparser["high"], sparser["seeds"]) == pytest.approx((12.5, 37.5, 3))
    assert (denser["difference"], denser["languages"], denser["left_out"]) == (pytest.approx(-37.5), "eng deu", "")
    (ratio,) = tables["efficiency"].to_dict("records")
    assert ratio["ratio"] == pytest.approx(0.75 / (0.5 + 0.25))
    assert (ratio["kept"], ratio["languages"], ratio["f1_difference"]) == (pytest.approx(0.75), 2, 0)
    assert pruning.pruning_tables(None) == pruning.pruning_tables(pruned_counts({})) == {}


def test_the_loss_that_counts_moves_the_thresholds():
    counts = pruned_counts(ENDS)
    # What is lost behind the threshold are 100 points of F1.
    assert pruning.pruning_tables(counts, drop=99.0)["pruning"]["difference"].tolist() == [25.0]
    assert pruning.pruning_tables(counts, drop=100.0)["pruning"].empty  # no model can lose more than that


def test_a_model_that_finds_nothing_says_nothing_about_pruning():
    counts = pruned_counts(ENDS)
    german = (counts["regime"] == "monolingual") & (counts["language"] == "deu")
    counts.loc[german & (counts["seed"] == 1), ["correct", "predicted"]] = 0
    (row,) = pruning.pruning_tables(counts)["pruning"].to_dict("records")
    assert (row["languages"], row["left_out"], row["difference"]) == ("eng", "deu", 25.0)


def test_sentences_that_disagree_widen_the_change_of_a_threshold():
    counts = pruned_counts(ENDS)
    # English loses one entity of ten earlier: 5 points of F1, but none on a resample without that sentence.
    early = (counts["regime"] == "monolingual") & (counts["language"] == "eng") & (counts["share"] > 0)
    counts.loc[early & (counts["sentence"] == 0), ["correct", "predicted"]] = 0
    (row,) = pruning.pruning_tables(counts)["pruning"].to_dict("records")
    assert row["difference"] == pytest.approx((-25 + 25) / 2)
    assert row["high"] == pytest.approx(25 + 12.5)
    assert row["low"] == pytest.approx(-12.5)


def test_counts_of_pruning_are_those_of_the_curves(study):
    counts, curves = pruning.span_counts(study), pruning.pruning_curves(study)
    sums = counts.groupby(["run", "language", "share"])[["correct", "predicted", "gold"]].sum()
    for row in curves.itertuples():
        correct, predicted, gold = sums.loc[row.run, row.language, row.share]
        assert row.f1 == pytest.approx(200 * correct / (predicted + gold))


def test_fisher_overlaps_of_both_kinds_are_kept(study, monkeypatch):
    table = fisher.fisher_overlaps(study)
    assert set(table["comparison"]) == {"languages", "retained"}
    between = table[table["comparison"] == "languages"]
    assert set(zip(between["first"], between["second"], strict=True)) == {
        *(("eng", "spa"), ("spa", "eng"), ("amh", "swa"), ("swa", "amh"))
    }
    assert (
        table[table["comparison"] == "retained"]["first"] == table[table["comparison"] == "retained"]["second"]
    ).all()
    assert table["overlap"].between(0, 1).all()
    assert np.isfinite(table["precision"]).all()
    without = [f"overlap_without_{part}" for part in range(fisher.PARTS)]
    monkeypatch.setattr("polyner.sections.fisher.load_tagger", no_loading)
    pd.testing.assert_frame_equal(fisher.fisher_overlaps(study), table)
    assert table[without].isna().all(axis=None)  # four sentences have no ten parts
    with pytest.raises(AssertionError, match="is computed again"):
        fisher.fisher_overlaps(analysed_otherwise(study, fisher_draws=3))


def test_overlaps_without_a_part_of_the_sentences_are_those_of_the_others(study):
    table = fisher.fisher_overlaps(analysed_otherwise(study, fisher_sentences=10, fisher_estimator="exact"))
    runs = {regime: study.run("byte-crf", regime, codes, 1) for regime, codes in REGIME_CODES.items()}
    sentences = cap(study.corpora["swa"], train=10).train
    others = [s for i, s in enumerate(sentences) if i % fisher.PARTS != 3]
    sides = [
        fisher_information(load_tagger(run.folder), chosen, "swa", estimator="exact")
        for run in runs.values()
        for chosen in (sentences, others)
    ]
    own = table[(table["comparison"] == "retained") & (table["first"] == "swa")]
    for column, first, second in (("overlap", 0, 2), ("overlap_without_3", 1, 3)):
        expected = top_overlap(sides[first], sides[second])["overlap"]
        assert own[column].tolist() == pytest.approx(expected.tolist(), abs=0.015)
    assert own["precision"].isna().all()


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"pruning_stepp": 0.1}, "analysis: unknown setting 'pruning_stepp': did you mean 'pruning_step'"),
        ({"pruning_step": 0}, "analysis.pruning_step: 0 was given; it should be greater than 0"),
        ({"pruning_step": "fine"}, "analysis.pruning_step: 'fine' was given; it should be a valid number"),
        ({"curve_sizes": [100, 50]}, "curve_sizes are rising numbers"),
        ({"fisher_draws": 0}, "analysis.fisher_draws: 0 was given; it should be greater than or equal to 1"),
        ({"fisher_sentences": 1.5}, "analysis.fisher_sentences: 1.5 was given; it should be a valid integer"),
        ({"model": "byte-cfr"}, "analysis: unknown model 'byte-cfr': did you mean 'byte-crf'"),
    ],
)
def test_settings_of_the_analyses_that_make_no_sense(overrides, message):
    with pytest.raises(SettingsError, match=message):
        _ = Settings(analysis=overrides).analyses


def test_shares_of_pruning_go_up_in_steps():
    assert Settings(analysis={"pruning_step": 0.25}).analyses.shares == [0, 0.25, 0.5, 0.75, 1.0]
    assert len(Settings().analyses.shares) == 11
