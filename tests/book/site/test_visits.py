"""Every page of the website, visited on a phone and on a desktop, in the light and in the dark."""

from __future__ import annotations

import pytest

from .visit import Visit, look

pytestmark = pytest.mark.browser

WIDTHS = {"phone": 390, "desktop": 1280}
SCHEMES = ("light", "dark")


@pytest.fixture(scope="module", params=[(width, scheme) for width in WIDTHS for scheme in SCHEMES], ids="-".join)
def visits(request, pages, browser) -> dict[str, Visit]:
    """What was found on each page; faults of accessibility are looked for at one width."""
    from axe_playwright_python.sync_playwright import Axe

    device, scheme = request.param
    axe = Axe() if device == "desktop" else None
    context = browser.new_context(viewport={"width": WIDTHS[device], "height": 844}, color_scheme=scheme)
    found = {name: look(context, file, axe) for name, file in pages.items()}
    context.close()
    return found


def told(visits: dict[str, Visit], field: str) -> dict[str, object]:
    """What was found of one kind, by page; pages on which there is nothing of it are left out."""
    return {name: getattr(visit, field) for name, visit in visits.items() if getattr(visit, field)}


def test_nothing_is_asked_of_the_network(visits):
    assert told(visits, "requests") == {}


def test_the_console_stays_empty(visits):
    assert told(visits, "complaints") == {}


def test_no_page_is_wider_than_the_screen(visits):
    assert told(visits, "overflow") == {}


def test_nothing_is_cut_off(visits):
    assert told(visits, "cut_off") == {}


def test_no_label_lies_on_another(visits):
    assert told(visits, "overlapping") == {}


def test_charts_are_drawn_and_legends_answer_to_a_click(visits):
    assert sum(visit.charts for visit in visits.values()) >= 20
    assert sum(visit.legends for visit in visits.values()) >= 8
    assert told(visits, "dead_legends") == {}


def test_axe_finds_no_serious_fault(visits):
    assert told(visits, "violations") == {}
