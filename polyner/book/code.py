"""The package's own code on a page, read from the package itself, so that what is shown is what runs."""

from __future__ import annotations

import functools
import inspect
import textwrap
from typing import Any


def show_code(*objects: Any) -> None:
    """Display the source of functions, methods and classes of this package, one block each under its name.

    The blocks are Markdown: JupyterLab, Colab and the website colour them as they colour all their code, light and
    dark. Raises TypeError for what is none of these, or not this package's.
    """
    from IPython.display import Markdown, display

    display(Markdown("\n\n".join(_block(shown) for shown in objects)))


def source_of(shown: Any) -> str:
    """The source of a function, method or class of this package, moved to the left margin. Raises TypeError."""
    return textwrap.dedent(inspect.getsource(_definition(shown))).rstrip()


def _block(shown: Any) -> str:
    definition = _definition(shown)
    # Docstrings may have three backticks.
    return f"`{definition.__module__}` · **{definition.__qualname__}**\n\n````python\n{source_of(shown)}\n````"


def _definition(shown: Any) -> Any:
    """What was written down in the package: below decorators, properties and bound methods."""
    if isinstance(shown, property):
        shown = shown.fget
    elif isinstance(shown, functools.cached_property):
        shown = shown.func
    shown = inspect.unwrap(getattr(shown, "__func__", shown))
    if not (inspect.isfunction(shown) or inspect.isclass(shown)):
        raise TypeError(f"{shown!r:.80} has no source to show: name a function, a method or a class")
    if shown.__module__.partition(".")[0] != __name__.partition(".")[0]:
        raise TypeError(f"{shown.__module__}.{shown.__qualname__} is not of this package, whose code alone is shown")
    return shown
