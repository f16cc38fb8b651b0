"""Errors a user can act on: each says in one line what is wrong and where."""

from __future__ import annotations

import importlib
from types import ModuleType


class PolynerError(Exception):
    """A mistake in what the user gave; the command line prints it in one line and exits with 2."""


class CorpusError(PolynerError):
    """A corpus that cannot be read, with file and line."""


class SettingsError(PolynerError):
    """An unknown or impossible setting, parameter or profile."""


class StoreError(PolynerError):
    """A run that is not in the run store, or a store that cannot be used."""


class NotAvailable(PolynerError):
    """Something from outside, such as an encoder's weights, that is needed and cannot be had here."""


def one_line(error: object, most: int | None = None) -> str:
    """What an error says, in one line of at most so many characters."""
    return " ".join(str(error).split())[:most]


def needed(module: str, purpose: str, extra: str) -> ModuleType:
    """An optional package. Raises NotAvailable where it is not installed, with the command that installs it."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError:
        package = module.partition(".")[0]
        raise NotAvailable(f"{purpose} needs {package}: pip install 'polyner[{extra}]'") from None
