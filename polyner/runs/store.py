"""The run store: a folder of finished runs, each whole or not there at all."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from filelock import FileLock
from platformdirs import user_data_path
from safetensors import SafetensorError

from polyner.corpora.sentence import Corpus
from polyner.disk import cannot_be_written
from polyner.errors import PolynerError, StoreError, one_line
from polyner.integrity import check_file, write_checksums
from polyner.runs.spec import RunSpec
from polyner.training.config import TRAINING_VERSION, training_version

_SECONDS = 3600  # what another process began to delete longer ago, it does not delete any more


@dataclass(frozen=True)
class Run:
    """A finished run in the store."""

    id: str
    folder: Path

    @cached_property
    def spec(self) -> dict[str, Any]:
        """The specification, as written."""
        return self._json("spec.json")

    @cached_property
    def metrics(self) -> dict[str, Any]:
        """best_epoch, epochs, dev_f1 (mean over languages), languages → split → f1, precision, recall, by_type."""
        return self._json("metrics.json")

    @cached_property
    def environment(self) -> dict[str, Any]:
        """Versions, device and time."""
        return self._json("environment.json")

    @cached_property
    def history(self) -> list[dict[str, Any]]:
        """A dictionary an epoch: epoch, loss, dev_f1, dev_f1_by_language, seconds."""
        return [json.loads(line) for line in self._text("history.jsonl").splitlines()]

    @property
    def seconds(self) -> float:
        """How long the training took."""
        return self.environment["training_seconds"]

    @property
    def is_unusable(self) -> bool:
        """Whether it was trained by another version of the training, or its specification cannot be read."""
        try:
            return self.spec.get("version") != training_version(self.spec["model"])
        except (PolynerError, KeyError, TypeError, AttributeError):
            return True

    def predictions(self, language: str, split: str) -> tuple[list[list[str]], list[list[str]], list[list[str]]]:
        """Words, gold tags and predicted tags of each sentence. Raises StoreError where there are none."""
        blocks = self._text(f"predictions/{language}.{split}.conll").split("\n\n")
        rows = [[line.split("\t") for line in block.split("\n")] for block in blocks if block]
        words, gold, predicted = ([[row[i] for row in block] for block in rows] for i in range(3))
        return words, gold, predicted

    def _text(self, name: str) -> str:
        path = self.folder / name
        try:
            check_file(path)
            return path.read_text(encoding="utf-8")
        except OSError as error:
            raise StoreError(f"run {self.id}: {name} cannot be read: {error.strerror}") from None
        except (PolynerError, UnicodeDecodeError):
            raise StoreError(f"run {self.id}: {name} is damaged: remove the run, and it is trained again") from None

    def _json(self, name: str) -> Any:
        try:
            return json.loads(self._text(name))
        except ValueError as error:
            raise StoreError(f"run {self.id}: {name} is damaged: {error}") from None


class RunStore:
    """Finished runs below `folder` (default: `$POLYNER_RUNS`, or the user's data folder), found by specification.

    A run under way lives in `.partial/` and is moved out when complete, so that a killed process leaves no half run and
    the next one resumes it. A lock for each run makes a second process wait for the first instead of training it again.
    """

    def __init__(self, folder: str | Path | None = None):
        default = os.environ.get("POLYNER_RUNS") or user_data_path("polyner") / "runs"
        self.folder = Path(folder or default).expanduser().resolve()

    def get(self, spec: RunSpec, corpora: Mapping[str, Corpus], *, device: str = "auto") -> Run:
        """The run of `spec`: found, or trained on `corpora` now. Its parent must be in the store.

        Raises StoreError where it is not, or where the store cannot be written to.
        """
        if run := self.look_up(spec):
            return run
        from polyner.runs.perform import perform

        parent = self.look_up(spec.parent) if spec.parent else None
        if spec.parent and parent is None:
            raise StoreError(f"{spec.id} starts from {spec.parent.id}, which is not in {self.folder}")
        partial = self.folder / ".partial" / spec.id
        try:
            with FileLock(self.folder / ".locks" / f"{spec.id}.lock"):  # which makes its folder
                if self.look_up(spec) is None:
                    partial.mkdir(parents=True, exist_ok=True)
                    perform(spec, corpora, partial / "run", partial / "checkpoints", device, parent and parent.folder)
                    write_checksums(partial / "run")
                    shutil.rmtree(self.folder / spec.id, ignore_errors=True)  # a run that was copied in part
                    (partial / "run").rename(self.folder / spec.id)
                shutil.rmtree(partial, ignore_errors=True)
        except (OSError, SafetensorError) as error:
            if isinstance(error, OSError) and not self._concerns(error):
                raise
            reason = getattr(error, "strerror", None) or one_line(error, 160)
            raise StoreError(f"{self.folder}: the run store cannot be written to: {reason}") from None
        return Run(spec.id, self.folder / spec.id)

    def _concerns(self, error: OSError) -> bool:
        """Whether an error is about this folder, and not about what else a training reads or writes."""
        if error.filename is None:  # met in the middle of a file
            return cannot_be_written(error)
        return Path(os.fsdecode(error.filename)).absolute().is_relative_to(self.folder)

    def look_up(self, spec: RunSpec) -> Run | None:
        """The finished run of `spec`, if there is one. Raises StoreError for an id that would lead out of the store."""
        folder = self.folder / spec.id
        if folder.parent != self.folder or Path(spec.id).name != spec.id or "\0" in spec.id:
            raise StoreError(f"{spec.id!r:.80} names no run: no part of it may hold a slash")
        return Run(spec.id, folder) if (folder / "metrics.json").is_file() else None

    def list(self) -> list[Run]:
        """All finished runs, sorted by id."""
        if not self.folder.is_dir():
            return []
        return [Run(path.name, path) for path in sorted(self.folder.iterdir()) if (path / "metrics.json").is_file()]

    def find(self, text: str) -> Run:
        """The run whose id is `text`, or begins or ends with it. Raises StoreError for none or several."""
        runs = [run for run in self.list() if run.id == text]
        runs = runs or [run for run in self.list() if text and (run.id.startswith(text) or run.id.endswith(text))]
        if len(runs) != 1:
            found = "no run" if not runs else f"{len(runs)} runs, among them {runs[0].id} and {runs[1].id},"
            raise StoreError(f"{found} in {self.folder} whose id begins or ends with {text!r}")
        return runs[0]

    def remove(self, run: Run) -> None:
        """Delete a run. It is renamed first, so that it is never half there."""
        doomed = self.folder / ".partial" / f"removed-{run.id}-{os.getpid()}"
        doomed.parent.mkdir(exist_ok=True)
        run.folder.rename(doomed)
        shutil.rmtree(doomed)

    def remove_leftovers(self) -> None:
        """Delete the checkpoints of runs that are finished, and runs that someone had begun to delete.

        Checkpoints of unfinished runs stay: the training goes on from them. Where nothing can be deleted, all stays.
        """
        with contextlib.suppress(OSError):
            for folder in list((self.folder / ".partial").iterdir()):
                if folder.name.startswith("removed-"):
                    over = time.time() - folder.stat().st_ctime > _SECONDS
                else:
                    over = (self.folder / folder.name / "metrics.json").is_file()
                if over:
                    shutil.rmtree(folder, ignore_errors=True)

    def note_unusable(self) -> None:
        """Say once that there are runs that were trained by an earlier version of the training, which nothing finds.

        A file in the store keeps the version that was said last.
        """
        noted, now = self.folder / ".noted-version", json.dumps(TRAINING_VERSION, sort_keys=True)
        with contextlib.suppress(OSError):
            if not self.folder.is_dir() or (noted.is_file() and noted.read_text(encoding="utf-8") == now):
                return
            old = sum(run.is_unusable for run in self.list())
            noted.write_text(now, encoding="utf-8")
            if old:
                said = "run of an earlier version is" if old == 1 else "runs of an earlier version are"
                print(f"note: {old} {said} in {self.folder}, and not used", file=sys.stderr)
