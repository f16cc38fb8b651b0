"""Files that are whole or not there, and telling a disk that fails from everything else that may."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

from polyner.errors import CorpusError

_UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EACCES, errno.EPERM, errno.EROFS)


def cannot_be_written(error: BaseException) -> bool:
    """Whether this machine's disk is full or not to be written to, and no server, reader or file is to blame."""
    return isinstance(error, OSError) and error.errno in _UNWRITABLE


def write_whole(file: Path, data: bytes) -> None:
    """Write a file, and its folder, beside its name and rename it, so that it is never half there. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    writing = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        writing.write_bytes(data)
        writing.replace(file)
    finally:
        writing.unlink(missing_ok=True)


def made_once(file: Path, make: Callable[[], bytes]) -> bytes:
    """What a file holds; one that is not there is made first."""
    if not file.is_file():
        write_whole(file, make())
    return file.read_bytes()


def files_below(folder: Path) -> list[Path]:
    """All files at any depth, sorted; a folder that links lead back to is not entered again.

    Raises CorpusError for a folder that cannot be read.
    """
    found: list[Path] = []
    waiting: list[tuple[str, frozenset[str]]] = [(str(folder), frozenset())]
    while waiting:
        place, above = waiting.pop()
        real = os.path.realpath(place)
        if real in above:
            continue
        try:
            with os.scandir(place) as entries:
                for entry in entries:
                    if entry.is_dir():
                        waiting.append((entry.path, above | {real}))
                    elif entry.is_file():
                        found.append(Path(entry.path))
        except OSError as error:
            raise CorpusError(f"{place}: {error.strerror or error}") from None
    return sorted(found)
