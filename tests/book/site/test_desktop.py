"""Every page of the website as a desktop shows it, looked over by axe."""

import pytest

from .every_page import EveryPage, told


@pytest.mark.browser
class TestDesktop(EveryPage):
    width = 1280
    audited = True

    def test_axe_finds_no_serious_fault(self, visits):
        assert told(visits, "violations") == {}
