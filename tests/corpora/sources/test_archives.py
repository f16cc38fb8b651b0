"""Archives are read without unpacking, and only up to limits."""

import io
import tarfile
import zipfile

import pytest

from polyner.corpora.sources.archives import Limits, read_members
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


def everything(path, limits=None):
    return dict(read_members(path, lambda name: name.endswith(".txt"), limits))


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


def test_zips_inside_are_read_but_not_deeper_than_the_limit(tmp_path):
    inner = zip_of({"x.txt": b"x"})
    assert everything(written(tmp_path / "one.zip", zip_of({"in.zip": inner}))) == {"in.zip/x.txt": b"x"}
    with pytest.raises(CorpusError, match=r"in\.zip/in\.zip is an archive more than 2 deep"):
        everything(written(tmp_path / "two.zip", zip_of({"in.zip": zip_of({"in.zip": inner})})))


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Limits(file_bytes=999), "big.txt is larger than 999 bytes"),
        (Limits(all_bytes=1500), "more than 1,500 bytes in all"),
        (Limits(files=2), "more than 2 files"),
    ],
)
@pytest.mark.parametrize(("name", "make"), [("x.zip", zip_of), ("x.tgz", tar_of)])
def test_bombs_are_stopped(tmp_path, name, make, limits, message):
    files = {"big.txt": b"0" * 1000, "big2.txt": b"0" * 1000, "c.bin": b""}
    if limits.file_bytes == 999:
        files.pop("big2.txt")
    with pytest.raises(CorpusError, match=message):
        everything(written(tmp_path / name, make(files)), limits)


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
