"""A sweep of several runs: a process of one thread for each core, against one process with all threads."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.measure import OURS, Measured, compare, threads

# Runs of the size of the recorded ones, plain and with more regularisation, of four languages and two architectures.
_PROFILE = """\
languages: [eng, spa, deu, nld]
models: [byte-crf, char-crf]
seeds: [1]
max_train_sentences: 100
max_eval_sentences: 60
architecture:
  byte-crf: {embedding_size: 64, unit_hidden_size: 64, sentence_hidden_size: 128}
  char-crf: {embedding_size: 64, unit_hidden_size: 64, sentence_hidden_size: 128}
training: {max_epochs: EPOCHS, min_epochs: EPOCHS}
"""


def sweeps(repeats: int = 1, epochs: int = 8, cores: int | None = None) -> Iterator[Measured]:
    """The time by the clock of a sweep of the sample's monolingual runs, starting the processes included."""
    cores = cores or os.cpu_count() or 1
    if cores == 1:
        return
    ways = {OURS: ("--jobs", str(cores), "--threads", "1"), "one process": ("--jobs", "1", "--threads", str(cores))}
    with tempfile.TemporaryDirectory() as folder, threads(cores):
        profile = Path(folder) / "sweep.yml"
        profile.write_text(_PROFILE.replace("EPOCHS", str(epochs)), encoding="utf-8")
        runs = {way: _sweep(profile, options) for way, options in ways.items()}
        yield from compare(f"sweep of 16 monolingual runs, {cores} cores", runs, repeats)


def _sweep(profile: Path, options: Sequence[str]):
    def run() -> None:
        with tempfile.TemporaryDirectory() as store:
            command = ["sweep", "--profile", str(profile), "--regimes", "monolingual", *options]
            start = [sys.executable, "-c", "import sys; from polyner.cli import main; main(sys.argv[1:])"]
            environment = {**os.environ, "POLYNER_RUNS": store}
            subprocess.run([*start, *command], check=True, capture_output=True, env=environment)

    return run
