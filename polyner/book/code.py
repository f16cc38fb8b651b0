"""Code on a page, read from where it is, so that what is shown is what runs."""

from __future__ import annotations

import inspect
import textwrap
from typing import Any


def show_code(*objects: Any) -> None:
    """Display the source of functions, methods and classes, one block each under its name.

    The blocks are Markdown: JupyterLab, Colab and the website colour them as they colour all their code, light and
    dark. Raises TypeError for what has no source.
    """
    from IPython.display import Markdown, display

    display(Markdown("\n\n".join(map(_block, objects))))


def _block(shown: Any) -> str:
    """The source at the left margin, under its name: what was written down, below decorators and bound methods."""
    definition = inspect.unwrap(getattr(shown, "__func__", shown))
    source = textwrap.dedent(inspect.getsource(definition)).rstrip()
    # Docstrings may have three backticks.
    return f"`{definition.__module__}` · **{definition.__qualname__}**\n\n````python\n{source}\n````"
