"""Reading and writing CoNLL files, as people have them."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyner.corpora.conll import read_conll, to_iob2, write_conll
from polyner.corpora.sentence import Sentence
from polyner.corpora.spans import Span, spans_of, tags_of
from polyner.errors import CorpusError

TYPES = ("PER", "ORG", "LOC")
CHARACTERS = st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp"), exclude_characters="\ufeff")
# Some words end a sentence, and numbers alone may count the words of a file.
WORDS = st.text(CHARACTERS, min_size=1, max_size=8).filter(
    lambda word: word not in ("-X-", "-DOCSTART-") and not re.fullmatch(r"[0-9]+([-.][0-9]+)?", word)
)


@st.composite
def sentences(draw):
    """Sentences of any words with any well-formed tags, touching entities of one type included."""
    words, tags = [], []
    for _ in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(("O", *TYPES)))
        length = draw(st.integers(1, 3))
        tags += ["O"] * length if kind == "O" else [f"B-{kind}"] + [f"I-{kind}"] * (length - 1)
        words += [unicodedata.normalize("NFC", draw(WORDS)) for _ in range(length)]
    return Sentence(tuple(words), tuple(tags))


def file(tmp_path, text, name="x.conll"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def only(tmp_path, text, **options):
    (sentence,) = read_conll(file(tmp_path, text), **options).sentences
    return sentence


def test_tab_and_blank_separated_files_are_the_same(tmp_path):
    expected = Sentence(("Ann", "lives"), ("B-PER", "O"))
    assert only(tmp_path, "Ann\tB-PER\nlives\tO\n") == expected
    assert only(tmp_path, "Ann B-PER\nlives O\n") == expected
    assert only(tmp_path, "Ann NNP I-NP B-PER\nlives VBZ I-VP O\n") == expected


def test_a_tab_separated_word_may_hold_a_blank(tmp_path):
    assert only(tmp_path, "New York\tB-LOC\n").words == ("New York",)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r\r\n", "\r"])
@pytest.mark.parametrize("end", ["", "\n", "\n\n\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_last_newline_and_byte_order_mark_do_not_matter(tmp_path, ending, end, mark):
    text = ("-DOCSTART- -X- O O\n\nAnn x x B-PER\n\n \nBob x x B-PER" + end).replace("\n", ending)
    file_ = read_conll(file(tmp_path, mark + text.encode()))
    assert [s.words for s in file_.sentences] == [("Ann",), ("Bob",)]


def test_uner_comments_and_columns(tmp_path):
    text = "# sent_id = 1\n# text = Ann #1 like O\n1\tAnn\tB-PER\t-\tme\n2\t#1\tO\t-\tme\n"
    assert only(tmp_path, text, names=("ID", "FORM", "NER")) == Sentence(("Ann", "#1"), ("B-PER", "O"))


def test_a_word_that_is_a_hash_is_no_comment(tmp_path):
    assert only(tmp_path, "#\tO\nAnn\tB-PER\n").words == ("#", "Ann")
    assert only(tmp_path, "# O\n#tag O\n").words == ("#", "#tag")
    assert only(tmp_path, "# newdoc id = a O\n# newpar\n#newdocs O\n#newparty B-ORG\n").words == (
        "#newdocs",
        "#newparty",
    )


@pytest.mark.parametrize(
    ("names", "row"),
    [
        ("FORM CONLL:NER LEMMA", "Ann\tB-PER\tann"),
        ("ID FORM NER NESTED", "21\tAnn\tB-PER\tB-LOC"),
        ("ID FORM", "1 Ann B-PER"),
        ("NER FORM", "B-PER Ann"),
    ],
)
def test_columns_may_be_named_in_the_file(tmp_path, names, row):
    assert only(tmp_path, f"# global.columns = {names}\n{row}\n") == Sentence(("Ann",), ("B-PER",))


@pytest.mark.parametrize("start", [0, 1, 2, 21])
@pytest.mark.parametrize("more", ["", "NNP I-NP "])
def test_numbers_of_words_are_not_taken_for_words(tmp_path, start, more):
    text = "".join(f"{start + i} w {more}O\n" for i in range(3)) + f"\n{start} w {more}O\n"
    names = "ID FORM _ _ NER" if more else "ID FORM NER"
    with pytest.raises(CorpusError, match=rf"x\.conll: the first column counts .*'# global\.columns = {names}'$"):
        read_conll(file(tmp_path, text))
    assert read_conll(file(tmp_path, text), names=("ID", "FORM")).sentences[1].words == ("w",)


@pytest.mark.parametrize("words", ["1 2 4", "3 2 1", "1", "1 2 x"])
def test_words_may_be_numbers(tmp_path, words):
    assert only(tmp_path, "".join(f"{word} x O\n" for word in words.split())).words == tuple(words.split())


def test_germevals_comments_are_none_of_the_words(tmp_path):
    text = (
        "#\thttp://de.wikipedia.org/wiki/X [2009-10-17]\n# \tO\nX\tB-LOC\n\n#\tn-tv.de vom 1.2. [2005-02-26] \nY\tO\n"
    )
    assert [s.words for s in read_conll(file(tmp_path, text)).sentences] == [("#", "X"), ("Y",)]


def test_a_document_ends_a_sentence_without_a_blank_line_too(tmp_path):
    text = "Ann B-PER\n-DOCSTART- O\nBob I-PER\n-X- O\nC O\n"
    assert [s.words for s in read_conll(file(tmp_path, text)).sentences] == [("Ann",), ("Bob",), ("C",)]


def test_a_tab_at_the_end_makes_no_columns(tmp_path):
    assert only(tmp_path, "Ada NNP B-PER\t\nvive VB O\t \n") == Sentence(("Ada", "vive"), ("B-PER", "O"))


def test_words_are_normalised_unless_told_otherwise(tmp_path):
    assert only(tmp_path, "e\u0301\tO\n").words == ("é",)
    assert only(tmp_path, "e\u0301\tO\n", normalise=False).words == ("e\u0301",)


def test_unicode_line_separators_stay_inside_words(tmp_path):
    assert only(tmp_path, "a\u2028b\tO\nc\x85d\tO\n").words == ("a\u2028b", "c\x85d")


@pytest.mark.parametrize(
    ("scheme", "tags", "expected"),
    [
        ("IOB2", "B-PER I-PER B-PER O", "B-PER I-PER B-PER O"),
        ("IOB1", "I-PER I-PER B-PER O I-LOC", "B-PER I-PER B-PER O B-LOC"),
        ("BIOES", "B-PER E-PER S-PER O S-LOC", "B-PER I-PER B-PER O B-LOC"),
        ("BIOES", "B-PER I-PER L-PER U-PER O", "B-PER I-PER I-PER B-PER O"),
    ],
)
def test_schemes_become_iob2_without_counting_as_repairs(tmp_path, scheme, tags, expected):
    lines = "".join(f"w\t{tag}\n" for tag in tags.split())
    read = read_conll(file(tmp_path, lines))
    assert (read.scheme, read.repairs, read.sentences[0].tags) == (scheme, 0, tuple(expected.split()))


def test_an_orphan_in_an_iob2_file_is_repaired_and_counted(tmp_path):
    read = read_conll(file(tmp_path, "a\tB-PER\nb\tO\nc\tI-PER\nd\tI-LOC\n\ne\tB-LOC\n"))
    assert (read.scheme, read.repairs) == ("IOB2", 2)
    assert read.sentences[0].tags == ("B-PER", "O", "B-PER", "B-LOC")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file holds no sentence"),
        ("\n \n", "the file holds no sentence"),
        ("Ann\n", "x.conll:1: one column where two or more were expected"),
        ("Ann\tB-PER\nBob x B-PER\n", "x.conll:2: 3 columns where the lines before have 2"),
        ("Ann\tB-PER\n\nBob\tPER\n", "x.conll:3: 'PER' is no tag"),
        ("Ann\tB-\n", "x.conll:1: 'B-' is no tag"),
        ("Ann\tX-PER\n", "x.conll:1: 'X-PER' is no tag"),
        ("Ann\tM-PER\n", "x.conll:1: 'M-PER' is no tag of IOB1, IOB2, BIOES or BILOU, where BMES's M- is I-"),
        ("Ann\tB-PER\nBob\n", "x.conll:2: 1 column where the lines before have 2"),
        ("Ann\tb-per\n", "x.conll:1: 'b-per' is no tag"),
        ("a\tO\n\tO\n", "x.conll:2: the word is empty"),
        (b"a\tO\n\xff\tO\n", "x.conll:2: not UTF-8"),
        ("Ann\tB-PER\n".encode("utf-16"), "x.conll: UTF-16, not UTF-8"),
        ("a\tO\nAnn\tB-PER\n".encode("utf-16-be"), "x.conll:1: a NUL byte"),
        (b"a\tO\nb\0\tO\n", "x.conll:2: a NUL byte"),
        ("a\tO\n\ufeff\tO\n", "x.conll:2: the word is empty"),
        ("a\tO\n\x1b\tO\n", "x.conll:2: the word is empty"),
        ("Ann\tB-PER\nBob x\tO x\n", "x.conll:2: 'O x' is no tag"),
        ("Ann x B-PER\nBob x\tO\n", "x.conll:2: 2 columns where the lines before have 3"),
    ],
)
def test_malformed_files_say_where(tmp_path, text, message):
    with pytest.raises(CorpusError) as caught:
        read_conll(file(tmp_path, text))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_control_characters_and_marks_inside_a_file_are_taken_out_and_counted(tmp_path):
    read = read_conll(file(tmp_path, "Ann\tB-PER\n\ufeffBob\tB-PER\n\n\ufeff\nC\x1b[31m\x07l\ro\tO\n d \tO\ne O\n"))
    assert [s.words for s in read.sentences] == [("Ann", "Bob"), ("C[31mlo", "d", "e")]
    assert (read.cleaned, read.repairs) == (4, 0)


def test_signs_that_turn_the_direction_of_writing_stay(tmp_path):
    read = read_conll(file(tmp_path, "\u202eabc\u2066\tO\n\u200f\u0627\tO\n\u0301\tO\n"))
    assert read.sentences[0].words == ("\u202eabc\u2066", "\u200f\u0627", "\u0301")
    assert read.cleaned == 0


def test_words_and_sentences_may_be_as_long_as_they_like(tmp_path):
    text = "x" * 10_000 + "\tO\n" + "w\tO\n" * 99_999
    (read,) = read_conll(file(tmp_path, text)).sentences
    assert (len(read), len(read.words[0])) == (100_000, 10_000)


def test_other_encodings_have_to_be_named(tmp_path):
    path = file(tmp_path, "K\xf6ln NE I-LOC\n".encode("latin-1"))
    assert read_conll(path, encoding="latin-1").sentences[0].words == ("Köln",)


@pytest.mark.parametrize("word", ["\ufeff", "\x7f", "\x1b\ufeff", " ", "", "a\tb", "a\0b", "-X-", "\ufeff-DOCSTART-"])
def test_words_that_could_not_be_read_again_are_not_written(tmp_path, word):
    with pytest.raises(CorpusError, match="cannot be written in a column"):
        write_conll(tmp_path / "x.conll", [Sentence((word,), ("O",))])
    assert not (tmp_path / "x.conll").exists()


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused_in_one_line(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("any") / "x.conll"
    path.write_bytes(data)
    try:
        read = read_conll(path)
    except CorpusError as error:
        said = str(error)
    else:
        write_conll(path, read.sentences)
        assert read_conll(path).sentences == read.sentences
        said = str(path)
    assert said.startswith(str(path))
    assert "\n" not in said


def test_a_missing_file_says_so(tmp_path):
    with pytest.raises(CorpusError, match="No such file"):
        read_conll(tmp_path / "none.conll")


@given(st.lists(sentences(), min_size=1, max_size=4))
def test_what_is_written_is_read_back(tmp_path_factory, written):
    path = tmp_path_factory.mktemp("conll") / "x.conll"
    write_conll(path, written)
    read = read_conll(path)
    assert read.sentences == tuple(written)
    assert read.repairs == 0


def test_words_that_no_column_can_hold_are_not_written(tmp_path):
    with pytest.raises(CorpusError, match="cannot be written"):
        write_conll(tmp_path / "x.conll", [Sentence(("a\tb",), ("O",))])


@given(sentences())
def test_spans_and_tags_are_inverse(sentence):
    spans = spans_of(sentence.tags)
    assert tags_of(spans, len(sentence)) == sentence.tags
    assert sum(tag[0] == "B" for tag in sentence.tags) == len(spans)


@given(sentences())
def test_iob2_stays_as_it_is(sentence):
    assert to_iob2(sentence.tags) == (sentence.tags, 0)


def test_spans_of_ill_formed_tags_follow_the_official_script():
    assert spans_of(["I-PER", "I-PER", "I-LOC", "O"]) == [Span(0, 2, "PER"), Span(2, 3, "LOC")]


def test_overlapping_or_outlying_spans_are_refused():
    with pytest.raises(ValueError, match="overlaps"):
        tags_of([Span(0, 2, "PER"), Span(1, 3, "LOC")], 3)
    with pytest.raises(ValueError, match="lies outside"):
        tags_of([Span(2, 4, "PER")], 3)
