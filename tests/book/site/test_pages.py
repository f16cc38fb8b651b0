"""The book's own pages as the website's build executed them: what they show, and what they trained."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from polyner.book.notebooks import find_book, sources
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
    assert ("are no evidence" in text) == (page != "tagger")  # whose script says it
    assert "How this page was made" in text
    assert "Traceback" not in text


@pytest.mark.parametrize(
    ("page", "numbers"), [("02-baselines", ["85.75", "80.25"]), ("03-fine-tuning", ["86.68", "82.95"])]
)
def test_the_papers_numbers_stand_beside_those_of_the_run(pages, page, numbers):
    text = html(pages, page)
    assert all(number in text for number in ["the paper", "this run", *numbers])


@pytest.mark.parametrize("page", [name for name in PAGES if name != "tagger"])
def test_a_figure_stands_once_for_each_study_the_sample_last(built, pages, page):
    text = html(pages, page)
    figures = Counter(re.findall("<summary>This chart in words</summary><p>(.*?)</p>.*?<small>(.*?)</small>", text))
    assert [figure for figure, count in figures.items() if count > 1] == []
    for choice in re.findall("<fieldset.*?</fieldset>", text):
        assert "this run" not in re.findall("<span>(.*?)</span>", choice)[:-1]


def test_what_the_pages_trained_is_what_a_sweep_trains_and_is_named(pages, trained, tmp_path):
    """From an empty store, as the book began."""
    settings = Settings.load("smoke", runs=str(tmp_path / "empty"))
    assert trained == set(Selection(settings).plan().runs)
    planned = set(Selection(settings, ("08-claims",)).plan().runs)
    assert {run for run in trained if f'title="{run}"' in html(pages, "08-claims")} == planned
