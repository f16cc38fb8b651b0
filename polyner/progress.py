"""Progress bars by tqdm: a widget in a notebook, a line on a terminal, nothing anywhere else."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(description: str, total: int) -> Iterator[Callable[[str], None]]:
    """A bar of `total` steps; what it yields is called once a step, with a text to show beside the bar.

    `POLYNER_PROGRESS=off` in the environment silences it.
    """
    from tqdm.auto import tqdm

    # None: in a notebook (tqdm.notebook takes it for False) and on a terminal, and nowhere else.
    off = True if os.environ.get("POLYNER_PROGRESS") == "off" else None
    with tqdm(total=total, desc=description, leave=False, disable=off) as bar:

        def advance(text: str) -> None:
            bar.set_postfix_str(text, refresh=False)
            bar.update()

        yield advance
