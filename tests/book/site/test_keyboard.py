"""What a page's controls do for whoever has only a keyboard. That Tab reaches all of them, every visit tells."""

from __future__ import annotations

import pytest

from .visit import Visit, open_offline

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


def test_the_menu_of_a_chart_opens_and_its_entries_are_reached(opened):
    page = opened.page
    summary = focus(page, ".vega-embed summary")
    assert summary.get_attribute("aria-label")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.vega-actions') !== null")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")


def test_folded_parts_open_with_enter(context, pages):
    page = open_offline(context, pages["intro"])
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


def test_search_opens_takes_words_and_finds_without_a_complaint(context, pages):
    visit = Visit()
    page = open_offline(context, pages["intro"], visit)
    page.keyboard.press("Control+k")
    page.keyboard.type("pruning")
    box = page.locator("input[type=search]").locator("visible=true").first
    assert box.input_value() == "pruning"
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results li a")
    assert "search.html" in page.url
    page.wait_for_timeout(300)  # excerpts would be fetched now
    assert visit.complaints == []
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


# Inside charts: this one of page 02 has a point for each run of a study, coloured by regime, and ticks of the paper.
RUNS = ".polyner-figure:has(.of-1 svg.marks [aria-label*=', monolingual, '])"
CHART = ".polyner-figure.of-runs"  # the same, whatever is filtered


class Chart:
    """The chart of the runs of the study in view, as one sees it who has a keyboard."""

    def __init__(self, page) -> None:
        self.page = page
        page.locator(RUNS).first.evaluate("(figure) => figure.classList.add('of-runs')")
        self.figure = page.locator(CHART)

    def labels(self) -> list[str]:
        """What the marks that are drawn are called."""
        marks = self.figure.locator(".role-mark path")
        return sorted(marks.evaluate_all("marks => marks.map((mark) => mark.getAttribute('aria-label'))"))

    def focused(self, attribute: str) -> str | None:
        return self.page.evaluate("(name) => document.activeElement.getAttribute(name)", attribute)

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.page.wait_for_timeout(150)  # Vega draws, and the stops are laid over what it drew

    def tooltip(self) -> str:
        tip = self.page.locator("#vg-tooltip-element")
        return tip.inner_text() if tip.count() and tip.is_visible() else ""


@pytest.fixture(scope="module")
def opened(context, pages):
    """The chart on its page, which takes long to open."""
    page = open_offline(context, pages["02-baselines"])
    page.wait_for_selector(".polyner-keys [role=option]")
    yield Chart(page)
    page.close()


@pytest.fixture
def chart(opened):
    """The chart with nothing chosen, and Tab leading to its first entry and mark, whatever was done with it before."""
    for stop in (LEGEND, MARKS):
        focus(opened.page, stop)
        for key in ("Home", "Escape", "Escape"):
            opened.press(key)
    opened.page.evaluate("document.activeElement.blur()")
    return opened


OTHER_THEME = """() => {
    const { dataset } = document.documentElement;
    dataset.theme = dataset.theme === "dark" ? "light" : "dark";
}"""
LEGEND, MARKS = (f"{CHART} .polyner-keys > :nth-child({place}) [role=option]" for place in (1, 2))


def test_a_legend_filters_by_keyboard_and_brings_back_what_it_took(chart):
    everything = chart.labels()
    focus(chart.page, LEGEND)
    assert (chart.focused("aria-label"), chart.focused("aria-selected")) == ("monolingual", "false")
    chart.press("ArrowRight")
    chart.press("Enter")
    assert (chart.focused("aria-label"), chart.focused("aria-selected")) == ("polyglot", "true")
    assert chart.labels() == [label for label in everything if "polyglot" in label]
    chart.press("Enter")
    assert (chart.labels(), chart.focused("aria-selected")) == (everything, "false")


def test_shift_adds_an_entry_of_a_legend_and_escape_forgets_all(chart):
    everything = chart.labels()
    focus(chart.page, LEGEND)
    chart.press(" ")
    assert len(chart.labels()) < len(everything)
    chart.press("ArrowRight")
    chart.press("Shift+Enter")
    assert (chart.labels(), chart.focused("aria-selected")) == (sorted(everything), "true")
    chart.press("ArrowLeft")
    assert chart.focused("aria-selected") == "true"
    chart.press("Escape")
    assert (chart.labels(), chart.focused("aria-selected")) == (sorted(everything), "false")


def test_marks_tell_what_they_are_and_choose_their_row(chart):
    focus(chart.page, MARKS)
    first = chart.focused("aria-label")
    chart.press("ArrowRight")
    assert chart.focused("aria-label") != first
    assert len(chart.focused("aria-label")) < 60
    assert "run" in chart.tooltip()
    chart.press("ArrowDown")
    chart.press("Home")
    assert (chart.focused("aria-label"), chart.focused("aria-posinset")) == (first, "1")
    chart.press("Enter")
    assert (chart.focused("aria-label"), chart.focused("aria-selected")) == (first, "true")
    assert chart.page.locator("tr[aria-selected=true]").count()
    assert chart.page.evaluate("siteChecks.drawn()")  # charts of studies without this architecture too
    chart.press("Escape")
    assert chart.tooltip() == ""
    assert chart.page.locator("tr[aria-selected=true]").count()
    chart.press("Escape")
    assert chart.focused("aria-selected") == "false"


def test_every_mark_of_a_chart_is_reached_by_the_arrows(chart):
    focus(chart.page, MARKS)
    seen = [chart.focused("aria-describedby") and chart.tooltip()]
    for _ in range(int(chart.focused("aria-setsize")) - 1):
        chart.page.keyboard.press("ArrowRight")
        seen.append(chart.tooltip())
    assert len(set(seen)) == len(chart.labels())


def test_a_legend_and_the_marks_are_one_stop_each_and_the_focus_is_seen(chart):
    focus(chart.page, LEGEND)
    look = "getComputedStyle(document.activeElement).outlineStyle"
    assert chart.page.evaluate(look) == "solid"
    chart.press("Tab")
    assert chart.page.evaluate(f"document.activeElement.matches({MARKS!r})")
    chart.press("Tab")
    assert chart.page.evaluate("document.activeElement.closest('.polyner-keys') === null")
    assert chart.tooltip() == ""


def test_the_focus_outlives_a_change_of_theme(chart):
    focus(chart.page, LEGEND)
    chart.press("ArrowRight")
    chart.figure.locator("svg.marks").evaluate("(svg) => svg.classList.add('old')")
    chart.page.evaluate(OTHER_THEME)
    chart.figure.locator("svg.marks:not(.old)").wait_for()
    chart.page.wait_for_function("siteChecks.drawn()")
    chart.press("Enter")
    assert chart.focused("aria-selected") == "true"
    assert all("polyglot" in label for label in chart.labels())
