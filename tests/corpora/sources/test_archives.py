"""Archives are read without unpacking, and only up to limits."""

import bz2
import contextlib
import gzip
import io
import lzma
import os
import random
import tarfile
import zipfile

import pytest

from polyner.corpora.sources import archives
from polyner.corpora.sources.archives import read_members
from polyner.errors import CorpusError


def zip_of(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def tar_of(files, mode="w:gz"):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            if isinstance(data, bytes):
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))
            else:
                entry.type, entry.linkname = tarfile.SYMTYPE, data
                archive.addfile(entry)
    return buffer.getvalue()


def written(path, data):
    path.write_bytes(data)
    return path


def everything(path):
    return dict(read_members(path, lambda name: name.endswith(".txt"), zips=lambda _: True))


HOSTILE = {"../../out.txt": b"a", "/etc/out.txt": b"b", "in/x.txt": b"c", "in/y.bin": b"d"}


@pytest.mark.parametrize(("name", "make"), [("x.zip", zip_of), ("x.tgz", tar_of)])
def test_names_that_leave_the_folder_are_only_names(tmp_path, name, make):
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    found = everything(written(folder / name, make(HOSTILE)))
    assert sorted(found.values()) == [b"a", b"b", b"c"]
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [name]


def test_links_in_a_tar_are_not_followed(tmp_path):
    found = everything(written(tmp_path / "x.tgz", tar_of({"passwd.txt": "/etc/passwd", "x.txt": b"x"})))
    assert found == {"x.txt": b"x"}


@pytest.mark.parametrize(("name", "make"), [("x.zip", zip_of), ("x.tgz", tar_of)])
def test_names_with_backslashes_are_those_with_slashes(tmp_path, name, make):
    packed = make({"in\\data\\x.txt": b"x", "in\\": b"", "in/y.zip": zip_of({"a\\y.txt": b"y"})})
    assert everything(written(tmp_path / name, packed)) == {"in/data/x.txt": b"x", "in/y.zip/a/y.txt": b"y"}


def test_folders_are_read_through_links_and_not_in_circles(tmp_path):
    (tmp_path / "real" / "deep").mkdir(parents=True)
    (tmp_path / "real" / "deep" / "x.txt").write_bytes(b"x")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "one").symlink_to(tmp_path / "real")
    (tmp_path / "in" / "two").symlink_to(tmp_path / "real")
    (tmp_path / "in" / "nowhere.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "real" / "deep" / "back").symlink_to(tmp_path / "in")
    assert everything(tmp_path / "in") == {"one/deep/x.txt": b"x", "two/deep/x.txt": b"x"}


def test_a_folder_that_may_not_be_read_is_named(tmp_path, monkeypatch):
    (tmp_path / "in" / "shut").mkdir(parents=True)
    scandir = os.scandir

    def refusing(place):
        if str(place).endswith("shut"):
            raise PermissionError(13, "Permission denied")
        return scandir(place)

    monkeypatch.setattr("os.scandir", refusing)
    with pytest.raises(CorpusError, match=r"/in/shut: Permission denied$"):
        everything(tmp_path / "in")


def test_zips_inside_are_read_but_not_deeper_than_the_limit(tmp_path):
    inner = zip_of({"x.txt": b"x"})
    assert everything(written(tmp_path / "one.zip", zip_of({"in.zip": inner}))) == {"in.zip/x.txt": b"x"}
    with pytest.raises(CorpusError, match=r"in\.zip/in\.zip is an archive more than 2 deep"):
        everything(written(tmp_path / "two.zip", zip_of({"in.zip": zip_of({"in.zip": inner})})))


@pytest.mark.parametrize(
    ("limit", "most", "message"),
    [
        ("FILE_BYTES", 999, "big.txt is larger than 999 bytes"),
        ("ALL_BYTES", 1500, "more than 1,500 bytes in all"),
        ("FILES", 2, "more than 2 files"),
    ],
)
@pytest.mark.parametrize(("name", "make"), [("x.zip", zip_of), ("x.tgz", tar_of)])
def test_bombs_are_stopped(tmp_path, monkeypatch, name, make, limit, most, message):
    monkeypatch.setattr(archives, limit, most)
    files = {"big.txt": b"0" * 1000, "big2.txt": b"0" * 1000, "c.bin": b""}
    if limit == "FILE_BYTES":
        files.pop("big2.txt")
    with pytest.raises(CorpusError, match=message):
        everything(written(tmp_path / name, make(files)))


def tar_with(*entries):
    """A tar of these headers and contents, whatever they say."""
    return (
        b"".join(info.tobuf(tarfile.USTAR_FORMAT) + data + b"\0" * (-len(data) % 512) for info, data in entries)
        + b"\0" * 10240
    )


def entry(name, size, kind=tarfile.REGTYPE):
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    return info


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_what_is_passed_over_in_a_tar_is_limited(tmp_path, monkeypatch, pack):
    unwanted = b"0" * 100_000
    data = pack(tar_with((entry("a.bin", len(unwanted)), unwanted), (entry("x.txt", 1), b"x")))
    assert everything(written(tmp_path / "x.tar", data)) == {"x.txt": b"x"}
    monkeypatch.setattr(archives, "TAR_BYTES", 50_000)
    with pytest.raises(CorpusError, match="more than 50,000 bytes with all that is passed over"):
        everything(tmp_path / "x.tar")


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME])
@pytest.mark.parametrize("first", [True, False])
def test_attributes_in_a_tar_are_limited(tmp_path, monkeypatch, kind, first):
    value = b"300013 comment=" + b"a" * (300_013 - 16) + b"\n"
    before = [] if first else [(entry("a.bin", 100_000), b"0" * 100_000)]
    attributes = (entry("long", len(value), kind), value)
    data = tar_with(*before, attributes, (entry("x.txt", 1), b"x"))
    everything(written(tmp_path / "x.tar", data))
    monkeypatch.setattr(archives, "HEADER_BYTES", 100_000)
    with pytest.raises(CorpusError, match="more than 100,000 bytes of attributes before a file"):
        everything(tmp_path / "x.tar")


def test_entries_that_are_no_files_are_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "FILES", 3)
    links = {f"{number}.txt": "x" for number in range(5)}
    with pytest.raises(CorpusError, match="more than 3 files"):
        everything(written(tmp_path / "x.tar", tar_of(links, "w")))


def test_zips_inside_are_limited_and_only_read_where_they_are_wanted(tmp_path, monkeypatch):
    path = written(tmp_path / "x.zip", zip_of({"tools/bad.zip": b"no zip", "in.zip": zip_of({"x.txt": b"x"})}))
    with pytest.raises(CorpusError, match=r"tools/bad\.zip cannot be read"):
        everything(path)
    found = read_members(path, lambda name: name.endswith(".txt"), zips=lambda name: name == "in.zip")
    assert dict(found) == {"in.zip/x.txt": b"x"}
    monkeypatch.setattr(archives, "NESTED_BYTES", 10)
    with pytest.raises(CorpusError, match=r"in\.zip is larger than 10 bytes"):
        dict(read_members(path, lambda _: True, zips=lambda name: name == "in.zip"))


@pytest.mark.parametrize("make", [zip_of, tar_of, lambda files: tar_of(files, "w:xz"), lambda f: tar_of(f, "w:bz2")])
def test_any_damage_is_read_or_refused(tmp_path, make):
    whole = make({"x.txt": b"some text " * 20, "\u00e9.txt": b"y"})
    chance = random.Random(20201116)
    name = "x.zip" if make is zip_of else "x.tar"
    for _ in range(300):
        damaged = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        with contextlib.suppress(CorpusError):
            everything(written(tmp_path / name, bytes(damaged)))


@pytest.mark.parametrize(
    "error", [ValueError("x"), OverflowError("x"), lzma.LZMAError("x"), OSError(22, "Invalid argument")]
)
@pytest.mark.parametrize(("name", "make"), [("x.zip", zip_of), ("x.tgz", tar_of)])
def test_whatever_the_readers_raise_is_said_in_a_line(tmp_path, monkeypatch, name, make, error):
    path = written(tmp_path / name, make({"x.txt": b"x"}))

    def fail(*_, **__):
        raise error

    monkeypatch.setattr("zipfile.ZipFile.open", fail)
    monkeypatch.setattr("tarfile.TarFile.extractfile", fail)
    with pytest.raises(CorpusError, match=rf"{name[0]}\.{name[2:]} cannot be read"):
        everything(path)


def test_damaged_archives_say_so_in_a_line(tmp_path):
    whole = zip_of({"x.txt": b"x" * 1000})
    for name, data in (
        ("x.zip", whole[:50]),
        ("y.zip", b"no zip"),
        ("z.tgz", tar_of(HOSTILE)[:60]),
        ("w.tar", b"no tar"),
    ):
        with pytest.raises(CorpusError, match=rf"{name[0]}\.{name[2:]} cannot be read"):
            everything(written(tmp_path / name, data))
    flipped = bytearray(whole)
    flipped[40] ^= 0xFF
    with pytest.raises(CorpusError):
        everything(written(tmp_path / "f.zip", bytes(flipped)))
