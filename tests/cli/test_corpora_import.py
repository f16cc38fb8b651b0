"""`polyner corpora import`: LORELEI packages, and the official files of CoNLL-2002 and CoNLL-2003."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from polyner.corpora.folder import is_sample, mark_sample, read_corpora
from polyner.corpora.sources.provenance import KNOWN, Known
from tests.conftest import sentence
from tests.corpora.lorelei.packs import by_characters, laf, write, write_tagged

SOMALI = [sentence("Ali/B-PER waa nabad"), sentence("Muqdisho/B-GPE waa magaalo")]
ENGLISH = (
    "-DOCSTART- -X- -X- O\n\nEU NNP I-NP I-ORG\nrejects VBZ I-VP O\n\nPeter NNP I-NP I-PER\nBlackburn NNP I-NP I-PER\n"
)
GERMAN = "-DOCSTART- -X- -X- -X- O\n\nKöln Köln NE I-NC I-LOC\nAarau Aarau NE I-NC B-LOC\ngrüßt grüßen VVFIN I-VC O\n"
SPANISH = "Melbourne B-LOC\n( O\nEspaña B-LOC\n\n"
DUTCH = "-DOCSTART- -DOCSTART- O\nDe Art O\ncoöperatie N B-ORG\n\n"


@pytest.fixture
def pack(tmp_path):
    root = tmp_path / "pack"
    for number in range(10):
        write_tagged(root, f"NW_X_SOM_{number:06}", SOMALI)
    write(root, "SN_TWT_000001", None, laf("SN_TWT_000001", by_characters("PER", 0, 2)))
    return root


def test_lorelei_packages_are_imported_reported_and_recorded(polyner, pack, tmp_path):
    out = tmp_path / "corpora"
    answer = polyner("corpora", "import", "lorelei", pack, "--language", "som", "--out", out)
    assert answer.code == 0, answer.err
    lines = [line.split() for line in answer.out.splitlines()]
    assert ["tweets", "without", "text,", "skipped", "1"] in lines
    assert ["PER", "kept", "10"] in lines
    assert f"wrote {out}/som: train 16, dev 2, test 2 sentences, GPE PER" in answer.out
    entry = json.loads((out / "SOURCES.json").read_text())["som"]
    assert (entry["name"], entry["origin"], entry["repairs"]["tweets"]) == ("lorelei", "pack", 1)
    assert entry["counts"]["train"] == {"sentences": 16, "words": 48, "entities": {"GPE": 8, "PER": 8}}
    assert entry["fingerprint"] == read_corpora(out)["som"].fingerprint
    again = polyner("corpora", "import", "lorelei", pack, "-l", "som", "--out", out)
    assert (again.code, again.err) == (2, f"error: {out}/som is there already; --force replaces it\n")
    chosen = polyner(
        "corpora", "import", "lorelei", pack, "-l", "som", "--out", out, "--force", "--types", "PER", "--json"
    )
    assert json.loads(chosen.out)["report"]["other_types"] == {"GPE": 10}
    assert read_corpora(out)["som"].types == ("PER",)


def test_a_package_may_have_a_name_that_is_not_utf_8(polyner, pack, tmp_path):
    odd = pack.rename(tmp_path / os.fsdecode(b"pack\xff"))
    answer = polyner("corpora", "import", "lorelei", odd, "--language", "som", "--out", tmp_path / "corpora")
    assert answer.code == 0, answer.err
    assert json.loads((tmp_path / "corpora" / "SOURCES.json").read_text())["som"]["origin"] == odd.name


def test_a_package_may_be_a_link_with_links_inside(polyner, pack, tmp_path):
    link = tmp_path / "links" / "pack"
    link.parent.mkdir()
    link.symlink_to(pack)
    answer = polyner("corpora", "import", "lorelei", link.parent, "--language", "som", "--out", tmp_path / "corpora")
    assert answer.code == 0, answer.err
    assert len(read_corpora(tmp_path / "corpora")["som"].train) == 16


@pytest.mark.parametrize(
    ("language", "message"), [("xxx", "unknown language 'xxx'"), ("som,vie", "one --language"), ("", "one --language")]
)
def test_a_package_is_of_one_language(polyner, pack, tmp_path, language, message):
    answer = polyner("corpora", "import", "lorelei", pack, "-l", language, "--out", tmp_path / "corpora")
    assert answer.code == 2
    assert message in answer.err
    assert not (tmp_path / "corpora").exists()


def test_real_corpora_do_not_go_among_generated_ones(polyner, pack, tmp_path):
    mark_sample(tmp_path / "sample")
    answer = polyner("corpora", "import", "lorelei", pack, "-l", "som", "--out", tmp_path / "sample")
    assert (answer.code, "generated sample corpora" in answer.err) == (2, True)


@pytest.fixture
def official(tmp_path):
    """Files named and encoded as the shared tasks have them, with two sentences at most."""
    root = tmp_path / "official"
    (root / "ner").mkdir(parents=True)
    for language, text in (("eng", ENGLISH), ("deu", GERMAN), ("esp", SPANISH), ("ned", DUTCH)):
        for end in ("train", "testa", "testb"):
            (root / "ner" / f"{language}.{end}").write_bytes(text.encode("iso-8859-1"))
    return root


def test_official_files_are_recognised_decoded_and_checked(polyner, official, tmp_path):
    out = tmp_path / "corpora"
    answer = polyner("corpora", "import", "conll", official, "--out", out)
    assert answer.code == 0
    corpora = read_corpora(out)
    assert list(corpora) == ["eng", "spa", "deu", "nld"]
    assert corpora["deu"].dev == (sentence("Köln/B-LOC Aarau/B-LOC grüßt"),)
    assert corpora["eng"].train[1].tags == ("B-PER", "I-PER")
    assert corpora["spa"].test[0].words[2] == "España"
    assert corpora["nld"].train[0].words == ("De", "coöperatie")
    assert "note: eng train: 2 sentences, known to have 14,041" in answer.err
    assert "note: spa dev: 2 LOC, known to have 984" in answer.err
    entry = json.loads((out / "SOURCES.json").read_text())["deu"]
    assert entry["conversions"][0] == "deu.train: ISO-8859-1, IOB1 to IOB2"
    assert len(entry["files"]["deu.train"]) == 64
    assert any("known to have 12,152" in note for note in entry["notes"])


@pytest.mark.parametrize(("root", "clean"), [("corpora", "clean"), ("corpora", "sample"), ("sample", "clean")])
def test_clean_splits_keep_the_record_of_their_source(polyner, official, tmp_path, monkeypatch, root, clean):
    monkeypatch.chdir(tmp_path)
    for end, word in (("train", "Jan"), ("testa", "Piet"), ("testb", "Kees")):
        (official / "ner" / f"ned.{end}").write_text(f"{word} N B-PER\n\n" * 2)
    polyner("corpora", "import", "conll", official, "--out", tmp_path / root)
    for code in ("eng", "deu", "spa"):
        shutil.rmtree(tmp_path / root / code)
    answer = polyner("corpora", "validate", root, "--deduplicate", clean)
    assert answer.code == 0, answer.err
    assert not is_sample(tmp_path / clean)
    entries = json.loads((tmp_path / clean / "SOURCES.json").read_text())
    assert list(entries) == ["nld"]
    assert entries["nld"]["name"] == "conll2002"
    assert entries["nld"]["conversions"][-1].startswith("repeated sentences removed")
    assert entries["nld"]["counts"]["train"]["sentences"] == 1


def test_a_corpus_that_cannot_be_written_leaves_the_one_before(polyner, official, tmp_path, monkeypatch):
    out = tmp_path / "corpora"
    assert polyner("corpora", "import", "conll", official, "--out", out).code == 0
    before = read_corpora(out)["eng"].fingerprint
    full = OSError(28, "No space left on device")
    monkeypatch.setattr("pathlib.Path.write_bytes", lambda *_, **__: (_ for _ in ()).throw(full))
    answer = polyner("corpora", "import", "conll", official, "--out", out, "--force")
    assert (answer.code, "cannot be written: No space left on device" in answer.err) == (2, True)
    assert read_corpora(out)["eng"].fingerprint == before
    assert sorted(path.name for path in out.iterdir()) == ["SOURCES.json", "deu", "eng", "nld", "spa"]


def test_a_corpus_that_cannot_take_its_place_leaves_the_one_before(polyner, official, tmp_path, monkeypatch):
    out = tmp_path / "corpora"
    assert polyner("corpora", "import", "conll", official, "--out", out).code == 0
    before = read_corpora(out)["eng"].fingerprint
    rename = Path.rename

    def failing(path, target):
        if path.parent.name.startswith(".eng.") and Path(target) == out / "eng":
            raise OSError(5, "Input/output error")
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", failing)
        answer = polyner("corpora", "import", "conll", official, "--out", out, "--force")
    assert (answer.code, "eng: cannot be written: Input/output error" in answer.err) == (2, True)
    assert read_corpora(out)["eng"].fingerprint == before
    assert sorted(path.name for path in out.iterdir()) == ["SOURCES.json", "deu", "eng", "nld", "spa"]


@pytest.mark.parametrize("force", [False, True])
def test_a_corpus_that_a_killed_process_had_moved_aside_is_put_back(polyner, official, tmp_path, monkeypatch, force):
    out = tmp_path / "corpora"
    assert polyner("corpora", "import", "conll", official, "--out", out).code == 0
    before = read_corpora(out)["eng"].fingerprint
    rename = Path.rename

    class Killed(BaseException):
        pass

    def killed(path, target):
        rename(path, target)
        if path == out / "eng":
            monkeypatch.setattr("polyner.corpora.sources.fetch._put_back", lambda *_: None)
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", killed)
        with pytest.raises(Killed):
            polyner("corpora", "import", "conll", official, "--out", out, "--force")
    assert not (out / "eng").exists()
    monkeypatch.undo()
    answer = polyner("corpora", "import", "conll", official, "--out", out, *(["--force"] if force else []))
    assert answer.code == (0 if force else 2)
    assert read_corpora(out)["eng"].fingerprint == before
    assert sorted(path.name for path in out.iterdir()) == ["SOURCES.json", "deu", "eng", "nld", "spa"]


def test_copies_in_utf_8_and_right_counts(polyner, official, tmp_path, monkeypatch):
    for end in ("train", "testa", "testb"):
        (official / "ner" / f"deu.{end}").write_text(GERMAN, encoding="utf-8")
    known = dict.fromkeys(("train", "dev", "test"), Known(1, {"LOC": 2}))
    monkeypatch.setitem(KNOWN["conll2003"], "deu", known)
    files = [official / "ner" / f"deu.{end}" for end in ("train", "testa", "testb")]
    answer = polyner("corpora", "import", "conll", *files, "--out", tmp_path / "corpora")
    assert (answer.code, answer.err) == (0, "")
    assert "deu: all counts are those known of conll2003" in answer.out
    assert read_corpora(tmp_path / "corpora")["deu"].train[0].words[0] == "Köln"


def test_official_files_that_are_missing_or_there_twice(polyner, official, tmp_path):
    out = tmp_path / "corpora"
    (official / "ner" / "ned.testb").unlink()
    answer = polyner("corpora", "import", "conll", official, "--out", out)
    assert (answer.code, answer.err) == (2, f"error: {official}/ner: ned.testb missing\n")
    (official / "eng.train").write_text(ENGLISH)
    answer = polyner("corpora", "import", "conll", official, "--out", out)
    assert (answer.code, "which of the two?" in answer.err) == (2, True)
    answer = polyner("corpora", "import", "conll", tmp_path / "nowhere", "--out", out)
    assert (answer.code, answer.err) == (2, f"error: {tmp_path}/nowhere: no such file or folder\n")
    (tmp_path / "other").mkdir()
    answer = polyner("corpora", "import", "conll", tmp_path / "other", "--out", out)
    assert (answer.code, "no file is named eng.train" in answer.err) == (2, True)
    assert not out.exists()
