"""The book's own pages as the website's build executed them: what they show, and what they trained."""

from __future__ import annotations

import re

import pytest

from polyner.book.notebooks import find_book, sources
from polyner.study.questions import PAGES as NEEDS
from polyner.study.selection import Selection
from polyner.study.settings import Settings

# With the tests in a browser, which share the build; it fails where a page does, or where Sphinx warns.
pytestmark = pytest.mark.browser

# Less those about architectures, which train outside the run store.
PAGES = [name for name in (source.name for source in sources(find_book())) if "/" not in name]


@pytest.fixture
def trained(built) -> set[str]:
    return {path.name for path in (built / "runs").iterdir() if not path.name.startswith(".")}


def html(pages, page: str) -> str:
    return pages[page].read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_every_page_warns_of_the_sample_and_can_be_traced(built, pages, page):
    text = html(pages, page)
    assert "never evidence for a claim" in text
    assert "How these numbers came about" in text
    assert "Fingerprints" in text
    assert "Traceback" not in text


@pytest.mark.parametrize(
    ("page", "numbers"), [("02-baselines", ["85.75", "80.25"]), ("03-fine-tuning", ["86.68", "82.95"])]
)
def test_the_papers_numbers_stand_beside_those_of_the_run(pages, page, numbers):
    text = html(pages, page)
    assert all(number in text for number in ["the paper", "this run", *numbers])


def test_what_the_pages_trained_is_shared_and_named(pages, trained):
    regimes = {run.removeprefix("byte-crf-").split("-")[0] for run in trained}
    assert regimes == {"monolingual", "polyglot", "fine_tuned"}
    assert sum(run in html(pages, "02-baselines") for run in trained) >= 6


def test_a_sweep_of_a_page_has_exactly_the_runs_that_the_page_used(pages, trained, tmp_path):
    """From an empty store, as the book began."""
    settings = Settings.load("smoke", runs=str(tmp_path / "empty"))
    planned = {page: set(Selection(settings, (page,)).plan().runs) for page in NEEDS}
    for page in PAGES:
        footer = html(pages, page).rpartition("How these numbers came about")[2]
        used = set(re.findall(r"<code[^>]*>(byte-crf-[^<]+)</code>", footer.replace('<span class="pre">', "")))
        assert used == planned.get(page, set()), page
    assert trained == set(Selection(settings).plan().runs)
