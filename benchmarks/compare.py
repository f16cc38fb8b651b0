"""`python -m benchmarks.compare OLD NEW`: what became slower between two records, and what faster.

Compared are the ratios to the yardsticks, which say the same on any machine of a class; where both records are of one
class, polyner's own times too, more loosely. The exit code is 1 where something became slower.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# A ratio that fell by more than this share is slower, if the ranges of its repeats do not touch either.
RATIO_TOLERANCE = 0.15
# Times of one machine differ more from day to day than ratios do.
TIME_TOLERANCE = 0.4


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, str, float, float]]:
    """(verdict, what, before, after) of everything that both records have: "slower", "faster" or "same".

    Of yardsticks it is how many times polyner is faster than they are, of polyner itself its seconds.
    """
    same_class = old["machine"]["class"] == new["machine"]["class"]
    before = {_key(row): row for row in old["measured"]}
    found = []
    for row in new["measured"]:
        earlier = before.get(_key(row))
        if earlier is None:
            continue
        what = f"{row['quantity']}: {row['way']} ({row['threads']} threads)"
        if row["ratio"] is not None and earlier["ratio"] is not None:
            apart = row["ratio_high"] < earlier["ratio_low"] or row["ratio_low"] > earlier["ratio_high"]
            found.append((_verdict(row["ratio"] / earlier["ratio"], RATIO_TOLERANCE, apart), what))
            found[-1] += (earlier["ratio"], row["ratio"])
        elif same_class and row["unit"] == "s" and row["way"].startswith("polyner"):
            apart = row["low"] > earlier["high"] or row["high"] < earlier["low"]
            found.append((_verdict(earlier["amount"] / row["amount"], TIME_TOLERANCE, apart), what))
            found[-1] += (earlier["amount"], row["amount"])
    return found


def _key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["quantity"], row["way"], row["threads"]


def _verdict(speed: float, tolerance: float, apart: bool) -> str:
    if not apart or 1 - tolerance <= speed <= 1 + tolerance:
        return "same"
    return "faster" if speed > 1 else "slower"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare", description=__doc__.splitlines()[0])
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--all", action="store_true", help="print what stayed the same, too")
    given = parser.parse_args(arguments)
    try:
        old, new = (json.loads(path.read_text(encoding="utf-8")) for path in (given.old, given.new))
        found = changes(old, new)
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"not a record of benchmarks: {error}", file=sys.stderr)
        return 2
    for verdict, what, before, after in sorted(found):
        if given.all or verdict != "same":
            print(f"{verdict:7} {what}: {before:.4g} → {after:.4g}")
    slower = sum(verdict == "slower" for verdict, *_ in found)
    print(f"{len(found)} compared, {slower} slower, {sum(verdict == 'faster' for verdict, *_ in found)} faster")
    return 1 if slower else 0


if __name__ == "__main__":
    sys.exit(main())
