"""`python -m benchmarks.gpu`: training steps at the paper's sizes on a CUDA device, in single and in half precision.

A step that waits for the device ends the measurement with an error. `pytest -m gpu` compares the numbers with those of
the processor. Nothing here has been measured on a GPU yet. Expected of one like an H100: nearly all of a step is the
start of some thousand kernels, most of them in the CRF's loops over words, so that batches of 32 and of 128 take about
the same, 15 to 40 ms for the word-level CRFs, half precision gains little, and memory stays below 4 GB. CUDA graphs, or
the CRF as a scan over time, would be worth their code only where a step is found to spend its time so.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import torch

from benchmarks.measure import OURS, Elsewhere, Measured, compare, figure
from benchmarks.text import made_up
from benchmarks.training import build, typical_batch
from polyner.training.config import TrainingConfig
from polyner.training.objectives import Objective
from polyner.training.precision import Precision


def steps(name: str, device: torch.device, batch: int = 32, repeats: int = 20, **sizes: Any) -> Iterator[Measured]:
    """A training step as the loop does it, gradients and update, by the clock; and the device's peak memory."""
    corpus = made_up("spanish", 20 * batch if name != "byte-to-span" else 20)
    tagger = build(name, corpus, **sizes).to(device).train()
    encoded = tagger.encode(corpus, ["spa"] * len(corpus), training=True)
    examples = typical_batch(encoded.lengths, batch)
    optimizer = torch.optim.AdamW(tagger.parameters(), fused=True)
    ways = {}
    for way, wanted in ((OURS, "off"), (f"{OURS}, half precision", "on")):
        precision = Precision.of(TrainingConfig(mixed_precision=wanted), device)
        ways[way] = partial(_step, Objective(tagger), encoded, examples, optimizer, precision)
        ways[way]()  # the first step sets up libraries, which waits for the device
    quantity = f"training step on {device.type}, {name}, batch of {batch}"
    yield from compare(quantity, ways, repeats)
    if device.type == "cuda":
        yield figure(quantity, "peak memory", torch.cuda.max_memory_allocated(device) / 2**20, "MiB")


def _step(objective: Objective, encoded: Any, examples: Any, optimizer: Any, precision: Precision) -> Elsewhere:
    started = time.perf_counter()
    if waiting := objective.tagger.device.type == "cuda":
        torch.cuda.set_sync_debug_mode("error")
    optimizer.zero_grad(set_to_none=True)
    objective.gradients(encoded, examples, precision)
    precision.scaler.step(optimizer)
    precision.scaler.update()
    if waiting:
        torch.cuda.set_sync_debug_mode("default")
        torch.cuda.synchronize()
    return Elsewhere(time.perf_counter() - started)


def main(names: Sequence[str]) -> int:
    if not torch.cuda.is_available():
        print("no CUDA device here", file=sys.stderr)
        return 2
    print(torch.cuda.get_device_name(), "torch", torch.__version__, "cuDNN", torch.backends.cudnn.version())
    for name in names or ("byte-crf", "char-crf", "charner", "byte-to-span"):
        for batch in (32, 128):
            torch.cuda.reset_peak_memory_stats()
            for row in steps(name, torch.device("cuda"), batch):
                print(f"{row.quantity:55} {row.way:25} {row.amount:10.4g} {row.unit} ({row.low:.4g} to {row.high:.4g})")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
