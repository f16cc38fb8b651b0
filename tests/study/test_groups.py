"""Languages outside Table 2, in groups of one's own."""

from __future__ import annotations

import dataclasses

import pytest

from polyner.corpora.folder import write_corpus
from polyner.errors import CorpusError, SettingsError
from polyner.sections.novel import learning_curves, overlaps
from polyner.study.protocol import Study
from polyner.study.questions import TABLE_3
from polyner.study.selection import Selection
from polyner.study.settings import Settings
from tests.conftest import small_corpus

GROUPS = {
    "romance": ["fra", "ita", "por"],
    "iberian": ["spa", "por"],
    "new": {"novel_of": "romance", "languages": ["cat"]},
}


@pytest.fixture(scope="module")
def corpora(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpora")
    for number, code in enumerate(("fra", "ita", "por", "spa", "cat", "heb")):
        write_corpus(folder, small_corpus(code, train=16 + number))
    (folder / "hub").mkdir()  # a language's code, but no corpus
    return folder


@pytest.fixture(scope="module")
def study(corpora, tmp_path_factory):
    runs = str(tmp_path_factory.mktemp("runs"))
    analysis = {"curve_sizes": [8]}
    return Study(Settings.load("smoke", corpora=corpora, groups=GROUPS, runs=runs, analysis=analysis, device="cpu"))


def test_groups_are_those_of_the_settings(study):
    assert list(study.corpora) == ["spa", "cat", "fra", "heb", "ita", "por"]  # as in Table 2, then by name
    assert study.groups() == {"romance": ("fra", "ita", "por"), "iberian": ("spa", "por")}
    assert study.groups(novel=True) == {"new": ("cat",)}
    assert study.missing == []


def test_a_language_in_no_group_is_reported(study, corpora):
    assert study.unused == {"heb": "in no group"}
    chosen = Study(dataclasses.replace(study.settings, languages=("fra", "ita")))
    assert chosen.unused == dict.fromkeys(("spa", "cat", "heb", "por"), "not among the languages of the settings")
    assert chosen.missing == []


def test_results_have_a_row_for_each_group_of_a_language(study):
    results = study.results()
    assert set(results["group"]) == {"romance", "iberian"}
    portuguese = results[(results["language"] == "por") & (results["split"] == "test")]
    assert sorted(zip(portuguese["regime"], portuguese["group"], strict=True)) == [
        *(("fine_tuned", group) for group in ("iberian", "romance")),
        *(("monolingual", group) for group in ("iberian", "romance")),
        *(("polyglot", group) for group in ("iberian", "romance")),
    ]
    runs = portuguese.set_index(["regime", "group"])["run"]
    assert runs["monolingual", "iberian"] == runs["monolingual", "romance"]
    assert runs["fine_tuned", "iberian"] != runs["fine_tuned", "romance"]


def test_a_language_of_several_groups_is_fine_tuned_in_the_one_named(study):
    with pytest.raises(SettingsError, match="por is in several groups: name one of romance, iberian"):
        study.spec("byte-crf", "fine_tuned", ("por",), 1)
    spec = study.spec("byte-crf", "fine_tuned", ("por",), 1, group="iberian")
    assert spec.parent.languages == ("spa", "por")
    with pytest.raises(SettingsError, match="heb is in no group: the groups of the settings are romance"):
        study.spec("byte-crf", "fine_tuned", ("heb",), 1)


def test_novel_languages_start_from_the_polyglot_model_of_their_group(study):
    results = study.answers(TABLE_3)
    assert set(results["group"]) == {"new"}
    assert set(results["language"]) == {"cat"}
    zero_shot = results[results["regime"] == "zero_shot"]["run"].iloc[0]
    assert study.used[zero_shot].spec["languages"] == ["fra", "ita", "por"]
    assert list(learning_curves(study).query("regime == 'fine_tuned'")["sentences"]) == [0, 8, 20]


def test_families_come_from_the_settings_or_the_folder_of_corpora(study, corpora):
    assert overlaps(study)["shared_genus"].isna().all()
    romance = {"genus": "Romance"}
    facts = Study(dataclasses.replace(study.settings, facts={"cat": romance, "fra": romance}))
    assert overlaps(facts)["shared_genus"].tolist() == pytest.approx([1 / 3])
    path = corpora / "languages.yml"
    path.write_text("cat: {genus: Romance}\nita: {genus: Romance}\npor: {genus: Romance}\n")
    assert overlaps(Study(study.settings))["shared_genus"].tolist() == pytest.approx([2 / 3])
    path.write_text("cat: {genius: Romance}\n")
    with pytest.raises(CorpusError, match=r"languages\.yml: for each language's code, its family, genus or script"):
        _ = Study(study.settings).languages
    path.unlink()


def test_the_plan_says_what_is_not_used(study):
    assert Selection(study.settings).plan().unused == {"heb": "in no group"}
