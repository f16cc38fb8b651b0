"""Languages outside Table 2, in groups of one's own."""

from __future__ import annotations

import dataclasses

import pytest
from safetensors.torch import load_file

from polyner.corpora.folder import write_corpus
from polyner.errors import CorpusError, SettingsError
from polyner.findings.corpora import novel_findings
from polyner.findings.study import findings_of
from polyner.runs.spec import REGIMES
from polyner.study.groups import groups_of, groups_with
from polyner.study.protocol import Study
from polyner.study.questions import CURVES, DOUBLE_SIZE, TABLE_1, TABLE_3, Question
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
    analysis = {"curve_sizes": [8], "curve_updates": 0}
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
    results = findings_of(study, [TABLE_1]).results
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
    findings = findings_of(study, [TABLE_3, CURVES])
    results = findings.results
    assert set(results["group"]) == {"new"}
    assert set(results["language"]) == {"cat"}
    zero_shot = results[results["regime"] == "zero_shot"]["run"].iloc[0]
    assert study.used[zero_shot].spec["languages"] == ["fra", "ita", "por"]
    assert list(findings.curves.query("regime == 'fine_tuned'")["sentences"]) == [0, 8, 20]


def test_each_language_of_a_group_is_novel_to_a_model_of_the_others(study):
    groups = {**GROUPS, "each": {"left_out_of": "romance"}, "neither": {"left_out_of": "iberian"}}
    each = Study(dataclasses.replace(study.settings, groups=groups))
    # Of two languages one is left, which is no polyglot model.
    assert each.groups(novel=True) == {"new": ("cat",), "each": ("fra", "ita", "por")}
    asks = [ask for ask in each.asks(TABLE_3) if ask.group == "each"]
    trained_on = {"fra": ("ita", "por"), "ita": ("fra", "por"), "por": ("fra", "ita")}
    for regime in ("zero_shot", "fine_tuned"):
        of_regime = {ask.languages[0]: ask.spec for ask in asks if ask.regime == regime}
        assert {code: (spec.parent or spec).languages for code, spec in of_regime.items()} == trained_on
    alone = [ask.spec.id for ask in asks if ask.regime == "monolingual"]
    assert alone == [ask.spec.id for ask in study.asks(TABLE_1) if ask.group == "romance" and "mono" in ask.regime]
    table = novel_findings(each)[0]["relatedness"].query("group == 'each'")
    assert table["language"].tolist() == ["fra", "ita", "por"]
    found = findings_of(each, [TABLE_3])
    assert groups_with(found.settings_groups, "por") == ["romance", "iberian"]
    results = found.results.query("group == 'each' and regime == 'zero_shot'")
    assert results.groupby("language")["run"].nunique().tolist() == [1, 1, 1]
    assert results["run"].nunique() == 3


def test_several_languages_are_left_out_at_once():
    together = ["fra", "ita", "por", "spa", "ron"]
    each = groups_of({"romance": together, "each": {"left_out_of": "romance", "at_once": 2}})["each"]
    met = {code: each.met_by(code, together) for code in together}
    assert met["fra"] == met["ita"] == ("por", "spa", "ron")
    assert met["por"] == met["spa"] == ("fra", "ita", "ron")
    assert met["ron"] == ("fra", "ita", "por", "spa")


def shared_genus(study):
    return novel_findings(study)[0]["relatedness"]["shared_genus"]


def test_families_come_from_the_settings_or_the_folder_of_corpora(study, corpora):
    assert shared_genus(study).isna().all()
    romance = {"genus": "Romance"}
    facts = Study(dataclasses.replace(study.settings, facts={"cat": romance, "fra": romance}))
    assert shared_genus(facts).tolist() == pytest.approx([1 / 3])
    path = corpora / "languages.yml"
    path.write_text("cat: {genus: Romance}\nita: {genus: Romance}\npor: {genus: Romance}\n")
    assert shared_genus(Study(study.settings)).tolist() == pytest.approx([2 / 3])
    path.write_text("cat: {genius: Romance}\n")
    with pytest.raises(CorpusError, match=r"languages\.yml: for each language's code, its family, genus or script"):
        _ = Study(study.settings).languages
    path.unlink()


def test_the_plan_says_what_is_not_used(study):
    assert Selection(study.settings).plan().unused == {"heb": "in no group"}


def test_what_a_group_lacks_and_what_is_misnamed_is_said(study, corpora, tmp_path):
    folder = tmp_path / "corpora"
    for code, name in (("fra", "fra"), ("ita", "ita"), ("ron", "Romanian")):
        write_corpus(folder, small_corpus(code))
        (folder / code).rename(folder / name)
    groups = {"romance": ["fra", "ita", "ron"]}
    plan = Selection(Settings.load("smoke", corpora=folder, groups=groups, runs=str(tmp_path / "runs"))).plan()
    assert plan.missing == ["ron"]
    assert plan.unused == {"Romanian": "a folder is read by its code, ron"}


@pytest.mark.parametrize(
    ("variants", "message"),
    [
        ({"mine": {"objective": {"name": "pcgrad"}}}, "pcgrad combines the gradients of two languages or more, not of"),
        ({"mine": {"regimes": ["monolingual"], "objective": {"name": "ewc"}}}, "which only fine-tuned runs have"),
        ({"mine": {"config": {"dropuot": 0.9}}}, "variants.mine.config: unknown setting 'dropuot': did you mean 'dro"),
        ({"mine": {"config": {"dropout": "high"}}}, "byte-crf.dropout: 'high' was given; it should be a valid number"),
        ({"mine": {"regimes": []}}, "variants.mine.regimes: [] was given; it should have at least 1 item"),
        ({"ewc": {"objective": {"strength": "much"}}}, "variants.ewc.objective.strength: 'much' was given"),
    ],
)
def test_impossible_variants_are_found_before_anything_is_trained(study, variants, message):
    with pytest.raises(SettingsError) as caught:
        Selection(dataclasses.replace(study.settings, variants=variants)).plan()
    assert message in str(caught.value)


def test_a_known_variant_is_changed_and_not_replaced(study):
    ours = Study(dataclasses.replace(study.settings, variants={"ewc": {"objective": {"strength": 5.0}}}))
    assert ours.variants["ewc"].regimes == ("fine_tuned",)
    assert ours.variants["ewc"].objective == {"name": "ewc", "strength": 5.0}


def test_a_run_without_parent_has_no_optimizer_to_keep(study):
    ours = Study(dataclasses.replace(study.settings, variants={"anew": {"keep_optimizer": False}}))
    for regime, languages in (("monolingual", ("fra",)), ("polyglot", ("fra", "ita", "por"))):
        assert ours.spec("byte-crf", regime, languages, 1, "anew").id == ours.spec("byte-crf", regime, languages, 1).id
    assert not ours.spec("byte-crf", "fine_tuned", ("fra",), 1, "anew").keep_optimizer


def test_transitions_of_ones_own_know_no_novel_language(study):
    with pytest.raises(SettingsError, match="language_transitions: cat has none in a byte-crf with transitions of its"):
        study.spec("byte-crf", "fine_tuned", ("cat",), 1, "language_transitions")


def test_the_state_of_the_optimizer_goes_on(study):
    """Footnote 7: a fine-tuned run's count of steps begins where the polyglot run's ended."""
    steps = {}
    for variant in ("", "reset_optimizer"):
        run = study.run("byte-crf", "fine_tuned", ("fra",), 1, variant, group="romance")
        state = load_file(run.folder / "optimizer.safetensors")
        steps[variant] = int(state["to_tags.bias/step"]) - run.history[run.metrics["best_epoch"] - 1]["updates"]
    parent = study.store.find(run.spec["parent"])
    assert steps == {"": parent.history[parent.metrics["best_epoch"] - 1]["updates"], "reset_optimizer": 0}


def test_runs_on_few_sentences_make_enough_updates(study):
    ours = Study(dataclasses.replace(study.settings, analysis={"curve_sizes": [8], "curve_updates": 100}))
    few = ours.spec("byte-crf", "monolingual", ("fra",), 1, sentences=8)
    # Eight sentences are one batch of 16.
    assert (few.training["min_updates"], few.training["max_epochs"]) == (100, 300)
    whole = ours.spec("byte-crf", "monolingual", ("fra",), 1, sentences=16)
    assert whole == ours.spec("byte-crf", "monolingual", ("fra",), 1)
    assert "min_updates" not in whole.training


def test_only_the_targets_of_a_group_are_learnt_by_themselves(study):
    groups = {"romance": {"languages": ["fra", "ita", "por"], "targets": ["por"]}, "iberian": ["spa", "por"]}
    ours = Study(dataclasses.replace(study.settings, groups=groups))
    asked = {(ask.regime, ask.group, ask.languages) for ask in ours.asks(TABLE_1)}
    assert asked == {
        ("monolingual", "romance", ("por",)),
        ("polyglot", "romance", ("fra", "ita", "por")),
        ("fine_tuned", "romance", ("por",)),
        *(("monolingual", "iberian", (code,)) for code in ("spa", "por")),
        ("polyglot", "iberian", ("spa", "por")),
        *(("fine_tuned", "iberian", (code,)) for code in ("spa", "por")),
    }
    with pytest.raises(SettingsError, match=r"groups\.romance\.targets: unknown language of the group 'heb'"):
        Settings.load("smoke", groups={"romance": {"languages": ["fra", "ita"], "targets": ["heb"]}})


def test_a_variant_can_be_of_some_groups_and_of_wider_models(study):
    variants = {"double_size": {"groups": ["iberian"]}, "ewc": {"groups": []}}
    ours = Study(dataclasses.replace(study.settings, variants=variants))
    assert [ask.group for ask in ours.asks(DOUBLE_SIZE)] == ["iberian"] * len(ours.settings.seeds)
    assert ours.asks(Question(("fine_tuned",), "ewc")) == []
    everywhere = Study(dataclasses.replace(study.settings, variants={"double_size": {"regimes": list(REGIMES)}}))
    tuned = [ask for ask in everywhere.asks(DOUBLE_SIZE) if ask.regime == "fine_tuned"]
    assert tuned
    assert all(ask.spec.parent.config == ask.spec.config for ask in tuned)
    plain, wide = ours.config("byte-crf"), ours.config("byte-crf", "double_size")
    assert wide.sentence_hidden_size == 2 * plain.sentence_hidden_size
    assert wide.unit_hidden_size == 2 * plain.unit_hidden_size
    assert wide.embedding_size == plain.embedding_size
    assert ours.spec("byte-crf", "polyglot", ("spa", "por"), 1, "double_size").config != (
        ours.spec("byte-crf", "polyglot", ("spa", "por"), 1).config
    )
