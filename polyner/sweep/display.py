"""A sweep on the console: a live table on a terminal, a line for each run that ends anywhere else."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from polyner.sweep.job import Outcome, log_path
from polyner.sweep.tracker import Tracker

_ROWS = 20


class SweepDisplay(Live):
    """Reports a sweep; a context manager, because a live table has to be taken down."""

    def __init__(self, console: Console) -> None:
        super().__init__(console=console, refresh_per_second=2, transient=True)

    def ended(self, tracker: Tracker, outcome: Outcome) -> None:
        count = f"[{len(tracker.outcomes)}/{len(tracker.plan.to_do)}]"
        colour = {"done": "green", "failed": "red"}.get(outcome.status, "yellow")
        took = f" in {duration(outcome.seconds)}" if outcome.seconds else ""
        rest = f": {outcome.error}" if outcome.error else f"; {_remaining(tracker)}"
        line = f"{escape(count)} {outcome.run} [{colour}]{outcome.status}[/]{took}{escape(rest)}"
        self.console.print(line, highlight=False, soft_wrap=True)

    def tick(self, tracker: Tracker) -> None:
        if self.console.is_terminal:
            self.update(_table(tracker))


def report(tracker: Tracker, console: Console) -> None:
    """What a sweep came to: how many runs, how long, and the log of each that failed."""
    counts = {status: len(tracker.with_status(status)) for status in ("done", "failed", "skipped")}
    told = ", ".join(f"{count} {status}" for status, count in counts.items() if count) or "nothing to do"
    console.print(f"{told} in {duration(tracker.elapsed())}", highlight=False)
    if peak := max((outcome.peak_gpu_bytes for outcome in tracker.outcomes.values()), default=0):
        console.print(f"at most {peak / 2**30:.1f} GiB of GPU memory in one process", highlight=False)
    for outcome in tracker.with_status("failed"):
        console.print(f"[red]failed[/] {outcome.run}: {escape(outcome.error)}", highlight=False, soft_wrap=True)
        console.print(f"  log: {escape(str(log_path(tracker.plan.store, outcome.run)))}", soft_wrap=True)


def duration(seconds: float | None) -> str:
    """A time to the precision that matters: 8 s, 12 min, 3 h 5 min; ? for one that is not known."""
    if seconds is None:
        return "?"
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def _remaining(tracker: Tracker) -> str:
    if tracker.finished:
        return "all finished"
    left = tracker.remaining()
    return "time left not known" if left is None else f"about {duration(left)} left"


def _table(tracker: Tracker) -> RenderableType:
    total, over = len(tracker.plan.to_do), len(tracker.outcomes)
    failed = len(tracker.with_status("failed")) + len(tracker.with_status("skipped"))
    counts = f"{over - failed} done, {failed} failed, {len(tracker.running)} running, "
    counts += f"{total - over - len(tracker.running)} to do; {_remaining(tracker)}"
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name, justify in (("running", "left"), ("for", "right"), ("of about", "right")):
        table.add_column(name, justify=justify, no_wrap=True)
    for run in list(tracker.running)[:_ROWS]:
        table.add_row(Text(run), duration(tracker.elapsed(run)), duration(tracker.seconds.get(run)))
    if (more := len(tracker.running) - _ROWS) > 0:
        table.add_row(f"and {more} more", "", "")
    head = Table.grid(padding=(0, 2, 0, 0))
    head.add_row(ProgressBar(total=total, completed=over, width=30), Text(counts))
    return Group(head, table)
