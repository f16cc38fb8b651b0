"""Where the files of a pretrained encoder are: in a folder, or on the Hugging Face hub."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from huggingface_hub import HfApi, snapshot_download

from polyner.errors import NotAvailable, one_line
from polyner.integrity import sha256

_SECONDS = 10  # for the hub to answer
_FILES = ["*.json", "*.txt", "*.model", "*.safetensors"]


def locate(encoder: str, revision: str = "main") -> tuple[Path, str]:
    """The folder of an encoder's files and their revision: the hub's commit, or a hash of a folder's files.

    An encoder of the hub is downloaded, or found in the hub's cache where there is no network. Raises NotAvailable
    where it cannot be had, or where a folder no longer has the revision asked for.
    """
    if Path(encoder).is_dir():
        folder, found = Path(encoder), _digest(Path(encoder))
        if revision not in ("main", found):
            raise NotAvailable(
                f"the encoder in {encoder} is not the one of revision {revision}: its files have changed"
            )
        return folder, found
    return _from_hub(encoder, revision)


@lru_cache(maxsize=8)
def _from_hub(encoder: str, revision: str) -> tuple[Path, str]:
    """Asked once a process: the hub first for the commit that a revision stands for, with no network the cache."""
    try:
        commit = HfApi().model_info(encoder, revision=revision, timeout=_SECONDS).sha
    except Exception:  # whatever keeps the hub from answering, the cache may have it
        commit = None
    try:
        known = {"revision": commit or revision, "allow_patterns": _FILES, "local_files_only": commit is None}
        folder = Path(snapshot_download(encoder, **known))
    except (OSError, ValueError) as error:
        reason = "no network, and nothing in the cache" if commit is None else error
        raise NotAvailable(f"{encoder} cannot be had: {one_line(reason, 160)}") from None
    return folder, folder.name


def _digest(folder: Path) -> str:
    """A hash of the files that `locate` would download."""
    digest = hashlib.sha256()
    for path in sorted({path for pattern in _FILES for path in folder.glob(pattern)}):
        state = path.stat()
        digest.update(f"{path.name} {_file_digest(path, state.st_mtime_ns, state.st_size)}\n".encode())
    return digest.hexdigest()[:40]


@lru_cache(maxsize=8)
def _file_digest(path: Path, modified: int, size: int) -> str:
    return sha256(path)
