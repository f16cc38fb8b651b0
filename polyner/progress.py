"""Progress bars by tqdm: a widget in a notebook, a line on a terminal, nothing anywhere else."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(description: str, total: int) -> Iterator[Callable[[str], None]]:
    """A bar of `total` steps; what it yields is called once a step, with a text to show beside the bar.

    `POLYNER_PROGRESS=off` in the environment silences it.
    """
    from tqdm.auto import tqdm

    shell = sys.modules.get("IPython") and sys.modules["IPython"].get_ipython()
    seen = type(shell).__name__ == "ZMQInteractiveShell" or sys.stderr.isatty()
    off = os.environ.get("POLYNER_PROGRESS") == "off" or not seen
    with tqdm(total=total, desc=description, leave=False, disable=off) as bar:

        def advance(text: str) -> None:
            bar.set_postfix_str(text, refresh=False)
            bar.update()

        yield advance
