"""Reading the files of a folder, a zip or a tar archive, and of zips inside them, without unpacking anything.

Nothing is ever written, so no archive can write outside its folder; limits keep one that is made to explode from
filling the memory.
"""

from __future__ import annotations

import io
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from polyner.errors import CorpusError

ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz")


@dataclass(frozen=True)
class Limits:
    """What is read of an archive at most: bytes of one file, bytes of all that are wanted, names of files, and archives
    inside archives."""

    file_bytes: int = 64 << 20
    all_bytes: int = 4 << 30
    files: int = 2_000_000
    depth: int = 2


def read_members(
    path: Path, wanted: Callable[[str], bool], limits: Limits | None = None
) -> Iterator[tuple[str, bytes]]:
    """The name (with `/`) and content of every wanted file of a folder or an archive, in the order of their names.

    Zips that lie in the folder or archive are read as if they were folders. Raises CorpusError for something that is no
    archive, is damaged or encrypted, or goes beyond the limits.
    """
    budget = _Budget(path, limits or Limits())
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.is_file():
                yield from _member(file.relative_to(path).as_posix(), lambda f=file: f.open("rb"), wanted, budget, 0)
    elif path.is_file():
        try:
            with path.open("rb") as stream:
                yield from _archive(stream, path.name, "", wanted, budget, 1)
        except OSError as error:
            raise CorpusError(f"{path}: {error.strerror or error}") from None
    else:
        raise CorpusError(f"{path}: no such file or folder")


class _Budget:
    """Counts what is read, and refuses to read more than the limits allow."""

    def __init__(self, path: Path, limits: Limits):
        self.path, self.limits = path, limits
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


def _member(
    name: str, open_file: Callable[[], IO[bytes]], wanted: Callable[[str], bool], budget: _Budget, depth: int
) -> Iterator[tuple[str, bytes]]:
    budget.name()
    if name.lower().endswith(".zip"):
        if depth >= budget.limits.depth:
            raise CorpusError(f"{budget.path}: {name} is an archive more than {budget.limits.depth} deep")
        with open_file() as stream:
            # A zip is read from its end: out of another archive it has to be in memory as a whole.
            whole = stream if depth == 0 and stream.seekable() else None
            inner = whole or io.BytesIO(budget.read(stream, name, budget.limits.all_bytes - budget.bytes))
            yield from _archive(inner, name, f"{name}/", wanted, budget, depth + 1)
    elif wanted(name):
        with open_file() as stream:
            yield name, budget.read(stream, name, budget.limits.file_bytes)


def _archive(
    stream: IO[bytes], name: str, prefix: str, wanted: Callable[[str], bool], budget: _Budget, depth: int
) -> Iterator[tuple[str, bytes]]:
    try:
        if name.lower().endswith(".zip"):
            with zipfile.ZipFile(stream) as archive:
                for entry in sorted(archive.infolist(), key=lambda entry: entry.filename):
                    if not entry.is_dir():
                        inside = lambda e=entry: archive.open(e)  # noqa: E731
                        yield from _member(prefix + entry.filename, inside, wanted, budget, depth)
        else:
            with tarfile.open(fileobj=stream, mode="r|*") as archive:
                for item in archive:
                    if item.isreg():
                        inside = lambda i=item: archive.extractfile(i)  # noqa: E731
                        yield from _member(prefix + item.name, inside, wanted, budget, depth)
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise CorpusError(f"{budget.path}: {name} cannot be read: {' '.join(str(error).split())[:120]}") from None
