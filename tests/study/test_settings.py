"""Profiles and parameters."""

import pytest

from polyner.errors import SettingsError
from polyner.study.settings import Settings, book_folder, read_yaml
from tests.conftest import small_corpus


@pytest.mark.parametrize("profile", sorted(path.stem for path in (book_folder() / "profiles").glob("*.yml")))
def test_every_profile_can_be_loaded_and_trained_with(profile):
    from polyner.study.protocol import Study

    settings = Settings.load(profile, corpora="sample")
    assert settings.profile == profile
    corpus = small_corpus()
    study = Study(settings, corpora={"eng": corpus})
    for model in settings.models:
        assert study.training(model).patience > 0
        assert study.config(model) if model != "mbert-crf" else True


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
        ({"seed": [1]}, "unknown setting 'seed': did you mean 'seeds'?"),
        ({"seeds": [-1]}, "seeds: [-1] was given; it should be greater than or equal to 0"),
        ({"seeds": []}, "seeds: [] was given; "),
        ({"seeds": ["one"]}, "seeds: ['one'] was given; it should be a valid integer"),
        ({"languages": ["eng", "eng"]}, "languages: 'eng' is named twice"),
        ({"languages": ["fr"]}, "'fr' is no ISO 639-3 code: did you mean 'fra'?"),
        ({"languages": ["frensh"]}, "did you mean 'fra' (French)?"),
        ({"max_train_sentences": 0}, "max_train_sentences: 0 was given; it should be greater than or equal to 1"),
        ({"models": "byte-crf"}, "models: 'byte-crf' was given; it should be a list"),
        ({"models": ["byte-cfr"]}, "unknown model 'byte-cfr': did you mean 'byte-crf'?"),
        ({"training": 3}, "training: 3 was given; it should be a mapping"),
        ({"groups": {}}, "groups: none are given"),
        ({"groups": {"romance": []}}, "groups.romance: [] was given; it should be a list of languages"),
        ({"groups": {"romance": ["fra", "fra"]}}, "groups.romance: 'fra' is named twice"),
        ({"groups": {"romance": ["fr"]}}, "groups.romance: 'fr' is no ISO 639-3 code: did you mean 'fra'?"),
        (
            {"groups": {"romance": ["fra", "ita"], "new": {"novel_of": "romanse", "languages": ["cat"]}}},
            "groups.new: unknown group 'romanse': did you mean 'romance'?",
        ),
        (
            {"groups": {"romance": ["fra", "ita"], "new": {"novel_of": "romance", "languages": ["ita"]}}},
            "groups.new: ita is not novel, romance is trained on it",
        ),
        (
            {"groups": {"romance": ["fra", "ita"], "each": {"left_out_of": "romance", "languages": ["cat"]}}},
            "groups.each: cat is no language of romance",
        ),
        ({"groups": {"romance": ["fra", "ita"], "each": {"left_out_of": "roman"}}}, "unknown group 'roman': did you"),
        (
            {"groups": {"romance": ["fra", "ita"], "each": {"left_out_of": "romance", "at_once": 0}}},
            "groups.each.at_once: 0 was given; it should be a number of languages",
        ),
        (
            {"groups": {"romance": ["fra", "ita"], "new": {"novel_of": "romance", "at_once": 2, "languages": ["cat"]}}},
            "groups.new: unknown setting 'at_once'",
        ),
        ({"facts": {"fra": {"famly": "x"}}}, "facts of fra: unknown setting 'famly': did you mean 'family'?"),
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
    for content in (b"a: [\n", b"# Ren\xe9\n", b"seeds: 2024-13-45\n"):
        path.write_bytes(content)
        with pytest.raises(SettingsError, match="not YAML"):
            Settings.load(str(path))
    with pytest.raises(SettingsError, match="unknown profile 'none': one of "):
        Settings.load("none")
    with pytest.raises(SettingsError, match="no such profile file"):
        Settings.load(str(tmp_path / "none.yml"))


def test_a_profile_holds_what_differs_from_the_one_it_is_like(tmp_path):
    path, other = tmp_path / "mine.yml", tmp_path / "other.yml"
    path.write_text("like: quick\nseeds: [3]\ntraining: {charner: {patience: 2}}\n")
    quick, mine = Settings.load("quick"), Settings.load(str(path))
    assert (mine.profile, mine.seeds, mine.languages) == ("mine", (3,), quick.languages)
    assert mine.training == {**quick.training, "charner": {"learning_rate": 0.02, "patience": 2}}
    other.write_text(f"like: {path}\ngroups: {{romance: [fra, ita]}}\n")
    assert (Settings.load(str(other)).seeds, Settings.load(str(other)).languages) == ((3,), None)
    path.write_text(f"like: {other}\n")
    with pytest.raises(SettingsError, match=r"mine\.yml' is like itself"):
        Settings.load(str(path))
    path.write_text("like: qiuck\n")
    with pytest.raises(SettingsError, match="unknown profile 'qiuck'"):
        Settings.load(str(path))


def test_mappings_are_merged_deeply_and_groups_are_replaced():
    quick = Settings.load("quick")
    more = Settings.load("quick", training={"batch_size": 8, "charner": {"patience": 2}})
    assert more.training == {**quick.training, "batch_size": 8, "charner": {"learning_rate": 0.02, "patience": 2}}
    assert more.training["byte-to-span"]["optimizer"] == "adam"
    mine = Settings.load("quick", groups={"romance": ["fra", "ita"]})
    assert list(mine.grouped) == ["romance"]
    assert mine.languages is None  # those of the profile are of other groups
    assert Settings.load("quick", groups={"romance": ["fra", "ita"]}, languages=["fra"]).languages == ("fra",)


def test_the_groups_of_table_2_are_the_default():
    groups = Settings().grouped
    assert groups["conll"].languages == ("eng", "spa", "deu", "nld")
    assert len(groups["lorelei"].languages) == 10
    assert (groups["heldout"].languages, groups["heldout"].novel_of) == (("rus", "ben", "uzb", "yor"), "lorelei")


def test_words_that_some_readers_take_for_truth_values_are_text():
    assert read_yaml("{a: on, b: off, c: no, d: yes, e: true, f: false}") == {
        **{"a": "on", "b": "off", "c": "no", "d": "yes"},
        **{"e": True, "f": False},
    }
