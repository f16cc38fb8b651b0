"""What is counted of a corpus's faults, and splits without repeated sentences."""

import sys

import pytest
from babel.core import get_global
from hypothesis import given
from hypothesis import strategies as st

from polyner.corpora.folder import write_corpus
from polyner.corpora.languages import is_language
from polyner.corpora.prepare import deduplicated
from polyner.corpora.quality import quality_table, spellings
from polyner.corpora.scripts import decoded_wrongly, expected_scripts, is_lone_mark, scripts_of
from polyner.corpora.sentence import SPLITS, Corpus, Sentence
from tests.conftest import sentence

WORDS = st.sampled_from(["a", "b", "é", "e\u0301"])
SENTENCES = st.lists(WORDS, min_size=1, max_size=3).map(lambda words: Sentence(tuple(words), ("O",) * len(words)))


@pytest.mark.parametrize("word", ["Mьnchen", "MÃ¼nchen", "SÃ£o", "caf\ufffd", "it\x92s", "\uf06c", "РњРѕСЃРєРІР°"])
def test_words_that_were_decoded_wrongly_are_found(word):
    assert decoded_wrongly(word)


@pytest.mark.parametrize(
    "word",
    ["München", "São", "Москва", "IT-компания", "Её", "አዲስ", "ঢাকা", "می\u200cخواهم", "Ọjọ́", "oʻzbek", "K리그", "第3回"],
)
def test_words_of_any_script_are_not(word):
    assert not decoded_wrongly(word)


def test_scripts():
    assert scripts_of("Москва-2") == {"CYRILLIC"}
    assert scripts_of("1º,") == set()
    assert scripts_of("አዲስ") == {"ETHIOPIC"}
    assert expected_scripts("amh") == {"LATIN", "ETHIOPIC"}
    assert "CYRILLIC" in expected_scripts("uzb")
    assert expected_scripts("xxx") is None
    assert scripts_of("人々") == {"CJK"}
    assert is_lone_mark("\u0301")
    assert not is_lone_mark("e\u0301")


@pytest.mark.parametrize(
    ("code", "scripts", "word"),
    [
        ("fra", set(), "Orléans"),
        ("ron", set(), "București"),
        ("heb", {"HEBREW"}, "ירושלים"),
        ("kat", {"GEORGIAN"}, "თბილისი"),
        ("ell", {"GREEK"}, "Αθήνα"),
        ("kaz", {"CYRILLIC"}, "Алматы"),
        ("zho", {"CJK", "BOPOMOFO"}, "北"),
        ("jpn", {"CJK", "HIRAGANA", "KATAKANA"}, "東の京ター"),
        ("kor", {"HANGUL", "CJK"}, "서울大"),
        ("asm", {"BENGALI"}, "অসম"),
        ("ori", {"ORIYA"}, "ଓଡ଼ିଶା"),
        ("mya", {"MYANMAR"}, "ရန်ကုန်"),
        ("pan", {"GURMUKHI"}, "ਪੰਜਾਬ"),
        ("tam", {"TAMIL"}, "சென்னை"),
    ],
)
def test_scripts_of_languages_outside_table_2(code, scripts, word):
    assert expected_scripts(code) == {"LATIN", *scripts}
    assert scripts_of(word) <= expected_scripts(code)
    assert not decoded_wrongly(word)


def test_every_expected_script_is_one_that_letters_have():
    codes = filter(is_language, get_global("likely_subtags"))
    named = {script for code in codes for script in expected_scripts(code)}
    letters = {script for number in range(sys.maxunicode) for script in scripts_of(chr(number))}
    assert len(named) > 100
    assert len(named - letters) < 5  # signs that are no letters, and what is newer than this Python's Unicode


def test_a_table_has_a_row_a_split_and_the_share_seen_in_train(tmp_path):
    train = (sentence("Ann/B-PER came"), sentence("Ann came"), sentence("e\u0301 x"))
    write_corpus(tmp_path, Corpus("spa", train, (sentence("é x"), sentence("y")), (sentence("y"),)))
    table = quality_table(tmp_path).set_index("split")
    assert list(table.index) == list(SPLITS)
    assert table.loc["train", "duplicates"] == 1
    assert table["train_share"].tolist()[1:] == [0.5, 0.0]  # é is the same sentence in either form
    assert table.loc["test", "seen_in_dev"] == 1
    assert table.loc["train", "not_nfc"] == 1
    assert table["train_share"].isna()["train"]


def test_the_sample_has_no_faults():
    table = quality_table("sample")
    assert len(table) == 18 * 3
    assert table[["repairs", "cleaned", "not_nfc", "suspicious"]].sum().sum() == 0
    assert (table["other_scripts"] == "").all()


@given(
    st.fixed_dictionaries({split: st.lists(SENTENCES, max_size=6) for split in SPLITS}),
    st.sampled_from(["train", "test"]),
)
def test_deduplicated_splits_hold_every_sentence_once(splits, keep):
    kept, lost = deduplicated(splits, keep=keep)
    keys = [key for split in SPLITS for key in spellings(kept[split])]
    assert len(keys) == len(set(keys))
    assert set(keys) == {key for split in SPLITS for key in spellings(splits[split])}
    assert {split: len(splits[split]) - lost[split] for split in SPLITS} == {s: len(kept[s]) for s in SPLITS}
    assert set(spellings(kept[keep])) == set(spellings(splits[keep]))
    assert deduplicated(kept, keep=keep) == (kept, dict.fromkeys(SPLITS, 0))
