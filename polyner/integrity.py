"""Checksums of what is written once and read for years: a file that was cut or changed is refused, never believed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from polyner.errors import PolynerError

FILE = "checksums.json"


def write_checksums(folder: Path) -> None:
    """Write the SHA-256 of every file below `folder` into it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != FILE)
    sums = {path.relative_to(folder).as_posix(): sha256(path) for path in files}
    (folder / FILE).write_text(json.dumps(sums, indent=2) + "\n", encoding="utf-8")


def check_file(path: Path) -> None:
    """Raise PolynerError where the file is not the one that its folder's (or the folder's above) checksums speak of.

    Files that no checksum speaks of pass: those saved elsewhere have none.
    """
    for folder in (path.parent, path.parent.parent):
        if (sums := _sums(folder)) is None:
            continue
        if not sums:
            raise PolynerError(f"{folder / FILE}: damaged")
        stated = sums.get(path.relative_to(folder).as_posix())
        if stated and path.is_file() and sha256(path) != stated:
            raise PolynerError(f"{path}: damaged: it is not the file that was written (another SHA-256)")
        return


def is_intact(folder: Path) -> bool:
    """Whether every file that the folder's checksums speak of is there and as it was written; false without any."""
    sums = _sums(folder)
    return bool(sums) and all((folder / name).is_file() and sha256(folder / name) == s for name, s in sums.items())


def _sums(folder: Path) -> dict[str, str] | None:
    """What the folder's checksums say: None where it has none, and nothing where they are damaged themselves."""
    try:
        sums = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return {}
    return sums if isinstance(sums, dict) else {}


def sha256(path: Path) -> str:
    """The hexadecimal SHA-256 of a file. Raises OSError where it cannot be read."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
