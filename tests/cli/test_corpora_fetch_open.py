"""`polyner corpora fetch open`, from repositories on this machine that serve files of the real shapes."""

from __future__ import annotations

import json

import pytest

from polyner.corpora.folder import read_corpora
from polyner.corpora.sources.catalogue import OPEN
from polyner.corpora.sources.provenance import KNOWN, Known
from tests.cli.test_corpora_fetch_panx import COMMIT, REPOSITORY, made_files
from tests.corpora.sources.servers import Files, archive, serving

COLUMNS = "".join(f"w{i} B-{{0}}\nx I-{{0}}\n\n" for i in range(20))


def repository_files():
    """Small copies of the files of `open` and `panx`, in the formats of their repositories, by address."""
    files = {f"{REPOSITORY}/raw/{COMMIT}/{path}": data for path, data in made_files().items()}
    for code, corpus in OPEN.items():
        name, commit = corpus.repository
        if corpus.archive:
            continue
        for part, paths in corpus.parts.items():
            for path in paths:
                kind = next(iter(corpus.types), "PER") if corpus.types else "PER"
                text = COLUMNS.replace("w", f"{code}{part}{len(path)}").format(kind)
                if corpus.reader == "numbered":
                    lines = [f"1\t{line.replace(' ', chr(9))}" if line else "" for line in text.split("\n")]
                    text = "# sent_id = 1\n" + "\n".join(lines)
                files[f"{name}/raw/{commit}/{path}"] = text.encode()
        for (other, sha), paths in (corpus.more or {}).items():
            files |= {f"{other}/raw/{sha}/{path}": b"1\tManila\tB-LOC\t-\tme\n\n" for path in paths}
    name, commit = OPEN["hun"].repository
    text = "# global.columns = FORM LEMMA CONLL:NER\nBécsben\tBécs\tB-LOC\nvan\tvan\tO\n\n"
    genres = [f"data/{s}/{g}/a.conllup" for s in ("train", "devel", "test") for g in ("news", "wikipedia", "legal")]
    hungarian = {path: text.replace("van", path).encode() for path in genres}
    files[f"{name}/archive/{commit}.zip"] = archive(hungarian, f"NYTK-NerKor-{commit}")
    name, commit = OPEN["rus"].repository
    files[f"{name}/archive/{commit}.zip"] = archive(russian(), f"factRuEval-2016-{commit}")
    name, commit = OPEN["ben"].repository
    bengali = "\ufeffঢাকা\tB-LOC\n\ufeffআজ\tTIM\nসকাল\tTIM\n\tO\nরহিম\tI-PER\n\n" + "ক\tO\n\nখ\tO\n\n" * 5
    files[f"{name}/raw/{commit}/Input/train_data.txt"] = bengali.encode()
    return files


def russian():
    made = {}
    for folder in ("devset", "testset"):
        for number in range(10):
            stem = f"{folder}/book_{number}"
            words = f"{folder}{number} города Феникс . Юрий Михайлович Лужков {folder}{number}".split()
            blank = {3: "\n"}
            made[f"{stem}.tokens"] = "".join(f"{i} 0 1 {w}\n{blank.get(i, '')}" for i, w in enumerate(words)).encode()
            made[f"{stem}.spans"] = (
                b"1 loc_descr 0 6 1 1  # 1 x\n2 loc_name 0 6 2 1  # 2 x\n3 name 0 1 4 1  # 4 x\n4 surname 0 1 6 1 # 6\n"
            )
            made[f"{stem}.objects"] = (
                "10 LocOrg 1 2 # города Феникс\n11 Location 2 # Феникс\n12 Person 3 4 # Юрий Лужков\n13 Project 1 #\n"
            ).encode()
    return made


@pytest.fixture
def repositories(monkeypatch, tmp_path):
    monkeypatch.setenv("POLYNER_CACHE", str(tmp_path / "cache"))
    server = Files(repository_files())
    with serving(server) as address:
        monkeypatch.setenv("POLYNER_REPOSITORIES", address)
        yield server


def test_the_open_corpora_come_from_their_repositories(polyner, repositories, tmp_path):
    out = tmp_path / "corpora"
    answer = polyner("corpora", "fetch", "open", "--out", out)
    assert answer.code == 0, answer.err
    corpora = read_corpora(out)
    assert set(corpora) == set(OPEN)
    assert corpora["hun"].train[0].words == ("Bécsben", "data/train/news/a.conllup")
    assert len(corpora["hun"].train) == 2
    assert corpora["fas"].types == ("PER",)
    assert [len(corpora["fas"][split]) for split in ("train", "dev", "test")] == [18, 2, 20]
    assert [len(corpora["hin"][split]) for split in ("train", "dev", "test")] == [16, 2, 2]
    assert corpora["tgl"].types == ("LOC", "PER")
    assert all(len(path.split("/")) >= 5 for path in repositories.asked)
    entry = json.loads((out / "SOURCES.json").read_text())
    assert entry["eng"]["revision"] == "d2e28c770cba2b285e742529ae18ed849e336c65"
    assert len(entry["rus"]["files"]) == 1
    assert "known to have 23,187" in entry["eng"]["notes"][0]


def test_factrueval_is_flattened(polyner, repositories, tmp_path):
    assert polyner("corpora", "fetch", "open", "rus", "--out", tmp_path).code == 0
    sentences = {found.words[2]: found for found in read_corpora(tmp_path)["rus"].test}
    assert sentences["Феникс"].tags == ("O", "B-LOCORG", "I-LOCORG", "O")
    assert sentences["Лужков"].tags == ("B-PER", "I-PER", "I-PER", "O")
    repairs = json.loads((tmp_path / "SOURCES.json").read_text())["rus"]["repairs"]
    assert repairs == {"gaps filled": 20, "nested mentions dropped": 20}


def test_bare_types_become_entities(polyner, repositories, tmp_path):
    assert polyner("corpora", "fetch", "open", "ben", "--out", tmp_path).code == 0
    corpus = read_corpora(tmp_path)["ben"]
    (found,) = (s for s in (*corpus.train, *corpus.dev) if len(s) > 1)
    assert found.tags == ("B-LOC", "B-TIM", "I-TIM", "B-PER")
    repairs = json.loads((tmp_path / "SOURCES.json").read_text())["ben"]["repairs"]
    assert repairs["words dropped"] == repairs["lines cleaned"] == repairs["orphaned I- tags"] == 1


def test_files_that_changed_since_they_were_recorded_are_refused(polyner, repositories, tmp_path, monkeypatch):
    assert polyner("corpora", "fetch", "open", "amh", "--out", tmp_path / "c").code == 0
    monkeypatch.setenv("POLYNER_CACHE", str(tmp_path / "other cache"))
    (path,) = (path for path in repositories.files if path.endswith("data/amh/dev.txt"))
    repositories.files[path] += b"more O\n"
    answer = polyner("corpora", "fetch", "open", "amh", "--out", tmp_path / "c", "--force")
    assert answer.code == 2
    assert answer.err.startswith("error: masakhane-io/masakhane-ner: data/amh/dev.txt is another file than the one re")


def test_an_archive_that_was_packed_anew_is_refused_with_a_way_out(polyner, repositories, tmp_path, monkeypatch):
    assert polyner("corpora", "fetch", "open", "rus", "--out", tmp_path / "c").code == 0
    monkeypatch.setenv("POLYNER_CACHE", str(tmp_path / "other cache"))
    name, commit = OPEN["rus"].repository
    repositories.files[f"{name}/archive/{commit}.zip"] = archive(russian(), "another-name")
    answer = polyner("corpora", "fetch", "open", "rus", "--out", tmp_path / "c", "--force")
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert "the archive is another file than the one recorded in SOURCES.json" in answer.err
    assert "fetch it into another --out, and compare the fingerprints" in answer.err
    assert polyner("corpora", "fetch", "open", "rus", "--out", tmp_path / "d").code == 0
    entries = [json.loads((tmp_path / out / "SOURCES.json").read_text())["rus"] for out in ("c", "d")]
    assert entries[0]["files"] != entries[1]["files"]
    assert entries[0]["fingerprint"] == entries[1]["fingerprint"]


def test_a_fetch_that_was_interrupted_goes_on_where_it_was(polyner, repositories, tmp_path):
    out = tmp_path / "c"
    (missing,) = (path for path in repositories.files if path.endswith("data/amh/dev.txt"))
    content = repositories.files.pop(missing)
    answer = polyner("corpora", "fetch", "open", "--out", out)
    assert (answer.code, answer.err.splitlines()[-1].startswith("error: ")) == (2, True)
    assert "it has no data/amh/dev.txt at ba5843cd08aa any more (HTTP 404)" in answer.err
    assert "cannot be reached" not in answer.err
    assert set(read_corpora(out)) == {"eng", "spa", "deu", "nld"}

    repositories.files[missing] = content
    repositories.asked.clear()
    (out / "deu" / "test.conll").write_text("Bonn\tB-LOC\n")
    answer = polyner("corpora", "fetch", "open", "--out", out)
    assert (answer.code, answer.err.splitlines()[-1]) == (2, f"error: {out}/deu is there already; --force replaces it")
    assert "note: eng, spa, nld: there already, at the same revision and unchanged" in answer.err
    assert polyner("corpora", "fetch", "open", "deu", "--out", out, "--force").code == 0
    repositories.asked.clear()
    answer = polyner("corpora", "fetch", "open", "--out", out)
    assert answer.code == 0, answer.err
    assert set(read_corpora(out)) == set(OPEN)
    assert not any("wikineural" in path for path in repositories.asked)
    repositories.asked.clear()
    answer = polyner("corpora", "fetch", "open", "--out", out, "--json")
    assert (answer.code, answer.out, repositories.asked) == (0, "[]\n", [])


def test_a_wrong_answer_that_was_kept_is_named_by_its_file(polyner, repositories, tmp_path):
    (path,) = (path for path in repositories.files if path.endswith("data/amh/dev.txt"))
    repositories.files[path] = b"<html>\n<p>Too many requests.</p>\n</html>\n"
    answer = polyner("corpora", "fetch", "open", "amh", "--out", tmp_path / "c")
    name, commit = OPEN["amh"].repository
    kept = tmp_path / "cache" / "downloads" / name / commit / "data/amh/dev.txt"
    assert (answer.code, kept.is_file()) == (2, True)
    assert answer.err.startswith(f"error: {kept}:2: ")


def test_a_server_that_refuses_is_told_from_one_that_cannot_be_reached(polyner, repositories, tmp_path):
    repositories.status = 503
    answer = polyner("corpora", "fetch", "open", "amh", "--out", tmp_path / "c")
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert "refuses to give it now (HTTP 503); to bring the files by hand: git clone" in answer.err


def test_repositories_that_were_cloned_by_hand(polyner, repositories, tmp_path):
    clones = tmp_path / "clones"
    for address, data in repositories.files.items():
        owner, name, kind, _, *path = address.split("/")
        if kind == "raw":
            file = clones / owner / name / "/".join(path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
    for path, data in russian().items():
        file = clones / OPEN["rus"].repository.name / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    repositories.asked.clear()
    answer = polyner("corpora", "fetch", "open", "amh", "rus", "--out", tmp_path / "c", "--from", clones)
    assert answer.code == 0, answer.err
    assert repositories.asked == []
    entries = json.loads((tmp_path / "c" / "SOURCES.json").read_text())
    for code in ("amh", "rus"):
        assert entries[code]["revision"] is None
        assert f"note: an unverified clone of {OPEN[code].repository.name}, expected" in answer.err
    assert "masakhane-io/masakhane-ner/data/amh/dev.txt" in entries["amh"]["files"]
    answer = polyner("corpora", "fetch", "open", "hun", "--out", tmp_path / "c", "--from", clones)
    assert (answer.code, "NYTK-NerKor" in answer.err) == (2, True)


def test_a_clone_with_the_files_of_the_record_has_its_revision(polyner, repositories, tmp_path):
    out, clones = tmp_path / "c", tmp_path / "clones"
    name, commit = OPEN["amh"].repository
    for split in ("train", "dev", "test"):
        path = f"data/amh/{split}.txt"
        (clones / name / path).parent.mkdir(parents=True, exist_ok=True)
        (clones / name / path).write_bytes(repositories.files[f"{name}/raw/{commit}/{path}"])
    fetch = ("corpora", "fetch", "open", "amh", "--out", out, "--force", "--json")

    def revision(*arguments):
        answer = polyner(*fetch, *arguments)
        assert answer.code == 0, answer.err
        return json.loads(answer.out)[0]["revision"]

    assert revision("--from", clones) is None
    assert revision() == commit
    assert revision("--from", clones) == commit
    with (clones / name / "data/amh/dev.txt").open("a") as file:
        file.write("more O\n")
    assert revision("--from", clones) is None
    # What came of a changed clone is not held against the real files.
    assert revision() == commit


def test_right_counts_are_said_to_be_right(polyner, repositories, tmp_path, monkeypatch):
    monkeypatch.setitem(KNOWN["open"], "hin", {"pool": Known(20, {"PER": 20})})
    answer = polyner("corpora", "fetch", "open", "hin", "--out", tmp_path / "c")
    assert "hin: all counts are those known of open" in answer.out
    assert answer.err == ""
