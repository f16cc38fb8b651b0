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
# Whether more of a unit is better (1) or worse (−1).
_BETTER = {"s": -1, "ms": -1, "MiB": -1, "GFLOP/s": 1, "×": 1}


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, str, float, float]]:
    """(verdict, what, before, after) of everything that both records have: "slower", "faster" or "same".

    Of yardsticks it is how many times polyner is faster than they are, of polyner's own ways their figure.
    """
    same_class = old["machine"]["class"] == new["machine"]["class"]
    before = {_key(row): row for row in old["measured"]}
    found = []
    for row in new["measured"]:
        earlier = before.get(_key(row))
        if earlier is None or row["quantity"].startswith("limit:"):
            continue
        what = f"{row['quantity']}: {row['way']} ({row['threads']} threads)"
        if row["ratio"] is not None and not row["way"].startswith("polyner"):
            names, better, tolerance = ("ratio", "ratio_low", "ratio_high"), 1, RATIO_TOLERANCE
        elif same_class and row["unit"] in _BETTER:
            names, better, tolerance = ("amount", "low", "high"), _BETTER[row["unit"]], TIME_TOLERANCE
        else:
            continue
        (was, was_low, was_high), (now, low, high) = ([side[name] for name in names] for side in (earlier, row))
        apart = high < was_low or low > was_high
        found.append((_verdict((now / was) ** better, tolerance, apart), what, was, now))
    return found


def missing(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What only one of the records has."""
    sides = [{_key(row) for row in record["measured"]} for record in (old, new)]
    return sorted(f"{quantity}: {way} ({threads} threads)" for quantity, way, threads in sides[0] ^ sides[1])


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
        found, left_out = changes(old, new), missing(old, new)
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"not a record of benchmarks: {error}", file=sys.stderr)
        return 2
    for verdict, what, before, after in sorted(found):
        if given.all or verdict != "same":
            print(f"{verdict:7} {what}: {before:.4g} → {after:.4g}")
    for what in left_out:
        print(f"in one record only: {what}")
    if not found:
        print("nothing to compare", file=sys.stderr)
        return 2
    slower = sum(verdict == "slower" for verdict, *_ in found)
    print(f"{len(found)} compared, {slower} slower, {sum(verdict == 'faster' for verdict, *_ in found)} faster")
    return 1 if slower else 0


if __name__ == "__main__":
    sys.exit(main())
