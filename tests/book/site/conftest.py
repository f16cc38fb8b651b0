"""The book's website, built once for all tests of it, or one that stands already."""

from __future__ import annotations

import io
import os
import shutil
from pathlib import Path

import pytest
from filelock import FileLock
from rich.console import Console

from polyner.book import build_book
from polyner.book.notebooks import find_book

pytest.register_assert_rewrite("tests.book.site.every_page")

# A site that was built before, to be tested instead: any profile, any corpora.
BUILT = "POLYNER_TEST_SITE"


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Path:
    """The folder of the website: the whole book with the smoke profile, built strictly. Worker processes share it."""
    if given := os.environ.get(BUILT):
        return Path(given).resolve()
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    root = shared / "site"
    with FileLock(shared / "site.lock"):
        if not (root / "built.txt").is_file():
            problem = _build(root)
            (root / "built.txt").write_text(problem, encoding="utf-8")
    assert (root / "built.txt").read_text(encoding="utf-8") == ""
    return root / "book" / "_build" / "html"


@pytest.fixture(scope="session")
def built(site) -> Path:
    """What the website was built in: the book, and beside it the store of its runs."""
    if BUILT in os.environ:
        pytest.skip("needs the website that the tests build")
    return site.parents[2]


@pytest.fixture(scope="session")
def pages(site) -> dict[str, Path]:
    """Every page of the site by its name, as found in the built folder."""
    found = {path.relative_to(site).with_suffix("").as_posix(): path for path in sorted(site.rglob("*.html"))}
    own = {name: path for name, path in found.items() if not name.startswith("_")}
    own.pop("index", None)  # it only leads to the first page
    assert len(own) > 10
    return own


def _build(root: Path) -> str:
    """What went wrong; nothing where all pages ran and the strict build had no warning."""
    shutil.copytree(find_book(), root / "book", ignore=shutil.ignore_patterns("_build"))
    for name in ("_config.yml", "README.md", "CITATION.cff", "references.bib"):
        if (find_book().parent / name).is_file():
            shutil.copy(find_book().parent / name, root)
    console = Console(file=io.StringIO(), width=200)
    before = os.environ.get("POLYNER_RUNS")
    os.environ["POLYNER_RUNS"] = str(root / "runs")
    try:
        result = build_book("smoke", "sample", book=root / "book", strict=True, console=console, jobs=2)
    finally:
        os.environ.pop("POLYNER_RUNS")
        if before is not None:
            os.environ["POLYNER_RUNS"] = before
    return "" if result.ok else console.file.getvalue()
