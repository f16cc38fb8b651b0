"""What killed processes leave in a run store that nothing will ask for again."""

from __future__ import annotations

import contextlib
import json
import shutil
import sys
import time

from polyner.errors import PolynerError
from polyner.runs.store import Run, RunStore
from polyner.training.version import TRAINING_VERSION, training_version

_SECONDS = 3600  # what another process began to delete longer ago, it does not delete any more


def remove_leftovers(store: RunStore) -> None:
    """Delete the checkpoints of runs that are finished, and runs that someone had begun to delete.

    Checkpoints of unfinished runs stay: the training goes on from them. Where nothing can be deleted, all stays.
    """
    with contextlib.suppress(OSError):
        for folder in list((store.folder / ".partial").iterdir()):
            if folder.name.startswith("removed-"):
                over = time.time() - folder.stat().st_ctime > _SECONDS
            else:
                over = (store.folder / folder.name / "metrics.json").is_file()
            if over:
                shutil.rmtree(folder, ignore_errors=True)


def note_unusable(store: RunStore) -> None:
    """Say once that a store holds runs that were trained by an earlier version of the training, which nothing finds.

    A file in the store keeps the version that was said last.
    """
    noted, now = store.folder / ".noted-version", json.dumps(TRAINING_VERSION, sort_keys=True)
    with contextlib.suppress(OSError):
        if not store.folder.is_dir() or (noted.is_file() and noted.read_text(encoding="utf-8") == now):
            return
        old = sum(is_unusable(run) for run in store.list())
        noted.write_text(now, encoding="utf-8")
        if old:
            said = "run of an earlier version is" if old == 1 else "runs of an earlier version are"
            print(f"note: {old} {said} in {store.folder}, and not used", file=sys.stderr)


def is_unusable(run: Run) -> bool:
    """Whether a run was trained by another version of the training, or its specification cannot be read."""
    try:
        return run.spec.get("version") != training_version(run.spec["model"])
    except (PolynerError, KeyError, TypeError, AttributeError):
        return True
