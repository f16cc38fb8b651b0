"""`python -m benchmarks`: the table of all quantities, and its record."""

from __future__ import annotations

import argparse
import datetime
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import torch

from benchmarks import others, sweeping, training
from benchmarks.measure import Measured, machine, threads
from benchmarks.memory import memory

RECORDS = Path(__file__).parent / "records"
_MODELS = ("byte-crf", "char-crf", "charner", "byte-to-span")
_KINDS = ("spanish", "dutch", "ethiopic")


def plan(
    full: bool, repeats: int, flair: str | None = None
) -> Iterator[tuple[str, bool, Callable[[], Iterable[Measured]]]]:
    """What is measured: a name to choose it by, whether with all threads too, and how."""
    yield "limits", True, others.limits
    yield "operations", False, others.operations
    for name in _MODELS:
        for kind in _KINDS if full or name == "byte-crf" else _KINDS[:1]:
            yield f"training {name}", True, partial(training.training_steps, name, kind, 32, repeats)
        if full or name in ("byte-crf", "byte-to-span"):
            # Padded, a step of 128 sentences takes half a minute; once is enough.
            once = 1 if name == "byte-crf" and not full else repeats
            yield f"training {name}", False, partial(training.training_steps, name, "spanish", 128, once)
        size = {"byte-crf": 1000, "char-crf": 1000, "charner": 200, "byte-to-span": 100}[name]
        for kind in _KINDS if full else _KINDS[:1]:
            yield f"tagging {name}", False, partial(training.tagging, name, kind, size, 1 if not full else repeats)
    equal = {"peer": flair, **training.EQUAL_SIZES}
    yield "peers", False, partial(training.training_steps, "char-crf", "spanish", 32, repeats, **equal)
    yield "peers", False, partial(training.tagging, "char-crf", "spanish", 1000, 1 if not full else repeats, **equal)
    sizes = {"embedding_size": 64, "unit_hidden_size": 64, "sentence_hidden_size": 64}
    yield "threads", True, partial(_ours_only, "byte-crf", sizes, repeats)
    yield "crf", True, others.crf
    yield "scoring", False, others.scoring
    yield "reading", False, others.reading
    yield "pruning", False, others.pruning
    yield "fisher", False, others.fisher
    yield "linearity", False, others.linearity
    yield "memory", False, memory
    yield "starting", False, others.starting
    yield "sweep", False, partial(sweeping.sweeps, repeats)


def _ours_only(name: str, sizes: dict[str, int], repeats: int) -> Iterator[Measured]:
    """Steps of a small tagger, which more threads make little faster: the yardsticks are left out."""
    for row in training.training_steps(name, "spanish", 16, repeats, **sizes):
        if row.way.startswith("polyner"):
            yield row


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the record as JSON")
    parser.add_argument("--full", action="store_true", help="every architecture, script and batch size: half an hour")
    parser.add_argument(
        "--only", metavar="PATTERN", help="quantities whose name matches this pattern, such as 'training byte'"
    )
    parser.add_argument("--threads", metavar="N,N", help="numbers of threads (default: one, and all cores)")
    parser.add_argument("--repeats", type=int, default=3, help="of each (default: %(default)s)")
    parser.add_argument("--flair", metavar="PYTHON", help="a Python that has Flair, as another yardstick of 'peers'")
    parser.add_argument("--record", action="store_true", help=f"keep the record in {RECORDS.parent.name}/records")
    arguments = parser.parse_args()
    RECORDS.mkdir(exist_ok=True)
    rows = []
    counts = {int(count) for count in arguments.threads.split(",")} if arguments.threads else {1, os.cpu_count() or 1}
    for count in sorted(counts):
        for name, with_all_threads, measure in plan(arguments.full, arguments.repeats, arguments.flair):
            if (count > 1 and not with_all_threads) or (arguments.only and not re.search(arguments.only, name)):
                continue
            with threads(count):
                for row in measure():
                    rows.append(row)
                    print(_line(row), file=sys.stderr if arguments.json else sys.stdout, flush=True)
    found = {"date": datetime.date.today().isoformat(), "machine": machine(), "full": arguments.full}
    found["measured"] = [row.as_dict() for row in rows]
    if arguments.json:
        print(json.dumps(found, indent=1, ensure_ascii=False))
    if arguments.record:
        path = RECORDS / f"{found['date']}-{found['machine']['class']}.json"
        lines = ",\n".join(f"  {json.dumps(row, ensure_ascii=False)}" for row in found.pop("measured"))
        head = json.dumps(found, indent=1, ensure_ascii=False)[:-2]
        path.write_text(f'{head},\n "measured": [\n{lines}\n ]\n}}\n', encoding="utf-8")
        print(f"recorded in {path}", file=sys.stderr)
    return 0


def _line(row: Measured) -> str:
    ratio = f"×{row.ratio:5.2f} ({row.ratio_low:.2f} to {row.ratio_high:.2f})" if row.ratio is not None else ""
    counted = f"{row.threads} thread{'s' if row.threads > 1 else ''}"
    return f"{row.quantity[:66]:66} {counted:9} {row.way[:38]:38} {row.amount:10.4g} {row.unit:9} {ratio}".rstrip()


if __name__ == "__main__":
    torch.set_num_interop_threads(1)
    sys.exit(main())
