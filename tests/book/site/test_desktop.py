"""Every page of the website as a desktop shows it, in the dark."""

import re

import pytest

from .every_page import EveryPage


@pytest.mark.browser
class TestDesktop(EveryPage):
    width = 1280
    scheme = "dark"

    def test_pages_of_the_study_are_not_long(self, visits):
        heights = {name: visit.height for name, visit in visits.items() if re.match(r"\d\d-", name)}
        assert len(heights) == 10
        assert {name: height for name, height in heights.items() if height > 9300} == {}
