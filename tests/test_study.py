"""The protocol: what is trained on what, and which seed is chosen."""

import pandas as pd
import pytest

from polyner.corpora.folder import write_corpus
from polyner.errors import SettingsError
from polyner.settings import Settings
from polyner.study import Study, best_of_seeds
from tests.conftest import small_corpus


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
    results = study.results()
    assert len(results) == (3 + 2 + 2) * 2 * 2  # Swahili, alone in its group, is trained on its own only
    assert list(results.columns) == [
        *("model", "regime", "variant", "group", "language", "seed", "split", "f1", "precision", "recall", "run")
    ]
    runs = results.groupby("regime")["run"].nunique()
    assert runs.to_dict() == {"monolingual": 6, "polyglot": 2, "fine_tuned": 4}
    assert set(results["run"]) == set(study.used)


def test_the_configuration_tells_what_differs_from_the_defaults(study):
    table = study.configuration()
    differs = table[table["value"] != table["default"]].set_index(["model", "setting"])["value"].to_dict()
    assert differs["byte-crf", "embedding_size"] == "8"
    assert differs["byte-crf", "max_epochs"] == "2"
    assert not {("byte-crf", "optimizer"), ("byte-crf", "clip_norm")} & set(differs)


def test_charner_clips_its_gradients_unless_told_otherwise(study):
    assert study.training("charner").clip_norm == 1.0
    assert study.training("byte-crf").clip_norm is None
    told = Study(Settings(**{**vars(study.settings), "training": {"clip_norm": None}}))
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
        ({"training": {"learning_rate": "fast"}}, "training: learning_rate is 'fast', which is not of the kind float"),
        ({"training": {"clip_norm": "x"}}, "training: clip_norm is 'x', which is not a number"),
        ({"training": {"batch_sise": 3}}, "unknown training setting 'batch_sise'"),
        (
            {"architecture": {"byte-crf": {"unit_layers": 1.5}}},
            "byte-crf: unit_layers is 1.5, which is not of the kind",
        ),
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
    best = best_of_seeds(study.results(["monolingual"]))
    counts = study.span_counts(best)
    assert set(counts["run"]) == set(best["run"])
    totals = counts.groupby("language")[["correct", "predicted", "gold"]].sum()
    for row in best.itertuples():
        correct, predicted, gold = totals.loc[row.language]
        assert row.f1 == pytest.approx(100 * 2 * correct / (predicted + gold) if correct else 0.0)
    assert counts["sentence"].max() + 1 == len(study.corpora["eng"].test)


def test_histories_have_a_row_for_each_epoch_of_each_run(study):
    history = study.histories(study.results(["polyglot"]))
    assert history["run"].nunique() == 2
    assert len(history) == 4
    assert set(history["language"]) == {"conll"}


def results_table(rows):
    columns = ["regime", "language", "seed", "split", "f1"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(model="byte-crf", variant="", group="conll", precision=0.0, recall=0.0, run=table["regime"])


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
