"""The book: execute its pages, decide which are stale, build the website.

`build_book` does it all and is what `polyner book` calls; a page itself uses `polyner.book.page`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from polyner.book.execute import PageResult


@dataclass(frozen=True)
class BookResult:
    """What `build_book` did: the pages' results, and the website's first file (None where it was not built)."""

    pages: list[PageResult] = field(default_factory=list)
    index: Path | None = None
    problem: str = ""

    @property
    def ok(self) -> bool:
        """Whether every page ran to its end and the website was built."""
        return not self.problem and all(page.status != "failed" for page in self.pages)


def build_book(
    profile: str = "quick",
    corpora: str | None = None,
    pages: Sequence[str] | None = None,
    overrides: Mapping[str, Any] | None = None,
    *,
    strict: bool = False,
    execute: bool = True,
    force: bool = False,
    site: bool = True,
    jobs: int = 1,
    book: Path | None = None,
    console: Console | None = None,
) -> BookResult:
    """Execute the stale pages (`execute_pages`) and build the website from all pages as last executed (`build_site`).

    execute, site: leave out one of the two steps.
    book: the folder with `_toc.yml` (that of the repository).

    Progress goes to `console`. A page that fails, or a website that cannot be built, is reported there and in the
    result; a mistake in the arguments raises SettingsError or CorpusError before anything is executed. Raises
    OSError where `_build` cannot be written to.
    """
    from filelock import FileLock
    from rich.console import Console
    from rich.markup import escape

    from polyner.book.execute import ConsoleProgress, execute_pages
    from polyner.book.notebooks import find_book, select_pages

    console = console or Console()
    folder = find_book(book)
    select_pages(folder, list(pages or ()))  # a misspelt page is an error even where nothing is executed
    build = folder / "_build"
    results: list[PageResult] = []
    with FileLock(build / ".lock"):
        if execute:
            with ConsoleProgress(console) as progress:
                results = execute_pages(
                    folder, profile, corpora, pages, overrides, force=force, jobs=jobs, progress=progress
                )
        if not site:
            return BookResult(results)
        from polyner.book.site import SiteError, build_site

        try:
            with console.status("building the website"):
                index = build_site(folder, results, strict=strict)
        except SiteError as error:
            console.print(f"[red]website not built:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
            return BookResult(results, problem=str(error))
    console.print(f"The book is ready: {escape(index.as_uri())}", highlight=False, soft_wrap=True)
    return BookResult(results, index)
