"""The built-in sample corpora: reproducible, in the right scripts, and with the properties the analyses look for."""

import os
import subprocess
import sys
import unicodedata
from collections import Counter
from itertools import combinations

import pytest

from polyner.corpora.languages import table2
from polyner.corpora.sample import sample_corpus
from polyner.corpora.sentence import SPLITS
from polyner.corpora.spans import spans_of, tags_of
from polyner.errors import CorpusError

# How Unicode's character names begin for the letters of a script; Uzbek is written in today's Latin script.
LETTERS = {"Latin": "LATIN", "Latin (Viet.)": "LATIN", "Ge'ez": "ETHIOPIC", "Arabic": "ARABIC"} | {
    script: script.upper() for script in ("Devanagari", "Cyrillic", "Bengali")
}

pytestmark = pytest.mark.filterwarnings("error")

TABLE_2 = table2()


def members(group):
    return tuple(code for code, row in TABLE_2.items() if row.group == group)


@pytest.fixture(scope="module")
def corpora():
    return {language: sample_corpus(language) for language in TABLE_2}


@pytest.fixture(params=TABLE_2)
def corpus(request, corpora):
    return corpora[request.param]


def sentences_of(corpus):
    return [sentence for split in SPLITS for sentence in corpus[split]]


def entities(sentences):
    """The (type, name) of every entity, with repetitions."""
    return [
        (span.type, " ".join(sentence.words[span.start : span.end]))
        for sentence in sentences
        for span in spans_of(sentence.tags)
    ]


def type_shares(corpus):
    counts = Counter(entity_type for entity_type, _ in entities(sentences_of(corpus)))
    return {entity_type: count / counts.total() for entity_type, count in counts.items()}


def total_variation(first, second):
    return sum(abs(first.get(key, 0) - second.get(key, 0)) for key in first | second) / 2


def test_sizes_and_source(corpus):
    assert [len(corpus[split]) for split in SPLITS] == [400, 100, 100]
    assert corpus.source == "sample"
    assert corpus.language in TABLE_2


def test_types_are_those_of_the_group(corpus):
    conll = TABLE_2[corpus.language].group == "conll"
    assert corpus.types == (("LOC", "MISC", "ORG", "PER") if conll else ("GPE", "LOC", "ORG", "PER"))
    for split in SPLITS:
        assert {entity_type for entity_type, _ in entities(corpus[split])} == set(corpus.types)


def test_words_are_in_the_script_of_the_language(corpus):
    script = "Latin" if corpus.language == "uzb" else TABLE_2[corpus.language].script
    letters = [letter for sentence in sentences_of(corpus) for letter in "".join(sentence.words) if letter.isalpha()]
    share = sum(unicodedata.name(letter).startswith(LETTERS[script]) for letter in letters) / len(letters)
    assert share > 0.97


def test_words_are_nfc_without_blanks_and_slots(corpus):
    for sentence in sentences_of(corpus):
        for word in sentence.words:
            assert word
            assert word == "".join(word.split())
            assert unicodedata.is_normalized("NFC", word)
            assert not set(word) & set("{}[]")


def test_punctuation_stands_apart(corpus):
    for sentence in sentences_of(corpus):
        for word in sentence.words:
            assert len(word) == 1 or word[-1] not in ",!?;:।።”»", sentence.words


def test_tags_are_valid_iob2_with_multi_word_names(corpus):
    for sentence in sentences_of(corpus):
        assert tags_of(spans_of(sentence.tags), len(sentence)) == sentence.tags
    assert sum(" " in name for _, name in entities(corpus.train)) > 50


def test_no_sentence_occurs_twice(corpus):
    words = [sentence.words for sentence in sentences_of(corpus)]
    assert len(set(words)) == len(words)


def test_some_sentences_name_nothing(corpus):
    share = sum(set(sentence.tags) == {"O"} for sentence in sentences_of(corpus)) / 600
    assert 0.08 < share < 0.22


def test_test_set_holds_unseen_names_among_seen_ones(corpus):
    seen = set(entities(corpus.train))
    tested = entities(corpus.test)
    unseen = sum(entity not in seen for entity in tested) / len(tested)
    assert 0.08 < unseen < 0.5


def test_a_word_can_belong_to_names_of_different_types(corpus):
    types_of_word = {}
    for entity_type, name in entities(corpus.train):
        for word in name.split():
            types_of_word.setdefault(word, set()).add(entity_type)
    assert sum(len(types) > 1 for types in types_of_word.values()) >= 5


def test_type_shares_differ_among_the_conll_languages(corpora):
    shares = {language: type_shares(corpora[language]) for language in members("conll")}
    for first, second in combinations(shares, 2):
        assert total_variation(shares[first], shares[second]) > 0.15, (first, second)
    most = {language: max(shares[language], key=shares[language].get) for language in shares}
    assert most == {"eng": "PER", "spa": "ORG", "deu": "LOC", "nld": "PER"}
    assert shares["nld"]["MISC"] > 2 * shares["eng"]["MISC"]


def test_type_shares_agree_among_all_other_languages(corpora):
    shares = [type_shares(corpora[language]) for language in members("lorelei") + members("heldout")]
    assert max(total_variation(first, second) for first, second in combinations(shares, 2)) < 0.03


@pytest.mark.parametrize("group", ["conll", "lorelei"])
def test_names_recur_across_the_languages_of_a_group(corpora, group):
    latin = [code for code in members(group) if TABLE_2[code].script.startswith("Latin")]
    for code in latin:
        elsewhere = {entity for other in latin if other != code for entity in entities(corpora[other].train)}
        own = set(entities(corpora[code].dev))
        assert 0.05 < len(own & elsewhere) / len(own) < 0.9, code


@pytest.mark.parametrize(
    ("language", "name"),
    [("eng", "London"), ("spa", "Londres"), ("nld", "Londen"), ("rus", "Лондоне"), ("hin", "लंदन"), ("amh", "በለንደን")],
)
def test_a_name_takes_the_form_of_each_language(corpora, language, name):
    assert name in {word for sentence in sentences_of(corpora[language]) for word in sentence.words}


def test_same_seed_same_corpus_in_another_process():
    languages = ("eng", "amh", "rus", "yor")
    code = (
        "from polyner.corpora.sample import sample_corpus\n"
        f"print(*[sample_corpus(language, seed=3).fingerprint for language in {languages}])"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "4242"}
    answer = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert answer.stdout.split() == [sample_corpus(language, seed=3).fingerprint for language in languages]


def test_order_of_generation_does_not_matter(corpora):
    assert sample_corpus("vie").fingerprint == corpora["vie"].fingerprint
    assert sample_corpus("deu").fingerprint == corpora["deu"].fingerprint


def test_another_seed_gives_other_sentences(corpora):
    other = sample_corpus("swa", seed=1)
    assert other.fingerprint != corpora["swa"].fingerprint
    assert set(other.train) != set(corpora["swa"].train)


def test_unknown_language_is_named():
    with pytest.raises(CorpusError, match=r"no sample corpus for language 'xyz': one of eng, spa, .*yor"):
        sample_corpus("xyz")


def test_importing_loads_no_library_of_names():
    code = (
        "import sys, polyner.corpora.sample\n"
        "print([name for name in ('faker', 'babel', 'yaml', 'torch', 'pandas') if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
