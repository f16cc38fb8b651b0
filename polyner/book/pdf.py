"""The whole book as one PDF: `python -m polyner.book.pdf [SITE] [FILE]`, printed by Chromium from the built website.

Each page of the website is opened without its scripts, so that pictures stand for charts. Its article goes into one
document in the order of the table of contents, where links from page to page become links within the document. What is
folded on a page is left out, but for the line that names it.
"""

from __future__ import annotations

import datetime
import html
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from polyner.book.browser import FLAGS, chromium_path
from polyner.book.notebooks import find_book
from polyner.errors import NotAvailable, PolynerError, needed

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_STYLE = Path(__file__).with_name("pdf.css")
_SCRIPT = Path(__file__).with_name("pdf.js")
_MARGINS = {"top": "18mm", "bottom": "20mm", "left": "15mm", "right": "15mm"}
_FOOTER = """<div style="width: 100%; font: 8px sans-serif; color: #555; text-align: center">
<span class="pageNumber"></span></div>"""


def print_book(site: Path, file: Path) -> Path:
    """Print the website in the folder `site` into `file`, A4, with an outline, and return it.

    Raises NotAvailable where there is no website, no Chromium or no Playwright.
    """
    if not (site / "index.html").is_file():
        raise NotAvailable(f"no website in {site}: run `polyner book` first")
    if (path := chromium_path()) is None:
        raise NotAvailable("printing needs Chromium: install your system's package chromium, or Chrome")
    with needed("playwright.sync_api", "printing", "dev").sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=list(FLAGS))
        document = site / "_print.html"  # beside the pages, whose style sheets and pictures it uses
        document.write_text(_joined(browser, site), encoding="utf-8")
        page = browser.new_page()
        page.goto(document.as_uri())
        document.unlink()
        file.parent.mkdir(parents=True, exist_ok=True)
        page.pdf(
            path=file,
            format="A4",
            margin=_MARGINS,
            print_background=True,
            display_header_footer=True,
            header_template="<span></span>",
            footer_template=_FOOTER,
            outline=True,
            tagged=True,
        )
        browser.close()
    return file


def _joined(browser: Browser, site: Path) -> str:
    """All pages as one HTML document with a title page and a table of contents."""
    script = _SCRIPT.read_text(encoding="utf-8")
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto((site / "index.html").as_uri())
    page.wait_for_selector("article")
    page.evaluate(script)
    book: dict[str, Any] = page.evaluate("printing.book()")
    files = {entry["file"]: number for number, entry in enumerate(book["pages"])}
    articles = []
    for file, number in files.items():
        page.goto((site / file).as_uri())
        page.evaluate(script)
        articles.append(page.evaluate("([number, files]) => printing.article(number, files)", [number, files]))
    context.close()
    contents = "".join(_entry(number, entry) for number, entry in enumerate(book["pages"]))
    title, year = html.escape(book["title"]), datetime.date.today().year
    sheets = "".join(f'<link rel="stylesheet" href="{html.escape(sheet)}">' for sheet in book["sheets"])
    front = (
        f'<header class="title-page"><h1>{title}</h1><p>A paper one can read, run and change</p>'
        "<p>David Mueller, Nicholas Andrews and Mark Dredze, ACL 2020,<br>reproduced with polyner</p>"
        f'<p>{year}</p></header><nav class="print-contents"><h2>Contents</h2><ul>{contents}</ul></nav>'
    )
    return (
        f'<!DOCTYPE html><html lang="en" data-theme="light" data-mode="light"><head><meta charset="utf-8">'
        f"<title>{title}</title>{sheets}<style>{_STYLE.read_text(encoding='utf-8')}</style></head>"
        f'<body class="print">{front}{"".join(articles)}</body></html>'
    )


def _entry(number: int, entry: dict[str, str]) -> str:
    """A line of the table of contents, below the name of its part where a part begins."""
    part = f'<li class="part">{html.escape(entry["part"])}</li>' if entry["part"] else ""
    return f'{part}<li><a href="#p{number}">{html.escape(entry["title"])}</a></li>'


def main(arguments: list[str]) -> None:
    built = find_book() / "_build"
    site = Path(arguments[0]) if arguments else built / "html"
    file = Path(arguments[1]) if len(arguments) > 1 else built / "book.pdf"
    try:
        print(f"The book is printed: {print_book(site.resolve(), file.resolve())}")
    except PolynerError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
