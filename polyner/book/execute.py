"""Execute the book's pages with papermill, each only when something it depends on has changed, and say how it goes: on
a terminal with a moving line for each page, elsewhere with plain lines."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import nbformat
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from polyner.book.notebooks import Source, read_notebook, select_pages
from polyner.book.parameters import parameters_of, resolved
from polyner.book.staleness import digest_corpora, digest_package, digest_recorded, digest_values
from polyner.disk import cannot_be_written
from polyner.errors import PolynerError, SettingsError, one_line

KEPT_VERSIONS = 10  # executed notebooks kept of each page, so that going back to another profile costs nothing
TRACEBACK_LINES = 12
_MISTAKES = {cls.__name__ for cls in (PolynerError, *PolynerError.__subclasses__())}


@dataclass(frozen=True)
class PageResult:
    """What became of one page.

    status: "executed", "fresh" (executed before with the same inputs) or "failed".
    notebook: the executed notebook; of a failed page, as far as it came, with the error in it.
    changed: which inputs (source, parameters, package, corpora, recorded) changed since the page was last executed.
    error: the end of the traceback of a failed page; where what it was given is to blame, a line that says so.
    misled: whether that is so: a corpus that cannot be read, an impossible setting and the like.
    """

    page: str
    status: Literal["executed", "fresh", "failed"]
    notebook: Path
    seconds: float = 0.0
    changed: tuple[str, ...] = ()
    error: str = ""
    misled: bool = False


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
            self._print(f"{result.page}: [red]failed[/]: {escape(one_line(result.error))}")
        else:
            self._print(f"{result.page}: [red]failed[/] after {result.seconds:.0f} s; it ends with")
            self._print(escape("\n".join(f"    {line}" for line in result.error.splitlines())))
            self._print(f"  the notebook with the error: {escape(str(result.notebook))}")

    def _print(self, text: str) -> None:
        self.console.print(text, highlight=False, soft_wrap=True)


@dataclass(frozen=True)
class _Job:
    """A page with the parameters it will get and the digests of its inputs."""

    source: Source
    notebook: nbformat.NotebookNode
    parameters: Mapping[str, Any]
    inputs: Mapping[str, str]


def execute_pages(
    book: Path,
    profile: str = "quick",
    corpora: str | None = None,
    pages: Sequence[str] | None = None,
    overrides: Mapping[str, Any] | None = None,
    *,
    force: bool = False,
    jobs: int = 1,
    progress: ConsoleProgress | None = None,
    package: Path | None = None,
) -> list[PageResult]:
    """Execute the named pages (all by default) that are stale, and say what became of each.

    profile, corpora, overrides: as `Settings.load` takes them; None leaves a parameter to the profile.
    force: execute pages that are not stale as well.
    jobs: how many pages at a time, each in a kernel of its own. A page that needs a run which another is training
        waits for it.
    package: the folder whose files count as the code (that of `polyner`).

    A page that fails does not stop the others. Raises SettingsError, before anything is executed, for a page,
    profile or parameter that does not exist, and CorpusError for a corpora folder that does not exist.
    """
    progress = progress or ConsoleProgress(Console(quiet=True))
    given = {"profile": profile, "corpora": corpora, **(overrides or {})}
    given = {name: value for name, value in given.items() if value is not None}
    planned = _plan(book, select_pages(book, pages), given, digest_package(package))
    with ThreadPoolExecutor(max(1, jobs)) as pool:
        results = [pool.submit(_run, job, book, force, progress) for job in planned]
        try:
            ended, _ = wait(results, return_when=FIRST_EXCEPTION)
            return [result.result() for result in (*ended, *results)][len(ended) :]
        except BaseException:
            # Above all Ctrl-C, which kernels do not hear of: once they are gone, the threads come to an end.
            from polyner.book.kernel import kill_kernels

            pool.shutdown(wait=False, cancel_futures=True)
            while not all(result.done() for result in results):
                kill_kernels()
                time.sleep(0.1)
            raise


def executed_folder(book: Path) -> Path:
    """Where executed notebooks are filed as `<page>-<key>.ipynb`, in subfolders as the pages are."""
    return book / "_build" / "executed"


def latest_executed(book: Path, page: str) -> Path | None:
    """The page's most recently executed notebook, whatever its inputs were; None if it never ran to its end."""
    return next(reversed(_versions(book, page)), None)


def _versions(book: Path, page: str) -> list[Path]:
    """The page's executed notebooks, the latest last."""
    return sorted(executed_folder(book).glob(f"{page}-{'[0-9a-f]' * 12}.ipynb"), key=lambda path: path.stat().st_mtime)


def _plan(book: Path, pages: list[Source], given: Mapping[str, Any], package: str) -> list[_Job]:
    notebooks = {source.name: read_notebook(source) for source in pages}
    known = {name: {each.name for each in parameters_of(notebook)} for name, notebook in notebooks.items()}
    for parameter in given.keys() - {"profile", "corpora"}:
        if not any(parameter in names for names in known.values()):
            names = sorted(set().union(*known.values()))
            raise SettingsError(f"unknown parameter {parameter!r}: {', '.join(known)} take {', '.join(names)}")
    jobs = []
    recorded = digest_recorded(book)
    for source in pages:
        parameters = {name: value for name, value in given.items() if name in known[source.name]}
        # What a page does not take cannot change it: a new seed leaves a page without seeds as it is.
        settings, digest = resolved(parameters)
        inputs = {
            "source": digest_values({"source": source.path.read_text(encoding="utf-8")}),
            "parameters": digest,
            "package": package,
            "corpora": digest_corpora(settings.corpora),  # the data page shows all languages, whichever are trained on
            "recorded": recorded,
        }
        jobs.append(_Job(source, notebooks[source.name], parameters, inputs))
    return jobs


def _run(job: _Job, book: Path, force: bool, progress: ConsoleProgress) -> PageResult:
    name = job.source.name
    folder = executed_folder(book)
    target = folder / f"{name}-{digest_values(job.inputs)[:12]}.ipynb"
    if target.is_file() and not force:
        os.utime(target)  # the latest version is now this one
        result = PageResult(name, "fresh", target)
    else:
        changed: tuple[str, ...] = ()
        if last := latest_executed(book, name):
            earlier = nbformat.read(last, as_version=4).metadata.get("polyner", {})
            changed = tuple(name for name, digest in job.inputs.items() if earlier.get(name) != digest)
        codes = [cell for cell in job.notebook.cells if cell.cell_type == "code" and cell.source.strip()]
        progress.started(name, changed, 1 + len(codes))  # the one with the injected parameters is one more
        start = time.perf_counter()
        running = folder / f"{name}-running.ipynb"
        running.parent.mkdir(parents=True, exist_ok=True)
        error, misled = _execute(job, running, progress)
        failed = folder / f"{name}-failed.ipynb"
        failed.unlink(missing_ok=True)
        status, notebook = ("failed", failed) if error else ("executed", target)
        running.replace(notebook)
        result = PageResult(name, status, notebook, time.perf_counter() - start, changed, error, misled)
        for old in _versions(book, name)[:-KEPT_VERSIONS]:
            old.unlink()
    progress.ended(result)
    return result


def _execute(job: _Job, output: Path, progress: ConsoleProgress) -> tuple[str, bool]:
    """Execute the page in a kernel of this very interpreter; return what went wrong, "" if nothing did, and whether
    what the page was given is to blame.

    The kernel works in the current directory, so that a relative `corpora` means what it means on the command line.
    """
    import papermill
    from nbconvert.filters import strip_ansi
    from papermill.exceptions import PapermillExecutionError

    from polyner.book.kernel import ThisInterpreter

    notebook = nbformat.from_dict(job.notebook)
    notebook.metadata["polyner"] = dict(job.inputs)
    nbformat.write(notebook, output)
    try:
        papermill.execute_notebook(
            notebook,
            output,
            parameters=dict(job.parameters),
            kernel_name="python3",
            kernel_manager_class=ThisInterpreter,
            cwd=Path.cwd(),
            progress_bar=False,
            on_cell_complete=lambda **_: progress.cell_done(job.source.name),
        )
        return "", False
    except PapermillExecutionError as error:
        if error.ename in _MISTAKES:
            return f"{error.ename}: {error.evalue}", True
        return "\n".join(strip_ansi("\n".join(error.traceback)).rstrip().splitlines()[-TRACEBACK_LINES:]), False
    except Exception as error:
        if cannot_be_written(error):
            raise
        # Not the page's doing: the kernel did not come up or went away.
        return f"{type(error).__name__}: {error}", False
