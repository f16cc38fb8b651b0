"""Every page of the website as a phone shows it."""

import pytest

from .every_page import EveryPage


@pytest.mark.browser
class TestPhone(EveryPage):
    width = 390
    audited = "light"
