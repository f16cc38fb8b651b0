"""What killed processes leave in a run store that nothing will ask for again."""

from __future__ import annotations

import contextlib
import shutil
import time

from polyner.runs.store import RunStore

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
