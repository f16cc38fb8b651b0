"""The tagger's JavaScript: words, bytes, Viterbi and marginals as in Python, and as enumeration has them."""

import math
import random
import unicodedata

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from polyner.book.tagger import SOURCE
from polyner.cli.words import split_words
from polyner.corpora.sample import sample_corpus
from polyner.corpora.spans import spans_of
from polyner.models.crf import Chain, marginals, viterbi
from tests.models.test_crf import LENGTHS, enumerate_sequences, problem
from tests.models.test_word_crf import tagger

from .conftest import STATIC

pytestmark = pytest.mark.browser
TEXTS = [
    "Ann O'Neill-Smith paid 3,50 (or 1.000.000) at 12:30, d'Ivoire",
    "ጠቅላይ ሚኒስትር ዐቢይ አሕመድ፣ በአዲስ አበባ።",
    "رئیس‌جمهور در تهران گفت: «سلام»، و رفت.",
    "Đà Nẵng — ọjọ́ Àìkú, Ẹ̀kọ́",
    "मुंबई में, ঢাকায়। 😀",
    "- ' 1. .5 a- -b a--b",
]


@pytest.fixture(scope="module")
def decode(browser):
    """Call a function of decode.js."""
    page = browser.new_page()
    page.add_script_tag(path=STATIC.parent / SOURCE / "decode.js")
    yield lambda name, *arguments: page.evaluate(f"given => polynerDecode.{name}(...given)", list(arguments))
    page.close()


def python_words(text):
    return [word for chunk in unicodedata.normalize("NFC", text).split() for word in split_words(chunk)]


def test_sentences_of_every_language_keep_their_words(decode):
    for code in ("eng", "spa", "amh", "ara", "fas", "hin", "ben", "rus", "vie", "yor"):
        for sentence in sample_corpus(code).test[:20]:
            text = " ".join(sentence.words)
            assert decode("words", text) == python_words(text)


@pytest.mark.parametrize("text", TEXTS)
def test_texts_are_split_as_polyner_tag_splits_them(decode, text):
    assert decode("words", text) == python_words(text)


@settings(max_examples=150)
@given(st.text(st.characters(exclude_categories=["Cs", "Cn", "No", "Zl", "Zp", "Cc"]), max_size=40))
def test_any_text_is_split_as_polyner_tag_splits_it(decode, text):
    assert decode("words", text) == python_words(text)


def test_chunks_stand_between_blanks_and_are_cut(decode):
    assert decode("chunks", " Paris, 3.5 km ") == [["Paris", ","], ["3.5"], ["km"]]
    assert decode("chunks", "Paris, (here) now", 4) == [["Paris", ","], ["(", "here"]]
    assert decode("chunks", " \n") == []


@given(st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=6))
def test_words_become_the_bytes_that_the_tagger_reads(decode, words):
    model = tagger()
    found = decode("units", words, 64)
    spelled = [model.spell(word)[:64] for word in words]
    padded = np.array(found["units"]).reshape(len(words), found["longest"])
    assert list(found["lengths"]) == [len(word) for word in spelled]
    assert [row[: len(word)].tolist() for row, word in zip(padded, spelled, strict=True)] == spelled


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("per_sentence", [False, True])
def test_viterbi_and_marginals_are_those_of_enumeration_and_of_python(decode, seed, per_sentence):
    emissions, mask, chain = problem(seed, per_sentence)
    best, shares = viterbi(emissions, mask, chain), marginals(emissions, mask, chain)
    for n, length in enumerate(LENGTHS):
        own = [scores[n] if per_sentence else scores for scores in chain]
        given = {name: scores.tolist() for name, scores in zip(("start", "transitions", "end"), own, strict=True)}
        rows = emissions[n, :length].tolist()
        path, found = decode("viterbi", rows, given), np.array(decode("marginals", rows, given))
        assert path == best[n, :length].tolist()
        assert np.allclose(found, shares[n, :length].numpy(), atol=1e-9)
        assert np.allclose(found, by_enumeration(emissions, chain, n, length), atol=1e-9)


def by_enumeration(emissions, chain, sentence, length):
    sequences = list(enumerate_sequences(emissions, chain, sentence, length))
    total = sum(math.exp(value) for _, value in sequences)
    shares = np.zeros((length, emissions.shape[2]))
    for tags, value in sequences:
        shares[np.arange(length), list(tags)] += math.exp(value) / total
    return shares


def test_long_sentences_and_large_scores_lose_nothing(decode):
    torch.manual_seed(0)
    emissions, mask = torch.randn(1, 150, 9).double() * 30, torch.ones(1, 150, dtype=torch.bool)
    chain = [torch.randn(9).double(), torch.randn(9, 9).double() * 10, torch.randn(9).double()]
    given = {name: scores.tolist() for name, scores in zip(("start", "transitions", "end"), chain, strict=True)}
    assert decode("viterbi", emissions[0].tolist(), given) == viterbi(emissions, mask, Chain(*chain))[0].tolist()
    found = np.array(decode("marginals", emissions[0].tolist(), given))
    assert np.allclose(found, marginals(emissions, mask, Chain(*chain))[0].numpy(), atol=1e-9)


def test_spans_are_those_of_python(decode):
    rng = random.Random(0)
    for _ in range(50):
        tags = [rng.choice(["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]) for _ in range(rng.randint(1, 8))]
        found = [(span["start"], span["end"], span["type"]) for span in decode("spans", tags)]
        assert found == [tuple(span) for span in spans_of(tags)]
