"""Several studies on a page: one is in view, each of the others a click or a key away, and on paper all of them."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pandas as pd
import pytest

from polyner import charts
from polyner.book.figures import specification
from polyner.book.page import open_page
from polyner.book.site import VIEWER, viewer_script
from polyner.book.studies import Exhibit, caption, endings, show_provenance, show_studies
from polyner.book.tables import table_markup
from polyner.findings import Findings
from polyner.findings.files import all_recorded
from tests.paper.made import COLUMNS

from .conftest import STATIC

CHANGES = pd.DataFrame({"language": ["eng", "deu"], "difference": [1.0, -2.0]}).assign(
    model="byte-crf", group="conll", low=None, high=None, first=70.0, second=71.0, seeds=1
)
CELLS = [("conll", "eng", 1), ("conll", "eng", 2), ("conll", "deu", 1), ("heldout", "rus", 1)]


def study(title: str, sample: bool = False, corpora: str = "") -> Findings:
    """A study of three languages, one of them novel; recorded unless it is called this run."""
    rows = [("byte-crf", "monolingual", "", *cell, "test", 70.0, f"{title}-{cell}") for cell in CELLS]
    about = {"title": title, "sample": sample, "settings": {"max_train_sentences": 800, "models": ["byte-crf"]}}
    about["settings"]["architecture"] = {}
    about |= {} if title == "this run" else {"name": title, "corpora": corpora or title}
    return Findings(pd.DataFrame(rows, columns=COLUMNS), corpora={"eng": {}, "deu": {}, "rus": {}}, about=about)


def exhibit(each: Findings) -> Exhibit:
    if each.title == "empty":
        return Exhibit()
    table = table_markup(pd.DataFrame({"regime": ["polyglot"], "F1": [70.0]}), f"Numbers of {each.title}")
    return Exhibit([charts.difference(CHANGES, "points", "Changes")], [table], [f"A note of {each.title}."])


def test_the_caption_says_what_numbers_are_of():
    facts = "3 languages (1 of them novel), 1 to 2 seeds, at most 800 training sentences a language"
    assert caption(study("<open>")) == f"<b>&lt;open&gt;</b>: {facts}."
    assert caption(study("this run", sample=True)).endswith("and are no evidence.")
    other = study("encoder")
    other.results["model"] = "mbert-crf"
    assert "the encoder is bert-base-multilingual-cased" in caption(other)
    other.about["settings"]["architecture"] = {"mbert-crf": {"encoder": "intfloat/multilingual-e5-small"}}
    assert "the encoder is multilingual-e5-small" in caption(other)


def test_this_run_stands_first_where_it_is_evidence_and_last_where_it_is_not(shown):
    page = open_page({"profile": "smoke"})
    page.recorded = [study("large"), study("small")]
    for sample, titles in ((False, ["this run", "large", "small"]), (True, ["large", "small", "this run"])):
        page.this_run = study("this run", sample)
        shown.clear()
        page.show(exhibit)
        assert re.findall("<span>(.*?)</span>", shown[0]) == titles


def test_the_parts_of_each_study_are_marked_as_its_own(shown):
    show_studies([study("<one>"), study("other"), study("empty")], exhibit)
    choice, *parts, without = shown
    (name, *others) = re.findall('<input type="radio" name="([^"]+)" value="[12]"', choice)
    assert others == [name]
    assert re.findall("value=.1. checked", choice)
    assert re.findall("<span>(.*?)</span>", choice) == ["&lt;one&gt;", "other"]
    assert [re.match('<div class="polyner-of of-([12])">', part)[1] for part in parts] == ["1"] * 4 + ["2"] * 4
    assert "Not in: empty." in without
    shown.clear()
    show_studies([study("<one>"), study("other")], exhibit)
    assert name not in shown[0]  # choices do not disturb each other


@pytest.mark.parametrize("studies", [["one"], ["one", "empty"], ["empty"], []])
def test_there_is_nothing_to_choose_between_fewer_than_two(shown, studies):
    show_studies([study(name) for name in studies], exhibit)
    assert not any("<input" in part or "polyner-of" in part for part in shown)
    assert ("numbers of one" in "".join(shown).lower()) == ("one" in studies)
    assert ("Not in: empty." in "".join(shown)) == (studies == ["one", "empty"])
    assert ("No study here has this yet." in "".join(shown)) == ("one" not in studies)


def test_what_was_only_not_run_stands_behind_what_was(shown):
    show_studies([study("one"), study("other")], lambda each: Exhibit(tables=[each.title], behind=each.title == "one"))
    assert re.findall("<span>(.*?)</span>", shown[0]) == ["other", "one"]


@pytest.mark.parametrize(
    ("has", "seen", "without"),
    [
        ("large small other", "large other", ""),
        ("small other", "small other", ""),
        ("large small", "large", "Not in: other."),
        ("other", "other", "Not in: large."),
    ],
)
def test_of_studies_of_several_sizes_the_largest_that_has_it_shows_a_figure(shown, has, seen, without):
    studies = [study("large", corpora="same"), study("small", corpora="same"), study("other")]

    def titles(all_sizes: bool = False) -> str:
        def tables(each: Findings) -> Exhibit:
            return Exhibit(tables=[each.title] if each.title in has.split() else [], all_sizes=all_sizes)

        return " ".join(each.title for each in show_studies(studies, tables))

    assert titles() == seen
    assert re.findall("Not in: .*?[.]", shown[-1]) == [without] * bool(without)
    assert titles(all_sizes=True) == has


def test_charts_say_of_which_study_they_are(shown):
    show_studies([study("</script>one"), study("this run", sample=True)], exhibit)
    notes = [spec["usermeta"]["polyner"]["note"] for spec in filter(None, map(specification, shown))]
    assert notes == ["Results of </script>one.", "Results of this run, on generated sentences: no evidence."]


def test_runs_that_the_limit_of_epochs_ended_are_counted():
    keys = product(["monolingual", "polyglot"], "ab", ["dev", "test"])
    table = pd.DataFrame([(regime, regime + name) for regime, name, _ in keys], columns=["regime", "run"])
    assert endings(table.assign(ended="patience")) == ""
    told = endings(table.assign(ended=["limit"] * 6 + ["patience"] * 2))
    assert told.endswith(": 2 of 2 monolingual, 1 of 2 polyglot runs.")
    assert endings(table[:0].assign(ended="")) == ""


def test_numbers_are_traced_to_corpora_settings_and_every_run(shown):
    (each, *_) = all_recorded()
    show_provenance([each])
    show_provenance([each], runs=True)
    short, long = shown
    assert f"{each.title}, {len(each.runs)} runs" in short
    assert "Training took" in short
    assert not any(run["run"] in short for run in each.runs)
    assert all(run["run"] in long for run in each.runs)


# In a browser.


@pytest.fixture
def file(tmp_path, shown) -> Path:
    """What studies look like, as Jupyter Book puts the outputs of a cell, and a paragraph behind them."""
    show_studies([study(name) for name in ("one", "other", "empty")], exhibit)
    outputs = "".join(f'<div class="output text_html">{markup}</div>' for markup in shown)
    names = ("book.css", "figures.css", "studies.css", "charts.js")
    links = "".join(f'<link rel="stylesheet" href="{name}">' for name in names[:-1])
    scripts = "".join(f'<script src="{name}"></script>' for name in ("charts.js", VIEWER))
    head = f'<meta charset="utf-8"><title>Studies</title>{links}{scripts}'
    body = f'<div class="cell_output">{outputs}</div><p id="behind">Behind.</p>'
    for name in names:
        (tmp_path / name).write_bytes((STATIC / name).read_bytes())
    (tmp_path / VIEWER).write_bytes(viewer_script(tmp_path / "viewer"))
    page = f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>'
    (tmp_path / "page.html").write_text(page, "utf-8")
    return tmp_path / "page.html"


@pytest.fixture(params=["with scripts", "without"])
def page(request, file, browser):
    with_scripts = request.param == "with scripts"
    page = browser.new_page(viewport={"width": 900, "height": 800}, java_script_enabled=with_scripts)
    page.goto(file.as_uri())
    if with_scripts:
        page.wait_for_function("document.querySelectorAll('.vega-embed svg.marks').length === 2")
    yield page
    page.close()


def in_view(page) -> list[bool]:
    """Of each study, whether it can be seen: its line, its charts and its tables all can, or none of them."""
    found = []
    for number in (1, 2):
        parts = page.locator(f".of-{number} > p, .of-{number} svg.marks, .of-{number} summary").all()
        (seen,) = {part.is_visible() for part in parts}
        found.append(seen)
    return found


@pytest.mark.browser
def test_one_study_is_in_view_and_a_click_or_a_key_shows_another(page):
    assert in_view(page) == [True, False]
    behind = page.locator("#behind").bounding_box()["y"]
    page.get_by_text("other", exact=True).first.click()
    assert in_view(page) == [False, True]
    # What is hidden takes no room, and was drawn as wide as what is not.
    assert page.locator("#behind").bounding_box()["y"] == pytest.approx(behind, abs=2)
    assert len({svg.bounding_box()["width"] for svg in page.locator(".vega-embed svg.marks").all()}) < 2
    page.keyboard.press("ArrowLeft")
    assert in_view(page) == [True, False]
    assert page.get_by_role("radio", name="one").is_checked()
    assert page.get_by_text("Not in: empty.").is_visible()


@pytest.mark.browser
def test_on_paper_nothing_is_hidden(page):
    page.emulate_media(media="print")
    assert in_view(page) == [True, True]
    assert not page.locator("fieldset").is_visible()
