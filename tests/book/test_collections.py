"""Several collections of recorded results on a page, in a browser: one is in view, the others one click away."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from polyner import charts
from polyner.book.collections import Exhibit, caption, show_collections
from polyner.book.site import VIEWER, viewer_script

from .conftest import STATIC

CHANGES = pd.DataFrame({"language": ["eng", "deu"], "difference": [1.0, -2.0]})


def collection(title: str) -> SimpleNamespace:
    about = {"sample": False, "settings": {"max_train_sentences": 800}}
    rows = [("conll", "eng", 1), ("conll", "eng", 2), ("conll", "deu", 1), ("heldout", "rus", 1)]
    results = pd.DataFrame(rows, columns=["group", "language", "seed"])
    results = results.assign(model="byte-crf", regime="monolingual", variant="")
    corpora = {"eng": {}, "deu": {}, "rus": {}}
    return SimpleNamespace(title=title, about=about, corpora=corpora, results=results)


def test_the_caption_says_what_numbers_are_of():
    of, cap = "3 languages (1 of them held out), 1 to 2 seeds", "at most 800 training sentences a language"
    assert caption(collection("<open>")) == f"Recorded, <b>&lt;open&gt;</b>: {of}, {cap}."


def exhibit(each: SimpleNamespace) -> Exhibit:
    if each.title == "empty":
        return Exhibit()
    return Exhibit([charts.difference(CHANGES)], [f"<table><tr><td>numbers of {each.title}</td></tr></table>"])


@pytest.fixture
def page(tmp_path, browser, monkeypatch):
    """What two collections look like, as Jupyter Book puts the outputs of a cell, and a paragraph behind them."""
    shown: list[str] = []
    monkeypatch.setattr("IPython.display.display", lambda output: shown.append(output.data))
    show_collections([collection(name) for name in ("one", "other", "empty")], exhibit, lambda each: each.title)
    outputs = "".join(f'<div class="output text_html">{markup}</div>' for markup in shown)
    styles = "".join(f'<link rel="stylesheet" href="{name}.css">' for name in ("book", "recorded"))
    scripts = f'<script src="charts.js"></script><script src="{VIEWER}"></script>'
    body = f'<div class="cell_output">{outputs}</div><p id="behind">Behind.</p>'
    head = f'<meta charset="utf-8"><title>Collections</title>{styles}{scripts}'
    for name in ("book.css", "recorded.css", "charts.js"):
        (tmp_path / name).write_bytes((STATIC / name).read_bytes())
    (tmp_path / VIEWER).write_bytes(viewer_script(tmp_path / "viewer"))
    (tmp_path / "page.html").write_text(
        f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>', "utf-8"
    )
    page = browser.new_page(viewport={"width": 900, "height": 800})
    page.goto((tmp_path / "page.html").as_uri())
    page.wait_for_function("document.querySelectorAll('.vega-embed svg.marks').length === 2")
    yield page
    page.close()


def visible(page) -> list[bool]:
    """Whether the line of each collection, and its chart, can be seen."""
    lines, drawn = page.locator("p.polyner-collection"), page.locator(".vega-embed svg.marks")
    return [element.is_visible() for found in (lines, drawn) for element in found.all()]


@pytest.mark.browser
def test_the_first_collection_is_in_view_and_a_click_shows_the_other(page):
    assert visible(page) == [True, False, True, False]
    behind = page.locator("#behind").bounding_box()["y"]
    page.get_by_text("other", exact=True).first.click()
    assert visible(page) == [False, True, False, True]
    # What is hidden takes no room, and was drawn as wide as what is not.
    assert page.locator("#behind").bounding_box()["y"] == pytest.approx(behind, abs=2)
    widths = [svg.bounding_box()["width"] for svg in page.locator(".vega-embed svg.marks").all()]
    assert widths[0] == widths[1] > 300


@pytest.mark.browser
def test_the_choice_is_made_by_keyboard_and_says_what_is_missing(page):
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert visible(page) == [False, True, False, True]
    assert page.get_by_text("empty: nothing is recorded of this section.").is_visible()


@pytest.mark.browser
def test_on_paper_nothing_is_hidden(page):
    page.emulate_media(media="print")
    assert visible(page)[:2] == [True, True]
    assert not page.locator("fieldset").is_visible()
