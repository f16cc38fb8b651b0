"""A corpus whose words and entity types are HTML, JavaScript and templates shows them as text, on every page."""

from __future__ import annotations

import io
import re
import shutil
from pathlib import Path

import pytest
from rich.console import Console

from polyner.book import build_book
from polyner.book.notebooks import find_book, sources
from polyner.corpora.folder import write_corpus
from polyner.corpora.sentence import Corpus, Sentence

SCRIPT, TEMPLATE = "<script>alert(1)</script>", "{{7*7777}}"
IMAGE = "<img/src=x/onerror=alert(1)>"
WORDS = (SCRIPT + "aж", TEMPLATE + "aж", IMAGE + "aж", "${7*7777}", "`x`", "**b**", "[l](javascript:alert(1))")
TYPES = (SCRIPT, TEMPLATE, IMAGE)
MARKUP = ("<script>", "{{7", "<img")
LANGUAGES = ("eng", "spa", "amh", "swa", "yor")
PAGES = [source.name for source in sources(find_book())]
# The places of the marks that are large enough to point at.
VISIBLE = """(marks) => [...marks.keys()].filter((place) => {
    const { width, height } = marks[place].getBoundingClientRect();
    return Math.min(width, height) > 3;
})"""
DRAW_TYPES = {"01-data", "05-error-analysis"}  # whose charts have entity types at their axes or marks


def hostile_corpus(language: str) -> Corpus:
    def sentences(start: int) -> tuple[Sentence, ...]:
        return tuple(
            Sentence(
                (WORDS[i % 3], WORDS[3 + i % 4], "sees", f"{SCRIPT}{i // 2}", WORDS[(i + 1) % 3]),
                (f"B-{TYPES[i % 3]}", f"I-{TYPES[i % 3]}", "O", "O", f"B-{TYPES[(i + 1) % 3]}"),
            )
            for i in range(start, start + 12)
        )

    return Corpus(language, sentences(0), sentences(6), sentences(12))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The website, its pages executed on such corpora; without recorded results, which take their time."""
    root = tmp_path_factory.mktemp("hostile")
    for language in LANGUAGES:
        write_corpus(root / "corpora", hostile_corpus(language))
    shutil.copytree(find_book(), root / "book", ignore=shutil.ignore_patterns("_build", "results"))
    shutil.copy(find_book().parent / "_config.yml", root)
    text = io.StringIO()
    types = {SCRIPT: SCRIPT, "<i>x</i>": TEMPLATE}  # a parameter of the pages, shown by them too
    overrides = {"types": types, "languages": list(LANGUAGES), "runs": str(root / "runs")}
    console = Console(file=text, width=200)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("POLYNER_BOOK", str(root / "book"))
        given = (str(root / "corpora"), None, overrides)
        result = build_book("smoke", *given, book=root / "book", console=console, jobs=2)
    assert {page.status for page in result.pages} == {"executed"}, text.getvalue()
    return root / "book" / "_build" / "html"


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_words_and_types_are_text_in_pages_tables_and_tooltips(site, browser, name):
    page = browser.new_page()
    dialogs, complaints = [], []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(Path(site / f"{name}.html").as_uri())
    drawn = "chart => chart.querySelector('svg.marks .role-axis-label text')"
    page.wait_for_function(f"[...document.querySelectorAll('.vega-embed')].every({drawn})")
    page.evaluate("document.querySelectorAll('details').forEach((folded) => { folded.open = true; })")
    shown = page.inner_text("main")
    if name == "01-data":
        assert any(SCRIPT in text for text in page.locator("table.polyner-table").all_inner_texts())
        assert f"{SCRIPT} → {SCRIPT}, <i>x</i> → {TEMPLATE}" in shown
    labels = page.locator("svg.marks text").all_text_contents()
    tooltips = hover(page)
    if name in DRAW_TYPES:
        for texts in (labels, tooltips):
            assert any(mark in text for mark in MARKUP for text in texts), texts[:40]
    assert not re.search(r"(?<![\d.])54439(?![\d.])", page.content())
    assert page.locator("main script:has-text('alert(1)')").count() == 0
    assert page.locator("img[src='x']").count() == 0
    assert page.locator("a[href^='javascript']").count() == 0
    assert (dialogs, complaints) == ([], [])
    page.close()


def hover(page) -> list[str]:
    """Point at marks of every chart; what their tooltips say, in which markup makes no element."""
    seen = []
    for chart in page.locator(".vega-embed").all():
        marks = chart.locator("svg.marks .role-mark path")
        visible = marks.evaluate_all(VISIBLE)
        for place in visible[:: max(1, len(visible) // 6)]:
            marks.nth(place).hover(force=True)
            tooltip = page.locator("#vg-tooltip-element.visible")
            if tooltip.count():
                seen.append(tooltip.inner_text())
                assert tooltip.locator("script, img").count() == 0
    return seen
