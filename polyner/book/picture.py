"""README's picture of the website: `python -m polyner.book.picture FILE`, after a build.

Needs Chromium and Playwright.
"""

from __future__ import annotations

import sys
from pathlib import Path

from polyner.book.browser import FLAGS, chromium_path
from polyner.book.notebooks import find_book
from polyner.errors import NotAvailable, needed

WIDTH, HEIGHT = 1280, 860
# A picture above this size slows the page that shows it.
MOST_BYTES = 200_000


def take_picture(index: Path, file: Path) -> None:
    """Write the top of a website's first page as a PNG, in its light theme and without a network.

    Raises NotAvailable without a built website or a browser, and where the picture is too large.
    """
    if not index.is_file():
        raise NotAvailable(f"{index}: the website is not built yet (polyner book)")
    if (browser := chromium_path()) is None:
        raise NotAvailable("no Chromium here")
    with needed("playwright.sync_api", "the picture", "dev").sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=browser, args=list(FLAGS))
        page = chromium.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        page.goto(index.as_uri())
        page.wait_for_selector(".polyner-front svg.marks")
        # From the sentences to the figure.
        page.evaluate("document.querySelector('.polyner-front').scrollIntoView({block: 'end'})")
        page.wait_for_timeout(300)
        picture = page.screenshot()
        chromium.close()
    if len(picture) > MOST_BYTES:
        raise NotAvailable(f"the picture has {len(picture):,} bytes, more than {MOST_BYTES:,}")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(picture)


if __name__ == "__main__":
    take_picture(find_book() / "_build" / "html" / "intro.html", Path(sys.argv[1]))
