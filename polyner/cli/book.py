"""`polyner book`: execute the pages and build the website."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from polyner.cli.options import AsJson, Profile, StudyCorpora, assignments
from polyner.cli.output import examples, print_json
from polyner.errors import PolynerError, SettingsError

EXAMPLES = examples(
    "polyner book",
    "polyner book --profile laptop --corpora FOLDER",
    "polyner book 02-baselines -p seeds '[1, 2]' -p languages '[eng, spa]'",
    "polyner book --no-execute --strict",
)
_PARAMETER = ("-p", "--parameter")
_MOST_PAGES = 4  # at a time: a kernel takes about a gigabyte


class BookCommand(TyperCommand):
    """A command whose `-p` takes a name and a value, as papermill's does."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, join_parameters(args))


def join_parameters(arguments: Sequence[str]) -> list[str]:
    """The arguments with every `-p NAME VALUE` as `-p NAME=VALUE`. Raises SettingsError where the value is missing."""
    joined: list[str] = []
    remaining = iter(arguments)
    for argument in remaining:
        joined.append(argument)
        if argument in _PARAMETER and (name := next(remaining, None)) is not None:
            if "=" not in name:
                if (value := next(remaining, None)) is None:
                    raise SettingsError(f"{argument} takes a name and a value, not only {name!r}")
                name = f"{name}={value}"
            joined.append(name)
    return joined


def book(
    pages: Annotated[
        list[str] | None,
        typer.Argument(metavar="PAGE…", help="Pages to execute, such as 02-baselines; all by default."),
    ] = None,
    profile: Profile = "quick",
    corpora: StudyCorpora = None,
    parameters: Annotated[
        list[str] | None,
        typer.Option(*_PARAMETER, metavar="NAME VALUE", help="A page's parameter; the value in YAML. Repeatable."),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings of the website's build are errors.")] = False,
    execute: Annotated[bool, typer.Option("--execute/--no-execute", help="Execute the pages that are stale.")] = True,
    site: Annotated[bool, typer.Option("--site/--no-site", help="Build the website.")] = True,
    force: Annotated[bool, typer.Option("--force", help="Execute pages that are not stale, too.")] = False,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Pages at a time; by default one a core, and at most four.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Execute the book's pages and build its website.

    A page is executed only where its source, its parameters, the package's
    code or the corpora changed. A page that fails does not stop the others,
    but the exit code is then 1, or 2 where what it was given is to blame.
    """
    overrides = assignments(parameters, "-p")
    from rich.console import Console

    from polyner.book import build_book
    from polyner.sweep.local import cores

    try:
        result = build_book(
            profile,
            corpora,
            pages or None,
            overrides,
            strict=strict,
            execute=execute,
            force=force,
            site=site,
            jobs=jobs or min(cores(), _MOST_PAGES),
            console=Console(stderr=as_json),
        )
    except ModuleNotFoundError as error:
        raise PolynerError(f"the book needs {error.name}: pip install 'polyner[book]'") from error
    if as_json:
        done = [{**asdict(page), "notebook": str(page.notebook)} for page in result.pages]
        index = str(result.index) if result.index else None
        print_json({"ok": result.ok, "pages": done, "index": index, "problem": result.problem})
    if not result.ok:
        misled = not result.problem and all(page.misled for page in result.pages if page.status == "failed")
        raise typer.Exit(2 if misled else 1)
