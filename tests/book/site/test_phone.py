"""Every page of the website as a phone shows it, in the light."""

import pytest

from .every_page import EveryPage
from .visit import open_offline


@pytest.mark.browser
class TestPhone(EveryPage):
    width = 390
    scheme = "light"


@pytest.mark.browser
def test_titles_are_whole_when_the_phone_is_turned(browser, pages):
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = open_offline(context, pages["06-pruning"])
    tops = """() => [...document.querySelectorAll('.vega-embed svg.marks')].map((svg) =>
        svg.querySelector('.role-title-text').getBoundingClientRect().top - svg.getBoundingClientRect().top)"""
    for width, height in ((390, 780), (844, 390), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(1000)
        assert min(page.evaluate(tops)) >= 0
    context.close()
