"""The files of a folder, those that symbolic links lead to included, as corpora are read."""

from __future__ import annotations

import os
from pathlib import Path

from polyner.errors import CorpusError


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
