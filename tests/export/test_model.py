"""An exported tagger gives the emissions, tags and marginals of the tagger in PyTorch with the same weights."""

import hashlib
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyner.corpora.languages import table2
from polyner.corpora.sample import sample_corpus
from polyner.errors import PolynerError
from polyner.export.model import export_run, export_tagger
from polyner.models import load_tagger, model_class
from polyner.study.protocol import Study
from polyner.study.questions import TABLE_1
from polyner.study.settings import Settings
from tests.conftest import small_corpus
from tests.export.exported import Both
from tests.models.test_word_crf import tagger

SHAPES = [
    ("byte-crf", {}),
    ("byte-crf", {"unit_layers": 1, "sentence_layers": 2}),
    ("byte-crf", {"word_vector": "last_layer", "unit_layers": 3, "max_word_length": 5}),
    ("char-crf", {}),
]
letters = st.sampled_from("abzÄéñạ́ọẹşжЯ中ጠአበعگیपि্ড😀.,-’\u200c\u0301")
sentences = st.lists(st.text(letters, min_size=1, max_size=30), min_size=1, max_size=12)


@pytest.fixture(scope="module", params=SHAPES, ids=lambda shape: f"{shape[0]}-{'-'.join(shape[1])}")
def both(request):
    name, overrides = request.param
    return Both(tagger(name, **overrides))


@given(sentences)
def test_emissions_tags_and_marginals_are_pytorchs(both, words):
    emissions, tags, shares = both.from_onnx(words)
    same, same_tags, same_shares = both.from_pytorch(words)
    assert np.abs(emissions - same).max() < 1e-4
    assert np.abs(shares - same_shares).max() < 1e-4
    assert tags == same_tags


def test_each_language_has_its_own_chain():
    model = Both(tagger(languages=("eng", "spa"), language_transitions=True))
    for chain, language in zip(model.tagger.crf.crfs, ("eng", "spa"), strict=True):
        chain.transitions.data += 3 if language == "spa" else 0
    model = Both(model.tagger)
    words = ["Anna", "likes", "Oxton"]
    shares = {language: model.from_onnx(words, language)[2] for language in ("eng", "spa")}
    for language, found in shares.items():
        assert np.abs(found - model.from_pytorch(words, language)[2]).max() < 1e-4
    assert len(model.exported.about["chains"]) == 2


def test_files_say_what_they_are(tmp_path):
    exported = export_tagger(tagger())
    model, about = exported.write(tmp_path / "new" / "folder")
    read = json.loads(about.read_text(encoding="utf-8"))
    assert read["sha256"] == hashlib.sha256(model.read_bytes()).hexdigest()
    assert read["size"] == model.stat().st_size
    assert (read["model"], read["languages"], read["longest_word"]) == ("byte-crf", ["eng"], 64)
    assert np.array(read["chains"][0]["transitions"]).shape == (len(read["tags"]), len(read["tags"]))


def test_other_architectures_are_refused():
    cls = model_class("charner")
    small = cls.build(
        cls.configure({"layers": 1, "hidden_size": 4, "embedding_size": 4}), {"eng": small_corpus().train}
    )
    with pytest.raises(PolynerError, match="charner cannot be exported: byte-crf and char-crf can"):
        export_tagger(small)


def test_a_model_of_the_papers_size_is_below_six_megabytes():
    cls = model_class("byte-crf")
    assert len(export_tagger(cls.build(cls.configure(), {"eng": small_corpus().train})).onnx) < 6e6


def compare(both, text):
    """How the export differs from PyTorch with the same weights, and from the tagger with all of its bits."""
    sentences = [(words, code) for code, of_language in text.items() for words in of_language]
    different, largest, words_same, words_all = 0, 0.0, 0, 0
    for words, code in sentences:
        _, tags, shares = both.from_onnx(words, code)
        _, same_tags, same_shares = both.from_pytorch(words, code)
        _, full_tags, _ = both.from_pytorch(words, code, rounded=False)
        different += tags != same_tags
        largest = max(largest, float(np.abs(shares - same_shares).max()))
        words_same += sum(a == b for a, b in zip(tags, full_tags, strict=True))
        words_all += len(words)
    return {
        "sentences": len(sentences),
        "different tags": different,
        "largest difference": largest,
        "words as in 32 bits": words_same / words_all,
    }


@pytest.mark.slow
def test_taggers_of_the_quick_profile_on_a_thousand_sentences(capsys):
    settings = Settings.load("quick", models=["byte-crf"], languages=["eng", "deu", "amh", "swa"])
    study = Study(settings)
    study.resolve(study.asks(TABLE_1))
    text = {code: [s.words for s in (*sample_corpus(code).dev, *sample_corpus(code).test)][:56] for code in table2()}
    for name, run in study.used.items():
        assert export_run(run).about["run"] == name
        figures = compare(Both(load_tagger(run.folder)), text)
        with capsys.disabled():
            print(name, figures)
        assert figures["sentences"] >= 1000
        assert figures["different tags"] == 0
        assert figures["largest difference"] < 1e-4
        assert figures["words as in 32 bits"] > 0.99
