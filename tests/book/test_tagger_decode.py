"""The tagger's JavaScript: words, bytes, Viterbi and marginals as in Python, and as enumeration has them; and which
language a text is taken for."""

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
from polyner.corpora.languages import table2
from polyner.corpora.sample import sample_corpus
from polyner.corpora.spans import spans_of
from polyner.models.crf import Chain, marginals, viterbi
from polyner.taggers.guess import frequent_trigrams, frequent_words, guess_language
from tests.models.test_crf import LENGTHS, enumerate_sequences, problem

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
PLAIN = {
    "eng": "The king visited Amsterdam and Rotterdam.",
    "spa": "El rey visitó Ámsterdam y Róterdam.",
    "deu": "Der König besuchte gestern Amsterdam und Rotterdam.",
    "nld": "De koning bezocht Amsterdam en Rotterdam.",
    "amh": "ንጉሡ አዲስ አበባን ጎበኙ።",
    "ara": "زار الملك القاهرة والإسكندرية أمس.",
    "fas": "پادشاه دیروز از تهران و اصفهان دیدن کرد.",
    "hin": "राजा ने कल दिल्ली और मुंबई का दौरा किया।",
    "hun": "A király meglátogatta Budapestet és Szegedet.",
    "ind": "Raja mengunjungi Jakarta dan Surabaya kemarin.",
    "som": "Boqorka ayaa booqday Muqdisho iyo Hargeysa.",
    "swa": "Mfalme alitembelea Nairobi na Mombasa jana.",
    "tgl": "Binisita ng hari ang Maynila at Cebu.",
    "vie": "Nhà vua đã thăm Hà Nội và Huế hôm qua.",
    "rus": "Король посетил Москву и Казань.",
    "ben": "রাজা গতকাল ঢাকা সফর করেন।",
    "uzb": "Qirol kecha Toshkent va Samarqandga tashrif buyurdi.",
    "yor": "Ọba náà lọ sí Èkó àti Ìbàdàn.",
}


@pytest.fixture(scope="module")
def known():
    train = {code: sample_corpus(code).train for code in table2()}
    return {
        code: {"frequent": frequent_words(sentences), "trigrams": frequent_trigrams(sentences)}
        for code, sentences in train.items()
    }


@pytest.fixture(scope="module")
def guess(browser, known):
    """The language of a text, where models learnt from some languages (all, unless told)."""
    page = browser.new_page()
    for name in ("decode.js", "guess.js"):
        page.add_script_tag(path=STATIC.parent / SOURCE / name)
    yield lambda text, read=tuple(PLAIN), own=(): page.evaluate(
        "given => polynerGuess.guess(...given)", [text, known, list(read), list(own)]
    )
    page.close()


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


@given(st.text(min_size=1, max_size=30), st.integers(1, 70))
def test_words_become_the_bytes_that_the_tagger_reads(decode, word, most):
    found = decode("bytes", word, most)
    assert list(found) == list(word.encode("utf-8", errors="replace"))[:most]


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


@pytest.mark.parametrize("code", table2())
def test_plain_sentence_is_taken_for_its_language(guess, code):
    assert guess(PLAIN[code])["code"] == code


def test_the_command_line_guesses_as_the_page_does(guess, known):
    texts = [*PLAIN.values(), "Obama", "123", "Kungen besökte Stockholm.", "Король", "安倍首相"]
    texts += [" ".join(sentence.words) for code in ("eng", "ind", "fas") for sentence in sample_corpus(code).test[:10]]
    for text in texts:
        found = guess(text)
        assert guess_language(python_words(text), known) == (found["code"], found["sure"]), text


def test_unseen_sentences_are_taken_for_their_language_or_the_guess_is_called_one(guess):
    for code in table2():
        found = [guess(" ".join(sentence.words)) for sentence in sample_corpus(code).test[:50]]
        assert sum(one["code"] == code for one in found) >= 45
        assert all(one["code"] == code for one in found if one["sure"])


@pytest.mark.parametrize(
    "text",
    [
        "Le roi a visité Amsterdam et Rotterdam.",
        "Kungen besökte Stockholm och Göteborg i går.",
        "Król odwiedził wczoraj Warszawę i Kraków.",
        "Obama",
        "123",
    ],
)
def test_text_in_no_language_at_hand_or_of_a_name_alone_is_a_mere_guess(guess, text):
    found = guess(text)
    assert found["code"] is not None
    assert not found["sure"]


@pytest.mark.parametrize("text", ["Barack Obama was born in Hawaii.", "Obama"])
def test_in_doubt_a_language_with_models_of_its_own_is_taken(guess, text):
    anything = guess(text)
    assert not anything["sure"]
    assert guess(text, own=["eng", "deu"])["code"] in ("eng", "deu")
    texts = [" ".join(sentence.words) for sentence in sample_corpus("yor").test]
    clear = [text for text in texts if guess(text)["sure"]]
    assert guess(clear[0], own=["eng", "deu"])["code"] == "yor"


def test_script_of_no_training_text_has_no_language(guess):
    for text in ("安倍首相は東京でトヨタを訪問した。", "Ο βασιλιάς επισκέφθηκε την Αθήνα.", "ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ"):
        assert guess(text)["code"] is None
    assert guess(PLAIN["rus"], ["eng", "amh"]) == {"code": None, "script": "the Cyrillic script", "sure": False}
    assert guess(PLAIN["nld"], ["eng", "amh"])["code"] == "nld"
