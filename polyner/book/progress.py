"""What `polyner book` prints while it executes pages: a moving line for each on a terminal, plain lines elsewhere."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from polyner.book.execute import PageResult


class ConsoleProgress(Progress):
    """Reports `execute_pages` on a console; a context manager, because the moving lines have to be taken down."""

    def __init__(self, console: Console) -> None:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn())
        columns += (TextColumn("cells"), TimeElapsedColumn())
        super().__init__(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._pages: dict[str, TaskID] = {}

    def started(self, page: str, changed: tuple[str, ...], cells: int) -> None:
        reason = f" ({' and '.join(changed)} changed)" if changed else ""
        self._pages[page] = self.add_task(f"{page}{escape(reason)}", total=cells)
        if self.disable:
            self._print(f"{page}: executing{escape(reason)}")

    def cell_done(self, page: str) -> None:
        self.advance(self._pages[page])

    def ended(self, result: PageResult) -> None:
        if result.page in self._pages:
            self.remove_task(self._pages.pop(result.page))
        if result.status == "fresh":
            self._print(f"{result.page}: nothing changed, kept as executed before")
        elif result.status == "executed":
            self._print(f"{result.page}: [green]executed[/] in {result.seconds:.0f} s")
        elif result.misled:
            self._print(f"{result.page}: [red]failed[/]: {escape(' '.join(result.error.split()))}")
        else:
            self._print(f"{result.page}: [red]failed[/] after {result.seconds:.0f} s; it ends with")
            self._print(escape("\n".join(f"    {line}" for line in result.error.splitlines())))
            self._print(f"  the notebook with the error: {escape(str(result.notebook))}")

    def _print(self, text: str) -> None:
        self.console.print(text, highlight=False, soft_wrap=True)
