"""Progress bars that suit the place: a tqdm widget in a notebook, rich on a terminal, nothing anywhere else."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Advance = Callable[[str], None]


@contextmanager
def progress_bar(description: str, total: int) -> Iterator[Advance]:
    """A bar of `total` steps; what it yields is called once a step, with a text to show beside the bar.

    `POLYNER_PROGRESS=off` in the environment silences it.
    """
    if os.environ.get("POLYNER_PROGRESS") == "off":
        yield lambda text: None
    elif _in_notebook():
        from tqdm.notebook import tqdm

        with tqdm(total=total, desc=description, leave=False) as bar:

            def advance(text: str) -> None:
                bar.set_postfix_str(text, refresh=False)
                bar.update()

            yield advance
    elif sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[text]}", markup=False),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task(description, total=total, text="")
            yield lambda text: progress.update(task, advance=1, text=text)
    else:
        yield lambda text: None


def _in_notebook() -> bool:
    shell = sys.modules.get("IPython") and sys.modules["IPython"].get_ipython()
    return bool(shell) and shell.__class__.__name__ == "ZMQInteractiveShell"
