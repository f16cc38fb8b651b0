"""HTML that pages show: display it, with text escaped, and facts to be unfolded."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any


def show_markup(markup: str, data: Mapping[str, Any] | None = None) -> None:
    """Show HTML; `data`, by MIME type, goes with it into the executed page."""
    from IPython.display import HTML, display

    if data:
        display({"text/html": markup, "text/plain": "", **data}, raw=True)
    else:
        display(HTML(markup))


def escaped(value: object) -> str:
    """A value as text in HTML."""
    return html.escape(str(value))


def remark(text: str) -> str:
    """A line about what is shown, or is not."""
    return f'<p class="polyner-nothing">{escaped(text)}</p>'


def folded(summary: str, markup: str) -> str:
    """HTML to be unfolded under a line of text."""
    return f'<details class="polyner-tables"><summary>{escaped(summary)}</summary>{markup}</details>'


def fold(summary: str, facts: Mapping[str, str], below: str = "") -> str:
    """Facts under their names, to be unfolded; `below` is HTML."""
    rows = (f"<dt>{escaped(key)}</dt><dd>{escaped(value)}</dd>" for key, value in facts.items() if value)
    return (
        f'<div class="polyner-footer"><details><summary>{escaped(summary)}</summary>'
        f"<dl>{''.join(rows)}</dl>{below}</details></div>"
    )
