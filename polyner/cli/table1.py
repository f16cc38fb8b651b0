"""`polyner table1`: the averages of Table 1, recorded and the paper's."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from polyner.cli.options import AsJson
from polyner.cli.output import examples, print_json, print_lines, print_note
from polyner.errors import SettingsError

EXAMPLES = examples("polyner table1", "polyner table1 NAME", "polyner table1 --json", "polyner table1 --into README.md")


def table1(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME…", help="Recorded results: folders in book/results, or their paths. All by default."
        ),
    ] = None,
    into: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it between the two marks in this file.", dir_okay=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print Table 1's averages of recorded results beside the paper's, as Markdown.

    The recorded ones are means over seeds with the spread over them. ▲ or ▼:
    the 95 % interval of the difference from monolingual leaves out 0. The
    paper's are the means of its cells in those of the languages that it has.
    """
    from polyner.findings.files import all_recorded, recorded
    from polyner.paper.marked import averages, averages_as_markdown, write_into

    if as_json and into is not None:
        raise SettingsError("--into writes Markdown: leave out --json")
    records = [recorded(name) for name in names] if names else all_recorded()
    if as_json:
        print_json(averages(records))
        return
    markdown = averages_as_markdown(records)
    if into is None:
        print_lines(*markdown.splitlines())
    else:
        print_note(f"{into}: {'written' if write_into(into, markdown) else 'it is there already'}")
