"""One visit of a page in the browser, with everything that is found out on the way."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Route

SCRIPT = (Path(__file__).parent / "page.js").read_text(encoding="utf-8")
_WORDS = re.compile("<summary>This chart in words</summary><p>(.*?)</p>", re.DOTALL)
LOCAL = ("file:", "data:", "blob:")
# Marks of a chart, and the symbols of those legends that answer to a click (Vega shields the others).
MARKS = "svg.marks .role-mark"
LEGEND = "svg.marks .role-legend-symbol:not([pointer-events=none]) path"
_PATIENCE = 120_000  # milliseconds; a busy machine draws slowly
# Style sheets cannot be fetched again by a page that was opened as a file.
_AXE = {"resultTypes": ["violations"], "preload": False}


@dataclass
class Visit:
    """What a page asked for and complained of, and how it looks.

    requests: addresses it asked the network for. complaints: errors and warnings. height: in pixels. overflow: how many
    it is wider than the screen. choices: of a study, where not one is in view. cut_off, overlapping, inkless: what
    cannot be read. charts: how many there are. legends: how many can be clicked; dead_legends: those with which nothing
    happens then. reworded: charts whose words in the file are not of what is drawn. violations: axe's serious and
    critical ones.
    """

    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    height: int = 0
    overflow: int = 0
    choices: list[str] = field(default_factory=list)
    cut_off: list[str] = field(default_factory=list)
    overlapping: list[str] = field(default_factory=list)
    inkless: list[str] = field(default_factory=list)
    charts: int = 0
    legends: int = 0
    dead_legends: list[str] = field(default_factory=list)
    reworded: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    unreached: list[str] = field(default_factory=list)
    unmarked: list[str] = field(default_factory=list)


def open_offline(context: BrowserContext, file: Path, visit: Visit | None = None) -> Page:
    """The page with its charts drawn. What it asks of the network is refused, and noted in `visit`."""
    visit = visit or Visit()
    page = context.new_page()
    page.set_default_timeout(_PATIENCE)

    def answer(route: Route) -> None:
        visit.requests.append(route.request.url)
        route.abort()

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            visit.complaints.append(f"{message.type}: {message.text}")

    page.route(lambda url: not url.startswith(LOCAL), answer)
    page.on("console", note)
    page.on("pageerror", lambda error: visit.complaints.append(f"exception: {error}"))
    page.add_init_script(SCRIPT)
    page.goto(file.as_uri())
    page.wait_for_function("siteChecks.drawn()")
    return page


def look(context: BrowserContext, file: Path, axe: Any) -> Visit:
    """Open a page, look at it, have axe look it over, press Tab all the way through it, and click a legend of each
    chart."""
    visit = Visit()
    page = open_offline(context, file, visit)
    page.wait_for_timeout(200)  # what draws itself once the fonts or the theme are there
    visit.height = page.evaluate("document.documentElement.scrollHeight")
    visit.choices = page.evaluate("siteChecks.choices()")
    visit.overflow = page.evaluate("siteChecks.overflow()")
    visit.cut_off = page.evaluate("siteChecks.cutOff()")
    visit.overlapping = page.evaluate("siteChecks.overlapping()")
    visit.inkless = page.evaluate("siteChecks.inkless()")
    visit.charts = page.evaluate("siteChecks.charts()")
    live = page.locator("figcaption details p").all_text_contents()
    written = [html.unescape(words) for words in _WORDS.findall(file.read_text(encoding="utf-8"))]
    visit.reworded = [now for now, before in zip(live, written, strict=True) if now != before]
    visit.violations = list(_serious(axe.run(page, options=_AXE).response["violations"]))
    _tab_through(page, visit)
    _click_legends(page, visit)
    page.close()
    return visit


def _serious(violations: Iterable[dict]) -> Iterable[str]:
    for violation in violations:
        if violation["impact"] in ("serious", "critical"):
            for node in violation["nodes"]:
                yield f"{violation['id']}: {node['html'][:160]} ({node['failureSummary'].splitlines()[-1].strip()})"


def _tab_through(page: Page, visit: Visit) -> None:
    """Press Tab until it leads out of the page. Boxes that scroll are stops as well, which no control asks for."""
    controls = page.evaluate("siteChecks.controls()")
    missing = {str(number): name for number, name in enumerate(controls)}
    for _ in range(3 * len(controls) + 100):
        page.keyboard.press("Tab")
        focused = page.evaluate("siteChecks.focused()")
        if focused is None:
            break
        missing.pop(focused["number"], None)
        visit.unmarked += [] if focused["seen"] else [focused["name"]]
    visit.unreached = list(missing.values())


def _click_legends(page: Page, visit: Visit) -> None:
    """Click the first symbol of each chart's legend: its marks change."""
    for position in range(visit.charts):
        chart = page.locator('.vega-embed, [id^="altair-viz"]').nth(position)
        symbol = chart.locator(LEGEND).first
        if not symbol.count():
            continue
        visit.legends += 1
        before = chart.locator(MARKS).evaluate_all("marks => marks.map((mark) => mark.outerHTML).join()")
        symbol.dispatch_event("click")
        for _ in range(20):
            page.wait_for_timeout(25)
            if chart.locator(MARKS).evaluate_all("marks => marks.map((mark) => mark.outerHTML).join()") != before:
                break
        else:
            visit.dead_legends.append(chart.get_attribute("id") or str(position))
