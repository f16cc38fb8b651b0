"""`polyner corpora`: list, show, validate, sample."""

from __future__ import annotations

import json
import shutil

import pytest

from polyner.corpora.folder import is_sample, mark_sample, read_corpora, write_corpus
from polyner.corpora.languages import table2
from polyner.corpora.sample import sample_corpus
from polyner.corpora.sentence import Corpus, Sentence
from tests.conftest import sentence


def test_list_is_table_2(polyner):
    rows = json.loads(polyner("corpora", "list", "--json").out)
    assert [row["code"] for row in rows] == list(table2())
    assert rows[1] == {
        "code": "spa",
        "name": "Spanish",
        "family": "Indo-European",
        "genus": "Romance",
        "script": "Latin",
        "group": "conll",
        "paper": 8323,
    }
    table = polyner("corpora", "list").out
    assert "Malayo-Polynesian" in table  # not cut to 80 columns
    assert "8,323" in table


def test_list_shows_what_is_at_hand(polyner, corpora):
    rows = {row["code"]: row for row in json.loads(polyner("corpora", "list", "--corpora", corpora, "--json").out)}
    assert [rows["eng"][split] for split in ("train", "dev", "test")] == [37, 12, 12]
    assert rows["eng"]["types"] == ["LOC", "PER"]
    assert rows["deu"]["train"] is None
    line = next(line for line in polyner("corpora", "list", "--corpora", corpora).out.splitlines() if "eng" in line)
    assert line.split() == ["eng", "English", "conll", "11,663", "37", "12", "12", "LOC", "PER"]


def test_show_counts_by_split_and_type(polyner, corpora):
    (shown,) = json.loads(polyner("corpora", "show", "eng", "--corpora", corpora, "--sentences", 1, "--json").out)
    assert shown["splits"]["test"] == {
        "sentences": 12,
        "words": 60,
        "entities": 24,
        "by_type": {"LOC": 12, "PER": 12},
        "repairs": 0,
    }
    assert shown["fingerprint"] == read_corpora(corpora)["eng"].fingerprint
    assert shown["first"] == ["[PER Anna] visits [LOC Oxton Town] ."]
    text = polyner("corpora", "show", "--corpora", corpora, "--sentences", 1).out
    assert "English (eng)" in text
    assert "Spanish (spa)" in text
    assert "[PER Anna] visits [LOC Oxton Town] ." in text


@pytest.fixture
def others(tmp_path):
    """Corpora of languages that are not in Table 2, and of one that is."""
    for code, place in (("jpn", "東 京 Tokyo"), ("fra", "Orléans"), ("rus", "Орёл"), ("kat", "თბილისი Орёл")):
        made = (sentence(" ".join(f"{word}/B-LOC" for word in place.split())),)
        write_corpus(tmp_path, Corpus(code, made, made, made))
    return tmp_path


def test_languages_outside_table_2_are_listed_behind_it(polyner, others):
    rows = json.loads(polyner("corpora", "list", "--corpora", others, "--json").out)
    assert [row["code"] for row in rows] == [*table2(), "fra", "kat", "jpn"]
    assert rows[-1] == {
        **{"code": "jpn", "name": "Japanese", "family": None, "genus": None, "script": "Japanese"},
        **{"group": None, "paper": None, "train": 1, "dev": 1, "test": 1, "types": ["LOC"]},
    }
    lines = polyner("corpora", "list", "--corpora", others).out.splitlines()
    assert lines[-2].split() == ["kat", "Georgian", "1", "1", "1", "LOC"]


def test_languages_outside_table_2_are_shown(polyner, others):
    text = polyner("corpora", "show", "French", "ja", "--corpora", others).out
    assert f"French (fra), {others}" in text
    assert "[LOC 東] [LOC 京] [LOC Tokyo]" in text
    assert polyner("corpora", "show", "--corpora", others).out.count("fingerprint") == 4
    answer = polyner("corpora", "show", "ron", "--corpora", others)
    assert (answer.code, answer.err.count("\n"), "ron" in answer.err) == (2, 1, True)


def test_languages_outside_table_2_are_validated(polyner, others):
    found = json.loads(polyner("corpora", "validate", others, "--json").out)
    assert (found["ok"], found["notes"]) == (True, [])
    scripts = {report["file"].removeprefix(f"{others}/"): report["other_scripts"] for report in found["files"]}
    assert {file: found for file, found in scripts.items() if found} == {
        f"kat/{split}.conll": {"CYRILLIC": 1} for split in ("train", "dev", "test")
    }


def test_a_sample_of_a_language_outside_table_2_is_refused_before_anything_is_written(polyner, tmp_path):
    answer = polyner("corpora", "sample", "--out", tmp_path / "c", "-l", "eng,fra")
    assert answer.code == 2
    assert answer.err.startswith("error: no sample corpus for language 'fra': one of eng")
    assert not (tmp_path / "c").exists()


def test_show_says_what_is_missing(polyner, corpora):
    assert polyner("corpora", "show", "eng", "deu", "--corpora", corpora).err == f"error: {corpora}: no corpus of deu\n"


def test_tokens_cannot_colour_or_command_the_terminal(polyner, tmp_path):
    words = ("[red]x[/red]", "\x1b[31mred", "\u202eturned", "\x9b2J", "می\u200cخواهم", "[/]")
    odd = (Sentence(words, ("B-[bold]PER", *["O"] * 5)),)
    write_corpus(tmp_path, Corpus("eng", odd, odd, odd))
    out = polyner("corpora", "show", "--corpora", tmp_path).out
    assert "[[bold]PER [red]x[/red]] [31mred \\u202eturned \\x9b2J می\u200cخواهم [/]" in out
    assert any(line.split()[-2:] == ["[bold]PER", "repairs"] for line in out.splitlines())
    assert not {"\x1b", "\x9b", "\u202e"} & set(out)


def test_validate_counts_each_file(polyner, corpora, tmp_path):
    answer = polyner("corpora", "validate", corpora, "--json")
    report = json.loads(answer.out)
    assert (answer.code, answer.err, report["ok"], report["errors"], report["notes"]) == (0, "", True, [], [])
    assert len(report["files"]) == 6
    one = tmp_path / "one.txt"
    one.write_text("Ann S-PER\nmet O\nBob S-PER\n\nBonn S-LOC\n")
    (file,) = json.loads(polyner("corpora", "validate", one, "--json").out)["files"]
    assert file == {
        "file": str(one),
        "error": None,
        "scheme": "BIOES",
        "sentences": 2,
        "words": 4,
        "entities": 3,
        "by_type": {"LOC": 1, "PER": 2},
        "duplicates": 0,
        "seen_in_train": None,
        "seen_in_dev": None,
        "repairs": 0,
        "cleaned": 0,
        "not_nfc": 0,
        "lone_marks": 0,
        "turned": 0,
        "longest_sentence": 3,
        "longest_word": 4,
        "other_scripts": {},
        "suspicious": 0,
        "examples": [],
    }
    table = polyner("corpora", "validate", corpora).out.splitlines()
    assert table[2].split() == ["eng/dev.conll", "IOB2", "12", "60", "24", "12", "12"]


def test_validate_shows_what_is_wrong_with_a_corpus(polyner, tmp_path):
    train = [sentence("Jan/B-PER slaapt"), sentence("Jan/B-PER slaapt"), sentence("Mьnchen/B-LOC Москва/B-LOC")]
    test = [sentence("Jan slaapt"), sentence("een huis"), sentence("cafe\u0301 \u0301")]
    write_corpus(tmp_path, Corpus("nld", tuple(train), (sentence("een huis"),), tuple(test)))
    files = json.loads(polyner("corpora", "validate", tmp_path, "--json").out)["files"]
    found = {file["file"].rpartition("/")[2]: file for file in files}
    assert found["train.conll"]["duplicates"] == 1
    assert found["train.conll"]["other_scripts"] == {"CYRILLIC": 2}
    assert (found["train.conll"]["suspicious"], found["train.conll"]["examples"]) == (1, ["Mьnchen"])
    assert found["dev.conll"]["seen_in_train"] == 0
    seen = [found["test.conll"][key] for key in ("seen_in_train", "seen_in_dev", "not_nfc", "lone_marks")]
    assert seen == [1, 1, 1, 1]
    table = polyner("corpora", "validate", tmp_path).out
    assert "CYRILLIC 2" in table
    assert "1 (Mьnchen)" in table


@pytest.mark.parametrize(("keep", "sizes"), [("train", [2, 1, 1]), ("test", [1, 0, 3])])
def test_validate_writes_splits_that_share_nothing(polyner, tmp_path, keep, sizes):
    train = [sentence("Jan/B-PER slaapt"), sentence("Jan slaapt"), sentence("het/O regent")]
    test = [sentence("Jan slaapt"), sentence("een huis"), sentence("nog/O iets")]
    write_corpus(tmp_path / "in", Corpus("nld", tuple(train), (sentence("een huis"),), tuple(test)))
    clean = tmp_path / "out"
    if keep == "test":
        # The only sentence of dev is the test set's: nothing of dev is left, which no file can say.
        answer = polyner("corpora", "validate", tmp_path / "in", "--deduplicate", clean, "--keep", keep)
        assert (answer.code, answer.err) == (2, "error: nld: nothing is left of dev.conll\n")
        assert not clean.exists()
        return
    answer = polyner("corpora", "validate", tmp_path / "in", "--deduplicate", clean, "--keep", keep)
    assert answer.code == 0
    assert f"wrote {clean}/nld/test.conll: 2 sentences removed" in answer.out
    read = read_corpora(clean)["nld"]
    assert [len(read[split]) for split in ("train", "dev", "test")] == sizes
    assert read.train[0].tags == ("B-PER", "O")
    again = polyner("corpora", "validate", tmp_path / "in", "--deduplicate", clean)
    assert (again.code, again.err) == (2, f"error: {clean}/nld/dev.conll is there already: name another folder\n")


def test_only_files_of_splits_are_written_without_repeated_sentences(polyner, tmp_path):
    (tmp_path / "one.conll").write_text("Ann B-PER\n\nAnn B-PER\n")
    answer = polyner("corpora", "validate", tmp_path / "one.conll", "--deduplicate", tmp_path / "out")
    assert answer.code == 2
    assert "--deduplicate is for files named train.conll, dev.conll and test.conll" in answer.err
    assert not (tmp_path / "out").exists()


def test_generated_corpora_without_repeated_sentences_are_still_marked(polyner, tmp_path):
    for name in ("sample", "real"):
        splits = {split: (sentence(f"{split}/B-PER"),) * 2 for split in ("train", "dev", "test")}
        write_corpus(tmp_path / name, Corpus("eng", **splits))
    mark_sample(tmp_path / "sample")
    for name in ("sample", "real"):
        answer = polyner("corpora", "validate", tmp_path / name, "--deduplicate", tmp_path / f"{name}-clean")
        assert answer.code == 0, answer.err
        assert is_sample(tmp_path / f"{name}-clean") == (name == "sample")


def test_validate_names_every_malformed_file(polyner, corpora, tmp_path):
    write_corpus(tmp_path, read_corpora(corpora)["eng"])
    (tmp_path / "eng" / "dev.conll").write_text("Ann B-PER\nmet\n")
    (tmp_path / "eng" / "test.conll").write_bytes(b"Ann\tB-PER\nM\xfcnchen\tB-LOC\n")
    (tmp_path / "spa").mkdir()
    (tmp_path / "spa" / "train.conll").write_text("Ana B-PER\n")
    (tmp_path / "klingon").mkdir()
    (tmp_path / "klingon" / "all.conll").write_text("Worf B-PER\n")
    answer = polyner("corpora", "validate", tmp_path)
    assert answer.code == 2
    assert answer.err.splitlines() == [
        f"note: {tmp_path}/klingon: not named by an ISO 639-3 code, so it is not read as a corpus",
        f"error: {tmp_path}/eng/dev.conll:2: 1 column where the lines before have 2",
        f"error: {tmp_path}/eng/test.conll:2: not UTF-8 (byte 0xfc)",
        f"error: {tmp_path}/spa: dev.conll and test.conll missing",
    ]
    assert "eng/train.conll" in answer.out
    answer = polyner("corpora", "validate", tmp_path, "--json")
    assert answer.code == 2
    assert len(json.loads(answer.out)["errors"]) == 3


def test_validate_reads_the_languages_that_links_lead_to(polyner, corpora, tmp_path):
    (tmp_path / "eng").symlink_to(corpora / "spa")
    (tmp_path / "corpora").symlink_to(tmp_path)
    report = json.loads(polyner("corpora", "validate", tmp_path, "--json").out)
    assert (report["ok"], report["notes"]) == (True, [])
    assert [file["file"] for file in report["files"]] == [f"{tmp_path}/eng/{s}.conll" for s in ("dev", "test", "train")]
    assert list(read_corpora(tmp_path)) == ["eng"]


@pytest.mark.parametrize("made", [False, True])
def test_validate_of_nothing(polyner, tmp_path, made):
    folder = tmp_path / "folder"
    if made:
        folder.mkdir()
    answer = polyner("corpora", "validate", folder)
    assert answer.code == 2
    assert answer.err == f"error: {folder}: {'no .conll file in it' if made else 'no such file or folder'}\n"


def test_sample_is_written_as_it_is_built_in(polyner, tmp_path):
    answer = polyner("corpora", "sample", "--out", tmp_path, "--languages", "swa,eng", "--seed", 3)
    assert answer.code == 0
    assert "generated" in answer.err
    written = read_corpora(tmp_path)
    assert list(written) == ["eng", "swa"]
    assert written["swa"].fingerprint == sample_corpus("swa", 3).fingerprint


def test_sample_overwrites_nothing_unless_told(polyner, tmp_path):
    target = tmp_path / "eng" / "train.conll"
    target.parent.mkdir()
    target.write_text("mine")
    answer = polyner("corpora", "sample", "--out", tmp_path)
    assert (answer.code, answer.err) == (2, f"error: {target} is there already; --force overwrites it\n")
    assert target.read_text() == "mine"
    assert polyner("corpora", "sample", "--out", tmp_path, "-l", "eng", "--force").code == 0
    assert target.read_text() != "mine"


@pytest.mark.parametrize("name", ["real", "sample"])
def test_a_sample_goes_among_no_real_corpora(polyner, corpora, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(corpora, name)
    answer = polyner("corpora", "sample", "--out", name, "-l", "swa")
    assert (answer.code, answer.err) == (2, f"error: {name} holds other corpora (eng, spa): name another folder\n")
    assert not is_sample(tmp_path / name)
    assert sorted(path.name for path in (tmp_path / name).iterdir()) == ["eng", "spa"]


def test_a_sample_that_was_written_in_part_is_known_as_one(polyner, tmp_path, monkeypatch):
    monkeypatch.setattr("polyner.cli.corpora.write_corpus", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    polyner("corpora", "sample", "--out", tmp_path, "-l", "eng")
    assert is_sample(tmp_path)


@pytest.mark.parametrize(
    ("languages", "message"), [("eng,xyz", "unknown language 'xyz'"), ("eng, eng", "language 'eng' is named twice")]
)
def test_languages_are_checked(polyner, tmp_path, languages, message):
    answer = polyner("corpora", "sample", "--out", tmp_path, "-l", languages)
    assert answer.code == 2
    assert answer.err.startswith(f"error: {message}")
