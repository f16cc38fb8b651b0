"""What the files of the website say without a browser: links, ids, headings, sizes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest

pytestmark = pytest.mark.browser  # they need the website, which takes a minute to build

MEGABYTE = 1_000_000


@dataclass
class Markup(HTMLParser):
    """The links, ids, headings and pictures of a page."""

    links: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    language: str = ""
    title: str = ""
    without_alternative: int = 0
    _open: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self._open = tag
        self.ids += [given["id"]] if given.get("id") else []
        self.links += [given[name] for name in ("href", "src", "data-src") if given.get(name)]
        self.without_alternative += tag == "img" and "alt" not in given
        self.language = given.get("lang", "") if tag == "html" else self.language
        if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            self.headings.append(int(tag[1]))

    def handle_data(self, data: str) -> None:
        if self._open == "title":
            self.title += data

    def handle_endtag(self, tag: str) -> None:
        self._open = ""


@cache
def read(file: Path) -> Markup:
    markup = Markup()
    markup.feed(file.read_text(encoding="utf-8"))
    return markup


def broken_links(file: Path, root: Path) -> Iterator[str]:
    """The links of a page to files that do not exist or are outside the site, and to anchors that nothing has."""
    for link in dict.fromkeys(read(file).links):
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
        if target.is_dir():
            target /= "index.html"
        there = target.is_relative_to(root.resolve()) and target.is_file()
        wanted = unquote(parts.fragment) if there and target.suffix == ".html" else ""
        if not there or (wanted and wanted not in read(target).ids):
            yield link


def test_the_build_is_strict_and_all_pages_ran(pages):
    assert {"intro", "01-data", "models/word-crf"} <= pages.keys()
    not_executed = [name for name, file in pages.items() if "has not been executed" in file.read_text("utf-8")]
    assert not_executed == []


def test_every_link_within_the_site_leads_somewhere(site, pages):
    broken = {name: list(broken_links(file, site)) for name, file in pages.items()}
    assert {name: links for name, links in broken.items() if links} == {}


def test_a_broken_link_is_found(tmp_path):
    (tmp_path / "a.html").write_text('<p id="here"><a href="a.html#here"></a><a href="#there"></a><img src="no.png">')
    assert list(broken_links(tmp_path / "a.html", tmp_path)) == ["#there", "no.png"]


def test_no_id_stands_twice_on_a_page(pages):
    twice = {
        name: [known for known, count in Counter(read(file).ids).items() if count > 1] for name, file in pages.items()
    }
    assert {name: ids for name, ids in twice.items() if ids} == {}


def test_every_page_has_a_language_a_title_and_pictures_in_words(pages):
    for name, file in pages.items():
        markup = read(file)
        assert (markup.language, bool(markup.title.strip()), markup.without_alternative) == ("en", True, 0), name


def test_headings_leave_no_level_out(pages):
    for name, file in pages.items():
        levels = read(file).headings
        skipped = [(before, after) for before, after in pairwise(levels) if after > before + 1]
        assert skipped == [], f"{name}: {levels}"


def test_pages_and_site_are_small(site, pages):
    large = {name: file.stat().st_size for name, file in pages.items() if file.stat().st_size > 2 * MEGABYTE}
    assert large == {}
    sizes = {file.relative_to(site).as_posix(): file.stat().st_size for file in site.rglob("*") if file.is_file()}
    # A tagger's model is loaded when its language is asked for.
    models = {name: size for name, size in sizes.items() if name.startswith("tagger/models/")}
    assert sum(sizes.values()) - sum(models.values()) < 20 * MEGABYTE
    assert max(models.values()) < MEGABYTE
    assert sum(models.values()) < 25 * MEGABYTE


def test_what_a_reader_downloads_is_the_notebook_to_run(site):
    sources = {file.name: nbformat.read(file, as_version=4) for file in (site / "_sources").glob("*.ipynb")}
    assert "02-baselines.ipynb" in sources
    for name, notebook in sources.items():
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        assert [cell.outputs for cell in code] == [[]] * len(code), name
