"""The browser that prints the book, takes its picture and tests its pages: this machine's own Chromium or Chrome."""

from __future__ import annotations

import shutil

# What Playwright does not set itself.
FLAGS = ("--disable-gpu",)


def chromium_path() -> str | None:
    """Where Chromium, or Chrome, is on this machine."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
