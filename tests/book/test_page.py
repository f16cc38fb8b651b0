"""What a page shows at its top and its foot, and how it shows tables."""

from __future__ import annotations

import html
import itertools
import json
import re
import subprocess
import sys

import pandas as pd
import pytest

from polyner.book.page import code_version, open_page, show
from polyner.book.studies import Exhibit
from polyner.book.tables import number
from polyner.corpora.folder import write_corpus
from polyner.corpora.sentence import Corpus
from polyner.errors import SettingsError
from tests.conftest import sentence


@pytest.mark.parametrize("sample", [True, False])
def test_the_banner_says_what_a_page_is_made_on(shown, tmp_path, sample):
    corpora = "sample" if sample else str(tmp_path / "<corpora>")
    open_page({"profile": "smoke", "corpora": corpora, "seeds": [3, 4], "models": None, "other": 1}).banner()
    assert "Profile smoke; corpora: " in shown[0]
    assert ("are no evidence" in shown[0]) == sample
    assert ("&lt;corpora&gt;" in shown[0]) == (not sample)


def test_languages_that_are_not_at_hand_are_named(shown):
    open_page({"profile": "smoke", "corpora": "sample", "languages": ["deu", "cat"]}).gaps()
    assert ">Not at hand, and left out: Catalan.<" in shown[0]


def test_examples_of_an_architecture_have_the_commonest_types(shown, tmp_path):
    tags = [f"a{i}/B-T{i:02}" for i in range(14)]
    corpus = Corpus("eng", (sentence(" ".join(tags)), sentence(" ".join(tags[2:]))), (sentence("a"),), (sentence("a"),))
    write_corpus(tmp_path, corpus)
    page = open_page({"profile": "smoke", "corpora": str(tmp_path), "languages": ["eng"]})
    assert page.examples()["eng"].types == tuple(f"T{i:02}" for i in range(2, 14))
    assert "Of the 14 types of these corpora, the examples have the 12 commonest; the others are O." in shown[0]
    few = open_page({"profile": "smoke", "corpora": "sample", "languages": ["eng"]})
    assert few.examples() == few.corpora
    assert len(shown) == 1


def test_an_impossible_parameter_is_refused(shown):
    with pytest.raises(SettingsError, match="greater than or equal to 0"):
        open_page({"profile": "smoke", "seeds": [-1]})


def test_a_list_may_be_text_as_papermill_gives_it():
    page = open_page({"profile": "smoke", "languages": "[eng, spa]", "types": "{MISC: null}"})
    assert page.settings.languages == ("eng", "spa")
    assert page.settings.types == {"MISC": None}


def test_opening_a_page_loads_no_pytorch():
    program = (
        "import sys\n"
        "from polyner.book.page import open_page\n"
        "open_page({'profile': 'smoke'}).footer()\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


def test_the_footer_traces_a_page_and_the_studies_that_it_has_shown(shown):
    page = open_page({"profile": "smoke", "corpora": "sample", "languages": ["deu"]})
    page.footer()
    (markup,) = shown
    assert code_version() in markup
    assert f"deu {page.corpora['deu'].fingerprint[:12]}" in markup
    page.show(lambda findings: Exhibit(notes=["none"]))
    page.footer()
    assert not any(f"come from: {each.title}," in shown[-2] for each in page.recorded)
    page.show(lambda findings: Exhibit(tables=[findings.title]))
    page.footer()
    once = largest_of(page.recorded)
    assert 1 < len(once) < len(page.recorded)
    assert [each.title for each in page.recorded if f"come from: {each.title}," in shown[-2]] == once
    assert page.studies
    page.footer()
    assert all(each.title in shown[-2] for each in page.recorded)


def test_a_page_shows_the_largest_study_of_a_series_or_all(shown):
    page = open_page({"profile": "smoke", "corpora": "sample"})
    for all_sizes in (False, True):
        shown.clear()
        page.show(lambda findings, **options: Exhibit(tables=[findings.title], **options), all_sizes=all_sizes)
        seen = re.findall("<span>(.*?)</span>", shown[0])
        assert seen == ([each.title for each in page.recorded] if all_sizes else largest_of(page.recorded))
    page.footer()
    assert all(each.title in shown[-2] for each in page.recorded)


def test_table_rounds_aligns_and_escapes(shown):
    table = pd.DataFrame({"<language>": ["<b>deu</b>", None], "f1": [70.126, float("nan")], "runs": [3, 4]})
    show(table, caption="F1 & more", digits=1)
    (markup,) = shown
    assert "&lt;b&gt;deu&lt;/b&gt;" in markup
    assert "&lt;language&gt;" in markup
    assert "<caption>F1 &amp; more</caption>" in markup
    assert ">70.1<" in markup
    assert ">3<" in markup
    assert markup.count(">–<") == 2
    assert "td.col1" in markup
    assert "td.col0" not in markup


def test_a_mean_is_printed_the_same_in_whatever_order_it_was_added_up():
    cells = [84.91, 82.6, 71.39, 78.96]
    means = {sum(order) / 4 for order in itertools.permutations(cells)}
    assert len(means) > 1
    assert {number(mean, 2) for mean in means} == {"79.47"}


def test_tables_call_groups_regimes_and_runs_by_what_tells_them_apart(shown):
    table = pd.DataFrame(
        {
            "group": ["conll", "heldout"],
            "regime": ["fine_tuned", "zero_shot"],
            "common": [True, False],
            "f1_change": [-1.25, -0.001],
            "fine_tuned": [1, -2],
            "run": ["byte-crf-fine_tuned-eng-s1-0123456789ab", "x"],
            "word": ["conll", "-"],
        }
    )
    show(table)
    (markup,) = shown
    for text in (
        "CoNLL languages",
        "Held out",
        "fine-tuned",
        "zero-shot",
        "yes",
        "no",
        "−1.25",
        "0.00",
        "−2",
        "conll",
        "-",
    ):
        assert f">{text}</t" in markup, text
    for column in ("F1 change", "fine-tuned"):
        assert f">{column}</th>" in markup
    assert '<span title="byte-crf-fine_tuned-eng-s1-0123456789ab">0123456789ab</span>' in markup


def test_tables_name_models_and_languages_and_are_linked_by_their_codes(shown):
    table = pd.DataFrame({"model": ["byte-crf"], "language": ["hin"], "regime": ["polyglot"], "eng": [1.0]})
    show(table.assign(word="hin").rename_axis(columns="language"))
    (markup,) = shown
    for text in (">Byte CRF</td>", ">Hindi</td>", ">English</th>", ">hin</td>"):
        assert text in markup
    (record,) = json.loads(html.unescape(re.search('data-rows="([^"]*)"', markup)[1]))
    assert record == {"model": "byte-crf", "language": "hin", "regime": "polyglot"}


def test_tables_name_any_language_and_group_but_take_no_other_word_for_one(shown):
    table = pd.DataFrame({"group": ["my_romance"], "language": ["cat"], "run": ["cat"], "low": [1.0], "word": ["שלום"]})
    show(table)
    show(table.rename(columns={"low": "fra"}).rename_axis(columns="language")[["group", "fra"]])
    for text in (">my romance</td>", ">Catalan</td>", ">cat</span>", ">run</th>", ">low</th>", "><bdi>שלום</bdi></td>"):
        assert text in shown[0]
    assert ">French</th>" in shown[1]


def test_long_tables_are_folded_under_their_caption(shown):
    show(pd.DataFrame({"a": [1.0]}), "All <numbers>", fold=True)
    assert "<summary>All &lt;numbers&gt;</summary>" in shown[0]
    assert "<caption" not in shown[0]


def test_only_wide_tables_reach_into_the_margin(shown):
    show(pd.DataFrame({"a": [1.0]}))
    show(pd.DataFrame({f"column {i}": ["a dozen of letters"] for i in range(8)}))
    assert ["full-width" in markup for markup in shown] == [False, True]


def test_table_without_numbers_or_rows(shown):
    show(pd.DataFrame({"language": []}), "Languages that are left out")
    assert ">Languages that are left out: none.<" in shown[0]
    show(pd.DataFrame({"language": ["deu"]}, index=[7]))
    assert ">German<" in shown[1]
    assert ">7<" not in shown[1]


def largest_of(studies):
    """The titles of those that differ from no larger one in size alone."""
    series = [each.series for each in studies]
    return [each.title for n, each in enumerate(studies) if each.series not in series[:n]]
