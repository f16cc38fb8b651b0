"""Reading the files of a folder, a zip or a tar archive, and of zips inside them, without unpacking anything.

Nothing is ever written, so no archive can write outside its folder; limits keep one that is made to explode from
filling the memory.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from polyner.disk import files_below
from polyner.errors import CorpusError, one_line

# What the readers of archives raise for bytes that are none; an OSError may come of an offset in a damaged zip.
_DAMAGED = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError, OSError),
)
_COMPRESSED = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\0": lzma.open}

# What is read of an archive at most.
FILES, DEPTH = 2_000_000, 2  # names of files; archives inside archives
FILE_BYTES, ALL_BYTES = 64 << 20, 4 << 30  # of one file; of all that are wanted
NESTED_BYTES = 512 << 20  # of one zip inside, which is in memory as a whole
TAR_BYTES = 16 << 30  # of a tar, with all that is passed over
HEADER_BYTES = 1 << 20  # of what stands before a file in a tar (long names and other attributes)


def read_members(path: Path, wanted: Callable[[str], bool], zips: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
    """The name and content of every wanted file of a folder or an archive, in the order of their names.

    Names have `/`, also where whoever packed the archive wrote `\\`. Symbolic links in a folder are followed; zips that
    lie in the folder or archive, and that `zips` says may have something wanted, are read as if they were folders.
    Raises CorpusError for something that is no archive, is damaged or encrypted, or goes beyond the limits.
    """
    reading = _Reading(path, wanted, zips)
    try:
        if path.is_dir():
            for file in files_below(path):
                yield from _member(file.relative_to(path).as_posix(), lambda f=file: f.open("rb"), reading, 0)
        elif path.is_file():
            with path.open("rb") as stream:
                yield from _archive(stream, path.name, "", reading, 1)
        else:
            raise CorpusError(f"{path}: no such file or folder")
    except OSError as error:
        raise CorpusError(f"{path}: {error.strerror or error}") from None


class _Reading:
    """What is looked for, and a count of what is read, which refuses to go beyond the limits."""

    def __init__(self, path: Path, wanted: Callable[[str], bool], zips: Callable[[str], bool]):
        self.path, self.wanted, self.zips = path, wanted, zips
        self.names = self.bytes = 0

    def name(self) -> None:
        self.names += 1
        if self.names > FILES:
            raise CorpusError(f"{self.path}: more than {FILES:,} files")

    def read(self, stream: IO[bytes], name: str, limit: int) -> bytes:
        data = stream.read(limit + 1)
        if len(data) > limit:
            raise CorpusError(f"{self.path}: {name} is larger than {limit:,} bytes")
        self.bytes += len(data)
        if self.bytes > ALL_BYTES:
            raise CorpusError(f"{self.path}: more than {ALL_BYTES:,} bytes in all")
        return data


class _Tar:
    """A tar's bytes, decompressed, for a reader that goes through them once; no more than up to `until` are read."""

    def __init__(self, stream: IO[bytes], reading: _Reading):
        magic = stream.read(6)
        stream.seek(0)
        opened = (opener(stream) for start, opener in _COMPRESSED.items() if magic.startswith(start))
        self.stream, self.reading = next(opened, stream), reading
        self.at, self.until = 0, HEADER_BYTES

    def read(self, size: int) -> bytes:
        # `read1` gives what stands before a damaged place; `read` would give nothing of it.
        data = self.stream.read1(size)
        self.at += len(data)
        if self.at > TAR_BYTES:
            raise CorpusError(f"{self.reading.path}: more than {TAR_BYTES:,} bytes with all that is passed over")
        if self.at > self.until:
            raise CorpusError(f"{self.reading.path}: more than {HEADER_BYTES:,} bytes of attributes before a file")
        return data


def _member(
    name: str, open_file: Callable[[], IO[bytes]], reading: _Reading, depth: int
) -> Iterator[tuple[str, bytes]]:
    reading.name()
    name = name.replace("\\", "/")
    if name.lower().endswith(".zip") and reading.zips(name):
        if depth >= DEPTH:
            raise CorpusError(f"{reading.path}: {name} is an archive more than {DEPTH} deep")
        with open_file() as stream:
            # A zip is read from its end: out of another archive it has to be in memory as a whole.
            whole = stream if depth == 0 and stream.seekable() else None
            inner = whole or io.BytesIO(reading.read(stream, name, min(NESTED_BYTES, ALL_BYTES - reading.bytes)))
            yield from _archive(inner, name, f"{name}/", reading, depth + 1)
    elif reading.wanted(name):
        with open_file() as stream:
            yield name, reading.read(stream, name, FILE_BYTES)


def _archive(stream: IO[bytes], name: str, prefix: str, reading: _Reading, depth: int) -> Iterator[tuple[str, bytes]]:
    members = _zip_members if name.lower().endswith(".zip") else _tar_members
    try:
        for inside, open_file in members(stream, reading):
            yield from _member(prefix + inside, open_file, reading, depth)
    except _DAMAGED as error:
        raise CorpusError(f"{reading.path}: {name} cannot be read: {one_line(error, 120)}") from None


def _zip_members(stream: IO[bytes], reading: _Reading) -> Iterator[tuple[str, Callable[[], IO[bytes]]]]:
    with zipfile.ZipFile(stream) as archive:
        for entry in sorted(archive.infolist(), key=lambda entry: entry.filename):
            if not entry.is_dir():
                yield entry.filename, lambda e=entry: archive.open(e)


def _tar_members(stream: IO[bytes], reading: _Reading) -> Iterator[tuple[str, Callable[[], IO[bytes]]]]:
    tar = _Tar(stream, reading)
    with tarfile.open(fileobj=tar, mode="r|") as archive:
        while (item := archive.next()) is not None:
            tar.until = TAR_BYTES
            if item.isreg():
                yield item.name, lambda i=item: archive.extractfile(i)
            else:
                reading.name()
            # The reader skips to where the file ends; whatever it reads behind that, it keeps in memory.
            tar.until = archive.offset + HEADER_BYTES
