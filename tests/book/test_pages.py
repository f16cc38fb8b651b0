"""The book's own pages, executed with parameters; what the website makes of them is tested with it."""

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
from tests.conftest import small_corpus

ARCHITECTURES = [name for name in (source.name for source in sources(find_book())) if "/" in name]


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A copy of the book, beside which a run store may lie."""
    root = tmp_path_factory.mktemp("book")
    shutil.copytree(find_book(), root / "book", ignore=shutil.ignore_patterns("_build"))
    return root


def test_plain_papermill_runs_a_page_on_own_corpora_which_stand_first(book, tmp_path):
    for code in ("eng", "spa"):
        write_corpus(tmp_path / "own", small_corpus(code, train=12))
    command = [sys.executable, "-m", "papermill", str(book / "book" / "02-baselines.ipynb"), "out.ipynb"]
    given = ["-p", "profile", "smoke", "-p", "corpora", str(tmp_path / "own")]
    environment = {**os.environ, "POLYNER_RUNS": str(book / "runs"), "POLYNER_PROGRESS": "off"}
    done = subprocess.run(
        [*command, *given, "--kernel", "python3"], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    outputs = [out for cell in nbformat.read(tmp_path / "out.ipynb", 4).cells for out in cell.get("outputs", [])]
    shown = [str(out.get("data", {}).get("text/html", "")) for out in outputs]
    assert any("the paper" in text for text in shown)
    choices = [re.findall("<span>(.*?)</span>", text) for text in shown if "polyner-collections" in text]
    assert {names[0] for names in choices if "this run" in names} == {"this run"}
    assert not any(re.search(r"\bsample\b|generated sentences|no evidence", text) for text in shown)


@pytest.mark.slow
@pytest.mark.parametrize(("page", "languages"), [("03-fine-tuning", ["rus"]), ("02-baselines", ["spa", "amh", "swa"])])
def test_pages_make_do_with_the_languages_there_are(book, page, languages):
    """A novel language alone leaves nothing to compare; Spanish has no partner for a polyglot model."""
    overrides = {"languages": languages, "runs": str(book / "runs")}
    console = Console(file=io.StringIO())
    result = build_book("smoke", "sample", [page], overrides, book=book / "book", site=False, console=console)
    assert [page.status for page in result.pages] == ["executed"]
    text = result.pages[0].notebook.read_text(encoding="utf-8")
    assert ("Nothing to show of this: this run." in text) == (languages == ["rus"])


@pytest.mark.slow
def test_pages_about_architectures_run_on_other_corpora_at_the_papers_settings(book, tmp_path):
    root = tmp_path / "corpora"
    for corpus in read_corpora("sample", ["amh", "hin"]).values():
        write_corpus(root, Corpus(corpus.language, corpus.train[:12], corpus.dev[:3], corpus.test[:3]))
    console = Console(file=io.StringIO())
    result = build_book("paper", str(root), ARCHITECTURES, book=book / "book", site=False, console=console)
    assert [(page.page, page.status) for page in result.pages] == [(name, "executed") for name in ARCHITECTURES]
