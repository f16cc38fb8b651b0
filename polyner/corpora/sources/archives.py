"""Reading the files of a folder, a zip or a tar archive, and of zips inside them, without unpacking anything.

Nothing is ever written, so no archive can write outside its folder; limits keep one that is made to explode from
filling the memory.
"""

from __future__ import annotations

import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from polyner.corpora.files import files_below
from polyner.errors import CorpusError

# What the readers of archives raise for bytes that are none; an OSError may come of an offset in a damaged zip.
_DAMAGED = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError, OSError),
)
# The most bytes of one file, of one zip inside (which is in memory as a whole), and of all that is wanted.
_FILE_BYTES, _ZIP_BYTES, _ALL_BYTES = 64 << 20, 512 << 20, 4 << 30
_DEPTH = 2  # archives inside archives


def read_members(path: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
    """The name and content of every wanted file of a folder or an archive, in the order of their names.

    Names have `/`, also where whoever packed the archive wrote `\\`. Symbolic links in a folder are followed; wanted
    zips that lie in the folder or archive are read as if they were folders.
    Raises CorpusError for something that is no archive, is damaged or encrypted, or goes beyond the limits.
    """
    reading = _Reading(path, wanted)
    try:
        if path.is_dir():
            for file in files_below(path):
                yield from reading.member(file.relative_to(path).as_posix(), lambda f=file: f.open("rb"), 0)
        elif path.is_file():
            with path.open("rb") as stream:
                yield from reading.archive(stream, path.name, "", 1)
        else:
            raise CorpusError(f"{path}: no such file or folder")
    except OSError as error:
        raise CorpusError(f"{path}: {error.strerror or error}") from None


class _Reading:
    """What is looked for, and a count of the bytes that were read."""

    def __init__(self, path: Path, wanted: Callable[[str], bool]):
        self.path, self.wanted, self.bytes = path, wanted, 0

    def member(self, name: str, open_file: Callable[[], IO[bytes]], depth: int) -> Iterator[tuple[str, bytes]]:
        name = name.replace("\\", "/")
        if not self.wanted(name):
            return
        with open_file() as stream:
            if not name.lower().endswith(".zip"):
                yield name, self._read(stream, name, _FILE_BYTES)
            elif depth >= _DEPTH:
                raise CorpusError(f"{self.path}: {name} is an archive more than {_DEPTH} deep")
            else:
                # A zip is read from its end: out of another archive it has to be in memory as a whole.
                inner = io.BytesIO(self._read(stream, name, _ZIP_BYTES)) if depth else stream
                yield from self.archive(inner, name, f"{name}/", depth + 1)

    def archive(self, stream: IO[bytes], name: str, prefix: str, depth: int) -> Iterator[tuple[str, bytes]]:
        members = _zip_members if name.lower().endswith(".zip") else _tar_members
        try:
            for inside, open_file in members(stream):
                yield from self.member(prefix + inside, open_file, depth)
        except _DAMAGED as error:
            raise CorpusError(f"{self.path}: {name} cannot be read: {' '.join(str(error).split())[:120]}") from None

    def _read(self, stream: IO[bytes], name: str, limit: int) -> bytes:
        data = stream.read(limit + 1)
        if len(data) > limit:
            raise CorpusError(f"{self.path}: {name} is larger than {limit:,} bytes")
        self.bytes += len(data)
        if self.bytes > _ALL_BYTES:
            raise CorpusError(f"{self.path}: more than {_ALL_BYTES:,} bytes in all")
        return data


def _zip_members(stream: IO[bytes]) -> Iterator[tuple[str, Callable[[], IO[bytes]]]]:
    with zipfile.ZipFile(stream) as archive:
        for entry in sorted(archive.infolist(), key=lambda entry: entry.filename):
            if not entry.is_dir():
                yield entry.filename, lambda e=entry: archive.open(e)


def _tar_members(stream: IO[bytes]) -> Iterator[tuple[str, Callable[[], IO[bytes]]]]:
    with tarfile.open(fileobj=stream, mode="r|*") as archive:
        for item in archive:
            if item.isreg():
                yield item.name, lambda i=item: archive.extractfile(i)
