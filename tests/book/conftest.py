"""A tiny book to build and a tiny package it is said to depend on."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from polyner.book.browser import FLAGS, chromium_path
from polyner.book.execute import PageResult, execute_pages

CONFIG = Path(__file__).parents[2] / "_config.yml"
STATIC = Path(__file__).parents[2] / "book" / "_static"

HEAD = """\
# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
# ---

# %% [markdown]
# # {title}

# %% tags=["parameters"]
profile: str = "quick"  # a profile's name
corpora: str = None  # "sample" or a folder
seeds: list = None  # random seeds
word: str = "hello"  # what is said

"""


def page_source(title: str, *cells: str) -> str:
    """The percent-format source of a page with these code cells."""
    return HEAD.format(title=title) + "".join(f"# %%\n{cell}\n\n" for cell in cells)


@dataclass
class TinyBook:
    """A book in a temporary folder, executed with a package folder that the test may change."""

    folder: Path
    package: Path
    corpora: Path

    def write(self, name: str, *cells: str) -> None:
        source = self.folder / f"{name}.py"
        source.parent.mkdir(exist_ok=True)
        source.write_text(page_source(f"Page {name}", *cells), encoding="utf-8")
        pages = (path.relative_to(self.folder) for path in self.folder.rglob("*.py") if "_build" not in path.parts)
        names = sorted(page.with_suffix("").as_posix() for page in pages)
        toc = "format: jb-book\nroot: intro\nchapters:\n" + "".join(f"  - file: {name}\n" for name in names)
        (self.folder / "_toc.yml").write_text(toc, encoding="utf-8")

    @property
    def profile(self) -> str:
        return str(self.folder.parent / "tiny.yml")

    def execute(self, profile: str | None = None, corpora: str = "sample", **options: object) -> list[PageResult]:
        return execute_pages(self.folder, profile or self.profile, corpora, package=self.package, **options)


@pytest.fixture
def tiny(tmp_path: Path) -> TinyBook:
    """A book with one page that says a word."""
    return make_book(tmp_path)


def make_book(root: Path) -> TinyBook:
    package = root / "package"
    package.mkdir()
    (package / "code.py").write_text("ANSWER = 1\n")
    corpora = root / "corpora"
    for language in ("deu", "nld"):
        (corpora / language).mkdir(parents=True)
        for split in ("train", "dev", "test"):
            (corpora / language / f"{split}.conll").write_text("Bonn B-LOC\n")
    folder = root / "book"
    folder.mkdir()
    (folder / "intro.md").write_text("# A tiny book\n\nOf $\\hat{p} = \\frac{1}{2}$ and [one page](01-word).\n")
    (folder / "references.bib").write_text("")
    (root / "tiny.yml").write_text("languages: [deu, nld]\nseeds: [1]\n")
    (root / "_config.yml").write_text(CONFIG.read_text(encoding="utf-8"), encoding="utf-8")
    tiny = TinyBook(folder, package, corpora)
    tiny.write("01-word", "print(word)")
    return tiny


def say_where(book: Path, url: str) -> None:
    """Give the address of the repository, and take in the buttons that wait for one as comments."""
    text = CONFIG.read_text(encoding="utf-8")
    assert text.count('  url: ""\n') == 1
    text = text.replace('  url: ""\n', f'  url: "{url}"\n')
    if url:
        waiting = "use_repository_button:|launch_buttons:|  notebook_interface:|  binderhub_url:|  colab_url:"
        text, lines = re.subn(rf"^( *)# (?={waiting})", r"\1", text, flags=re.MULTILINE)
        assert lines == 5
    (book.parent / "_config.yml").write_text(text, encoding="utf-8")


@pytest.fixture
def shown(monkeypatch) -> list[str]:
    """The HTML that was displayed."""
    markup: list[str] = []

    def display(output, raw=False):
        markup.append(output["text/html"] if raw else output.data)

    monkeypatch.setattr("IPython.display.display", display)
    return markup


@pytest.fixture(scope="module")
def browser():
    """A Chromium without a window. Without one a test is skipped, but fails in CI and in `make test-browser`."""
    playwright = pytest.importorskip("playwright.sync_api")
    path = chromium_path()
    if path is None:
        needed = {"CI", "POLYNER_NEEDS_BROWSER"} & os.environ.keys()
        (pytest.fail if needed else pytest.skip)("no Chromium here")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=path, args=list(FLAGS))
        yield chromium
        chromium.close()
