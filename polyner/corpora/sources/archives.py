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
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from polyner.disk import files_below
from polyner.errors import CorpusError

# What the readers of archives raise for bytes that are none; an OSError may come of an offset in a damaged zip.
_DAMAGED = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError, OSError),
)
_COMPRESSED = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\0": lzma.open}


@dataclass(frozen=True)
class Limits:
    """What is read of an archive at most.

    file_bytes: of one file. all_bytes: of all that are wanted. nested_bytes: of one zip inside, which is in memory as a
    whole. tar_bytes: of a tar, with all that is passed over. header_bytes: of what stands before a file in a tar (long
    names and other attributes). files: names of files. depth: archives inside archives.
    """

    file_bytes: int = 64 << 20
    all_bytes: int = 4 << 30
    nested_bytes: int = 512 << 20
    tar_bytes: int = 16 << 30
    header_bytes: int = 1 << 20
    files: int = 2_000_000
    depth: int = 2


def read_members(
    path: Path,
    wanted: Callable[[str], bool],
    limits: Limits | None = None,
    *,
    zips: Callable[[str], bool] = lambda name: True,
) -> Iterator[tuple[str, bytes]]:
    """The name and content of every wanted file of a folder or an archive, in the order of their names.

    Names have `/`, also where whoever packed the archive wrote `\\`. Symbolic links in a folder are followed; zips that
    lie in the folder or archive, and that `zips` says may have something wanted, are read as if they were folders.
    Raises CorpusError for something that is no archive, is damaged or encrypted, or goes beyond the limits.
    """
    reading = _Reading(path, wanted, zips, limits or Limits())
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

    def __init__(self, path: Path, wanted: Callable[[str], bool], zips: Callable[[str], bool], limits: Limits):
        self.path, self.wanted, self.zips, self.limits = path, wanted, zips, limits
        self.names = self.bytes = 0

    def name(self) -> None:
        self.names += 1
        if self.names > self.limits.files:
            raise CorpusError(f"{self.path}: more than {self.limits.files:,} files")

    def read(self, stream: IO[bytes], name: str, limit: int) -> bytes:
        data = stream.read(limit + 1)
        if len(data) > limit:
            raise CorpusError(f"{self.path}: {name} is larger than {limit:,} bytes")
        self.bytes += len(data)
        if self.bytes > self.limits.all_bytes:
            raise CorpusError(f"{self.path}: more than {self.limits.all_bytes:,} bytes in all")
        return data


class _Tar:
    """A tar's bytes, decompressed, for a reader that goes through them once; no more than up to `until` are read."""

    def __init__(self, stream: IO[bytes], reading: _Reading):
        magic = stream.read(6)
        stream.seek(0)
        opened = (opener(stream) for start, opener in _COMPRESSED.items() if magic.startswith(start))
        self.stream, self.reading = next(opened, stream), reading
        self.at, self.until = 0, reading.limits.header_bytes

    def read(self, size: int) -> bytes:
        # `read1` gives what stands before a damaged place; `read` would give nothing of it.
        data = self.stream.read1(size)
        self.at += len(data)
        if self.at > self.reading.limits.tar_bytes:
            limit = self.reading.limits.tar_bytes
            raise CorpusError(f"{self.reading.path}: more than {limit:,} bytes with all that is passed over")
        if self.at > self.until:
            limit = self.reading.limits.header_bytes
            raise CorpusError(f"{self.reading.path}: more than {limit:,} bytes of attributes before a file")
        return data


def _member(
    name: str, open_file: Callable[[], IO[bytes]], reading: _Reading, depth: int
) -> Iterator[tuple[str, bytes]]:
    reading.name()
    name, limits = name.replace("\\", "/"), reading.limits
    if name.lower().endswith(".zip") and reading.zips(name):
        if depth >= limits.depth:
            raise CorpusError(f"{reading.path}: {name} is an archive more than {limits.depth} deep")
        with open_file() as stream:
            # A zip is read from its end: out of another archive it has to be in memory as a whole.
            whole = stream if depth == 0 and stream.seekable() else None
            limit = min(limits.nested_bytes, limits.all_bytes - reading.bytes)
            inner = whole or io.BytesIO(reading.read(stream, name, limit))
            yield from _archive(inner, name, f"{name}/", reading, depth + 1)
    elif reading.wanted(name):
        with open_file() as stream:
            yield name, reading.read(stream, name, limits.file_bytes)


def _archive(stream: IO[bytes], name: str, prefix: str, reading: _Reading, depth: int) -> Iterator[tuple[str, bytes]]:
    members = _zip_members if name.lower().endswith(".zip") else _tar_members
    try:
        for inside, open_file in members(stream, reading):
            yield from _member(prefix + inside, open_file, reading, depth)
    except _DAMAGED as error:
        raise CorpusError(f"{reading.path}: {name} cannot be read: {' '.join(str(error).split())[:120]}") from None


def _zip_members(stream: IO[bytes], reading: _Reading) -> Iterator[tuple[str, Callable[[], IO[bytes]]]]:
    with zipfile.ZipFile(stream) as archive:
        for entry in sorted(archive.infolist(), key=lambda entry: entry.filename):
            if not entry.is_dir():
                yield entry.filename, lambda e=entry: archive.open(e)


def _tar_members(stream: IO[bytes], reading: _Reading) -> Iterator[tuple[str, Callable[[], IO[bytes]]]]:
    tar = _Tar(stream, reading)
    with tarfile.open(fileobj=tar, mode="r|") as archive:
        while (item := archive.next()) is not None:
            tar.until = reading.limits.tar_bytes
            if item.isreg():
                yield item.name, lambda i=item: archive.extractfile(i)
            else:
                reading.name()
            # The reader skips to where the file ends; whatever it reads behind that, it keeps in memory.
            tar.until = archive.offset + reading.limits.header_bytes
