"""What makes two runs the same run, and that it lasts."""

from __future__ import annotations

import dataclasses
from itertools import product

import pytest

from polyner.errors import SettingsError
from polyner.runs import RunSpec
from polyner.study.protocol import Study
from polyner.study.settings import Settings
from polyner.training.config import TRAINING_VERSION
from tests.conftest import small_corpus

MADE = {
    **{"model": "mbert-crf", "regime": "monolingual", "languages": ("eng",)},
    **{"corpora": {"eng": "ab"}, "seed": 1, "version": "1.1"},
}
CORPORA = {code: small_corpus(code) for code in ("eng", "spa", "nld")}


def study(tmp_path, **settings):
    given = {"seeds": [1], "device": "cpu", "runs": str(tmp_path), **settings}
    return Study(Settings.load("smoke", **given), corpora=CORPORA)


def test_ids_are_what_they_were(tmp_path):
    """Where this fails, every run store that anyone has is lost. Was that meant?"""
    ours = study(tmp_path, architecture={"byte-crf": {"dropout": 0.3}}, training={"patience": 3})
    ids = [
        ours.spec("byte-crf", "monolingual", ("eng",), 1).id,
        ours.spec("byte-crf", "polyglot", ("eng", "spa", "nld"), 2, "pcgrad").id,
        ours.spec("byte-crf", "fine_tuned", ("spa",), 1, "ewc").id,
        ours.spec("charner", "monolingual", ("eng",), 1).id,
    ]
    assert [name.rpartition("-")[2] for name in ids] == ["c7ca4ce748de", "013c4d0532b5", "a1a30dea1563", "4c5024836a9e"]


def test_a_setting_that_is_the_default_changes_no_id(tmp_path):
    plain = study(tmp_path).spec("char-crf", "monolingual", ("eng",), 1)
    said = study(tmp_path, architecture={"char-crf": {"dropout": 0.2}}, training={"min_updates": 0})
    assert said.spec("char-crf", "monolingual", ("eng",), 1) == plain
    other = study(tmp_path, architecture={"char-crf": {"dropout": 0.25}}).spec("char-crf", "monolingual", ("eng",), 1)
    assert other.id != plain.id


def test_precision_is_the_devices(tmp_path):
    def precision(device, asked):
        ours = study(tmp_path, device=device, training={"mixed_precision": asked})
        spec = ours.spec("byte-crf", "monolingual", ("eng",), 1)
        assert "mixed_precision" not in spec.training
        return spec.device, spec.precision

    assert precision("cpu", "auto") == precision("cpu", "off") == ("cpu", "float32")
    # A device that is not here can be asked about all the same: its runs may be.
    assert precision("cuda", "auto") == precision("cuda:1", "on") == ("cuda", "float16")
    assert precision("cuda", "off") == ("cuda", "float32")


def test_a_field_that_is_added_with_a_default_changes_no_id():
    spec = RunSpec(**MADE)
    assert set(spec.as_dict()) == set(MADE)

    @dataclasses.dataclass(frozen=True)
    class Later(RunSpec):
        novelty: int = 0

    assert Later(**MADE).id == spec.id


def test_where_an_encoder_lies_is_no_part_of_a_run(tmp_path):
    here = RunSpec(**MADE, config={"encoder": str(tmp_path / "e5"), "revision": "ab"})
    there = RunSpec(**MADE, config={"encoder": "/elsewhere/e5", "revision": "ab"})
    other = RunSpec(**MADE, config={"encoder": "/elsewhere/e5", "revision": "cd"})
    assert here.id == there.id != other.id
    assert "elsewhere" not in str(there.as_dict())


def test_a_variant_that_changes_nothing_is_refused(tmp_path):
    ours = study(tmp_path)
    with pytest.raises(SettingsError, match="'pcgrad' changes nothing in monolingual runs: it is about polyglot ones"):
        ours.spec("byte-crf", "monolingual", ("eng",), 1, "pcgrad")
    tuned = ours.spec("byte-crf", "fine_tuned", ("spa",), 1, "pcgrad")
    assert (tuned.objective, tuned.parent.objective) == ({}, {"name": "pcgrad"})
    assert ours.spec("byte-crf", "fine_tuned", ("spa",), 1, "ewc").parent.objective == {}


# Fisher information is that of a CRF over words.
@pytest.mark.parametrize(
    ("model", "variant"),
    [
        *product(["byte-crf", "charner", "byte-to-span"], ["l2sp", "pcgrad", "mgda"]),
        ("byte-crf", "ewc"),
    ],
)
def test_every_objective_trains_in_the_regimes_it_is_about(tmp_path, model, variant):
    small = {
        "charner": {"layers": 2, "hidden_size": 4, "embedding_size": 4},
        "byte-to-span": {"stride": 20, "layers": 1, "hidden_size": 8, "embedding_size": 4},
    }
    training = {"max_epochs": 1, "byte-to-span": {"optimizer": "adam"}}
    ours = study(tmp_path, architecture=small, training=training, models=[model])
    regimes = ("fine_tuned",) if variant in ("l2sp", "ewc") else ("polyglot", "fine_tuned")
    for regime in regimes:
        languages = ("eng", "spa", "nld") if regime == "polyglot" else ("spa",)
        run = ours.run(model, regime, languages, 1, variant)
        assert run.metrics["ended"] == "limit"
        plain = ours.run(model, regime, languages, 1)
        assert run.history[-1]["loss"] != plain.history[-1]["loss"]
        assert run.id != plain.id


def test_ewc_is_for_crfs_over_words_and_says_so(tmp_path):
    ours = study(tmp_path, models=["charner"], architecture={"charner": {"layers": 1, "hidden_size": 4}})
    with pytest.raises(SettingsError, match="ewc needs Fisher information, which is that of a CRF over words"):
        ours.run("charner", "fine_tuned", ("spa",), 1, "ewc")


def test_runs_of_an_earlier_version_are_said_once(tmp_path, capsys, monkeypatch):
    ours = study(tmp_path, training={"max_epochs": 1})
    ours.run("byte-crf", "monolingual", ("eng",), 1)
    assert capsys.readouterr().err == ""
    monkeypatch.setitem(TRAINING_VERSION, "byte-crf", TRAINING_VERSION["byte-crf"] + 1)
    ours.store.note_unusable()
    assert "note: 1 run of an earlier version is in" in capsys.readouterr().err
    ours.store.note_unusable()
    assert capsys.readouterr().err == ""


def test_a_run_of_a_model_that_is_not_known_stops_nothing(tmp_path, capsys):
    folder = tmp_path / "old-run"
    folder.mkdir()
    (folder / "metrics.json").write_text("{}")
    (folder / "spec.json").write_text('{"model": "old-crf", "version": "1.1"}')
    ours = study(tmp_path)
    assert "note: 1 run of an earlier version is in" in capsys.readouterr().err
    assert ours.spec("byte-crf", "monolingual", ("eng",), 1)
