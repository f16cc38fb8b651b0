"""Profiles and parameters."""

import pytest

from polyner.errors import SettingsError
from polyner.study.settings import Settings, book_folder


@pytest.mark.parametrize("profile", sorted(path.stem for path in (book_folder() / "profiles").glob("*.yml")))
def test_every_profile_can_be_loaded_and_trained_with(profile):
    from polyner.models import model_class
    from polyner.study.protocol import check_kinds, training_config

    settings = Settings.load(profile)
    assert settings.profile == profile
    check_kinds(settings)
    for model in settings.models:
        training_config(settings, model)
        model_class(model).configure(settings.architecture.get(model, {}))


def test_the_paper_profile_is_the_papers_settings():
    assert Settings.load("paper") == Settings()
    assert Settings().seeds == (1, 2, 3, 4, 5)


def test_the_paper_profile_needs_no_file_and_numbers_may_have_exponents(tmp_path, monkeypatch):
    path = tmp_path / "mine.yml"
    path.write_text("training: {learning_rate: 1e-3, clip_norm: 5}")
    assert Settings.load(str(path)).training == {"learning_rate": 0.001, "clip_norm": 5}
    monkeypatch.setenv("POLYNER_BOOK", str(tmp_path))
    assert Settings.load("paper") == Settings()
    with pytest.raises(SettingsError, match="no folder 'profiles' in"):
        Settings.load("quick")


def test_overrides_go_on_top_and_none_means_not_given():
    settings = Settings.load("smoke", seeds=[7], models=None, corpora="x", max_train_sentences=3)
    assert settings.seeds == (7,)
    assert settings.models == Settings.load("smoke").models
    assert (settings.corpora, settings.max_train_sentences) == ("x", 3)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"seed": [1]}, "unknown parameter 'seed': did you mean 'seeds'?"),
        ({"seeds": [-1]}, "negative seed"),
        ({"seeds": []}, "must name at least one"),
        ({"seeds": ["one"]}, "seeds: ['one'] is not of the kind"),
        ({"languages": ["eng", "eng"]}, "each once"),
        ({"max_train_sentences": 0}, "must be at least 1"),
        ({"models": "byte-crf"}, "models: 'byte-crf' is not of the kind"),
        ({"training": 3}, "training: 3 is not of the kind"),
    ],
)
def test_impossible_values_are_named(overrides, message):
    with pytest.raises(SettingsError) as caught:
        Settings.load("smoke", **overrides)
    assert message in str(caught.value)


def test_profiles_are_found_by_name_or_path(tmp_path):
    path = tmp_path / "mine.yml"
    path.write_text("seeds: [3]\n")
    assert Settings.load(str(path)).seeds == (3,)
    path.write_text("sedes: [3]\n")
    with pytest.raises(SettingsError, match=r"mine\.yml: unknown parameter 'sedes': did you mean 'seeds'"):
        Settings.load(str(path))
    path.write_text("- a\n")
    with pytest.raises(SettingsError, match="a profile is a mapping"):
        Settings.load(str(path))
    path.write_text("a: [\n")
    with pytest.raises(SettingsError, match="not YAML"):
        Settings.load(str(path))
    with pytest.raises(SettingsError, match="unknown profile 'none': one of "):
        Settings.load("none")
    with pytest.raises(SettingsError, match="no such profile file"):
        Settings.load(str(tmp_path / "none.yml"))


def test_settings_become_plain_values():
    assert Settings.load("smoke").as_dict()["seeds"] == [1]
