"""Where the project's repository is, as `_config.yml` says, and Colab's first cell, which fetches it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from polyner.errors import SettingsError

if TYPE_CHECKING:
    from nbformat import NotebookNode

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


def config_file(book: Path) -> Path:
    """`_config.yml`, beside the book's folder. Raises SettingsError where it is not there."""
    if not (file := book.parent / "_config.yml").is_file():
        raise SettingsError(f"no _config.yml in {book.parent}")
    return file


def setup_cell(book: Path) -> NotebookNode | None:
    """The first cell of the notebooks beside the sources, which makes the package importable where it is not; None
    where `_config.yml` has no address of the repository."""
    import yaml
    from nbformat.v4 import new_code_cell

    repository = yaml.safe_load(config_file(book).read_text(encoding="utf-8"))["repository"]
    if not (url := repository["url"].rstrip("/")):
        return None
    source = _SET_UP.format(branch=repository["branch"], url=url, needs=_PAGES_NEED)
    return new_code_cell(source, id="set-up", metadata={"tags": ["set-up"]})
