"""What a page's controls do for whoever has only a keyboard. That Tab reaches all of them, every visit tells."""

from __future__ import annotations

import pytest

from .visit import open_offline

pytestmark = pytest.mark.browser

SIZES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1280, "height": 844}}


@pytest.fixture(scope="module", params=list(SIZES))
def context(request, browser):
    context = browser.new_context(viewport=SIZES[request.param], reduced_motion="reduce")
    yield context
    context.close()


def focus(page, selector: str):
    control = page.locator(selector).locator("visible=true").first
    control.focus()
    return control


def test_the_menu_of_a_chart_opens_and_its_entries_are_reached(context, pages):
    page = open_offline(context, pages["02-baselines"])
    summary = focus(page, ".vega-embed summary")
    assert summary.get_attribute("aria-label")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.vega-actions') !== null")
    page.close()


def test_folded_parts_open_with_enter(context, pages):
    page = open_offline(context, pages["02-baselines"])
    focus(page, "article details > summary")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.parentElement.open")
    page.close()


def test_the_theme_is_switched(context, pages):
    page = open_offline(context, pages["intro"])
    before = page.evaluate("document.documentElement.dataset.mode")
    focus(page, ".theme-switch-button")
    page.keyboard.press("Enter")
    assert page.evaluate("document.documentElement.dataset.mode") != before
    page.close()


def test_search_opens_takes_words_and_closes(context, pages):
    page = open_offline(context, pages["intro"])
    page.keyboard.press("Control+k")
    page.keyboard.type("pruning")
    box = page.locator("input[type=search]").locator("visible=true").first
    assert box.input_value() == "pruning"
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results li a")
    assert "search.html" in page.url
    page.close()


def test_the_contents_of_the_book_open_on_a_phone(browser, pages):
    context = browser.new_context(viewport=SIZES["phone"], reduced_motion="reduce")
    page = open_offline(context, pages["intro"])
    entry = ".bd-links a[href='01-data.html']"
    assert not _on_screen(page, entry)
    focus(page, ".primary-toggle")
    page.keyboard.press("Enter")
    page.wait_for_timeout(400)
    assert _on_screen(page, entry)
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate(f"document.activeElement.matches({entry!r})"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/01-data.html")
    context.close()


def _on_screen(page, selector: str) -> bool:
    return page.evaluate(
        """(selector) => [...document.querySelectorAll(selector)].some((element) => {
            const { left, right, width } = element.getBoundingClientRect();
            return element.checkVisibility({ checkVisibilityCSS: true }) && width > 0 && right > 0 && left < innerWidth;
        })""",
        selector,
    )
