"""An executed notebook as the website shows it: without the traces of its execution, the plumbing folded away."""

from __future__ import annotations

import copy

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from polyner.book.parameters import PageRun, parameter_box

# Prompts of the folded cells, by the tag that papermill or Jupyter Book knows the cell by.
_FOLDED = {
    "parameters": "Show this page's parameters",
    "injected-parameters": "Show the parameters of this run",
    "hide-input": "Show the code",
}
# How the kinds of data begin that pages carry for other parts of the website.
_OWN_DATA = "application/vnd.polyner."
_WIDGET = "application/vnd.jupyter.widget-view+json"
# Characters of code that fit a page's column of text.
_COLUMN_OF_CODE = 92
# What is said below the title, by what became of a page.
_NOTES = {
    "missing": "```{warning}\nThis page has not been executed yet, so it shows no results: run `polyner book`.\n```",
    "failed": """```{error}
This page stopped with an error, shown <a href="#page-error">below</a>. What follows it was not executed.
```""",
}


def publish(notebook: NotebookNode, status: str = "executed", page: str = "") -> NotebookNode:
    """A copy of the notebook for the website.

    In place of the cell with the parameters of a `page` of the book stands what they are, what they were in this run,
    and how to set them.

    Times, paths, widgets' states and the models of the tagger in the page are left out; the two cells with parameters
    are folded. Code of the package with long lines may use the page's margin. A notebook whose `status` is "failed" or
    "missing" (never executed) says so below its title.
    """
    published = copy.deepcopy(notebook)
    published.metadata = {
        key: value for key, value in notebook.metadata.items() if key in ("kernelspec", "language_info")
    }
    cells = []
    for cell in published.cells:
        tags = cell.metadata.get("tags", [])
        if "papermill-error-cell-tag" in tags:  # papermill's own notes, in a style of their own
            continue
        if page and "parameters" in tags:
            cells.append(parameter_box(page, cell, PageRun.of(notebook)))
            continue
        cell.metadata = {key: value for key, value in cell.metadata.items() if key not in ("papermill", "execution")}
        if prompt := next((prompt for tag, prompt in _FOLDED.items() if tag in tags), None):
            cell.metadata["tags"] = list(dict.fromkeys([*tags, "hide-input"]))
            cell.metadata["mystnb"] = {"code_prompt_show": prompt, "code_prompt_hide": prompt.replace("Show", "Hide")}
        if cell.cell_type == "code":
            # Progress bars and the like are dead without a kernel, and their viewer would have to come from a server.
            live = [output for output in cell.outputs if _WIDGET not in output.get("data", {})]
            cell.outputs = list(map(_without_data, live))
            if any(output.output_type == "error" for output in cell.outputs):
                cells.append(new_markdown_cell('<div id="page-error"></div>', id="page-error"))
            if any(_is_wide_code(output) for output in cell.outputs):
                cell.metadata["tags"] = [*cell.metadata.get("tags", []), "full-width"]
        cells.append(cell)
    if status in _NOTES:
        cells.insert(1, new_markdown_cell(_NOTES[status], id="page-status"))
    published.cells = cells
    return published


def _without_data(output: NotebookNode) -> NotebookNode:
    """An output without what it carries for the website's other parts: models for the tagger, verdicts as data."""
    if "data" in output:
        output.data = {kind: data for kind, data in output.data.items() if not kind.startswith(_OWN_DATA)}
    return output


def _is_wide_code(output: NotebookNode) -> bool:
    """The package's own code (`book.code.show_code`) where its lines are longer than those of pages."""
    text = output.get("data", {}).get("text/markdown", "")
    return "```python" in text and max(map(len, text.splitlines())) > _COLUMN_OF_CODE
