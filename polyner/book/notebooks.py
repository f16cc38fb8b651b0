"""The book's pages as files: percent-format `.py` sources and the `.ipynb` notebooks paired with them.

The `.py` is the source of truth. The `.ipynb` beside it holds the same cells without outputs, so that Jupyter, Binder,
Colab and plain papermill can open the page, and before them one that fetches the package where it is not at hand, if
`_config.yml` says where the repository is; `sync_pairs` writes it.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import yaml
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from polyner.errors import SettingsError
from polyner.study.settings import book_folder

_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
# What pages need beyond the package's own dependencies, and the machines of others may not have.
_PAGES_NEED = "altair>=6"
_SET_UP = """\
# Where the package is not at hand (on Colab, say), this fetches it, once. Elsewhere it does nothing.
import importlib.util
import subprocess
import sys

if importlib.util.find_spec("polyner") is None:
    folder = "polyner-repository"
    subprocess.run(["git", "clone", "-q", "--depth", "1", "-b", {branch!r}, {url!r}, folder], check=True)
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", "-e", folder, {needs!r}], check=True)
    sys.path.insert(0, folder)"""


@dataclass(frozen=True)
class Source:
    """One page of the book: its name (`02-baselines`, `models/charner`) and its percent-format source file."""

    name: str
    path: Path

    @property
    def pair(self) -> Path:
        """The notebook beside the source."""
        return self.path.with_suffix(".ipynb")


def find_book(folder: str | os.PathLike | None = None) -> Path:
    """The folder with the book's `_toc.yml`: as given, else the repository's (`polyner.study.settings.book_folder`).

    Raises SettingsError where there is none.
    """
    book = Path(folder) if folder else book_folder()
    if not (book / "_toc.yml").is_file():
        raise SettingsError(f"no book (a folder with _toc.yml) in {book}")
    return book.resolve()


def sources(book: Path) -> list[Source]:
    """The pages with code in the order of `_toc.yml`; pages of prose are not among them. A source that the table of
    contents does not name is no page of the book."""
    from sphinx_external_toc.parsing import parse_toc_yaml

    names = parse_toc_yaml(book / "_toc.yml")
    return [Source(name, book / f"{name}.py") for name in names if (book / f"{name}.py").is_file()]


def select_pages(book: Path, names: list[str] | tuple[str, ...] | None = None) -> list[Source]:
    """The named pages, in the book's order; all of them when `names` is empty.

    A name is the page's own (`02-baselines`, `models/charner`), that of its file (`book/02-baselines.py`), or without
    its folder (`charner`) where no other page is called the same. Raises SettingsError for a name that the book does
    not have.
    """
    pages = sources(book)
    if not names:
        return pages
    wanted = {_page_named(name, [page.name for page in pages]) for name in names}
    return [page for page in pages if page.name in wanted]


def _page_named(given: str, pages: list[str]) -> str:
    name = Path(given).as_posix().removesuffix(".py").removesuffix(".ipynb")
    if ends := [page for page in pages if f"/{name}".endswith(f"/{page}")]:
        return max(ends, key=len)
    last = [page for page in pages if page.endswith(f"/{name}")]
    if len(last) != 1:
        problem = f"several pages {name!r}" if last else f"no page {name!r}"
        raise SettingsError(f"the book has {problem}; its pages are {', '.join(sorted(pages))}")
    return last[0]


def read_notebook(source: Source) -> NotebookNode:
    """The page as a notebook without outputs, and without the set-up that Jupyter copies from the pair where that is
    saved. The same source always gives the same notebook: a cell's id is computed from its content, so an unchanged
    cell keeps its id wherever it moves."""
    import jupytext

    notebook = jupytext.read(source.path, fmt="py:percent")
    notebook.cells = [cell for cell in notebook.cells if "set-up" not in cell.metadata.get("tags", ())]
    seen: Counter[str] = Counter()
    for cell in notebook.cells:
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()
        cell["id"] = hashlib.sha256(f"{digest} {seen[digest]}".encode()).hexdigest()[:8]
        seen[digest] += 1
    notebook.metadata = {
        "jupytext": {"formats": "ipynb,py:percent"},
        "kernelspec": notebook.metadata.get("kernelspec", _KERNEL),
        "language_info": {"name": "python"},
    }
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def shown_in(notebook: NotebookNode | None) -> Iterator[dict[str, Any]]:
    """What the cells of an executed page have displayed, each by MIME type; nothing where there is no such page."""
    for cell in notebook.cells if notebook else ():
        for output in cell.get("outputs", ()):
            yield output.get("data", {})


def config_file(book: Path) -> Path:
    """`_config.yml`, beside the book's folder. Raises SettingsError where it is not there."""
    if not (file := book.parent / "_config.yml").is_file():
        raise SettingsError(f"no _config.yml in {book.parent}")
    return file


def setup_cell(book: Path) -> NotebookNode | None:
    """The first cell of the notebooks beside the sources, which makes the package importable where it is not; None
    where `_config.yml` has no address of the repository."""
    repository = yaml.safe_load(config_file(book).read_text(encoding="utf-8"))["repository"]
    if not (url := repository["url"].rstrip("/")):
        return None
    source = _SET_UP.format(branch=repository["branch"], url=url, needs=_PAGES_NEED)
    return new_code_cell(source, id="set-up", metadata={"tags": ["set-up"]})


def sync_pairs(book: Path, check: bool = False) -> list[Path]:
    """Write the `.ipynb` of every page whose pair is missing or differs from its source; return those notebooks.

    With `check` nothing is written: the list says which pairs are out of step.
    """
    changed = []
    first = setup_cell(book)
    for source in sources(book):
        notebook = read_notebook(source)
        notebook.cells[:0] = [first] if first else []
        text = nbformat.writes(notebook) + "\n"
        if not source.pair.is_file() or source.pair.read_text(encoding="utf-8") != text:
            changed.append(source.pair)
            if not check:
                source.pair.write_text(text, encoding="utf-8", newline="\n")
    return changed
