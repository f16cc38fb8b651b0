"""Taggers in a folder: chosen by language and regime, scored through their files, and those of the package."""

import dataclasses
import hashlib
import json
import shutil

import pytest
import torch

import polyner
from polyner.cli.words import split_words
from polyner.corpora.languages import table2
from polyner.corpora.sample import sample_corpus
from polyner.errors import PolynerError
from polyner.findings.files import recorded
from polyner.models import load_tagger
from polyner.scoring import score
from polyner.study.plan import look_up, train_here
from polyner.study.protocol import Study
from polyner.study.questions import PAGES
from polyner.study.settings import Settings
from polyner.taggers.collection import SHIPPED, Collection
from polyner.taggers.export import export_study
from polyner.taggers.guess import guess_language


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """English and Spanish, Amharic and Arabic, and novel Russian."""
    runs = str(tmp_path_factory.mktemp("runs"))
    settings = Settings.load("smoke", languages=["eng", "spa", "amh", "ara", "rus"], models=["byte-crf"], runs=runs)
    trained = Study(settings, policy=train_here)
    trained.resolve([ask for question in PAGES["tagger"] for ask in trained.asks(question)])
    return Study(settings, policy=look_up)


@pytest.fixture(scope="module")
def collection(study, tmp_path_factory):
    return export_study(study, tmp_path_factory.mktemp("taggers"), "A study", "polyner corpora sample")


def test_every_language_has_its_regimes_and_a_novel_one_the_polyglot_tagger(collection):
    regimes = {code: set(language["models"]) for code, language in collection.languages.items()}
    assert list(regimes) == ["eng", "spa", "amh", "ara", "rus"]
    assert all(regimes[code] == {"monolingual", "polyglot", "fine_tuned"} for code in ("eng", "spa", "amh", "ara"))
    assert regimes["rus"] == {"monolingual", "zero_shot", "fine_tuned"}
    assert len(collection.models) == 5 + 5 + 2
    for run, about in collection.models.items():
        weights = (collection.folder / run / "model.safetensors").read_bytes()
        assert (about["size"], about["sha256"]) == (len(weights), hashlib.sha256(weights).hexdigest())


def test_scores_are_those_of_the_written_files(study, collection):
    for code, regime in [("spa", "fine_tuned"), ("rus", "zero_shot")]:
        told = collection.languages[code]["models"][regime]
        test = study.corpora[code].test
        tagger = load_tagger(collection.folder / told["run"])
        found = score([s.tags for s in test], tagger.tag([s.words for s in test], code))
        assert told["f1"] == pytest.approx(found.f1, abs=0.01)
        assert told["low"] <= told["f1"] <= told["high"]
        assert {row.type: round(row.f1, 2) for row in found.per_type.itertuples() if row.gold} == {
            kind: figures["f1"] for kind, figures in told["types"].items()
        }


def test_a_tagger_is_chosen_by_language_and_regime(collection):
    own = collection.languages["eng"]["models"]
    best = max(own, key=lambda regime: own[regime]["dev_f1"])
    assert collection.choose("eng")["regime"] == best
    assert collection.choose("eng", "polyglot")["run"] == collection.choose("spa", "polyglot")["run"]
    assert collection.choose("rus", "polyglot")["regime"] == "zero_shot"
    assert collection.choose("spa", "fine-tuned") == collection.choose("spa", "fine_tuned")
    tagger = polyner.load("Spanish", "fine_tuned", collection.folder)
    assert (tagger.languages, tagger.training) == (("spa",), False) or "spa" in tagger.languages
    with pytest.raises(PolynerError, match="there is no tagger of 'deu': there are eng, spa, amh, ara, rus"):
        polyner.load("deu", folder=collection.folder)
    with pytest.raises(PolynerError, match="no zero-shot tagger of 'eng': there are monolingual, polyglot, fine-tuned"):
        collection.choose("eng", "zero_shot")


def test_where_there_are_no_taggers_is_an_error(tmp_path):
    with pytest.raises(PolynerError, match="no taggers are there"):
        Collection.open(tmp_path)
    (tmp_path / "index.json").write_text('{"format": 0}')
    with pytest.raises(PolynerError, match="is of another version of polyner"):
        Collection.open(tmp_path)


@pytest.mark.parametrize("beside_taggers", [False, True])
def test_only_taggers_are_written_over(study, collection, tmp_path, beside_taggers):
    folder = shutil.copytree(collection.folder, tmp_path / "taggers") if beside_taggers else tmp_path
    (folder / "letter.txt").write_text("mine")
    with pytest.raises(PolynerError, match="holds something else than taggers"):
        export_study(study, folder)
    assert (folder / "letter.txt").read_text() == "mine"


def test_taggers_are_replaced_when_the_new_ones_are_whole(study, collection, tmp_path):
    """And where the folder is a link, in the folder that it leads to."""
    own = shutil.copytree(collection.folder, tmp_path / "own")
    (tmp_path / "link").symlink_to(own)
    runs = shutil.copytree(study.settings.runs, tmp_path / "runs")
    copied = Study(dataclasses.replace(study.settings, runs=str(runs)), policy=look_up)
    assert export_study(copied, tmp_path / "link", "New").about["title"] == Collection.open(own).about["title"] == "New"
    (runs / collection.choose("rus", "monolingual")["run"] / "model.safetensors").write_bytes(b"cut")
    before = {path: path.read_bytes() for path in own.rglob("*") if path.is_file()}
    with pytest.raises(PolynerError, match="damaged"):
        export_study(Study(copied.settings, policy=look_up), own, "Newer")
    assert {path.name for path in tmp_path.iterdir()} == {"own", "link", "runs"}
    assert {path: path.read_bytes() for path in own.rglob("*") if path.is_file()} == before


def test_nothing_trained_is_nothing_to_export(tmp_path):
    settings = Settings.load("smoke", languages=["eng"], runs=str(tmp_path / "empty"))
    with pytest.raises(PolynerError, match="no byte-crf of these settings has been trained"):
        export_study(Study(settings, policy=look_up), tmp_path / "out")


def test_the_card_tells_scores_corpora_and_limits(collection):
    text = (collection.folder / "README.md").read_text(encoding="utf-8")
    told = collection.languages["amh"]["models"]["monolingual"]
    assert f"{told['f1']:.1f} ({told['low']:.1f} to {told['high']:.1f})" in text
    assert "Do not use them" in text
    assert "polyner corpora sample" in text


@pytest.mark.skipif(not SHIPPED.is_dir(), reason="this copy of the package has no taggers")
class TestShipped:
    """What comes with the package."""

    def test_sizes_and_checksums_are_as_told(self):
        collection = Collection.open()
        for run, about in collection.models.items():
            weights = (collection.folder / run / "model.safetensors").read_bytes()
            assert about["sha256"] == hashlib.sha256(weights).hexdigest()
        assert sum(path.stat().st_size for path in SHIPPED.rglob("*") if path.is_file()) < 20e6

    def test_none_learnt_from_corpora_whose_text_may_not_be_passed_on(self):
        assert "conll" not in json.dumps(Collection.open().about["settings"]["profile"])
        assert all(language["licence"] for language in Collection.open().languages.values())

    @pytest.mark.parametrize("regime", ["monolingual", "polyglot", "fine_tuned"])
    def test_every_language_has_each_regime(self, regime):
        collection = Collection.open()
        for code in collection.languages:
            assert collection.choose(code, regime)["f1"] > 0

    def test_scores_are_those_of_the_recorded_runs(self):
        results = recorded(Collection.open().about["settings"]["profile"]).results
        test = results[results["split"] == "test"].set_index(["run", "language", "regime"])["f1"]
        for code, language in Collection.open().languages.items():
            for regime, model in language["models"].items():
                assert model["f1"] == pytest.approx(test[model["run"], code, regime], abs=0.5), (code, regime)

    def test_a_real_sentence_is_tagged(self):
        words = split_words_of("Der Regisseur Werner Herzog drehte in Peru für das ZDF.")
        tags = polyner.load("deu").tag([words])[0]
        found = [(word, tag) for word, tag in zip(words, tags, strict=True) if tag != "O"]
        assert found == [("Werner", "B-PER"), ("Herzog", "I-PER"), ("Peru", "B-LOC"), ("ZDF", "B-ORG")]

    def test_text_is_taken_for_its_language(self):
        languages = Collection.open().languages
        found = dict.fromkeys(languages, 0)
        for code in languages:
            if code in table2():
                texts = [list(sentence.words) for sentence in sample_corpus(code).test[:20]]
                found[code] = sum(guess_language(words, languages).code == code for words in texts)
        assert all(count >= 16 for count in found.values()), found


def split_words_of(text):
    return [word for chunk in text.split() for word in split_words(chunk)]


def test_marginals_are_of_the_loaded_tagger(collection):
    tagger = polyner.load("eng", folder=collection.folder)
    first, none = tagger.marginals([["Ada", "sings"], []])
    assert first.shape == (2, len(tagger.tags))
    assert none.shape == (0, len(tagger.tags))
    torch.testing.assert_close(first.sum(1), torch.ones(2))
