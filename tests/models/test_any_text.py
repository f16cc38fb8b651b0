"""Whatever the words are, every architecture gives each a tag."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyner.corpora.conll import to_iob2
from polyner.corpora.sentence import Sentence
from polyner.errors import PolynerError
from tests.conftest import built
from tests.models.test_hub import SIZES

TRAINING = {"eng": [Sentence(("Anna", "lives", "in", "Bonn"), ("B-PER", "O", "O", "B-LOC"))]}
ODD = st.sampled_from(["\0", "\x1b[2J", "\u0301", "\u202e", "\ud800", "\U0010ffff", "a\tb", "\n", " ", "x" * 10_000])
WORDS = st.lists(st.one_of(st.text(min_size=1, max_size=12), ODD), max_size=6)


@pytest.fixture(scope="module", params=SIZES)
def tagger(request):
    return built(request.param, TRAINING, seed=2, **SIZES[request.param])


@settings(max_examples=30)
@given(st.lists(WORDS, max_size=3))
def test_every_word_gets_a_tag(tagger, sentences):
    tags = tagger.tag(sentences)
    assert list(map(len, tags)) == list(map(len, sentences))
    for row in tags:
        assert set(row) <= set(tagger.tags)
        assert len(to_iob2(row)[0]) == len(row)


def test_a_word_that_is_empty_is_refused(tagger):
    with pytest.raises(PolynerError, match="an empty word cannot be tagged"):
        tagger.tag([["a", ""]])


def test_sentences_and_words_may_be_any_iterables(tagger):
    sentences = [["Anna", "lives"], [], ["Bonn"]]
    assert tagger.tag(iter(words) for words in sentences) == tagger.tag(sentences) == tagger.tag(map(tuple, sentences))


@pytest.mark.parametrize("text", ["Anna lives", "", ["Anna lives"], [["Anna"], "lives"]])
def test_text_that_is_not_cut_into_words_is_refused(tagger, text):
    with pytest.raises(PolynerError, match=r"^'.*' is text: tag takes sentences, each a list of words"):
        tagger.tag(text)
