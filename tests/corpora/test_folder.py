"""Corpora from folders, their preparation, and the languages of Table 2."""

import pytest

from polyner.corpora.folder import is_sample, mark_sample, read_corpora, write_corpus
from polyner.corpora.languages import in_order, language, language_code, table2
from polyner.corpora.prepare import cap, describe_projection, project, too_long
from polyner.corpora.sentence import Corpus, Sentence
from polyner.errors import CorpusError
from tests.conftest import sentence, small_corpus


def test_table_2():
    assert len(table2()) == 18
    assert table2()["ben"].train_sentences == 7_538
    assert table2()["tgl"].genus is None
    assert {row.group for row in table2().values()} == {"conll", "lorelei", "heldout"}


def test_a_language_is_named_by_its_code_its_short_code_or_its_name():
    assert {language_code(text) for text in ("fra", "fr", "French", " french ")} == {"fra"}
    several = ("tl", "Persian", "ar", "zh", "ms", "ro", "sq", "ak", "gu", "uz", "et", "sr")
    assert " ".join(map(language_code, several)) == "tgl fas ara zho msa ron sqi aka guj uzb est srp"
    with pytest.raises(CorpusError, match=r"unknown language 'frensh': .* did you mean 'fra' \(French\)\?"):
        language_code("frensh")
    with pytest.raises(CorpusError, match=r"'ger': .* did you mean 'deu'"):
        language_code("ger")  # of ISO 639-2


def test_what_is_not_in_table_2_comes_from_cldr():
    french, hebrew = language("fra"), language("heb")
    assert (french.name, french.script, french.family) == ("French", "Latin", None)
    assert (hebrew.name, hebrew.script) == ("Hebrew", "Hebrew")
    assert language("quy").name == "quy"  # CLDR knows its script, and no name
    assert in_order(["ita", "yor", "cat", "eng"]) == ["eng", "yor", "cat", "ita"]


def test_a_written_corpus_is_read_back_with_the_same_fingerprint(tmp_path):
    corpus = small_corpus()
    write_corpus(tmp_path, corpus)
    read = read_corpora(tmp_path)
    assert list(read) == ["eng"]
    assert read["eng"].fingerprint == corpus.fingerprint
    assert read["eng"].types == ("LOC", "PER")
    assert read["eng"].repairs == {"train": 0, "dev": 0, "test": 0}


def test_only_some_languages_are_fine_and_come_in_the_order_of_table_2(tmp_path):
    for code in ("swa", "deu", "eng"):
        write_corpus(tmp_path, small_corpus(code))
    assert list(read_corpora(tmp_path)) == ["eng", "deu", "swa"]
    assert list(read_corpora(tmp_path, ["swa", "hin", "eng"])) == ["eng", "swa"]


def test_what_is_missing_or_unknown_is_said(tmp_path):
    with pytest.raises(CorpusError, match="no such folder"):
        read_corpora(tmp_path / "nowhere")
    with pytest.raises(CorpusError, match="no folder named by an ISO 639-3 code"):
        read_corpora(tmp_path)
    with pytest.raises(CorpusError, match="unknown language 'xxx'"):
        read_corpora(tmp_path, ["xxx"])
    write_corpus(tmp_path, small_corpus())
    (tmp_path / "eng" / "dev.conll").unlink()
    with pytest.raises(CorpusError, match=r"eng: dev\.conll missing"):
        read_corpora(tmp_path)


def test_the_fingerprint_tells_words_tags_and_splits_apart():
    one, two = sentence("Ann/B-PER"), sentence("Ann")
    corpora = [
        Corpus("eng", (one,), (two,), (two,)),
        Corpus("eng", (two,), (one,), (two,)),
        Corpus("eng", (one, two), (), (two,)),
        Corpus("eng", (Sentence(("An", "n"), ("O", "O")),), (), ()),
        Corpus("eng", (Sentence(("Ann",), ("O",)), Sentence(("n",), ("O",))), (), ()),
    ]
    assert len({corpus.fingerprint for corpus in corpora}) == len(corpora)


def test_projection_renames_and_drops_types_and_keeps_the_rest():
    corpus = Corpus("rus", (sentence("a/B-LOCORG b/I-LOCORG c/B-LOC d/B-DATE e/B-PER"),), (), ())
    projected = project(corpus, {"LOCORG": "LOC", "DATE": None})
    assert projected.train[0].tags == ("B-LOC", "I-LOC", "B-LOC", "O", "B-PER")
    assert projected.types == ("LOC", "PER")


def test_a_projection_is_told_in_words():
    assert describe_projection({"LOCORG": "LOC", "DATE": None}) == "LOCORG → LOC, DATE dropped"
    assert describe_projection(None) == describe_projection({}) == "none"


def test_a_cap_keeps_the_order_and_is_always_the_same():
    corpus = small_corpus()
    capped = cap(corpus, 5, 3)
    assert (len(capped.train), len(capped.dev), len(capped.test)) == (5, 3, 3)
    assert capped == cap(corpus, 5, 3)
    positions = [corpus.train.index(s) for s in capped.train]
    assert positions == sorted(positions)
    assert cap(corpus) == corpus


def test_a_sentence_has_a_tag_a_word():
    with pytest.raises(ValueError, match="2 words but 1 tags"):
        Sentence(("a", "b"), ("O",))


def test_generated_corpora_stay_known_as_such_in_a_folder(tmp_path):
    write_corpus(tmp_path, small_corpus())
    assert not is_sample(tmp_path)
    assert read_corpora(tmp_path)["eng"].source == str(tmp_path)
    mark_sample(tmp_path)
    assert is_sample(tmp_path)
    assert read_corpora(tmp_path)["eng"].source == "sample"


@pytest.mark.parametrize(("word", "words"), [("a", 8192), ("𐎠", 3277), ("ab", 5461)])
def test_blanks_count_towards_the_longest_sentence_that_is_learnt_from(word, words):
    longest = Sentence((word,) * words, ("O",) * words)
    more = Sentence((*longest.words, word), (*longest.tags, "O"))
    assert len(" ".join(longest.words).encode()) <= 16_384 < len(" ".join(more.words).encode())
    assert too_long([longest]) is None
    assert f"{words + 1:,} words" in too_long([longest, more])
