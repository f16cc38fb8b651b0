"""When a page has to be executed again: exactly when its source, its parameters, the package or the corpora changed.

What a page's outputs depend on are its inputs: a digest (SHA-256) of each of these, by name.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polyner
from polyner.corpora.folder import FACTS, corpus_folders
from polyner.integrity import sha256


def digest_values(values: Mapping[str, Any]) -> str:
    """Digest of values by name, such as resolved parameters: a profile that says the same in other words is the same
    profile."""
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()


def digest_package(folder: Path | None = None) -> str:
    """Digest of every file of the package, code and data alike, whether or not a page uses it."""
    return _digest([folder or Path(polyner.__file__).parent])


def digest_recorded(book: Path) -> str:
    """Digest of the recorded results of a book, which its pages show."""
    folder = book / "results"
    return _digest(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else ""


def digest_corpora(root: str) -> str:
    """Digest of all languages' files below `root`, wherever that folder is. The built-in sample is made by the
    package from the names that two libraries carry, so their versions stand for it. Raises CorpusError where there is
    none."""
    if root == "sample":
        return f"sample of babel {version('babel')}, faker {version('faker')}"
    return _digest([*corpus_folders(root).values(), Path(root) / FACTS])


def _digest(folders: Iterable[Path]) -> str:
    """Names and contents of all files below the folders, without what Python and editors leave behind."""
    digest = hashlib.sha256()
    for folder in sorted(folders):
        for path in [folder] if folder.is_file() else sorted(folder.rglob("*")):
            inside = path.relative_to(folder)
            if path.is_file() and "__pycache__" not in inside.parts and not path.name.startswith("."):
                digest.update(f"{folder.name}/{inside.as_posix()} {sha256(path)}\n".encode())
    return digest.hexdigest()
