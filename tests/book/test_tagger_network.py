"""The network in the page's JavaScript gives the marginals and tags of PyTorch with the same file of weights."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyner.book.tagger import SOURCE
from polyner.models import load_tagger
from polyner.taggers.export import export_tagger
from tests.models.test_word_crf import tagger

from .conftest import STATIC

pytestmark = pytest.mark.browser
SHAPES = [
    {},
    {"unit_layers": 1, "sentence_layers": 2},
    {"word_vector": "last_layer", "unit_layers": 3, "max_word_length": 5, "embedding_size": 3},
    {"languages": ("eng", "spa"), "language_transitions": True},
]
letters = st.sampled_from("abzÄéñạ́ọẹşжЯ中ጠአበعگیपि্ড😀.,-’\u200c\u0301")
sentences = st.lists(st.text(letters, min_size=1, max_size=30), min_size=1, max_size=12)
TAG = """([words, language]) => {
    const [scores, chain] = [network.emissions(words), network.chain(language)];
    const path = polynerDecode.viterbi(scores, chain);
    return [path.map((tag) => network.tags[tag]), polynerDecode.marginals(scores, chain)];
}"""


@pytest.fixture(scope="module", params=SHAPES, ids=lambda shape: "-".join(shape) or "plain")
def both(request, browser, tmp_path_factory):
    """A tagger with rounded weights, and the page that has read its file."""
    folder = tmp_path_factory.mktemp("tagger")
    model = tagger(**request.param)
    for chain in model.crf.crfs:
        chain.transitions.data.uniform_(-2, 2)
    weights = export_tagger(model, folder)
    page = browser.new_page()
    for name in ("decode.js", "network.js"):
        page.add_script_tag(path=STATIC.parent / SOURCE / name)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    read = "([bytes, config]) => { globalThis.network = new polynerNetwork(Uint8Array.from(bytes), config); }"
    page.evaluate(read, [list(weights.read_bytes()), config])
    yield load_tagger(folder), page
    page.close()


@settings(max_examples=40)
@given(sentences, st.sampled_from(["eng", "spa"]))
def test_tags_and_marginals_are_pytorchs(both, words, language):
    model, page = both
    language = language if language in model.languages else "eng"
    tags, shares = page.evaluate(TAG, [words, language])
    assert tags == model.tag([words], language)[0]
    assert np.abs(np.array(shares) - model.marginals([words], language)[0].numpy()).max() < 1e-4
