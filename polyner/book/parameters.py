"""The box at the top of a page: its parameters, what they were in this run, and commands for this run and another."""

from __future__ import annotations

import dataclasses
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_notebook

from polyner.book.markup import escaped
from polyner.book.staleness import digest_values
from polyner.errors import SettingsError
from polyner.study.settings import Settings

if TYPE_CHECKING:
    from papermill.models import Parameter

_BOX = """\
:::{{admonition}} Parameters of this page, and how to run it with others
:class: dropdown polyner-parameters

In a clone of the repository, in its environment, {what}:

```console
{command}
```
{variant}
Each `-p NAME VALUE` sets a parameter; `-y '{{NAME: VALUE}}'` those that are lists or tables. `polyner book {page}`
takes the same `-p`, with values in YAML, and puts the page into the website.

{table}
:::"""
_VARIANT = """
The same with {change}:

```console
{command}
```
"""
# What `-p` of papermill may take for a number, a truth value or None.
_OTHER_THAN_TEXT = re.compile(r"[-+.\d].*|true|false|none|nan|inf|infinity", re.IGNORECASE)


@dataclass(frozen=True)
class PageRun:
    """What a page was executed with.

    given: the parameters that papermill set.
    settings: what these and the profile come to; None where that is not known (any more).
    executed: False for a page that never ran.
    """

    given: Mapping[str, Any] = field(default_factory=dict)
    settings: Settings | None = None
    executed: bool = False

    @classmethod
    def of(cls, notebook: NotebookNode) -> PageRun:
        """As the executed notebook says. A profile that has changed since, or is gone, leaves the settings unknown."""
        if "papermill" not in notebook.metadata:
            return cls()
        given = dict(notebook.metadata["papermill"].get("parameters", {}))
        try:
            settings, digest = resolved(given)
        except SettingsError:
            return cls(given, executed=True)
        same = notebook.metadata.get("polyner", {}).get("parameters") in (None, digest)
        return cls(given, settings if same else None, executed=True)


def resolved(given: Mapping[str, Any]) -> tuple[Settings, str]:
    """The settings that a page's parameters come to, and a digest of these and of the parameters that are no settings.
    Raises SettingsError."""
    known = {entry.name for entry in dataclasses.fields(Settings)}
    settings = Settings.load(**{name: value for name, value in given.items() if name in known})
    own = {name: value for name, value in given.items() if name not in known}
    return settings, digest_values({**dataclasses.asdict(settings), **own})


def parameter_box(page: str, cell: NotebookNode, run: PageRun) -> NotebookNode:
    """What stands on the website for a page's cell with parameters: the command of its run, one that changes a little,
    and each parameter by name, type, value in this run and comment. Of a page that never ran, the defaults."""
    parameters = parameters_of(new_notebook(cells=[cell]))
    box = _BOX.format(
        page=page,
        what="this runs the page as it stands here" if run.executed else "this runs the page",
        command=command(page, run.given),
        variant=_variant(page, run, {each.name for each in parameters}),
        table=_table(parameters, run),
    )
    return new_markdown_cell(box, id="page-parameters")


def parameters_of(notebook: NotebookNode) -> list[Parameter]:
    """name, inferred_type_name, default and help of each parameter of a page, as `papermill --help-notebook` has it."""
    from papermill.translators import papermill_translators

    translator = papermill_translators.find_translator("python3", "python")
    cells = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", ())]
    return [each for cell in cells for each in translator.inspect(cell)]


def command(page: str, given: Mapping[str, Any]) -> str:
    """The papermill command that runs a page with these parameters."""
    words, tables = ["papermill", f"book/{page}.ipynb", "out.ipynb"], {}
    for name, value in given.items():
        if isinstance(value, str) and not _OTHER_THAN_TEXT.fullmatch(value):
            words += ["-p", name, value]
        else:
            tables[name] = value
    return shlex.join([*words, *(["-y", _yaml(tables)] if tables else [])])


def _variant(page: str, run: PageRun, names: set[str]) -> str:
    """The command with another seed; of a page without seeds, with fewer languages. Nothing where neither is known."""
    settings = run.settings
    if settings and "seeds" in names:
        change, other = "another seed", {"seeds": [max(settings.seeds) + 1]}
    elif settings and "languages" in names and len(settings.languages or ()) > 1:
        kept = list(settings.languages)[: max(1, min(3, len(settings.languages) - 1))]
        change, other = "fewer languages", {"languages": kept}
    else:
        return ""
    return _VARIANT.format(change=change, command=command(page, {**run.given, **other}))


def _table(parameters: list[Parameter], run: PageRun) -> str:
    """As HTML: comments may hold what Markdown would read as its own."""
    rows = "".join(
        f"<tr><td><code>{escaped(each.name)}</code></td>"
        f"<td>{escaped(each.inferred_type_name) if each.inferred_type_name != 'None' else ''}</td>"
        f'<td>{_value(each, run)}</td><td class="prose">{escaped(each.help)}</td></tr>'
        for each in parameters
    )
    names = ("parameter", "type", "in this run" if run.executed else "default", "what it sets")
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    return (
        '<div class="polyner-scroll" tabindex="0" role="region" aria-label="Parameters of this page">'
        f'<table class="polyner-table"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _value(parameter: Parameter, run: PageRun) -> str:
    """What it was in this run, and whether the profile says so; its default where it has one of its own."""
    name, default = parameter.name, parameter.default
    if run.given.get(name) is not None:
        return f"<code>{escaped(_yaml(run.given[name]))}</code>"
    if default != "None":
        return f"<code>{escaped(default)}</code>"
    if not hasattr(run.settings, name):
        return "as the profile"
    value = getattr(run.settings, name)
    return f"as the profile: {'not set' if value in (None, {}) else f'<code>{escaped(_yaml(value))}</code>'}"


def _yaml(value: Any) -> str:
    """In a line, as `-y` takes it."""
    text = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=float("inf"))
    return text.strip().removesuffix("\n...")
