"""The website: a strict build of a tiny book, and what it looks like in a browser without a network."""

from __future__ import annotations

import io
import re
import shutil
import subprocess

import nbformat
import pytest
from rich.console import Console

from polyner.book import build_book
from polyner.book.publish import publish
from polyner.book.site import VIEWER, SiteError, build_site
from polyner.book.sphinx_extension import to_mathml

from .conftest import STATIC, make_book, say_where

CHART = """
import altair as alt
import pandas as pd

table = pd.DataFrame({"language": ["deu", "nld"], "regime": ["polyglot", "fine-tuned"], "f1": [70, 80]})
chosen = alt.selection_point(fields=["regime"], bind="legend")
opacity = alt.condition(chosen, alt.value(1), alt.value(0.25))
alt.Chart(table).mark_bar().encode(x="f1", y="language", color="regime", opacity=opacity).add_params(chosen).properties(
    width=900
)
"""
CODE = """
from polyner.book.code import show_code
from polyner.models.crf import viterbi

show_code(viterbi)
"""
TABLE = """
from polyner.book.page import open_page, show

page = open_page(globals())
page.banner()
show(table.assign(**{f"a column with a long name {i}": i for i in range(12)}), caption="Wide")
page.footer()
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A book with a page of prose, one with a chart and a wide table, one that fails, and one in a folder; built
    strictly."""
    tiny = make_book(tmp_path_factory.mktemp("site"))
    say_where(tiny.folder, "")
    shutil.copytree(STATIC, tiny.folder / "_static")
    tiny.write("01-word", CHART, TABLE)
    tiny.write("02-wrong", "1 / 0")
    tiny.write("deep/03-code", CHART, CODE)
    text = io.StringIO()
    result = build_book(tiny.profile, "sample", book=tiny.folder, strict=True, console=Console(file=text, width=200))
    return tiny, result, text.getvalue()


def html(site, page: str) -> str:
    return (site[0].folder / "_build" / "html" / f"{page}.html").read_text(encoding="utf-8")


def test_strict_build_ends_with_where_the_site_is(site):
    _, result, text = site
    assert result.problem == ""
    assert [page.status for page in result.pages] == ["executed", "failed", "executed"]
    assert not result.ok
    assert text.strip().endswith(f"The book is ready: {result.index.as_uri()}")
    assert result.index.is_file()


def test_without_an_address_of_the_repository_there_are_no_buttons(site):
    for button in ("mybinder.org", "colab.research", "fa-github"):
        assert button not in html(site, "01-word")


def test_viewer_is_shipped_once(site):
    root = site[0].folder / "_build" / "html"
    assert [path.relative_to(root).as_posix() for path in root.rglob(VIEWER)] == [f"_static/{VIEWER}"]
    pages = [html(site, page) for page in ("intro", "01-word", "02-wrong")]
    assert all(page.count(f'src="_static/{VIEWER}') == 1 for page in pages)
    assert html(site, "deep/03-code").count(f'src="../_static/{VIEWER}') == 1
    assert all(len(page) < 200_000 for page in pages)
    assert pages[1].count("VEGA_DEBUG") > 0


def test_what_no_page_loads_is_not_shipped(site):
    static = site[0].folder / "_build" / "html" / "_static"
    shipped = [path for path in static.rglob("*") if path.is_file()]
    assert {path.suffix for path in shipped} >= {".js", ".css", ".woff2"}
    assert {path.suffix for path in shipped}.isdisjoint({".map", ".ttf", ".po", ".mo"})
    assert not (static / "locales").exists()


def test_pages_ask_nothing_of_the_network(site):
    for page in ("intro", "01-word", "deep/03-code"):
        assert not re.findall(
            r"""<(?:script|link|img|iframe)[^>]+(?:src|href)=["']?(?:https?:)?//[^"'>]+""", html(site, page)
        )
    assert "THEBE" not in html(site, "01-word")
    assert "<mfrac>" in html(site, "intro")


def test_parameters_are_folded_and_traces_of_execution_are_gone(site):
    page = html(site, "01-word")
    assert "Parameters of this page, and how to run it with others" in page
    assert "Show the parameters of this run" in page
    published = (site[0].folder / "_build" / "source" / "01-word.ipynb").read_text(encoding="utf-8")
    assert '"papermill":' not in published
    assert "start_time" not in published


def test_charts_of_the_sample_are_said_to_be_no_evidence(site):
    note = "<small>This run, on the built-in sample corpora: no evidence.</small>"
    assert note in html(site, "01-word")  # which says at its foot what it was made on
    assert note not in html(site, "deep/03-code")


def test_code_of_the_package_is_coloured_as_the_pages_own(site):
    page = html(site, "deep/03-code")
    _, block = page.split("<strong>viterbi</strong>")
    assert '<div class="highlight-python' in block
    assert '<span class="k">def</span>' in block
    assert ">came_from</span>" in block


def test_failed_page_says_so_on_the_site(site):
    page = html(site, "02-wrong")
    assert "stopped with an error" in page
    assert "ZeroDivisionError" in page
    assert 'id="page-error"' in page


def test_page_that_never_ran_says_so(tiny):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Title")])
    assert "has not been executed" in publish(notebook, "missing").cells[1].source


@pytest.mark.parametrize(("length", "tags"), [(60, []), (110, ["full-width"])])
def test_long_lines_of_the_packages_code_use_the_margin(length, tags):
    code = nbformat.v4.new_output("display_data", {"text/markdown": f"```python\n{'x' * length}\n```"})
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("show_code(x)", outputs=[code])])
    assert publish(notebook).cells[0].metadata.get("tags", []) == tags


def test_widgets_are_left_out():
    view = nbformat.v4.new_output("display_data", {"application/vnd.jupyter.widget-view+json": {}, "text/plain": "bar"})
    text = nbformat.v4.new_output("stream", text="kept")
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("1", outputs=[view, text])], metadata={"widgets": {"state": {}}}
    )
    published = publish(notebook)
    assert published.cells[0].outputs == [text]
    assert "widgets" not in published.metadata
    assert len(notebook.cells[0].outputs) == 2


def test_build_that_fails_says_why(tiny, monkeypatch):
    complaint = "intro.md:3: \x1b[31mWARNING: 'myst' cross-reference target not found: 'no-such-page'\x1b[0m"
    failed = subprocess.CompletedProcess([], 1, stdout="reading sources\n", stderr=f"{complaint}\n")
    monkeypatch.setattr(subprocess, "run", lambda *arguments, **options: failed)
    with pytest.raises(SiteError, match=r"Jupyter Book failed \(.*site.log\):\nintro.md:3: WARNING: .*'no-such-page'$"):
        build_site(tiny.folder, strict=True)


@pytest.mark.parametrize(
    "latex", [r"\begin{aligned}a&=b\\c&=d\end{aligned}", r"\hat{M}", r"\mathbb{E}_{y \sim p(y \mid x)}"]
)
def test_formulas_become_mathml(latex):
    assert to_mathml(latex, block=True).startswith("<math")


def test_unknown_command_is_shown_as_written():
    assert to_mathml(r"\nosuch{a<b}", block=False) == r'<code class="math">\nosuch{a&lt;b}</code>'


@pytest.mark.browser
def test_chart_reacts_and_follows_the_theme(site, browser):
    page = browser.new_page(color_scheme="light")
    page.goto((site[0].folder / "_build" / "html" / "01-word.html").as_uri())
    bars = page.locator("svg.marks .mark-rect.role-mark path")
    bars.nth(1).wait_for()
    assert opacities(bars) == [1, 1]
    page.locator("svg.marks .role-legend-symbol path").first.click()
    page.wait_for_function("document.querySelector('svg.marks .mark-rect.role-mark path[opacity=\"0.25\"]')")
    assert sorted(opacities(bars)) == [0.25, 1]
    label = page.locator("svg.marks .role-axis-label text").first
    light = label.get_attribute("fill")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_function(
        f"document.querySelector('svg.marks .role-axis-label text')?.getAttribute('fill') !== '{light}'"
    )
    assert bars.count() == 2
    page.close()


def opacities(bars) -> list[float]:
    return [float(bars.nth(i).get_attribute("opacity") or 1) for i in range(bars.count())]
