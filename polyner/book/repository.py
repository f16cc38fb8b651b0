"""Where the project's repository is, and what of the book needs to know: launch buttons, and Colab's first cell.

One setting, `repository` in `_config.yml`, says it for all. Where it has no address, nothing that needs one is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from polyner.errors import SettingsError

if TYPE_CHECKING:
    from nbformat import NotebookNode

# What pages need beyond the package's own dependencies, and the machines of others may not have.
_PAGES_NEED = "altair>=6"
# Colab opens notebooks of GitHub only.
_COLAB_READS = "https://github.com/"
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
class Repository:
    """The address that `git clone` takes (empty where it is not known), the branch, and the book's folder in it."""

    url: str = ""
    branch: str = "main"
    path_to_book: str = "book"


def config_file(book: Path) -> Path:
    """`_config.yml`: beside the book's folder, as in the repository, or in it. Raises SettingsError without one."""
    for candidate in (book.parent / "_config.yml", book / "_config.yml"):
        if candidate.is_file():
            return candidate
    raise SettingsError(f"no _config.yml in {book.parent} or {book}")


def repository_of(book: Path) -> Repository:
    """What `_config.yml` says of the repository; a book without one has none."""
    try:
        config = _read(config_file(book))
    except SettingsError:
        return Repository()
    given = {key: value for key, value in (config.get("repository") or {}).items() if value}
    return Repository(**{**given, "url": str(given.get("url", "")).rstrip("/")})


def site_config(book: Path) -> dict[str, Any]:
    """`_config.yml` as the website is built with: without buttons for which there is no address, and with Colab only
    where it can open the repository."""
    config = _read(config_file(book))
    buttons = config.pop("launch_buttons", {})
    config.pop("repository", None)
    repository = repository_of(book)
    if repository.url:
        if not repository.url.startswith(_COLAB_READS):
            buttons.pop("colab_url", None)
        # The theme's own names, for Jupyter Book's are lost where the theme has options.
        options = config.setdefault("sphinx", {}).setdefault("config", {}).setdefault("html_theme_options", {})
        options |= {
            "repository_url": repository.url,
            "repository_branch": repository.branch,
            "path_to_docs": repository.path_to_book,
            "use_repository_button": True,
            "launch_buttons": buttons,
        }
    return config


def setup_cell(repository: Repository) -> NotebookNode | None:
    """The first cell of the notebooks beside the sources, which makes the package importable where it is not; None
    where the repository has no address."""
    from nbformat.v4 import new_code_cell

    if not repository.url:
        return None
    source = _SET_UP.format(branch=repository.branch, url=repository.url, needs=_PAGES_NEED)
    return new_code_cell(source, id="set-up", metadata={"tags": ["set-up"]})


def _read(path: Path) -> dict[str, Any]:
    import yaml

    return yaml.safe_load(path.read_text(encoding="utf-8")) or {}
