"""The analyses over a small study: what comes out, how it hangs together, and that nothing is computed twice."""

import dataclasses
from itertools import product

import numpy as np
import pandas as pd
import pytest
import torch

from polyner.analysis.contrasts import CELL
from polyner.analysis.errors import GRANULARITIES, confusion
from polyner.analysis.fisher_overlap import SHARES, top_overlap
from polyner.analysis.pruning import efficiency, pruning_curve
from polyner.corpora.prepare import cap
from polyner.errors import SettingsError
from polyner.findings import errors, fisher, pruning
from polyner.findings.overlaps import PARTS, WITHOUT, overlap_figures, overlap_table
from polyner.findings.study import findings_of
from polyner.models import load_tagger
from polyner.models.fisher import fisher_information
from polyner.paper import verdicts
from polyner.runs.spec import REGIMES
from polyner.study.plan import look_up
from polyner.study.protocol import Study
from polyner.study.questions import ANALYSED, CURVES, TABLE_3
from polyner.study.settings import Settings

REGIME_CODES = {"polyglot": ("amh", "swa"), "fine_tuned": ("swa",)}


def no_loading(folder):
    raise AssertionError(f"{folder} is computed again")


def small(study, *languages, **analysis):
    """The study of one seed and these languages, analysed otherwise."""
    settings = dataclasses.replace(study.settings, seeds=(1,), analysis={**study.settings.analysis, **analysis})
    return Study(settings, corpora={code: study.corpora[code] for code in languages})


@pytest.fixture(scope="module")
def data(study):
    return errors.tagged(study)


def test_what_is_near_comes_from_the_languages_of_the_polyglot_model(live):
    (row,) = live.tables["relatedness"].to_dict("records")
    assert 0 <= row["one_name"] < 50
    assert row["language"] == "yor"
    assert row["shared_script"] == 0.5  # Swahili is written in the Latin script, Amharic is not
    assert 0 < row["byte_4_grams"] < row["byte_2_grams"] <= 1


def test_a_learning_curve_ends_at_the_whole_set_and_begins_at_the_polyglot_model(live):
    curves = live.curves[live.curves["seed"] == 1]
    tuned = curves[curves["regime"] == "fine_tuned"]
    assert list(tuned["sentences"]) == [0, 10, 40]
    assert list(curves[curves["regime"] == "monolingual"]["sentences"]) == [10, 40]
    test = live.of_table3[(live.of_table3["split"] == "test") & (live.of_table3["seed"] == 1)]
    whole = test.set_index("regime")["f1"]
    assert tuned.set_index("sentences")["f1"][40] == whole["fine_tuned"]
    assert tuned.set_index("sentences")["f1"][0] == whole["zero_shot"]


def test_a_study_without_held_out_languages_has_empty_tables(study):
    without = findings_of(small(study, "eng", "spa"), [TABLE_3, CURVES], ["4.2"])
    assert without.results.empty
    assert without.counts.empty
    assert without.curves.empty
    assert without.tables.keys() == {"settings"}
    assert {each.verdict for each in verdicts(without)} == {"not run"}


def test_recall_errors_agree_with_the_confusions(study, data):
    assert {(each.cell["regime"], each.cell["language"]) for each in data} == {
        (regime, code) for regime in REGIMES for code in ("eng", "spa", "amh", "swa")
    }
    confusions = errors.of_each(data, confusion)
    tokens = len(study.settings.seeds) * sum(len(s) for s in study.corpora["eng"].dev)
    english = confusions[(confusions["language"] == "eng") & (confusions["regime"] == "polyglot")]
    assert english["tokens"].sum() == tokens
    table = errors.recall_error_counts(confusions, ["regime", "group"]).set_index(["regime", "group", "gold"])
    changes = errors.recall_error_changes(errors.recall_error_table(data))
    assert {key[2:] for key in changes} == set(errors.PAIRS)
    for (group, gold, first, second), each in changes.items():
        assert each.first == pytest.approx(table["error_rate"][first, group, gold])
        assert each.second == pytest.approx(table["error_rate"][second, group, gold])


def test_common_names_are_counted_for_every_regime(study, data):
    table = errors.common_table(study, data)
    rates = errors.common_rates(table)
    assert set(rates["common"]) == {True, False}
    golds = rates[rates["language"] == "spa"].groupby("common")["gold"].nunique()
    assert (golds == 1).all()  # which gold names are common does not depend on the regime
    for (group, common, *pair), each in errors.common_changes(table)["common_rates"].items():
        own = rates[(rates["group"] == group) & (rates["common"] == common)].dropna(subset="error_rate")
        means = own.groupby(["regime", "language"])["error_rate"].mean()
        expected = [np.mean([means[regime, code] for code in each.languages]) for regime in pair]
        assert (each.first, each.second) == pytest.approx(expected)


def common_counts(sides: dict[tuple[str, bool], tuple[int, int]], seeds=3, sentences=20) -> pd.DataFrame:
    """A table of common entities: of ten gold and ten predicted a sentence, so many are missed and wrong.

    `sides` has by regime and whether common the entities (of either kind) and errors (of either kind) of a sentence.
    """
    rows = [
        ("byte-crf", regime, "", "conll", "eng", seed, f"{regime}-{seed}", sentence, common, n, found - wrong, found)
        for (regime, common), (found, wrong) in sides.items()
        for seed in range(seeds)
        for sentence in range(sentences)
        for n in GRANULARITIES
    ]
    table = pd.DataFrame(rows, columns=[*CELL, "sentence", "common", "n", "correct", "predicted"])
    return table.assign(gold=table["predicted"])


def test_the_two_readings_of_figure_2_can_differ():
    """Fine-tuning that mends other names only: the error rate on common ones stays, their share of the errors rises."""
    table = common_counts(
        {("polyglot", True): (10, 2), ("polyglot", False): (10, 8)}
        | {("fine_tuned", True): (10, 2), ("fine_tuned", False): (10, 2)}
    )
    pair = ("conll", "polyglot", "fine_tuned")
    changes = errors.common_changes(table)
    share = changes["common_shares"][pair]
    assert (share.first, share.second, share.variance) == (20, 50, 0)
    rates = changes["common_rates"]
    assert rates["conll", True, "polyglot", "fine_tuned"].figure == 0
    assert rates["conll", False, "polyglot", "fine_tuned"].figure == pytest.approx(-60)
    assert changes["common_interactions"][pair].figure == pytest.approx(60)
    shares = errors.common_error_shares(table).drop_duplicates("regime").set_index("regime")
    assert shares.loc["polyglot", ["share", "missed_share", "wrong_share"]].tolist() == [20, 20, 20]


def test_a_rate_of_fewer_than_five_common_names_is_left_out():
    """Hindi and Tamil share one name with others; its rate is 0 or 100, and counts as much as that of a hundred."""
    sides = [(regime, common) for regime in ("polyglot", "fine_tuned") for common in (True, False)]
    table = common_counts(dict(zip(sides, [(6, 3), (6, 2), (6, 1), (6, 2)], strict=True)))
    few = table[table["common"] & (table["sentence"] > 0)].index
    with_few = pd.concat([table, table.drop(few).assign(language="hin", gold=4, predicted=4, correct=0)])
    alone, both = errors.common_changes(table), errors.common_changes(with_few)
    for name in ("common_rates", "common_interactions"):
        assert alone[name]
        assert alone[name] == both[name]
    assert both["common_shares"] != alone["common_shares"]
    assert set(errors.common_rates(with_few)["language"]) == {"eng"}


def test_a_run_of_two_groups_has_other_common_names_in_each():
    """The monolingual run of a language is that of all its groups, whose other languages have other names."""
    regimes = [(regime, common) for regime in ("monolingual", "polyglot") for common in (True, False)]
    one = common_counts(dict(zip(regimes, [(4, 2), (6, 3), (4, 1), (6, 3)], strict=True)))
    other = common_counts(dict(zip(regimes, [(2, 1), (8, 4), (2, 2), (8, 2)], strict=True))).assign(group="more")
    both = errors.common_changes(pd.concat([one, other]))
    for name, found in both.items():
        apart = errors.common_changes(one)[name] | errors.common_changes(other)[name]
        assert {key: each.figure for key, each in found.items()} == {key: each.figure for key, each in apart.items()}
        assert all(each.variance_sentences == apart[key].variance_sentences for key, each in found.items())


def test_runs_without_errors_have_no_share_of_them():
    table = common_counts({("polyglot", True): (10, 2), ("fine_tuned", True): (10, 0)})
    changes = errors.common_changes(table)
    assert changes["common_shares"] == {}
    assert ("conll", False, "polyglot", "fine_tuned") not in changes["common_rates"]  # there are none
    assert not any(errors.common_changes(table.iloc[:0]).values())


def test_sentences_in_which_only_some_runs_find_a_name_are_compared_all_the_same():
    table = common_counts({("polyglot", True): (10, 2), ("fine_tuned", True): (10, 4)})
    spurious = table[table["regime"] == "polyglot"].head(1).assign(sentence=20, correct=0, gold=0)
    (change,) = errors.common_changes(pd.concat([table, spurious]))["common_rates"].values()
    assert change.variance_sentences > 0


def test_pruning_starts_at_the_runs_own_score_and_is_kept(study, live, monkeypatch):
    curves = pruning_curve(live.tables["pruning"])
    assert set(curves["share"]) == {0.0, 0.5, 1.0}
    for row in curves[curves["share"] == 0].itertuples():
        assert row.f1 == pytest.approx(study.used[row.run].metrics["languages"][row.language]["dev"]["f1"])
    assert live.tables["pruning"]["weights"].nunique() == 1
    monkeypatch.setattr("polyner.findings.pruning.load_tagger", no_loading)
    counts = pruning.span_counts(study)
    assert counts["sentence"].max() + 1 == len(study.corpora["eng"].dev)
    again = pruning.pruning_findings(study)[0]["pruning"]
    pd.testing.assert_frame_equal(again, live.tables["pruning"])


def test_without_runs_there_is_nothing_to_analyse(study, tmp_path):
    settings = dataclasses.replace(study.settings, runs=str(tmp_path))
    found = findings_of(Study(settings, policy=look_up, corpora=study.corpora), [ANALYSED], ["5.1", "5.2", "5.3", "6"])
    assert found.tables.keys() == {"settings"}
    assert not any(found.estimates.values())


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


TUNED = {("fine_tuned", "eng"): 0.25, ("fine_tuned", "deu"): 0.25}
SPARSER, DENSER = ("conll", "polyglot", "monolingual"), ("conll", "monolingual", "fine_tuned")


def test_sparser_models_have_later_thresholds_and_larger_areas():
    counts = pruned_counts(ENDS | TUNED)
    thresholds, areas = pruning.threshold_differences(counts), pruning.area_differences(counts)
    assert (thresholds[SPARSER].first, thresholds[SPARSER].second) == pytest.approx((37.5, 62.5))
    assert thresholds[DENSER].figure == pytest.approx(-37.5)
    # F1 falls to 0 within a step behind the threshold.
    assert (areas[SPARSER].first, areas[SPARSER].second) == pytest.approx((0.375 + 0.125, 0.625 + 0.125))
    assert areas[DENSER].figure == pytest.approx(-0.375)
    assert {each.variance for each in [*thresholds.values(), *areas.values()]} == {0}  # all seeds and sentences agree


def test_the_ratio_is_that_of_the_weights_that_are_needed():
    (ratio,) = pruning.efficiency_ratios(pruned_counts(ENDS | TUNED)).values()
    assert ratio.figure == pytest.approx(0.75 / (0.5 + 0.25))
    assert (ratio.languages, ratio.seeds) == (("eng", "deu"), 3)
    # Of a group with targets, the polyglot model is pruned as far as German bears, which is not among them.
    targets = {("polyglot", "eng"): 0.5, ("polyglot", "deu"): 0.25, ("monolingual", "eng"): 0.5}
    counts = pruned_counts(targets)
    (ratio,) = pruning.efficiency_ratios(counts).values()
    shown = efficiency(pruning_curve(counts))["ratio"]
    assert (ratio.figure, ratio.languages) == (pytest.approx(0.75 / 0.5), ("eng",))
    assert shown.tolist() == pytest.approx([ratio.figure] * 3)
    dense = dict.fromkeys(ENDS, 0.0)
    (ratio,) = pruning.efficiency_ratios(pruned_counts(dense)).values()
    assert (ratio.figure, ratio.variance) == (pytest.approx(1 / 2), 0)  # nothing can be pruned: one of two models


def test_the_loss_that_counts_moves_the_thresholds():
    counts = pruned_counts(ENDS)
    # What is lost behind the threshold are 100 points of F1.
    assert pruning.threshold_differences(counts, drop=99.0)[SPARSER].figure == pytest.approx(25)
    assert pruning.threshold_differences(counts, drop=100.0) == {}  # no model can lose more than that


def test_a_model_that_finds_nothing_says_nothing_about_pruning():
    counts = pruned_counts(ENDS)
    german = (counts["regime"] == "monolingual") & (counts["language"] == "deu")
    counts.loc[german & (counts["seed"] == 1), ["correct", "predicted"]] = 0
    threshold = pruning.threshold_differences(counts)[SPARSER]
    assert (threshold.languages, threshold.figure) == (("eng",), 25.0)
    assert pruning.area_differences(counts)[SPARSER].seeds == 2  # without the run that has no area


def test_sentences_that_disagree_widen_the_intervals():
    counts = pruned_counts(ENDS)
    # English loses one entity of ten earlier: 5 points of F1, but none on a resample without that sentence.
    early = (counts["regime"] == "monolingual") & (counts["language"] == "eng") & (counts["share"] > 0)
    counts.loc[early & (counts["sentence"] == 0), ["correct", "predicted"]] = 0
    threshold = pruning.threshold_differences(counts)[SPARSER]
    assert threshold.figure == pytest.approx((-25 + 25) / 2)
    none = 0.9**10  # of the resamples, each of which gives English 50 points more
    assert threshold.variance == pytest.approx(25**2 * none * (1 - none), rel=0.15)
    assert pruning.area_differences(counts)[SPARSER].variance_sentences > 0


def test_fisher_overlaps_of_both_kinds_are_kept(study, live, monkeypatch):
    table = live.tables["fisher"]
    between = table[table["comparison"] == "languages"]
    assert set(zip(between["first"], between["second"], strict=True)) == {
        *(("eng", "spa"), ("spa", "eng"), ("amh", "swa"), ("swa", "amh"))
    }
    retained = table[table["comparison"] == "retained"]
    assert (retained["first"] == retained["second"]).all()
    assert table["overlap"].between(0, 1).all()
    # Four sentences have no ten parts, nor halves of these.
    assert set(map(tuple, table[["comparison", "source", "ranks"]].drop_duplicates().to_numpy())) == {
        *product(("languages", "retained"), ("trained", "untrained"), ("layer", "gate"))
    }
    assert table[WITHOUT].isna().all(axis=None)
    trained = table["source"] == "trained"
    assert (np.isfinite(table["precision"]) == trained).all()
    assert table.loc[table["ranks"] == "gate", "layer"].str.contains("LSTM").all()
    monkeypatch.setattr("polyner.findings.fisher.load_tagger", no_loading)
    pd.testing.assert_frame_equal(fisher.fisher_overlaps(study), table)
    with pytest.raises(AssertionError, match="is computed again"):
        fisher.fisher_overlaps(small(study, "eng", "spa", fisher_draws=3))


def test_an_overlap_stands_beside_what_it_would_be_by_construction(study):
    table = fisher.fisher_overlaps(small(study, "eng", "spa", fisher_sentences=10))
    figures = overlap_figures(table)
    assert set(figures) == {*product(["conll"], ("languages", "retained"), SHARES)}
    lstm = table[table["layer"].str.contains("LSTM") & (table["share"] == 0.05)]
    means = 100 * lstm.groupby(["comparison", "source", "ranks"])["overlap"].mean()
    for comparison in ("languages", "retained"):
        each = figures["conll", comparison, 0.05]
        assert each.estimate.figure == pytest.approx(means[comparison, "trained", "layer"])
        assert {name: each.beside[name] for name in each.beside if name not in ("copula", "itself")} == pytest.approx(
            {
                "untrained": means[comparison, "untrained", "layer"],
                "within_gates": means[comparison, "trained", "gate"],
                "untrained_within_gates": means[comparison, "untrained", "gate"],
            }
        )
        assert 5 < each.beside["copula"] < 100
        models = {"languages": ("languages",), "retained": ("languages", "retained")}[comparison]
        least, most = (edge(means[model, "halves", "layer"] for model in models) for edge in (min, max))
        assert least < each.beside["itself"] < 100  # on all of the sentences more than on half of them
        assert each.beside["itself"] < most + 20
        assert each.less.keys() == {"untrained", "copula", "itself"}
        for name, less in each.less.items():
            assert less.figure == pytest.approx(each.estimate.figure - each.beside[name])
            assert less.variance_sentences > 0
        quarter = figures["conll", comparison, 0.25]
        assert quarter.less.keys() == each.less.keys() - {"copula"}
        assert quarter.beside.keys() == each.beside.keys() - {"copula"}
        assert each.estimate.seeds == 1
        assert np.isnan(each.estimate.variance)  # of one seed
        assert each.estimate.variance_sentences > 0
    rows = overlap_table(figures)
    assert len(rows) == len(figures)
    assert rows[["low", "high"]].isna().all(axis=None)  # of one seed
    assert not rows.drop(columns=["copula", "low", "high"]).isna().any(axis=None)


def test_overlaps_of_trained_models_alone_have_nothing_beside_them(live):
    table, own = live.tables["fisher"], live.overlaps["conll", "retained", 0.5]
    alone = overlap_figures(table[(table["source"] == "trained") & (table["ranks"] == "layer")])
    found = alone["conll", "retained", 0.5]
    assert found.estimate.figure == pytest.approx(own.estimate.figure)
    assert found.beside.keys() == found.less.keys() == set()
    assert own.beside.keys() == {"untrained", "within_gates", "untrained_within_gates"}
    assert own.estimate.seeds == own.less["untrained"].seeds == 2


def test_fresh_networks_are_those_of_the_seed_and_leave_chance_alone(study):
    tagger = load_tagger(study.run("byte-crf", "polyglot", ("amh", "swa"), 1).folder)
    training = {code: study.corpora[code].train for code in ("amh", "swa")}
    before = torch.random.get_rng_state()
    first, second = fisher._untrained(tagger, training, 1)
    assert torch.equal(torch.random.get_rng_state(), before)
    again, _ = fisher._untrained(tagger, training, 1)
    for (name, one), other, same in zip(first.named_parameters(), second.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, same)
        assert one.shape == dict(tagger.named_parameters())[name].shape
        assert not torch.equal(one, other) or not one.any()


def test_overlaps_without_a_part_of_the_sentences_are_those_of_the_others(study):
    table = fisher.fisher_overlaps(small(study, "amh", "swa", fisher_sentences=10, fisher_estimator="exact"))
    runs = {regime: study.run("byte-crf", regime, codes, 1) for regime, codes in REGIME_CODES.items()}
    sentences = cap(study.corpora["swa"], train=10).train
    others = [s for i, s in enumerate(sentences) if i % PARTS != 3]
    sides = [
        fisher_information(load_tagger(run.folder), chosen, "swa", estimator="exact").diagonal
        for run in runs.values()
        for chosen in (sentences, others)
    ]
    own = table[(table["comparison"] == "retained") & (table["first"] == "swa")]
    own = own[(own["source"] == "trained") & (own["ranks"] == "layer")]
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
    assert len(Settings().analyses.shares) == 21
