"""The book as one PDF: nothing is missing in it, and one finds one's way."""

from __future__ import annotations

import os
import subprocess
import sys
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from polyner.book.pdf import print_book
from polyner.errors import NotAvailable

pytestmark = pytest.mark.browser

SVG = "{http://www.w3.org/2000/svg}"


class Titles(HTMLParser):
    """The headings of a page, their own words without the sign of their link."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.titles: list[str] = []
        self._inside = self._link = False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag in ("h1", "h2", "h3"):
            self._inside = True
            self.titles.append("")
        self._link = self._link or (tag == "a" and ("class", "headerlink") in attributes)

    def handle_endtag(self, tag):
        self._inside = self._inside and tag not in ("h1", "h2", "h3")
        self._link = self._link and tag != "a"

    def handle_data(self, data):
        if self._inside and not self._link:
            self.titles[-1] += data


def squeezed(text: str) -> str:
    """Letters and figures only: lines are broken, and a font may write a pair of letters as one."""
    for pair, letters in {"ﬁ": "fi", "ﬂ": "fl", "ﬀ": "ff", "ﬃ": "ffi"}.items():
        text = text.replace(pair, letters)
    return "".join(letter for letter in text if letter.isalnum())


@pytest.fixture(scope="module")
def printed(site, browser, tmp_path_factory):
    """The PDF, printed as a user would."""
    pypdf = pytest.importorskip("pypdf")
    file = tmp_path_factory.mktemp("pdf") / "book.pdf"
    command = [sys.executable, "-m", "polyner.book.pdf", str(site), str(file)]
    done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ))
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"The book is printed: {file}\n"
    assert not list(site.glob("_print*"))
    return pypdf.PdfReader(file)


@pytest.fixture(scope="module")
def text(printed) -> str:
    """All that is printed."""
    return "".join(page.extract_text() for page in printed.pages)


@pytest.fixture(scope="module")
def book(pages) -> dict[str, Titles]:
    """The pages that the book consists of: all of the site but those that Sphinx makes by itself."""
    own = {name: file for name, file in pages.items() if name not in ("search", "genindex")}
    return {name: Titles(file.read_text(encoding="utf-8")) for name, file in own.items()}


def flat(outline) -> list[str]:
    return [title for item in outline for title in (flat(item) if isinstance(item, list) else [item.title])]


def test_every_title_of_every_page_is_printed(text, book):
    text = squeezed(text)
    missing = {name: [title for title in page.titles if squeezed(title) not in text] for name, page in book.items()}
    assert {name: titles for name, titles in missing.items() if titles} == {}


def test_the_outline_and_the_links_lead_through_the_book(printed, book):
    outline = [squeezed(title) for title in flat(printed.outline)]
    assert [name for name, page in book.items() if squeezed(page.titles[0]) not in outline] == []
    targets = printed.named_destinations
    links = [
        annotation.get_object().get("/Dest")
        for page in printed.pages
        for annotation in page.get("/Annots") or []
        if annotation.get_object().get("/Dest")
    ]
    assert len(links) > len(book)
    assert {str(link).removeprefix("/") for link in links} <= {str(name).removeprefix("/") for name in targets}


def test_every_chart_is_printed_with_its_words(text, site):
    text = squeezed(text)
    missing = {}
    for file in sorted(site.glob("_static/figures/*.svg")):
        words = [squeezed("".join(label.itertext())) for label in ElementTree.parse(file).iter(f"{SVG}text")]
        lost = [word for word in words if word not in text]
        if lost:
            missing[file.name] = lost
    assert missing == {}
    assert len(list(site.glob("_static/figures/*.svg"))) >= 20


def test_nothing_is_printed_that_is_to_be_clicked(text):
    for words in ("Show the parameters", "Copy to clipboard", "Data (CSV)", "This chart in words"):
        assert words not in text, words


def test_pages_are_a4_and_tagged(printed):
    width, height = (float(side) for side in printed.pages[0].mediabox[2:])
    assert (width, height) == pytest.approx((595, 842), abs=1.5)
    assert printed.trailer["/Root"]["/MarkInfo"]["/Marked"]


def test_without_a_website_or_a_browser_it_says_so(tmp_path, monkeypatch):
    with pytest.raises(NotAvailable, match=r"no website in .*: run `polyner book` first"):
        print_book(tmp_path, tmp_path / "book.pdf")
    (tmp_path / "index.html").write_text("")
    monkeypatch.setattr("polyner.book.pdf.chromium_path", lambda: None)
    with pytest.raises(NotAvailable, match="printing needs Chromium"):
        print_book(tmp_path, tmp_path / "book.pdf")
