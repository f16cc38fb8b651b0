"""Peak memory, each figure in a process of its own: `python -m benchmarks.memory tag 1000` prints MiB (on Linux)."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from itertools import chain, islice, repeat
from pathlib import Path

from benchmarks.measure import Measured, figure
from benchmarks.text import made_up

_STEPS = 500


def memory() -> Iterator[Measured]:
    """Of training the Byte-CRF at the paper's sizes, and of tagging inputs of growing length."""
    for what, size in (("train", 8000), ("train in bfloat16", 8000), ("tag", 1000), ("tag", 4000)):
        command = [sys.executable, "-m", "benchmarks.memory", what, str(size)]
        peak = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1])
        yield figure(f"peak memory, {what}, byte-crf", f"{size} sentences", peak, "MiB")


def _train(size: int, mixed_precision: str = "off") -> None:
    """Steps of a training, whose shapes are nearly all different; a checkpoint; dev F1."""
    import torch

    from benchmarks.training import build
    from polyner.training.batches import make_batches
    from polyner.training.checkpoints import Checkpoints
    from polyner.training.config import TrainingConfig
    from polyner.training.loop import predict
    from polyner.training.precision import Precision

    corpus = made_up("spanish", size)
    model = build("byte-crf", corpus).train()
    encoded = model.encode(corpus, ["spa"] * size, training=True)
    config = TrainingConfig(mixed_precision=mixed_precision)
    precision = Precision.of(config, model.device)
    optimizer = torch.optim.AdamW(model.parameters(), fused=True)
    epochs = (make_batches(encoded.lengths, encoded.languages, config) for _ in repeat(None))
    for examples in islice(chain.from_iterable(epochs), _STEPS):
        optimizer.zero_grad()
        precision.loss(model, encoded.batch(examples)).backward()
        optimizer.step()
    with tempfile.TemporaryDirectory() as folder:
        Checkpoints(Path(folder)).save(model, optimizer, [{"epoch": 1}], 1, precision.scaler)
    dev = made_up("spanish", 1000, seed=1)
    predict(model, model.encode(dev, ["spa"] * len(dev)))


def _tag(size: int) -> None:
    """`polyner tag` on a file, its output thrown away."""
    from benchmarks.training import build
    from polyner.cli import main
    from polyner.corpora.conll import write_conll

    with tempfile.TemporaryDirectory() as folder:
        model = build("byte-crf", made_up("spanish", 50), unit_hidden_size=32, sentence_hidden_size=32)
        model.save_pretrained(folder)
        write_conll(Path(folder) / "text.conll", made_up("spanish", size))
        with open("/dev/null", "w") as nowhere:
            sys.stdout = nowhere
            main(["tag", folder, str(Path(folder) / "text.conll")])
            sys.stdout = sys.__stdout__


def _peak() -> float:
    """MiB. Not `ru_maxrss`, in which a child process begins with what its parent had."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))) / 1024


if __name__ == "__main__":
    measured = {"train": _train, "train in bfloat16": partial(_train, mixed_precision="on"), "tag": _tag}
    measured[sys.argv[1]](int(sys.argv[2]))
    print(_peak())
