"""How the command line prints: tables, JSON, notes and errors, safe with whatever a corpus or a file name holds."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from rich.cells import cell_len

_JOINERS = "\u200c\u200d"  # format characters that belong to words of Persian, Hindi and others
_GAP = 2
_UNBOUNDED = 100_000


def printable(text: Any) -> str:
    """The text without anything that moves the cursor, changes colours or turns the direction of writing."""
    return "".join(c if c.isprintable() or c in _JOINERS else repr(c)[1:-1] for c in str(text))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table whose numbers stand to the right. None shows as nothing.

    No number and no word is ever cut or broken. On a terminal long cells are wrapped at blanks; a table that is still
    too wide is shown in parts, each with the first column; and where even that is too wide, lines exceed the terminal.
    Anywhere else lines are as long as they have to be.
    """
    from rich.console import Console

    rows = [list(row) for row in rows]
    shown = [[printable(name), *(_cell(row[i]) for row in rows)] for i, name in enumerate(columns)]
    widest = [max(map(cell_len, cells)) for cells in shown]
    longest = [max(cell_len(word) for cell in cells for word in cell.split() or [""]) for cells in shown]
    console = Console(file=sys.stdout)
    width = console.width if console.is_terminal else _UNBOUNDED
    for number, part in enumerate(_parts(longest, max(width, longest[0] + width // 2))):
        widths = {i: widest[i] for i in part}
        for i in sorted(part, key=lambda i: longest[i] - widest[i]):
            excess = sum(widths.values()) + _GAP * (len(part) - 1) - width
            widths[i] -= min(max(excess, 0), widest[i] - longest[i])
        if number:
            print()
        _print_part(columns, rows, widths, bold=console.is_terminal)


def _parts(widths: Sequence[int], room: int) -> list[list[int]]:
    """The columns of each part of a table, the first one always among them, so that with gaps each part has room."""
    parts = [[0]]
    for column in range(1, len(widths)):
        if len(parts[-1]) > 1 and sum(widths[i] + _GAP for i in parts[-1]) + widths[column] > room:
            parts.append([0])
        parts[-1].append(column)
    return parts


def _print_part(
    columns: Sequence[str], rows: Sequence[Sequence[Any]], widths: Mapping[int, int], *, bold: bool
) -> None:
    """Some columns of a table, in these widths."""
    filled = {i: [row[i] for row in rows if row[i] is not None] for i in widths}
    right = {i for i, cells in filled.items() if cells and all(isinstance(cell, int | float) for cell in cells)}
    for number, row in enumerate([columns, *rows]):
        cells = [_wrapped(_cell(row[i]), widths[i]) for i in widths]
        for parts in zip_longest(*cells, fillvalue=""):
            line = [_padded(part, widths[i], i in right) for part, i in zip(parts, widths, strict=True)]
            text = (" " * _GAP).join(line).rstrip()
            print(f"\x1b[1m{text}\x1b[0m" if bold and number == 0 else text)
        if number == 0:
            print("─" * (sum(widths.values()) + _GAP * (len(widths) - 1)))


def _padded(text: str, width: int, right: bool) -> str:
    """The text as wide as its column; `str.ljust` counts characters, of which some are two columns wide."""
    blanks = " " * (width - cell_len(text))
    return blanks + text if right else text + blanks


def _wrapped(text: str, width: int) -> list[str]:
    """The text in lines of whole words, each at most as wide as the column."""
    if cell_len(text) <= width:
        return [text]
    lines: list[str] = []
    for word in text.split():
        if lines and cell_len(lines[-1]) + 1 + cell_len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


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
