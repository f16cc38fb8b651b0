"""What is expected of every page, whatever device it is read on: tests that a class for a device inherits."""

from __future__ import annotations

import pytest

from .visit import Visit, look


class EveryPage:
    """All pages of the website on a screen as wide as `width`, in a colour scheme: "light" or "dark"."""

    width: int
    scheme: str

    @pytest.fixture(scope="class")
    def visits(self, request, pages, browser) -> dict[str, Visit]:
        """What was found on each page, in one visit."""
        from axe_playwright_python.sync_playwright import Axe

        size, axe = {"width": request.cls.width, "height": 844}, Axe()
        context = browser.new_context(viewport=size, color_scheme=request.cls.scheme)
        found = {name: look(context, file, axe) for name, file in pages.items()}
        context.close()
        return found

    def test_nothing_is_asked_of_the_network(self, visits):
        assert told(visits, "requests") == {}

    def test_the_console_stays_empty(self, visits):
        assert told(visits, "complaints") == {}

    def test_no_page_is_wider_than_the_screen(self, visits):
        assert told(visits, "overflow") == {}

    def test_one_study_is_in_view(self, visits):
        assert told(visits, "choices") == {}

    def test_nothing_is_cut_off(self, visits):
        assert told(visits, "cut_off") == {}

    def test_no_label_lies_on_another(self, visits):
        assert told(visits, "overlapping") == {}

    def test_words_of_charts_have_the_colour_of_the_page(self, visits):
        assert told(visits, "inkless") == {}

    def test_charts_are_drawn_and_legends_answer_to_a_click(self, visits):
        assert sum(visit.charts for visit in visits.values()) >= 20
        assert sum(visit.legends for visit in visits.values()) >= 8
        assert told(visits, "dead_legends") == {}

    def test_words_of_charts_are_those_of_what_is_drawn(self, visits):
        assert told(visits, "reworded") == {}

    def test_axe_finds_no_serious_fault(self, visits):
        assert told(visits, "violations") == {}

    def test_tab_reaches_every_control_and_shows_where_it_is(self, visits):
        assert told(visits, "unreached") == {}
        assert told(visits, "unmarked") == {}


def told(visits: dict[str, Visit], field: str) -> dict[str, object]:
    """What was found of one kind, by page; pages on which there is nothing of it are left out."""
    return {name: getattr(visit, field) for name, visit in visits.items() if getattr(visit, field)}
