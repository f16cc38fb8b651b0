"""`polyner corpora fetch`, from a hub and repositories on this machine that serve files of the real shapes."""

from __future__ import annotations

import json

import pytest

from polyner.corpora.folder import read_corpora
from polyner.corpora.sources.catalogue import HUB, OPEN
from polyner.corpora.sources.provenance import KNOWN, Known
from polyner.errors import CorpusError
from tests.conftest import sentence
from tests.corpora.sources.servers import COMMIT, NAMES, Hub, parquet, serving

CONLL = [*NAMES, "B-MISC", "I-MISC"]
SOMALI = [(["Ali", "waa", "nabad"], [1, 0, 0]), (["Muqdisho", "x"], [5, 6])]


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """A hub with small copies of the collections, in the layouts that they have there."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    made = Hub(
        {
            "unimelb-nlp/wikiann": {
                "README.md": b"",
                **{f"so/{split}-00000-of-00001.parquet": parquet(SOMALI) for split in ("train", "validation", "test")},
                **{f"uz/{split}-00000-of-00001.parquet": parquet(SOMALI) for split in ("train", "validation")},
                "som/train-00000-of-00001.parquet": b"another language",
                "../../so/train-00000-of-00001.parquet": b"a name that leads out of the cache",
            },
            "eriktks/conll2002": {
                "conll2002.py": b"raise SystemExit('a script that nobody runs')",
                **{f"es/{split}/0000.parquet": parquet(SOMALI, CONLL) for split in ("train", "validation", "test")},
            },
            "eriktks/conll2003": {
                f"conll2003/{split}/0000.parquet": parquet(SOMALI, None) for split in ("train", "validation", "test")
            },
            "masakhane/masakhaner": {
                f"amh/{split}/0000.parquet": parquet([(["ሰኞ"], [7])], None) for split in ("train", "validation", "test")
            },
            "masakhane/masakhaner2": {
                f"swa/{split}/0000.parquet": parquet([(["Jumatatu"], [7])], None)
                for split in ("train", "validation", "test")
            },
            "Babelscape/wikineural": {
                f"data/{split}_de-00000-of-00001-0123abcd.parquet": parquet([(["Bonn", "x"], ["B-LOC", "O"])])
                for split in ("train", "val", "test")
            },
            "universalner/universal_ner": {
                f"tl_{name}/test/0000.parquet": parquet([([f"{name}{i}"], [1]) for i in range(20)])
                for name in ("trg", "ugnayan")
            },
        }
    )
    with serving(made) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        yield made


def test_a_collection_of_the_hub_comes_with_its_licence_and_a_record(polyner, hub, tmp_path):
    out = tmp_path / "corpora"
    answer = polyner("corpora", "fetch", "wikiann", "som", "--out", out)
    assert answer.code == 0, answer.err
    assert answer.out.index("licence of som: ODC-BY") < answer.out.index(f"wrote {out}/som: train 2, dev 2, test 2")
    assert "note: som train: 2 sentences, known to have 100" in answer.err
    corpus = read_corpora(out)["som"]
    assert corpus.train == (sentence("Ali/B-PER waa nabad"), sentence("Muqdisho/B-LOC x/I-LOC"))
    entry = json.loads((out / "SOURCES.json").read_text())["som"]
    assert (entry["origin"], entry["revision"]) == ("unimelb-nlp/wikiann", COMMIT)
    assert entry["licence"].startswith("ODC-BY")
    assert entry["counts"]["test"] == {"sentences": 2, "words": 5, "entities": {"LOC": 1, "PER": 1}}
    assert len(entry["files"]) == 3
    assert all(len(digest) == 64 for digest in entry["files"].values())
    assert not any("som/train" in path for path in hub.asked)


def test_what_was_fetched_stays_at_its_revision(polyner, hub, tmp_path):
    out = tmp_path / "corpora"
    polyner("corpora", "fetch", "conll2002", "spa", "--out", out)
    assert hub.asked[0].partition("?")[0] == "/api/datasets/eriktks/conll2002/revision/refs/convert/parquet"
    hub.asked.clear()
    again = polyner("corpora", "fetch", "conll2002", "spa", "--out", out)
    assert (again.code, hub.asked) == (0, [])
    assert again.err == "note: spa: there already, at the same revision and unchanged; --force fetches anew\n"
    for other in (
        ("wikineural", "spa"),
        ("conll2002", "spa", "--revision", "0" * 40),
        ("conll2002", "spa", "--from", out),
    ):
        again = polyner("corpora", "fetch", *other, "--out", out)
        assert (again.code, again.err) == (2, f"error: {out}/spa is there already; --force replaces it\n")
    assert polyner("corpora", "fetch", "conll2002", "spa", "--out", out, "--force").code == 0
    assert hub.asked[0].partition("?")[0] == f"/api/datasets/eriktks/conll2002/revision/{COMMIT}"
    assert not any(path.endswith(".py") for path in hub.asked)


@pytest.mark.parametrize(
    ("name", "language", "tag"),
    [
        ("conll2003-eng", "eng", "B-PER"),
        ("masakhaner", "amh", "B-DATE"),
        ("masakhaner2", "swa", "B-DATE"),
        ("wikineural", "deu", "B-LOC"),
        ("uner", "tgl", "B-PER"),
    ],
)
def test_every_layout_of_the_hub_is_read(polyner, hub, tmp_path, name, language, tag):
    answer = polyner("corpora", "fetch", name, language, "--out", tmp_path / "corpora", "--json")
    assert answer.code == 0, answer.err
    corpus = read_corpora(tmp_path / "corpora")[language]
    assert corpus.train[0].tags[0] == tag
    if name == "uner":
        assert [len(corpus[split]) for split in ("train", "dev", "test")] == [32, 4, 4]
    (said,) = json.loads(answer.out)
    assert (said["revision"], said["licence"]) == (COMMIT, HUB[name].licence)
    assert f"licence of {language}: {HUB[name].licence}" in answer.err


def test_with_json_the_licence_is_said_before_anything_is_fetched(polyner, tmp_path, monkeypatch):
    def stop(*_, **__):
        raise CorpusError("nothing is fetched")

    monkeypatch.setattr("polyner.corpora.sources.fetch.fetch", stop)
    answer = polyner("corpora", "fetch", "open", "amh", "swa", "hin", "--out", tmp_path / "corpora", "--json")
    assert (answer.code, answer.out) == (2, "")
    assert [line[:17] for line in answer.err.splitlines()] == ["note: licence of "] * 3 + ["error: nothing is"]


def test_every_collection_names_languages_files_and_a_licence():
    assert len(HUB["wikiann"].configurations) == 18
    assert len(OPEN) == 15
    for collection in HUB.values():
        assert collection.licence
        for configs in collection.configurations.values():
            for config in configs:
                split = collection.splits[1]
                names = [f"{config}/{split}/0000.parquet", f"data/{split}_{config}-00000-of-00001.parquet"]
                assert (config, split) in [collection.place(name) for name in names]
                assert collection.place(f"{config}/partial-{split}/0000.parquet") is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["wikiann", "uzb"], "unimelb-nlp/wikiann: no parquet file of uzb test"),
        (["wikiann", "xxx"], "unknown language 'xxx'"),
        (["conll2002", "eng"], "conll2002 has no eng: it has spa, nld"),
        (["wikinews"], "unknown collection 'wikinews': one of wikiann,"),
        (["gone", "amh"], "masakhane/masakhaner is not on the hub, or not at this revision"),
        (["open", "eng", "--revision", "x"], "open has a commit for each of its repositories"),
    ],
)
def test_what_cannot_be_had_is_said_in_a_line(polyner, hub, tmp_path, arguments, message):
    if arguments[0] == "gone":
        del hub.files["masakhane/masakhaner"]
        arguments = ["masakhaner", *arguments[1:]]
    answer = polyner("corpora", "fetch", *arguments, "--out", tmp_path / "corpora")
    assert answer.code == 2
    assert answer.err.startswith(f"error: {message}")
    assert answer.err.count("\n") == 1
    assert not (tmp_path / "corpora").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"no parquet", "no parquet file with tokens and ner_tags"),
        (parquet([(["a"], [1])])[:-9], "no parquet file with tokens and ner_tags"),
        (parquet([(["a"], [99])]), "row 0: the label 99 is none of 7"),
        (parquet([(["a", "b"], [1])]), "row 0: not as many tags as tokens"),
        (parquet([(["a"], ["PER"])]), "row 0: 'PER' is no tag"),
    ],
)
def test_files_of_the_hub_that_are_not_what_they_should_be(polyner, hub, tmp_path, content, message):
    hub.files["unimelb-nlp/wikiann"]["so/train-00000-of-00001.parquet"] = content
    answer = polyner("corpora", "fetch", "wikiann", "som", "--out", tmp_path / "corpora")
    assert (answer.code, message in answer.err, answer.err.count("\n")) == (2, True, 1), answer.err
    assert not (tmp_path / "corpora").exists()


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        ("_MOST_ROWS", "10 rows, and no such corpus has more than 9"),
        ("_MOST_VALUES", "20 values, and no such corpus has more than 9"),
        ("_MOST_BYTES", "bytes when unpacked, and no such corpus has more than 9"),
    ],
)
def test_files_of_the_hub_that_would_unpack_to_too_much(polyner, hub, tmp_path, monkeypatch, limit, message):
    hub.files["unimelb-nlp/wikiann"]["so/train-00000-of-00001.parquet"] = parquet([(["a"], [1])] * 10)
    monkeypatch.setattr(f"polyner.corpora.sources.hub.{limit}", 9)
    monkeypatch.setattr("pyarrow.parquet.read_table", None)
    answer = polyner("corpora", "fetch", "wikiann", "som", "--out", tmp_path / "corpora")
    assert (answer.code, message in answer.err, answer.err.count("\n")) == (2, True, 1), answer.err


def test_odd_tokens_are_cleaned_and_counted(polyner, hub, tmp_path):
    odd = [(["-DOCSTART-"], [0]), (["a\tb", "", "\x1b[31m", "e\u0301\n", "c"], [2, 0, 0, 2, 0])]
    hub.files["unimelb-nlp/wikiann"]["so/train-00000-of-00001.parquet"] = parquet(odd)
    assert polyner("corpora", "fetch", "wikiann", "som", "--out", tmp_path).code == 0
    (found,) = read_corpora(tmp_path)["som"].train
    assert (found.words, found.tags) == (("a b", "[31m", "é", "c"), ("B-PER", "O", "B-PER", "O"))
    repairs = json.loads((tmp_path / "SOURCES.json").read_text())["som"]["repairs"]
    assert repairs == {"orphaned I- tags": 2, "words dropped": 2}


def test_a_file_that_is_not_the_hubs_is_refused(polyner, hub, tmp_path):
    hub.wrong_digests = True
    answer = polyner("corpora", "fetch", "wikiann", "som", "--out", tmp_path / "corpora")
    assert (answer.code, "not the file that the hub has" in answer.err) == (2, True)


def test_without_a_network_a_line_says_how_to_bring_the_files(polyner, tmp_path, monkeypatch, hub):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("POLYNER_REPOSITORIES", "http://127.0.0.1:9")
    monkeypatch.setenv("POLYNER_CACHE", str(tmp_path / "cache"))
    for name, by_hand in (
        ("conll2002", "hf download --repo-type dataset eriktks/conll2002 --revision refs/convert/parquet"),
        ("open", "git clone http://127.0.0.1:9/Babelscape/wikineural into FOLDER/"),
    ):
        answer = polyner("corpora", "fetch", name, "--out", tmp_path / "corpora")
        assert answer.code == 2
        assert answer.err.startswith("error: http://127.0.0.1:9 cannot be reached (")
        assert by_hand in answer.err
        assert "--from FOLDER" in answer.err
        assert answer.err.count("\n") == 1


def test_a_hub_that_refuses_is_told_from_one_that_cannot_be_reached(polyner, tmp_path, hub):
    hub.status = 500
    answer = polyner("corpora", "fetch", "conll2002", "spa", "--out", tmp_path / "corpora")
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert "refuses to give it now (HTTP 500); to bring the files by hand: hf download" in answer.err


def test_splits_made_here_share_no_sentence(polyner, hub, tmp_path):
    many = [([f"word{i % 10}"], [i % 2]) for i in range(40)]
    for name in ("trg", "ugnayan"):
        hub.files["universalner/universal_ner"][f"tl_{name}/test/0000.parquet"] = parquet(many)
    assert polyner("corpora", "fetch", "uner", "tgl", "--out", tmp_path).code == 0
    corpus = read_corpora(tmp_path)["tgl"]
    assert len({found.words for split in ("train", "dev", "test") for found in corpus[split]}) == 10
    assert [len(corpus[split]) for split in ("train", "dev", "test")] == [8, 1, 1]
    (said,) = json.loads((tmp_path / "SOURCES.json").read_text())["tgl"]["conversions"]
    assert said.startswith("70 repeated sentences removed, then split 80/10/10")


def test_files_brought_by_hand(polyner, hub, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    for name, data in hub.files["eriktks/conll2002"].items():
        path = tmp_path / "brought" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    answer = polyner("corpora", "fetch", "conll2002", "spa", "--out", tmp_path / "c", "--from", tmp_path / "brought")
    assert answer.code == 0, answer.err
    assert len(read_corpora(tmp_path / "c")["spa"].train) == 2
    answer = polyner("corpora", "fetch", "conll2002", "nld", "--out", tmp_path / "c", "--from", tmp_path)
    assert (answer.code, "no parquet file of nld train" in answer.err) == (2, True)


def test_licences_can_be_read_before_anything_is_fetched(polyner, tmp_path):
    answer = polyner("corpora", "fetch", "open", "amh", "hin", "--licences")
    assert answer.code == 0
    assert "masakhane-io/masakhane-ner: CC BY-NC 4.0" in answer.out
    assert "cfiltnlp/HiNER: CC BY-SA 4.0" in answer.out
    shown = json.loads(polyner("corpora", "fetch", "wikiann", "--licences", "--json").out)
    assert len(shown["licences"]) == 18


def test_right_counts_of_a_collection_of_the_hub(polyner, hub, tmp_path, monkeypatch):
    monkeypatch.setitem(KNOWN["conll2003-eng"], "eng", dict.fromkeys(("train", "dev", "test"), Known(2)))
    answer = polyner("corpora", "fetch", "conll2003-eng", "--out", tmp_path / "c")
    assert "eng: all counts are those known of conll2003-eng" in answer.out
