"""Charts as figures of the website: their pictures, data and words, and what they do in a browser."""

from __future__ import annotations

import csv
import html
import io
import re
from functools import partial
from itertools import product
from xml.etree import ElementTree

import altair as alt
import nbformat
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyner import charts
from polyner.book.figures import add_figures, data_of, specification
from polyner.book.site import VIEWER, viewer_script
from polyner.book.tables import table_markup

from .conftest import STATIC

SCRIPT = "</script><script>alert(1)</script>"
RESULTS = pd.DataFrame(
    [
        ("byte-crf", regime, "conll", language, seed, "test", 70.0 + 5 * i + seed, f"{regime}-{language}-{seed}")
        for (i, regime), language, seed in product(
            enumerate(["monolingual", "polyglot"]), ["eng", "deu", "nld"], [1, 2]
        )
    ],
    columns=["model", "regime", "group", "language", "seed", "split", "f1", "run"],
)
RESULTS = pd.concat([RESULTS, RESULTS.assign(model="char-crf", f1=RESULTS["f1"] - 10)], ignore_index=True)
PRUNED = pd.DataFrame(
    [
        ("byte-crf", regime, "conll", code, 1, "global", "magnitude", share, 80 - fall * share**2)
        for (regime, fall), code, share in product(
            [("monolingual", 4.0), ("polyglot", 40.0)], ["eng", "deu"], [0.0, 0.25, 0.5, 0.75, 1.0]
        )
    ],
    columns=["model", "regime", "group", "language", "seed", "scope", "order", "share", "f1"],
).assign(run="run-a")
OPTIONS = {"title": "F1 by regime", "source": "this run"}
slopes, regime_dots = (partial(c, paper=RESULTS.iloc[:0], **OPTIONS) for c in (charts.slopes, charts.regime_dots))


def thresholds() -> pd.DataFrame:
    from polyner.analysis.pruning import over_pruned

    return pd.concat([over_pruned(PRUNED, drop).assign(drop=drop) for drop in charts.DROPS], ignore_index=True)


def notebook_of(*markup: str) -> nbformat.NotebookNode:
    outputs = [nbformat.v4.new_output("display_data", {"text/html": text}) for text in markup]
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("draw()", outputs=outputs)])


def markup_of(chart) -> str:
    return chart._repr_mimebundle_()["text/html"]


def figures(tmp_path, page: str, *markup: str) -> tuple[list[str], dict[str, bytes]]:
    notebook = notebook_of(*markup)
    files = add_figures(notebook, page, tmp_path / "pictures")
    return [output["data"]["text/html"] for output in notebook.cells[0].outputs], files


def test_a_chart_becomes_a_figure_with_picture_data_and_words(tmp_path):
    chart, markup = regime_dots(RESULTS), table_markup(RESULTS)
    (figure, table), files = figures(tmp_path, "models/byte", markup_of(chart), markup)
    assert list(files) == ["_static/figures/models-byte-1.svg", "_static/figures/models-byte-1.csv"]
    assert 'src="../_static/figures/models-byte-1.svg"' in figure
    assert 'href="../_static/figures/models-byte-1.csv" download' in figure
    assert html.escape(chart.to_dict()["description"]) in figure
    assert table == markup  # what is no chart stays as it is
    ElementTree.fromstring(files["_static/figures/models-byte-1.svg"])


def test_data_are_the_rows_that_are_drawn(tmp_path):
    _, files = figures(tmp_path, "page", markup_of(regime_dots(RESULTS)))
    read = pd.read_csv(io.BytesIO(files["_static/figures/page-1.csv"]))
    assert sorted(read["run"]) == sorted(RESULTS["run"])
    assert read["f1"].sum() == pytest.approx(RESULTS["f1"].sum())


def test_headings_of_rows_are_no_data():
    spec = {"datasets": {"a": [{"row": "CoNLL", "heading": True, "f1": 0}, {"row": "CoNLL: x", "f1": 2.5}]}}
    assert data_of(spec) == "f1\r\n2.5\r\n"


cells = st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=12)


@given(st.lists(st.tuples(cells, st.floats(allow_nan=False, allow_infinity=False)), min_size=1, max_size=6))
def test_whatever_text_there_is_comes_back_from_the_data_and_is_no_formula(rows):
    spec = {"datasets": {"only": [{"text": text, "f1": value} for text, value in rows]}}
    read = list(csv.reader(io.StringIO(data_of(spec), newline="")))
    assert read[0] == ["text", "f1"]
    for (text, value), (cell, number) in zip(rows, read[1:], strict=True):
        assert cell in (text, f"'{text}")
        assert not cell.startswith(("=", "+", "-", "@", "\t"))
        assert float(number) == value


@given(st.text(max_size=30))
def test_any_text_in_data_and_titles_is_found_again_in_the_page(text):
    rows = [{"language": text, "f1": 1.0}]
    spec = {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", "title": text, "datasets": {"d": rows}}
    import json

    written = json.dumps(spec).replace("<", "\\u003c")
    assert specification(f'<script>vegaEmbed; (function(spec, o){{}})({written}, {{"mode": "vega-lite"}});') == spec
    assert specification(f"<p>{html.escape(text)}</p>") is None


def test_hostile_text_stays_text_in_figures(tmp_path):
    hostile = RESULTS.assign(language=SCRIPT, run='"><img src=x onerror=alert(1)>')
    (figure,), files = figures(tmp_path, "page", markup_of(regime_dots(hostile, title=SCRIPT)))
    caption = figure[figure.rindex("</script>") :]
    assert "<script" not in caption
    assert "<img src=x" not in figure
    picture = files["_static/figures/page-1.svg"].decode()
    assert "<script" not in picture
    assert not [part for part in ElementTree.fromstring(picture).iter() if part.tag.endswith("}script")]


@pytest.mark.parametrize("language", ["eng", SCRIPT, "</", '"', "\u2028"])
def test_a_page_has_the_names_of_columns_once_and_every_row(tmp_path, language):
    markup = markup_of(regime_dots(RESULTS.assign(language=language)))
    (figure,), _ = figures(tmp_path, "page", markup)
    found, before = specification(figure), specification(markup)
    named = {
        name: [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]
        for name, table in found["datasets"].items()
    }
    assert {**found, "datasets": named} == before
    assert figure.count("</script>") == 1


def test_rows_that_lack_a_column_are_left_as_they_are(tmp_path):
    chart = alt.Chart(alt.NamedData("named"), datasets={"named": [{"x": 1, "y": 2}, {"x": 3}]})
    chart = chart.mark_point().encode(x="x:Q", y="y:Q")
    markup = markup_of(chart)
    (figure,), _ = figures(tmp_path, "page", markup)
    assert specification(figure) == specification(markup)


def test_pictures_are_kept_and_the_same_the_next_time(tmp_path):
    markup = markup_of(regime_dots(RESULTS))
    first = figures(tmp_path, "page", markup)
    (kept,) = (tmp_path / "pictures").iterdir()
    kept.write_bytes(b"<svg/>")
    assert figures(tmp_path, "page", markup)[1]["_static/figures/page-1.svg"] == b"<svg/>"
    assert first[0] == figures(tmp_path, "page", markup)[0]


def test_rows_of_results_say_what_they_are_about():
    assert "data-rows" not in table_markup(RESULTS[["language", "f1"]])
    hostile = table_markup(RESULTS.iloc[:1].assign(language='"><script>'))
    (found,) = re.findall(r'data-rows="([^"]*)"', hostile)
    assert html.unescape(found) == '[{"model": "byte-crf", "regime": "monolingual", "language": "\\"><script>"}]'


# In a browser.


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A page with two linked charts, their table, and the two charts that share a slider; not built by Sphinx."""
    root = tmp_path_factory.mktemp("figures")
    drawn = [
        regime_dots(RESULTS),
        slopes(RESULTS[RESULTS["seed"] == 1]),
        charts.pruning_lines(PRUNED, "F1 by share"),
        charts.pruning_thresholds(thresholds()),
    ]
    notebook = notebook_of(*map(markup_of, drawn))
    files = add_figures(notebook, "page", root / "pictures")
    files |= {f"_static/{path.name}": path.read_bytes() for path in STATIC.iterdir() if path.is_file()}
    files[f"_static/{VIEWER}"] = viewer_script(root / "viewer")
    body = "".join(output["data"]["text/html"] for output in notebook.cells[0].outputs)
    scripts = "".join(
        f'<script src="_static/{name}"></script>' for name in ("charts.js", "linked.js", "words.js", VIEWER)
    )
    styles = "".join(f'<link rel="stylesheet" href="_static/{name}.css">' for name in ("book", "figures"))
    head = f'<meta charset="utf-8"><title>Figures</title>{styles}{scripts}'
    table = table_markup(RESULTS[RESULTS["seed"] == 1].drop(columns=["group", "split"]), "Results")
    main = f"<main><details open>{table}</details>{body}</main>"
    files["page.html"] = f'<!doctype html><html lang="en"><head>{head}</head><body>{main}</body></html>'.encode()
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return (root / "page.html").as_uri()


@pytest.fixture
def page(site, browser):
    page = browser.new_page(viewport={"width": 900, "height": 800})
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(site)
    page.wait_for_function("document.querySelectorAll('.vega-embed svg.marks').length === 4")
    yield page
    page.close()
    assert complaints == []


def marks(page, chart: int, label: str):
    """The marks of a chart whose description for screen readers has these words."""
    return page.locator(".polyner-figure").nth(chart).locator(f".role-mark path[aria-label*='{label}']")


def menu_of(page, chart: int, name: str):
    return page.locator(".polyner-figure").nth(chart).locator(f".vega-bind:has-text('{name}') select")


def wait_for_opacity(page, chart: int, label: str, faint: bool) -> None:
    mark = marks(page, chart, label).first.element_handle()
    wanted = "o => Number(o.getAttribute('opacity') ?? 1) " + ("< 0.3" if faint else "> 0.9")
    page.wait_for_function(wanted, arg=mark)


@pytest.mark.browser
def test_a_row_chosen_by_keyboard_is_chosen_in_the_charts(page):
    rows = page.locator("tbody tr")
    rows.first.focus()
    assert [row.get_attribute("tabindex") for row in rows.all()].count("0") == 1
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert [row.get_attribute("aria-selected") for row in rows.all()].index("true") == 1
    wait_for_opacity(page, 0, "English", faint=True)
    wait_for_opacity(page, 0, "German, monolingual", faint=False)
    wait_for_opacity(page, 1, "conll: nld", faint=True)
    assert "German" in page.locator(".polyner-chosen").inner_text()
    page.keyboard.press("Escape")
    wait_for_opacity(page, 0, "English", faint=False)
    assert rows.nth(1).get_attribute("aria-selected") == "false"
    assert not page.locator(".polyner-chosen").is_visible()


@pytest.mark.browser
def test_a_row_of_another_model_brings_its_model_into_the_charts(page):
    page.locator("tbody tr", has_text="Character CRF").first.click()
    menu = menu_of(page, 0, "Architecture")
    page.wait_for_function("menu => menu.selectedOptions[0].text === 'Character CRF'", arg=menu.element_handle())
    assert marks(page, 0, "F1 7").count() == 0


@pytest.mark.browser
def test_a_mark_that_is_clicked_chooses_its_row(page):
    marks(page, 0, "Dutch, polyglot").first.click(force=True)
    chosen = page.locator("tr[aria-selected='true']")
    chosen.first.wait_for()
    assert "Dutch" in chosen.first.text_content()
    assert chosen.count() == 1
    page.locator("details:has(table)").evaluate("fold => fold.open = false")
    page.get_by_role("button", name="Show in the table").click()
    assert chosen.first.is_visible()
    assert chosen.first.evaluate("row => row === document.activeElement")


@pytest.mark.browser
def test_clicks_on_a_legend_filter(page):
    figure = page.locator(".polyner-figure").first
    assert marks(page, 0, "polyglot").count() == 6
    figure.locator(".role-legend-symbol path").first.click(force=True)
    page.wait_for_function(
        "figure => figure.querySelectorAll(`.role-mark path[aria-label*='polyglot']`).length === 0",
        arg=figure.element_handle(),
    )
    assert marks(page, 0, "monolingual").count() == 6


@pytest.mark.browser
def test_one_slider_moves_all_panels_as_the_analysis_says(page):
    lines, ends = page.locator(".polyner-figure").nth(2), page.locator(".polyner-figure").nth(3)

    def shares() -> list[str]:
        return sorted(lines.locator(".role-mark.mark-text text").all_text_contents())

    assert shares() == ["50%"]  # 4 · 0.5² is not more than a point, 40 · 0.25² is: no ring where nothing can go
    slider = ends.locator("input[type=range]")
    assert slider.input_value() == "1"
    slider.focus()
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "figure => figure.querySelector('input[type=range]').value === '2.5'", arg=lines.element_handle()
    )
    page.wait_for_function("f => f.textContent.includes('Within 2.5 F1 points')", arg=ends.element_handle())
    assert shares() == ["25%", "75%"]
    shown = marks(page, 3, "English, polyglot").first.get_attribute("aria-label")
    assert "can be pruned 25%" in shown


def wait_for_words(page, chart: int, *parts: str) -> str:
    words = page.locator("figcaption details p").nth(chart)
    ready = "([words, parts]) => parts.every((part) => words.textContent.includes(part))"
    page.wait_for_function(ready, arg=[words.element_handle(), list(parts)])
    return words.text_content()


@pytest.mark.browser
def test_words_are_of_the_first_view_with_scripts_and_without(page, site, browser):
    page.wait_for_timeout(300)  # what would be written anew, is
    without = browser.new_page(java_script_enabled=False)
    without.goto(site)
    words = [each.locator("figcaption details p").all_text_contents() for each in (page, without)]
    without.close()
    assert words[0] == words[1]
    assert len(words[0]) == 4


@pytest.mark.browser
def test_words_follow_legends_menus_and_sliders(page):
    wait_for_words(page, 0, "monolingual 71 to 72, mean 71.5; polyglot 76 to 77, mean 76.5")
    menu_of(page, 0, "Architecture").select_option(label="Character CRF")
    wait_for_words(page, 0, "monolingual 61 to 62, mean 61.5; polyglot 66 to 67, mean 66.5")
    page.locator(".polyner-figure").first.locator(".role-legend-symbol path").nth(1).click(force=True)
    words = wait_for_words(page, 0, "Mean F1 over 3 languages: polyglot 66.5.", "F1: polyglot 66 to 67, mean 66.5.")
    assert "monolingual" not in words
    slider = page.locator(".polyner-figure").nth(3).locator("input[type=range]")
    slider.focus()
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    wait_for_words(page, 3, "Within 2.5 F1 points, 75.0% of monolingual, 25.0% of polyglot", "polyglot 25 %")
    drawn = page.locator(".polyner-figure").nth(3).locator("[role=graphics-document]").first
    assert drawn.get_attribute("aria-label").startswith("Within 2.5 F1 points")


@pytest.mark.browser
def test_choices_outlive_a_change_of_theme(page):
    menu_of(page, 0, "Language").select_option(label="Dutch")
    wait_for_opacity(page, 0, "English", faint=True)
    old = page.locator(".polyner-figure svg.marks").first.element_handle()
    page.add_style_tag(content=":root[data-theme='dark'] { --pst-color-text-base: #eee; }")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_function("old => !old.isConnected", arg=old)
    page.wait_for_function("document.querySelectorAll('.vega-embed svg.marks').length === 4")
    wait_for_opacity(page, 0, "English", faint=True)


@pytest.mark.browser
def test_without_scripts_there_are_pictures_with_words_and_data(site, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site)
    pictures = page.locator("img.polyner-picture")
    assert pictures.count() == 4
    pictures.first.scroll_into_view_if_needed()
    assert all(picture.is_visible() for picture in pictures.all())
    assert "best on" in pictures.first.get_attribute("alt")
    assert page.locator("figcaption a[href$='.csv']").count() == 4
    context.close()


@pytest.mark.browser
def test_pictures_take_the_place_of_charts_on_paper(page):
    picture, chart = page.locator("img.polyner-picture").first, page.locator(".vega-embed").first
    assert (picture.is_visible(), chart.is_visible()) == (False, True)
    page.emulate_media(media="print")
    picture.wait_for(state="visible")
    assert not chart.is_visible()


@pytest.mark.browser
def test_data_can_be_had_and_the_words_be_read(page):
    link = page.locator("figcaption a[href$='.csv']").first
    with page.expect_download() as download:
        link.click()
    assert len(pd.read_csv(download.value.path())) == len(RESULTS)
    page.get_by_text("This chart in words").first.click()
    assert "Horizontal axis: F1 on test" in page.locator("figcaption details p").first.inner_text()


def test_a_chart_may_have_a_note_of_its_own(tmp_path):
    chart = regime_dots(RESULTS)
    about = {**chart.usermeta["polyner"], "note": "Recorded <results>."}
    markup = [markup_of(chart), markup_of(chart.properties(usermeta={"polyner": about}))]
    notebook = notebook_of(*markup)
    add_figures(notebook, "page", tmp_path, "On the sample.")
    one, other = (output["data"]["text/html"] for output in notebook.cells[0].outputs)
    assert "<small>On the sample.</small>" in one
    assert "<small>Recorded &lt;results&gt;.</small>" in other
    assert "On the sample" not in other
