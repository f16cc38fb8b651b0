"""How the command line prints: tables, JSON, notes and errors, safe with whatever a corpus or a file name holds."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.cells import cell_len

JOINERS = "\u200c\u200d"  # format characters that belong to words of Persian, Hindi and others
_GAP = 2
_UNBOUNDED = 100_000


def printable(text: Any) -> str:
    """The text without anything that moves the cursor, changes colours or turns the direction of writing."""
    return "".join(c if c.isprintable() or c in JOINERS else repr(c)[1:-1] for c in str(text))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table whose numbers stand to the right. None shows as nothing.

    No number and no word is ever cut or broken. On a terminal long cells are wrapped at blanks; a table that is still
    too wide is shown in parts, each with the first column; and where even that is too wide, lines exceed the terminal.
    Anywhere else lines are as long as they have to be.
    """
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    rows = [list(row) for row in rows]
    shown = [[printable(name), *(_cell(row[i]) for row in rows)] for i, name in enumerate(columns)]
    longest = [max(cell_len(word) for cell in cells for word in cell.split() or [""]) for cells in shown]
    console = Console(file=sys.stdout)
    if not console.is_terminal:
        console.width = _UNBOUNDED
    width = console.width
    for number, part in enumerate(_parts(longest, max(width, longest[0] + width // 2))):
        table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, _GAP - 1, 0, 0))
        for i in part:
            cells = [row[i] for row in rows if row[i] is not None]
            justify = "right" if cells and all(isinstance(cell, int | float) for cell in cells) else "left"
            table.add_column(Text(shown[i][0], "bold"), justify=justify, min_width=longest[i], overflow="fold")
        for line in zip(*(shown[i][1:] for i in part), strict=True):
            table.add_row(*map(Text, line))
        if number:
            print()
        console.print(table, crop=False)


def print_records(records: Iterable[Mapping[str, Any]], columns: Mapping[str, str]) -> None:
    """`print_table` of these fields of records, under the names given."""
    print_table([*columns.values()], [[record[field] for field in columns] for record in records])


def _parts(widths: Sequence[int], room: int) -> list[list[int]]:
    """The columns of each part of a table, the first one always among them, so that with gaps each part has room."""
    parts = [[0]]
    for column in range(1, len(widths)):
        if len(parts[-1]) > 1 and sum(widths[i] + _GAP for i in parts[-1]) + widths[column] > room:
            parts.append([0])
        parts[-1].append(column)
    return parts


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
