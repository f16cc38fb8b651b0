"""Reading text and column files line by line as they come, so that nothing waits for the end of a pipe."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO

from polyner.errors import CorpusError


@contextmanager
def opened(file: str) -> Iterator[tuple[str, IO[bytes]]]:
    """A file's name for messages, and its bytes; `-` is standard input. Raises CorpusError where it cannot be read."""
    if file == "-":
        yield "standard input", sys.stdin.buffer
        return
    try:
        stream = open(file, "rb")  # noqa: SIM115 (closed below; an error while it is used is not one of opening it)
    except OSError as error:
        raise CorpusError(f"{file}: {error.strerror}") from None
    with stream:
        yield file, stream


def decoded(name: str, stream: Iterable[bytes]) -> Iterator[tuple[int, str]]:
    """The lines with their numbers, without line ends and byte-order mark, as they come.

    Raises CorpusError, with the line, for what is not UTF-8 and for NUL bytes.
    """
    for number, data in enumerate(stream, start=1):
        try:
            line = data.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise CorpusError(f"{name}:{number}: not UTF-8 (byte 0x{data[error.start]:02x})") from None
        if "\0" in line:
            raise CorpusError(f"{name}:{number}: a NUL byte: this is no text, or not in UTF-8")
        yield number, line.rstrip("\r\n")


def fields_of(line: str) -> list[str]:
    """The columns of a line: separated by tabs if it has any, else by blanks."""
    return line.rstrip("\t ").split("\t") if "\t" in line else re.split(" +", line.strip(" "))
