"""Tables as text that comes back as what was written, to the digits that verdicts rest on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from polyner.errors import StoreError

# Columns of text that may be empty: there an empty cell is no missing value.
_TEXT = {"variant", "languages"}


def write_table(path: Path, table: pd.DataFrame, digits: int = 10) -> None:
    """Write a table as CSV, its numbers to so many significant digits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(path, index=False, float_format=f"%.{digits}g", lineterminator="\n")


def read_table(path: Path) -> pd.DataFrame:
    """A table that `write_table` wrote. Raises StoreError where it cannot be read."""
    with reading(path):
        names = pd.read_csv(path, nrows=0).columns
        missing_values = {name: [""] for name in names if name not in _TEXT}
        return pd.read_csv(path, keep_default_na=False, na_values=missing_values, float_precision="round_trip")


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """What is wrong with a file that is read here, as a StoreError."""
    try:
        yield
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}") from None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise StoreError(f"{path}: damaged: {error}") from None
