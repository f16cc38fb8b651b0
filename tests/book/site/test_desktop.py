"""Every page of the website as a desktop shows it."""

import pytest

from .every_page import EveryPage


@pytest.mark.browser
class TestDesktop(EveryPage):
    width = 1280
    audited = "dark"
