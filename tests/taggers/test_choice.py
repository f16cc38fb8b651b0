"""The taggers that readers can try."""

from polyner.study.protocol import Study
from polyner.study.settings import Settings
from polyner.taggers.export import chosen_runs, scores


def study(tmp_path, **overrides):
    return Study(Settings.load("smoke", runs=str(tmp_path), **overrides))


def test_each_language_has_a_run_of_each_regime(tmp_path):
    ours = study(tmp_path, languages=["eng", "spa", "amh", "swa", "yor"])
    runs = chosen_runs(ours)
    assert {(row.language, row.regime) for row in runs.itertuples()} == {
        *(
            (code, regime)
            for code in ("eng", "spa", "amh", "swa")
            for regime in ("monolingual", "polyglot", "fine_tuned")
        ),
        *(("yor", regime) for regime in ("monolingual", "zero_shot", "fine_tuned")),
    }
    assert set(runs["run"]) == set(ours.used)
    wide = scores(runs).set_index("language")
    assert list(wide) == ["monolingual", "polyglot", "zero_shot", "fine_tuned"]
    assert wide["polyglot"].isna().to_dict() == {"amh": False, "eng": False, "spa": False, "swa": False, "yor": True}


def test_a_study_without_the_byte_crf_has_none(tmp_path):
    ours = study(tmp_path, models=["charner"])
    runs = chosen_runs(ours)
    assert runs.empty
    assert not ours.used
    assert list(scores(runs)) == ["language"]
