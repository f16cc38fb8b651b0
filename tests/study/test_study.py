"""The protocol: what is trained on what, and which seed is chosen."""

import dataclasses

import pandas as pd
import pytest

from polyner.corpora.folder import write_corpus
from polyner.corpora.sample import sample_corpus
from polyner.errors import SettingsError
from polyner.findings.runs import best_of_seeds
from polyner.findings.study import findings_of
from polyner.study.protocol import Study
from polyner.study.questions import MORE_DROPOUT, TABLE_1, UPDATE_MATCHED, Question
from polyner.study.settings import Settings
from polyner.study.variants import matched
from polyner.training.config import TrainingConfig
from tests.conftest import small_corpus
from tests.models.encoders import save_tiny_encoder


@pytest.fixture
def study(tmp_path):
    for code in ("eng", "spa", "swa", "rus"):
        write_corpus(tmp_path / "corpora", small_corpus(code, train=20))
    return Study(
        Settings.load("smoke", corpora=tmp_path / "corpora", seeds=[1, 2], languages=["eng", "spa", "swa", "amh"])
    )


def test_groups_and_missing_languages(study):
    assert study.groups() == {"conll": ("eng", "spa"), "lorelei": ("swa",)}
    assert study.polyglot_groups() == {"conll": ("eng", "spa")}
    assert study.missing == ["amh"]


def test_results_have_a_row_for_each_regime_language_seed_and_split(study):
    results = findings_of(study, [TABLE_1]).results
    assert len(results) == (3 + 2 + 2) * 2 * 2  # Swahili, alone in its group, is trained on its own only
    assert list(results.columns) == [
        *("model", "regime", "variant", "group", "language", "seed", "split"),
        *("f1", "precision", "recall", "selection_f1", "run", "ended"),
    ]
    runs = results.groupby("regime")["run"].nunique()
    assert runs.to_dict() == {"monolingual": 6, "polyglot": 2, "fine_tuned": 4}
    assert set(results["run"]) == set(study.used)


def test_the_configuration_tells_what_differs_from_the_defaults(study):
    table = findings_of(study).tables["settings"]
    differs = table[table["value"] != table["default"]].set_index(["model", "setting"])["value"].to_dict()
    assert differs["byte-crf", "embedding_size"] == "8"
    assert differs["byte-crf", "max_epochs"] == "2"
    assert not {("byte-crf", "optimizer"), ("byte-crf", "clip_norm")} & set(differs)


def test_charner_clips_its_gradients_unless_told_otherwise(study):
    assert study.training("charner").clip_norm == 1.0
    assert study.training("byte-crf").clip_norm is None
    told = Study(dataclasses.replace(study.settings, training={"clip_norm": None}))
    assert told.training("charner").clip_norm is None


def test_a_fine_tuned_run_starts_from_the_polyglot_run_of_its_seed_and_group(study):
    run = study.run("byte-crf", "fine_tuned", ("spa",), 2)
    parent = study.store.find(run.spec["parent"])
    assert (parent.spec["regime"], parent.spec["languages"], parent.spec["seed"]) == ("polyglot", ["eng", "spa"], 2)
    reset = study.run("byte-crf", "fine_tuned", ("spa",), 2, "reset_optimizer")
    assert reset.spec["parent"] == parent.id
    assert reset.id != run.id
    own = study.run("byte-crf", "fine_tuned", ("spa",), 2, "language_transitions")
    assert study.store.find(own.spec["parent"]).spec["config"]["language_transitions"] is True
    with pytest.raises(SettingsError, match="unknown variant 'other'"):
        study.run("byte-crf", "polyglot", ("eng", "spa"), 1, "other")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"training": {"learning_rate": "fast"}}, "training.learning_rate: 'fast' was given; it should be a valid num"),
        ({"training": {"clip_norm": "x"}}, "training.clip_norm: 'x' was given; it should be a valid number"),
        ({"training": {"batch_sise": 3}}, "training: unknown setting 'batch_sise': did you mean 'batch_size'"),
        ({"training": {"charner": {"patience": 0}}}, "training.charner.patience: 0 was given; it should be greater"),
        ({"training": {"mixed_precision": "yes"}}, "'yes' was given; it should be 'auto', 'on' or 'off'"),
        ({"architecture": {"byte-crf": {"unit_layers": 1.5}}}, "byte-crf.unit_layers: 1.5 was given; it should be a"),
        ({"analysis": {"curve_sizes": [5, 3]}}, "analysis: curve_sizes are rising numbers"),
        ({"variants": {"mine": {"regimes": ["solo"]}}}, "variants.mine: unknown regime 'solo'"),
        ({"variants": {"mine": {"objective": {"name": "ewk"}}}}, "variants.mine.objective"),
    ],
)
def test_settings_of_the_wrong_kind_are_named(tmp_path, settings, message):
    write_corpus(tmp_path / "corpora", small_corpus())
    with pytest.raises(SettingsError, match=message):
        Study(Settings.load("smoke", corpora=tmp_path / "corpora", **settings))


def test_what_has_no_polyglot_model_cannot_be_fine_tuned(study):
    with pytest.raises(SettingsError, match="no polyglot model to fine-tune swa from"):
        study.run("byte-crf", "fine_tuned", ("swa",), 1)


def test_span_counts_add_up_to_the_scores(study):
    findings = findings_of(study, [TABLE_1])
    counts, test = findings.counts, findings.results[findings.results["split"] == "test"]
    assert set(counts["run"]) == set(test["run"]) == set(study.used)
    totals = counts.groupby(["run", "language"])[["correct", "predicted", "gold"]].sum()
    for row in test.itertuples():
        correct, predicted, gold = totals.loc[row.run, row.language]
        assert row.f1 == pytest.approx(100 * 2 * correct / (predicted + gold) if correct else 0.0)
        assert row.f1 == pytest.approx(study.used[row.run].metrics["languages"][row.language]["test"]["f1"])
    assert counts["sentence"].max() + 1 == len(study.corpora["eng"].test)


def test_histories_have_a_row_for_each_epoch_of_each_run(study):
    history = findings_of(study, [Question(("polyglot",))]).histories
    assert history["run"].nunique() == 2
    assert len(history) == 4
    assert set(history["language"]) == {"conll"}


def test_settings_of_training_under_a_models_name_are_its_own(study):
    training = {"learning_rate": 0.01, "byte-to-span": {"learning_rate": 0.2, "stride": 3}}
    with pytest.raises(SettingsError, match=r"training\.byte-to-span: unknown setting 'stride'"):
        Study(dataclasses.replace(study.settings, training=training))
    training["byte-to-span"].pop("stride")
    other = Study(dataclasses.replace(study.settings, training=training))
    assert (other.training("byte-crf").learning_rate, other.training("byte-to-span").learning_rate) == (0.01, 0.2)
    assert other.training("byte-to-span").optimizer == "sgd"


def test_variants_are_only_of_models_that_have_what_they_change(study):
    study = Study(dataclasses.replace(study.settings, models=("byte-crf", "charner")))
    results = findings_of(study, [dataclasses.replace(MORE_DROPOUT, models="all")]).results
    assert set(results["model"]) == {"byte-crf"}
    (spec,) = {run.spec["config"]["dropout"] for run in study.used.values()}
    assert spec == 0.5
    assert study.training("byte-crf", "weight_decay").weight_decay == 0.1
    assert study.training("byte-crf").weight_decay == 0.0


def test_a_monolingual_run_can_have_as_many_updates_as_the_others_together(study):
    """Schedules count epochs; those of the polyglot run are as much longer as its corpus is larger."""
    settings = dataclasses.replace(study.settings, training={"min_epochs": 2, "patience": 3, "max_epochs": 10})
    study = Study(settings, corpora={code: study.corpora[code] for code in ("eng", "spa", "swa")})
    asks = {ask.languages[0]: ask.spec for ask in study.asks(UPDATE_MATCHED)}
    # Of 20 sentences in a group of 40: an epoch on all and one on its own are three of these.
    assert asks["eng"].training.items() >= {"min_epochs": 6, "patience": 9, "max_epochs": 30}.items()
    assert matched(TrainingConfig(min_epochs=2), 30, 40).min_epochs == 5  # 2 · 70 / 30 and no less
    # Swahili is alone here: there is no polyglot run to match.
    assert asks["swa"] == study.spec("byte-crf", "monolingual", ("swa",), asks["swa"].seed)


@pytest.fixture
def with_encoder(tmp_path, monkeypatch):
    """A study of mBERT's CRF over an encoder that knows the Latin script alone."""
    monkeypatch.setenv("POLYNER_CACHE", str(tmp_path / "cache"))
    sentences = [s for code in ("spa", "swa") for s in sample_corpus(code).train[:150]]
    encoder = save_tiny_encoder(tmp_path / "encoder", sentences)
    architecture = {"mbert-crf": {"encoder": str(encoder), "sentence_hidden_size": 8}}
    caps = {"max_train_sentences": 20, "max_eval_sentences": 10}
    languages = ["eng", "spa", "amh", "swa", "hun"]
    return Study(Settings.load("smoke", architecture=architecture, models=["mbert-crf"], languages=languages, **caps))


def test_a_language_unknown_to_the_encoder_is_left_out_everywhere(with_encoder):
    results = findings_of(with_encoder, [TABLE_1]).results
    assert "amh" not in set(results["language"])
    assert with_encoder.left_out["mbert-crf", "amh"].endswith("of its words are unknown to the encoder")
    assert with_encoder.polyglot_groups("mbert-crf")["lorelei"] == ("hun", "swa")
    assert with_encoder.groups()["lorelei"] == ("amh", "hun", "swa")
    revisions = {run.spec["config"]["revision"] for run in with_encoder.used.values()}
    assert len(revisions) == 1
    assert revisions != {"main"}


def test_a_model_that_cannot_be_had_is_not_run_and_says_why(with_encoder):
    settings = with_encoder.settings
    gone = dataclasses.replace(settings, architecture={"mbert-crf": {"encoder": "./nowhere"}})
    study = Study(gone)
    assert findings_of(study, [TABLE_1]).results.empty
    assert "./nowhere cannot be had" in study.not_run["mbert-crf"]


def results_table(rows):
    columns = ["regime", "language", "seed", "split", "f1"]
    table = pd.DataFrame(rows, columns=columns)
    table = table.assign(model="byte-crf", variant="", group="conll", precision=0.0, recall=0.0, run=table["regime"])
    dev = table[table["split"] == "dev"]
    return table.assign(selection_f1=table["seed"].map(dev.groupby("seed")["f1"].mean()))


def test_the_seed_is_chosen_on_development_data_alone():
    table = results_table(
        [
            ("monolingual", "eng", 1, "dev", 80.0),
            ("monolingual", "eng", 1, "test", 70.0),
            ("monolingual", "eng", 2, "dev", 79.0),
            ("monolingual", "eng", 2, "test", 90.0),
        ]
    )
    (row,) = best_of_seeds(table).to_dict("records")
    assert (row["seed"], row["f1"], row["dev_f1"], row["seeds"]) == (1, 70.0, 80.0, 2)
    assert (row["f1_mean"], row["f1_std"]) == (80.0, pytest.approx(14.142, abs=1e-3))


def test_a_polyglot_seed_is_chosen_by_the_mean_over_languages():
    table = results_table(
        [
            ("polyglot", language, seed, split, f1)
            for language, seed, f1 in (("eng", 1, 90.0), ("spa", 1, 50.0), ("eng", 2, 80.0), ("spa", 2, 70.0))
            for split in ("dev", "test")
        ]
    )
    best = best_of_seeds(table).set_index("language")
    assert best["seed"].to_dict() == {"eng": 2, "spa": 2}
    assert best["f1"].to_dict() == {"eng": 80.0, "spa": 70.0}


def test_a_zero_shot_seed_is_the_one_that_the_polyglot_models_own_languages_choose():
    rows = [("zero_shot", "yor", seed, split, f1) for seed, f1 in ((1, 30.0), (2, 50.0)) for split in ("dev", "test")]
    table = results_table(rows).assign(selection_f1=lambda table: table["seed"].map({1: 70.0, 2: 60.0}))
    (row,) = best_of_seeds(table).to_dict("records")
    assert (row["seed"], row["f1"], row["dev_f1"]) == (1, 30.0, 30.0)
