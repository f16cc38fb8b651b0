"""How the command line prints: tables, JSON, notes and errors, safe with whatever a corpus or a file name holds."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

_JOINERS = "\u200c\u200d"  # format characters that belong to words of Persian, Hindi and others
_UNBOUNDED = 100_000  # columns: a table that goes to a file is as wide as it has to be


def printable(text: Any) -> str:
    """The text without anything that moves the cursor, changes colours or turns the direction of writing."""
    return "".join(c if c.isprintable() or c in _JOINERS else repr(c)[1:-1] for c in str(text))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table whose numbers stand to the right. None shows as nothing.

    On a terminal long cells are folded to fit; anywhere else lines are as long as they have to be.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    rows = [list(row) for row in rows]
    table = Table(
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        show_edge=False,
    )
    for position, name in enumerate(columns):
        cells = [row[position] for row in rows if row[position] is not None]
        numbers = bool(cells) and all(isinstance(cell, int | float) for cell in cells)
        table.add_column(
            Text(printable(name)), justify="right" if numbers else "left", no_wrap=numbers, overflow="fold"
        )
    for row in rows:
        table.add_row(*(Text(_cell(value)) for value in row))
    console = Console(file=sys.stdout, highlight=False)
    if console.is_terminal:
        console.print(table)
        return
    console = Console(file=io.StringIO(), width=_UNBOUNDED)
    console.print(table)
    print("\n".join(line.rstrip() for line in console.file.getvalue().splitlines()))


def print_json(value: Any) -> None:
    """One JSON value, readable."""
    print(json.dumps(value, ensure_ascii=False, indent=2))


def print_lines(*lines: str) -> None:
    """Lines of plain text."""
    for line in lines:
        print(printable(line))


def print_note(text: str) -> None:
    """What the user should know beside the answer, on standard error."""
    print(f"note: {printable(text)}", file=sys.stderr)


def print_error(text: str) -> None:
    """An error, in one line on standard error."""
    print(f"error: {printable(' '.join(text.split()))}", file=sys.stderr)


def examples(*commands: str, then: str = "") -> str:
    """The end of a command's help: commands to try, and a last sentence."""
    lines = "\n".join(commands).replace("[", r"\[")
    return f"Examples:\n\n{lines}" + (f"\n\n{then}" if then else "")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return printable(" ".join(map(str, value)))
    if isinstance(value, float):
        return f"{value:.2f}"
    return f"{value:,}" if isinstance(value, int) else printable(value)
