"""Peak memory, each figure in a process of its own: `python -m benchmarks.memory train 5000` prints MiB (on Linux)."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Measured, figure
from benchmarks.text import made_up


def memory() -> Iterator[Measured]:
    """Of training the Byte-CRF at the paper's sizes, and of tagging inputs of growing length."""
    for what, sizes in (("train", (5000,)), ("tag", (1000, 4000))):
        for size in sizes:
            command = [sys.executable, "-m", "benchmarks.memory", what, str(size)]
            peak = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1])
            yield figure(f"peak memory, {what}, byte-crf", f"{size} sentences", peak, "MiB")


def _train(size: int) -> None:
    """The steps of an epoch that need most, with the longest sentences in batches of 32; a checkpoint; dev F1."""
    import torch

    from benchmarks.training import build
    from polyner.training.checkpoints import Checkpoints
    from polyner.training.loop import predict

    corpus = made_up("spanish", size)
    model = build("byte-crf", corpus).train()
    encoded = model.encode(corpus, ["spa"] * size, training=True)
    optimizer = torch.optim.AdamW(model.parameters(), fused=True)
    for examples in encoded.lengths.argsort(descending=True).split(32)[:3]:
        optimizer.zero_grad()
        model.loss(encoded.batch(examples)).backward()
        optimizer.step()
    with tempfile.TemporaryDirectory() as folder:
        Checkpoints(Path(folder)).save(model, optimizer, [{"epoch": 1}], best=1)
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
    {"train": _train, "tag": _tag}[sys.argv[1]](int(sys.argv[2]))
    print(_peak())
