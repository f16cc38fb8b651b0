"""The book's own pages: executed with the smoke profile, built into a website, looked at in a browser."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys

import nbformat
import pytest
from rich.console import Console

from polyner.book import build_book
from polyner.book.notebooks import find_book, sources
from polyner.corpora.folder import read_corpora, write_corpus
from polyner.corpora.sentence import Corpus
from polyner.sections.needs import PAGES as NEEDS
from polyner.settings import Settings
from polyner.sweep.plan import Selection, make_plan

EVERYTHING = [source.name for source in sources(find_book())]
ARCHITECTURES = [name for name in EVERYTHING if "/" in name]
# The pages about architectures take as long as all the others: they have a slow test of their own.
PAGES = [name for name in EVERYTHING if name not in ARCHITECTURES]
WITHOUT_CHARTS = {"08-claims", "tagger"}


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A copy of the book, executed and built strictly, with a run store of its own."""
    root = tmp_path_factory.mktemp("book")
    shutil.copytree(find_book(), root / "book", ignore=shutil.ignore_patterns("_build"))
    shutil.copy(find_book().parent / "_config.yml", root)
    text = io.StringIO()
    before = os.environ.get("POLYNER_RUNS")
    os.environ["POLYNER_RUNS"] = str(root / "runs")
    try:
        console = Console(file=text, width=200)
        result = build_book("smoke", "sample", PAGES, book=root / "book", strict=True, console=console)
    finally:
        os.environ.pop("POLYNER_RUNS")
        if before is not None:
            os.environ["POLYNER_RUNS"] = before
    return root, result, text.getvalue()


def html(book, page):
    return (book[0] / "book" / "_build" / "html" / f"{page}.html").read_text(encoding="utf-8")


def test_every_page_runs_and_the_site_builds_without_warnings(book):
    _, result, text = book
    assert [(page.page, page.status) for page in result.pages] == [(name, "executed") for name in PAGES], text
    assert result.problem == "", text
    assert result.ok


@pytest.mark.parametrize("page", PAGES)
def test_every_page_warns_of_the_sample_and_can_be_traced(book, page):
    text = html(book, page)
    assert "never evidence for a claim" in text
    assert "How these numbers came about" in text
    assert "Fingerprints" in text
    assert "Traceback" not in text


@pytest.mark.parametrize(
    ("page", "numbers"), [("02-baselines", ["85.75", "80.25"]), ("03-fine-tuning", ["86.68", "82.95"])]
)
def test_the_papers_numbers_stand_beside_those_of_the_run(book, page, numbers):
    text = html(book, page)
    assert all(number in text for number in ["the paper", "this run", *numbers])


def test_what_the_pages_trained_is_shared_and_named(book):
    runs = [path.name for path in (book[0] / "runs").iterdir() if not path.name.startswith(".")]
    regimes = {run.removeprefix("byte-crf-").split("-")[0] for run in runs}
    assert regimes == {"monolingual", "polyglot", "fine_tuned"}
    assert sum(run in html(book, "02-baselines") for run in runs) >= 6


def test_a_sweep_of_a_page_has_exactly_the_runs_that_the_page_used(book, tmp_path):
    """From an empty store, as the book began."""
    settings = Settings.load("smoke", runs=str(tmp_path / "empty"))
    planned = {page: set(make_plan(Selection(settings, (page,))).runs) for page in NEEDS}
    for page in PAGES:
        footer = html(book, page).rpartition("How these numbers came about")[2]
        used = set(re.findall(r"<code[^>]*>(byte-crf-[^<]+)</code>", footer.replace('<span class="pre">', "")))
        assert used == planned.get(page, set()), page
    trained = {path.name for path in (book[0] / "runs").iterdir() if not path.name.startswith(".")}
    assert trained == set(make_plan(Selection(settings)).runs)


def test_plain_papermill_runs_a_page_from_another_directory(book, tmp_path):
    command = [sys.executable, "-m", "papermill", str(book[0] / "book" / "02-baselines.ipynb"), "out.ipynb"]
    environment = {**os.environ, "POLYNER_RUNS": str(book[0] / "runs"), "POLYNER_PROGRESS": "off"}
    done = subprocess.run(
        [*command, "-p", "profile", "smoke", "--kernel", "python3"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    outputs = [out for cell in nbformat.read(tmp_path / "out.ipynb", 4).cells for out in cell.get("outputs", [])]
    assert any("the paper" in str(out.get("data", {}).get("text/html", "")) for out in outputs)


@pytest.mark.slow
@pytest.mark.parametrize(("page", "languages"), [("03-fine-tuning", ["rus"]), ("02-baselines", ["spa", "amh", "swa"])])
def test_pages_make_do_with_the_languages_there_are(book, page, languages):
    """A held-out language alone leaves nothing to compare; Spanish has no partner for a polyglot model."""
    overrides = {"languages": languages, "runs": str(book[0] / "runs")}
    console = Console(file=io.StringIO())
    result = build_book("smoke", "sample", [page], overrides, book=book[0] / "book", site=False, console=console)
    assert [page.status for page in result.pages] == ["executed"]
    text = result.pages[0].notebook.read_text(encoding="utf-8")
    assert ("Nothing to draw here" in text) == (languages == ["rus"])


@pytest.mark.slow
def test_pages_about_architectures_run_on_other_corpora_at_the_papers_settings(tmp_path):
    root = tmp_path / "corpora"
    for corpus in read_corpora("sample", ["amh", "hin"]).values():
        write_corpus(root, Corpus(corpus.language, corpus.train[:12], corpus.dev[:3], corpus.test[:3]))
    shutil.copytree(find_book(), tmp_path / "book", ignore=shutil.ignore_patterns("_build"))
    console = Console(file=io.StringIO())
    result = build_book("paper", str(root), ARCHITECTURES, book=tmp_path / "book", site=False, console=console)
    assert [(page.page, page.status) for page in result.pages] == [(name, "executed") for name in ARCHITECTURES]
