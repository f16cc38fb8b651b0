"""`polyner corpora fetch panx`: made files of the real shape, and the real ones where they are at hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyner.corpora.conll import read_conll
from polyner.corpora.languages import language
from polyner.corpora.quality import spellings
from polyner.corpora.sentence import SPLITS, Sentence
from polyner.corpora.sources.catalogue import PANX
from polyner.corpora.sources.provenance import KNOWN
from polyner.corpora.sources.repositories import _halved, from_clones, read_repository
from tests.corpora.sources.servers import Files, serving

REPOSITORY, COMMIT = PANX["fra"].repository
# A folder shared beside the repository, where there is one.
CLONES = Path(__file__).parents[3] / "shared" / "clones"


def path(split, short):
    return f"download/panx/{split}-{short}.tsv"


def tsv(*sentences):
    """`Ada|B-PER came|O` → a sentence as the files have it."""
    return "".join(
        "\n".join(word.replace("|", "\t") for word in text.split(" ")) + "\n\n" for text in sentences
    ).encode()


def made_files():
    """Small files of all languages; those of some with what is odd in the real ones."""
    files = {}
    for corpus in PANX.values():
        for (split,) in corpus.parts.values():
            files[split] = tsv(*(f"{split}{i}|B-LOC x|I-LOC" for i in range(6)))
    files[path("train", "fr")] = tsv("a|B-PER", "b|B-LOC", "a|B-ORG", "c|B-LOC", "d|B-LOC")
    files[path("dev", "fr")] = tsv("c|B-LOC", "e|B-PER", "e|B-ORG", "f|B-PER", "g|B-PER", "h|B-PER")
    files[path("train", "ta")] = tsv("\ufeff|O", "\u200b|B-ORG a|I-ORG \u200c|I-ORG b|I-ORG", "#|O e\u0301\ufeff|B-PER")
    files[path("train", "zh")] = tsv("李|I-PER 民|I-PER ，|O", "《|O", "上|B-LOC 海|I-LOC")
    return files


@pytest.fixture
def server(monkeypatch, tmp_path):
    monkeypatch.setenv("POLYNER_CACHE", str(tmp_path / "cache"))
    found = Files({f"{REPOSITORY}/raw/{COMMIT}/{name}": data for name, data in made_files().items()})
    with serving(found) as address:
        monkeypatch.setenv("POLYNER_REPOSITORIES", address)
        yield found


@pytest.fixture
def clones(tmp_path):
    folder = tmp_path / "clones"
    for name, data in made_files().items():
        (folder / REPOSITORY / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / REPOSITORY / name).write_bytes(data)
    return folder


def read(folder, code):
    return {split: read_conll(folder / code / f"{split}.conll").sentences for split in SPLITS}


def sources(folder):
    return json.loads((folder / "SOURCES.json").read_text())


def test_without_languages_all_47_are_fetched(polyner, server, tmp_path):
    out = tmp_path / "panx"
    answer = polyner("corpora", "fetch", "panx", "--out", out)
    assert answer.code == 0, answer.err
    assert len(PANX) == len(list(out.glob("*/train.conll"))) == len(sources(out)) == 47
    lines = answer.out.splitlines()
    assert lines[0].startswith("panx: WikiANN as XTREME-R has it")
    assert lines[1].startswith("licence of eng, spa, deu")
    assert lines[1].endswith("boleima/ToPro: unknown; the text is Wikipedia's (CC BY-SA)")
    assert f"wrote {out}/kat: train 6, dev 3, test 3 sentences, LOC" in lines
    assert sources(out)["kat"]["revision"] == COMMIT
    server.asked.clear()
    again = polyner("corpora", "fetch", "panx", "--out", out)
    assert (again.code, server.asked, "there already" in again.err) == (0, [], True)


def test_repeated_sentences_are_removed_and_dev_keeps_its_own(polyner, server, tmp_path):
    assert polyner("corpora", "fetch", "panx", "fr", "--out", tmp_path).code == 0
    words = {split: [s.words[0] for s in found] for split, found in read(tmp_path, "fra").items()}
    assert words == {"train": ["a", "b", "d"], "dev": ["c", "e", "f"], "test": ["g", "h"]}
    assert read(tmp_path, "fra")["train"][0].tags == ("B-PER",)  # the first of two stays
    entry = sources(tmp_path)["fra"]
    assert entry["conversions"] == [
        "PAN-X: Wikipedia, silver, from its links",
        "1 repeated sentences of dev removed, 2 of train that it repeats or dev has",
        "the first half of dev as dev, the second as test",
        "words to NFC",
    ]
    assert entry["licence"] == "unknown; the text is Wikipedia's (CC BY-SA)"
    assert entry["notes"] == [
        "fra train: 5 sentences, known to have 20,000",
        "fra dev: 6 sentences, known to have 10,000",
    ]


def test_words_of_which_nothing_is_seen_are_dropped_and_counted(polyner, server, tmp_path):
    assert polyner("corpora", "fetch", "panx", "Tamil", "zh", "--out", tmp_path).code == 0
    assert read(tmp_path, "tam")["train"] == (
        Sentence(("a", "b"), ("B-ORG", "I-ORG")),
        Sentence(("#", "é"), ("O", "B-PER")),
    )
    assert read(tmp_path, "zho")["train"][0].tags == ("B-PER", "I-PER", "O")
    repairs = {code: entry["repairs"] for code, entry in sources(tmp_path).items()}
    assert repairs == {
        "tam": {"lines cleaned": 1, "orphaned I- tags": 1, "words dropped": 3},
        "zho": {"orphaned I- tags": 1},
    }


@pytest.mark.parametrize("names", [["fra", "ita"], ["fr", "it"], ["French", "italian"], ["French,it"], ["fr it"]])
def test_languages_are_named_by_any_code_or_name(polyner, clones, tmp_path, names):
    answer = polyner("corpora", "fetch", "panx", *names, "--out", tmp_path / "c", "--from", clones, "--json")
    assert [item["language"] for item in json.loads(answer.out)] == ["fra", "ita"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["amh"], "panx has no amh: it has eng, spa, deu"),
        (["tha", "som"], "panx has no som, tha: it has eng"),
        (["fr", "French"], "language 'fra' is named twice"),
        (["Frensh"], "unknown language 'Frensh': an ISO 639-3 code is wanted; did you mean 'fra' (French)?"),
        (["fra", "--revision", "x"], "panx has a commit for each of its repositories, and no --revision"),
    ],
)
def test_what_it_does_not_have_is_said_in_a_line(polyner, tmp_path, names, message):
    answer = polyner("corpora", "fetch", "panx", *names, "--out", tmp_path / "c")
    assert (answer.code, answer.err.count("\n"), answer.out.count("wrote")) == (2, 1, 0)
    assert answer.err.startswith(f"error: {message}")


def test_a_folder_of_clones_gives_the_same_corpora(polyner, server, clones, tmp_path):
    codes = ("fra", "tam", "zho", "yor")
    assert polyner("corpora", "fetch", "panx", *codes, "--out", tmp_path / "a").code == 0
    server.asked.clear()
    answer = polyner("corpora", "fetch", "panx", *codes, "--out", tmp_path / "b", "--from", clones)
    assert (answer.code, server.asked) == (0, [])
    assert f"note: an unverified clone of {REPOSITORY}, expected to be at {COMMIT}" in answer.err
    there, here = sources(tmp_path / "a"), sources(tmp_path / "b")
    for code in codes:
        assert there[code]["fingerprint"] == here[code]["fingerprint"]
        for split in SPLITS:
            file = f"{code}/{split}.conll"
            assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_a_malformed_file_is_named_with_its_line(polyner, clones, tmp_path):
    file = clones / REPOSITORY / path("dev", "yo")
    file.write_bytes(b"\xe2\x80\x8b\tO\na\tO\nb\tPER\n")
    answer = polyner("corpora", "fetch", "panx", "yor", "--out", tmp_path / "c", "--from", clones)
    assert answer.err == f"error: {file}:3: 'PER' is no tag of IOB1, IOB2, BIOES or BILOU\n"
    file.write_bytes(b"\xff\tO\n")
    answer = polyner("corpora", "fetch", "panx", "yor", "--out", tmp_path / "c", "--from", clones)
    assert answer.err == f"error: {file}:1: not UTF-8 (byte 0xff)\n"


def test_codes_are_those_of_the_files():
    short = {code: corpus.parts["dev"][0][-6:-4] for code, corpus in PANX.items()}
    usual = {"msa": "ms", "zho": "zh", "fas": "fa", "aze": "az", "tgl": "tl", "que": "qu", "swa": "sw", "est": "et"}
    assert len(set(short.values())) == 47
    assert usual.items() <= short.items()
    assert all(KNOWN["panx"][code] and language(code).name != code for code in PANX)


SENTENCES = st.lists(st.sampled_from(["a", "b", "é", "e\u0301"]), min_size=1, max_size=2).flatmap(
    lambda words: st.sampled_from(["O", "B-PER"]).map(lambda tag: Sentence(tuple(words), (tag,) * len(words)))
)


@given(st.lists(SENTENCES, max_size=12), st.lists(SENTENCES, max_size=12))
def test_halves_share_no_sentence(train, dev):
    splits, _ = _halved({"train": train, "dev": dev})
    keys = {split: spellings(splits[split]) for split in SPLITS}
    assert all(len(found) == len(set(found)) for found in keys.values())
    assert not set(keys["train"]) & {*keys["dev"], *keys["test"]}
    assert [*keys["dev"], *keys["test"]] == list(dict.fromkeys(spellings(dev)))
    assert keys["train"] == [key for key in dict.fromkeys(spellings(train)) if key not in set(spellings(dev))]
    assert len(keys["dev"]) - len(keys["test"]) in (0, 1)
    assert {*splits["dev"], *splits["test"]} <= set(dev)
    assert set(splits["train"]) <= set(train)


@pytest.mark.skipif(not (CLONES / REPOSITORY).is_dir(), reason="the real files are not at hand")
class TestReal:
    """The files at the pinned commit."""

    def test_all_languages_are_there(self):
        named = {name for corpus in PANX.values() for names in corpus.parts.values() for name in names}
        there = {file.relative_to(CLONES / REPOSITORY).as_posix() for file in (CLONES / REPOSITORY).rglob("*.tsv")}
        assert named == there
        assert len(there) == 2 * 47

    @pytest.mark.parametrize(
        ("code", "sizes", "repairs", "fingerprint"),
        [
            ("yor", [86, 47, 46], {}, "833da0e82639cd816b5a10b8463288726fc30e47d9f8ae743c892785bce2b609"),
            ("ben", [3501, 381, 380], {}, "df5242a332b7c6582544a1dd0ff8f1bcd2125ec18803bb367a8d6e9e3e475df4"),
            (
                "mya",
                [93, 50, 50],
                {"words dropped": 1},
                "43a15a14ad17647f4756bf6c6a35c943c4b1ef1c8aebd526f8355982cefe1a5f",
            ),
            (
                "jpn",
                [18536, 4821, 4820],
                {"orphaned I- tags": 1515, "words dropped": 4},
                "b668420a67408401cdb6feee3054ab4013e903a9daa7f34ecc9c5566e4f58347",
            ),
            (
                "heb",
                [17292, 4769, 4769],
                {"words dropped": 12},
                "15dc5805003f444e947953b59ab5254cb1f6b9770954a42cfdef177f1d3a4fb7",
            ),
            (
                "tam",
                [12423, 483, 482],
                {"words dropped": 52},
                "c8a4a65ee448c5f14d3fb5c4d80257ee47b9ebddeceae52158fb83326b6e138c",
            ),
            (
                "urd",
                [12598, 472, 472],
                {"words dropped": 4},
                "bcfcdb839fc46341c93a8b13ac9c57c2fd05ff05df79a28e81b4df269f0887a3",
            ),
        ],
    )
    def test_corpora_are_always_the_same(self, code, sizes, repairs, fingerprint):
        corpus, source = read_repository("panx", code, PANX[code], from_clones(CLONES))
        keys = [key for split in SPLITS for key in spellings(corpus[split])]
        assert len(keys) == len(set(keys))
        assert [len(corpus[split]) for split in SPLITS] == sizes
        assert corpus.types == ("LOC", "ORG", "PER")
        assert (source.repairs, source.notes) == (repairs, [])
        assert corpus.fingerprint == fingerprint
