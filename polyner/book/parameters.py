"""The box at the top of a page that says which parameters it takes, and the command to run it with others."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbformat import NotebookNode

_BOX = """\
:::{{admonition}} Parameters of this page, and how to run it with others
:class: dropdown polyner-parameters

In a clone of the repository, in its environment:

```console
papermill book/{page}.ipynb out.ipynb -p profile smoke
```

Each `-p NAME VALUE` sets a parameter; `-y '{{NAME: VALUE}}'` those that are lists or tables. `polyner book {page}`
takes the same `-p`, with values in YAML, and puts the page into the website.

{table}
:::"""


def parameter_box(page: str, cell: NotebookNode) -> NotebookNode:
    """What stands on the website for a page's cell with parameters: each by name, type, default and comment, and the
    command for papermill."""
    from nbformat.v4 import new_markdown_cell

    return new_markdown_cell(_BOX.format(page=page, table=_table(parameters_of(cell))), id="page-parameters")


def parameters_of(cell: NotebookNode) -> list[dict[str, Any]]:
    """name, type, default and help of each parameter, as `papermill --help-notebook` reads them from the cell."""
    from papermill.translators import papermill_translators

    translator = papermill_translators.find_translator("python3", "python")
    return [
        {"name": each.name, "type": each.inferred_type_name, "default": each.default, "help": each.help}
        for each in translator.inspect(cell)
    ]


def _table(parameters: list[dict[str, Any]]) -> str:
    """As HTML: comments may hold what Markdown would read as its own."""
    rows = "".join(
        f"<tr><td><code>{_text(each['name'])}</code></td><td>{_type(each['type'])}</td>"
        f'<td>{_default(each["default"])}</td><td class="prose">{_text(each["help"])}</td></tr>'
        for each in parameters
    )
    head = "".join(f'<th scope="col">{name}</th>' for name in ("parameter", "type", "default", "what it sets"))
    return (
        '<div class="polyner-scroll" tabindex="0" role="region" aria-label="Parameters of this page">'
        f'<table class="polyner-table"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _type(name: str) -> str:
    return "" if name == "None" else _text(name)


def _default(value: str) -> str:
    return "as the profile" if value == "None" else f"<code>{_text(value)}</code>"


def _text(value: object) -> str:
    return html.escape(str(value or ""))
