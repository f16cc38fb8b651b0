"""LORELEI packages: every variant of the formats, in several scripts, and a report of what was left out."""

from __future__ import annotations

import shutil
import tarfile
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyner.corpora.conll import read_conll, write_conll
from polyner.corpora.lorelei.documents import Report, read_laf, read_ltf
from polyner.corpora.lorelei.package import read_packages, sentences_of, split_documents
from polyner.corpora.sentence import SPLITS, Sentence
from polyner.errors import CorpusError
from tests.conftest import sentence

from .packs import annotated, by_characters, by_tokens, laf, ltf, write, write_tagged

SOMALI = [sentence("Ali/B-PER waa nabad"), sentence("Muqdisho/B-GPE waa magaalo")]
AMHARIC = [sentence("አዲስ/B-GPE አበባ/I-GPE ትልቅ ከተማ ናት ።"), sentence("ዐቢይ/B-PER መጣ")]
BENGALI = [sentence("ঢাকা/B-GPE বাংলাদেশের/B-GPE রাজধানী"), sentence("শেখ/B-PER হাসিনা/I-PER")]


def tagged(words, *annotations, types=("PER", "ORG", "GPE", "LOC"), stem="NW_X"):
    """The sentences made of one document's words and annotations, and the report."""
    report = Report()
    text = read_ltf(ltf(stem, words).encode(), f"{stem}.ltf.xml", report)
    found = read_laf(laf(stem, *annotations).encode(), f"{stem}.laf.xml", text, report)
    return sentences_of(text, found, types, report), report, found


def tags_of(words, *annotations, **options):
    return [" ".join(s.tags) for s in tagged(words, *annotations, **options)[0]]


@pytest.mark.parametrize("tokens", [False, True], ids=["characters", "tokens"])
@pytest.mark.parametrize("tag", [False, True], ids=["attribute", "child"])
@pytest.mark.parametrize("sentences", [SOMALI, AMHARIC, BENGALI], ids=["Latin", "Ethiopic", "Bengali"])
def test_what_is_written_is_read_back(sentences, tokens, tag):
    words = [list(s.words) for s in sentences]
    assert tagged(words, *annotated(sentences, tokens=tokens, tag=tag))[0] == sentences


WORDS = st.text(st.sampled_from("abለሐবকঞ'<&"), min_size=1, max_size=4)
MADE = st.lists(
    st.lists(st.tuples(WORDS, st.sampled_from(["O", "PER", "GPE"])), min_size=1, max_size=5).map(
        lambda pairs: Sentence(
            tuple(word for word, _ in pairs), tuple(tag if tag == "O" else f"B-{tag}" for _, tag in pairs)
        )
    ),
    min_size=1,
    max_size=4,
)


@given(MADE, st.booleans())
def test_any_tagged_text_goes_through_ltf_and_laf_unchanged(sentences, tokens):
    words = [list(s.words) for s in sentences]
    assert tagged(words, *annotated(sentences, tokens=tokens))[0] == sentences


def test_ends_are_inclusive_and_touching_mentions_stay_apart():
    assert tags_of([["Ali", "Omar"]], by_characters("PER", 0, 2), by_characters("PER", 4, 7)) == ["B-PER B-PER"]
    assert tags_of([["Ali", "Omar"]], by_characters("PER", 0, 7)) == ["B-PER I-PER"]
    assert tags_of([["Ali", "Omar"]], by_characters("PER", 0, 4)) == ["B-PER I-PER"]


def test_mentions_inside_a_token_are_widened_and_counted():
    sentences, report, _ = tagged([["Toshkentda", "x"]], by_characters("GPE", 0, 7))
    assert (sentences[0].tags, report.snapped) == (("B-GPE", "O"), 1)
    sentences, report, _ = tagged([["በአወዳይ", "ነው"]], by_characters("GPE", 1, 4))
    assert (sentences[0].tags, report.snapped) == (("B-GPE", "O"), 1)


def test_of_overlapping_mentions_the_longest_stays():
    annotations = by_characters("PER", 0, 2), by_characters("ORG", 0, 7), by_characters("GPE", 4, 7)
    sentences, report, _ = tagged([["Ali", "Omar"]], *annotations)
    assert (sentences[0].tags, report.overlapping, dict(report.kept)) == (("B-ORG", "I-ORG"), 2, {"ORG": 1})


def test_a_mention_across_segments_is_cut_to_the_larger_part():
    sentences, report, _ = tagged([["a", "b"], ["c", "d"]], by_characters("ORG", 2, 6))
    assert [s.tags for s in sentences] == [("O", "O"), ("B-ORG", "I-ORG")]
    assert report.across_segments == 1


def test_a_mention_of_no_token_and_names_of_other_types_are_counted():
    _, report, found = tagged(
        [["Ali", "x"]],
        by_characters("PER", 90, 95),
        by_characters("TTL", 0, 2),
        by_characters("PER", 0, 2, task="NPC"),
        '<ANNOTATION task="FE" type="x"/>',
        '<ANNOTATION task="NE" type="PER"/>',
        by_tokens("PER", "token-7-7", "token-7-8"),
    )
    assert (report.no_token, dict(report.other_types)) == (1, {"TTL": 1})
    assert (report.other_tasks, report.unlocated, len(found)) == (2, 2, 2)
    assert tags_of([["Ali", "x"]], by_characters("TTL", 0, 2), types=("TTL",)) == ["B-TTL O"]


def test_empty_tokens_and_segments_are_left_out_and_counted(tmp_path):
    text = ltf("A", [["Ali", "waa"], ["nabad"]]).replace(">waa</TOKEN>", "></TOKEN>").replace(">nabad</TOKEN>", "/>")
    report = Report()
    read = read_ltf(text.encode(), "A.ltf.xml", report)
    assert sentences_of(read, [], (), report) == [Sentence(("Ali",), ("O",))]
    assert (report.empty_tokens, report.empty_segments) == (2, 1)


def test_tokens_are_cleaned_and_those_that_no_column_can_hold_are_left_out(tmp_path):
    words = [["\ufeff", "e\u0301\x7f", "\x7f", "-X-", "-DOCSTART-", "x"]]
    sentences, report, _ = tagged(words, by_characters("PER", 0, 6))
    assert sentences == [Sentence(("\u00e9", "x"), ("B-PER", "O"))]
    assert report.empty_tokens == 4
    write_conll(tmp_path / "x.conll", sentences)
    assert read_conll(tmp_path / "x.conll").sentences == tuple(sentences)


def test_segments_far_apart_do_not_fill_the_memory():
    place = '<SEG id="s" start_char="{0}" end_char="{0}"><ORIGINAL_TEXT>x</ORIGINAL_TEXT></SEG>'
    far = "".join(place.format(number * 900_000) for number in range(100))
    text = f'<LCTL_TEXT><DOC raw_text_md5="{"0" * 32}">{far}</DOC></LCTL_TEXT>'
    with pytest.raises(CorpusError, match=r"A: a segment starts at 1800000, far behind the text in a file of"):
        read_ltf(text.encode(), "A", Report())


def test_the_checksum_of_the_text_is_checked():
    for text, wrong in ((ltf("A", [["አዲስ", "x"], ["y"]]), 0), (ltf("A", [["x"]], md5="0" * 32), 1)):
        report = Report()
        read_ltf(text.encode(), "A.ltf.xml", report)
        assert report.not_intact == wrong


@pytest.fixture
def pack(tmp_path):
    """Ten documents in Somali, one without text, one tweet without text, one in a folder of other annotations."""
    root = tmp_path / "pack"
    for number in range(10):
        write_tagged(root, f"NW_X_SOM_{number:06}", SOMALI)
    write(root, "SN_TWT_000001", None, laf("SN_TWT_000001", by_characters("PER", 0, 2)))
    write(root, "NW_LOST", None, laf("doc-0", by_characters("PER", 0, 2)))
    write(root, "NW_FULL", ltf("NW_FULL", [["x"]]), laf("NW_FULL"), "data/annotation/entity/full")
    write(root, "NW_PLAIN", ltf("NW_PLAIN", [["not", "annotated"]]), None)
    return root


def zipped(folder, target, names=None):
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and (names is None or path.name.endswith(names)):
                archive.write(path, path.relative_to(folder.parent).as_posix())
    return target


def test_a_package_becomes_a_corpus_split_by_documents(pack):
    corpus, report, _ = read_packages([pack], "som")
    assert [len(corpus[split]) for split in SPLITS] == [16, 2, 2]
    assert corpus.types == ("GPE", "PER")
    assert (report.documents, report.tweets, report.no_text) == (10, 1, 1)
    assert dict(report.kept) == {"PER": 10, "GPE": 10}
    assert read_packages([pack], "som")[0] == corpus


@pytest.mark.parametrize("form", ["zip", "tgz", "zipped texts", "zipped texts in a zip"])
def test_packages_may_be_archives(pack, tmp_path, form):
    expected = read_packages([pack], "som")[0]
    package = pack
    if form.startswith("zipped texts"):
        (pack / "data/monolingual_text/zipped").mkdir(parents=True)
        zipped(pack / "data/translation", pack / "data/monolingual_text/zipped/som.ltf.zip", ".ltf.xml")
        shutil.rmtree(pack / "data/translation")
    if form.endswith("zip"):
        package = zipped(pack, tmp_path / "pack.zip")
    elif form == "tgz":
        package = tmp_path / "pack.tgz"
        with tarfile.open(package, "w:gz") as archive:
            archive.add(pack, "pack")
    corpus, _, digests = read_packages([package], "som")
    assert corpus == expected
    assert list(digests) == ([package.name] if package.is_file() else [])


def test_further_annotations_of_a_document_are_counted(pack, tmp_path):
    expected, report, _ = read_packages([pack], "som")
    assert report.repeated == 0
    write(pack, "NW_X_SOM_000001", None, laf("NW_X_SOM_000001"), "data/other/simple")
    write(tmp_path / "more", "NW_X_SOM_000002", None, laf("NW_X_SOM_000002"))
    corpus, report, _ = read_packages([pack, tmp_path / "more"], "som")
    assert (corpus, report.repeated) == (expected, 2)


def test_a_damaged_zip_among_the_tools_is_not_looked_into(pack):
    expected = read_packages([pack], "som")[0]
    (pack / "tools").mkdir()
    (pack / "tools" / "aligner.zip").write_bytes(b"no zip")
    assert read_packages([pack], "som")[0] == expected


def test_older_layouts_and_names_of_documents(tmp_path):
    root = tmp_path / "reflex"
    for number in range(3):
        stem = f"DF_Y_{number}"
        text = ltf(stem, [list(s.words) for s in BENGALI], doc_id="doc-0").replace(' raw_text_md5="', ' x="')
        write(root, stem, text, laf("doc-0", *annotated(BENGALI, tokens=True)), "entity_annotation/simple")
    corpus, report, _ = read_packages([root], "ben")
    assert corpus.train == tuple(BENGALI)
    assert report.not_intact == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("<LCTL_TEXT", "no XML that can be read"),
        ("<OTHER><DOC/></OTHER>", "not LCTL_TEXT with a DOC, but OTHER"),
        ("<LCTL_TEXT/>", "not LCTL_TEXT with a DOC"),
        ('<LCTL_TEXT><DOC><SEG><TOKEN start_char="x">a</TOKEN></SEG></DOC></LCTL_TEXT>', "has no start_char, but 'x'"),
        ('<!DOCTYPE a [<!ENTITY e "eeee">]><LCTL_TEXT><DOC>&e;</DOC></LCTL_TEXT>', "EntitiesForbidden"),
        ('<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><LCTL_TEXT><DOC>&e;</DOC></LCTL_TEXT>', "Forbidden"),
    ],
)
def test_malformed_or_hostile_xml_is_refused_in_a_line(content, message):
    with pytest.raises(CorpusError, match=message) as caught:
        read_ltf(content.encode(), "A.ltf.xml", Report())
    assert str(caught.value).startswith("A.ltf.xml: ")


def test_nothing_annotated_or_too_little(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(CorpusError, match=r"empty: no \.laf\.xml with simple named entities"):
        read_packages([tmp_path / "empty"], "som")
    with pytest.raises(CorpusError, match="no such file"):
        read_packages([tmp_path / "nowhere"], "som")
    write_tagged(tmp_path / "small", "A", SOMALI)
    with pytest.raises(CorpusError, match="1 annotated documents with text: three splits need at least three"):
        read_packages([tmp_path / "small"], "som")


@given(st.sets(st.text("abcdef0123", min_size=1, max_size=6), min_size=3, max_size=60))
def test_documents_are_never_torn_apart(stems):
    documents = {stem: [sentence(f"{stem} {part}") for part in "xy"] for stem in stems}
    splits = split_documents(documents)
    where = {}
    for split in SPLITS:
        assert splits[split]
        for found in splits[split]:
            assert where.setdefault(found.words[0], split) == split
    assert len(where) == len(stems)
    assert splits == split_documents(dict(reversed(documents.items())))
