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
from polyner.book.tables import number
from polyner.book.verdicts import figure_text, show_verdicts
from polyner.corpora.folder import write_corpus
from polyner.corpora.sentence import Corpus
from polyner.errors import SettingsError
from tests.conftest import sentence


@pytest.fixture
def shown(monkeypatch) -> list[str]:
    """The HTML that was displayed."""
    markup: list[str] = []

    def display(output, raw=False):
        markup.append(output["text/html"] if raw else output.data)

    monkeypatch.setattr("IPython.display.display", display)
    return markup


def test_banner_warns_of_the_sample(shown):
    page = open_page("01-data", {"profile": "smoke", "corpora": "sample", "seeds": [3, 4], "models": None, "other": 1})
    page.banner()
    assert page.settings.seeds == (3, 4)
    assert page.missing == []
    assert "never evidence for a claim" in shown[0]
    assert "smoke" in shown[0]
    assert "3, 4" in shown[0]


def test_banner_of_real_corpora_names_what_is_missing_and_escapes_the_folder(shown, tmp_path):
    root = tmp_path / "<corpora>"
    (root / "deu").mkdir(parents=True)
    page = open_page("01-data", {"profile": "smoke", "corpora": str(root), "languages": ["deu", "nld"]})
    page.banner()
    assert page.missing == ["nld"]
    assert "1 of 2" in shown[0]
    assert "Dutch" in shown[0]
    assert "&lt;corpora&gt;" in shown[0]
    assert "never evidence" not in shown[0]


def test_examples_of_an_architecture_have_the_commonest_types(shown, tmp_path):
    tags = [f"a{i}/B-T{i:02}" for i in range(14)]
    corpus = Corpus("eng", (sentence(" ".join(tags)), sentence(" ".join(tags[2:]))), (sentence("a"),), (sentence("a"),))
    write_corpus(tmp_path, corpus)
    page = open_page("models/charner", {"profile": "smoke", "corpora": str(tmp_path), "languages": ["eng"]})
    assert page.examples()["eng"].types == tuple(f"T{i:02}" for i in range(2, 14))
    assert "Of the 14 types of these corpora, the examples have the 12 commonest; the others are O." in shown[0]
    few = open_page("models/charner", {"profile": "smoke", "corpora": "sample", "languages": ["eng"]})
    assert few.examples() == few.corpora
    assert len(shown) == 1


def test_a_page_says_nothing_of_seeds_that_it_does_not_take(shown):
    page = open_page("models/charner", {"profile": "smoke", "corpora": "sample", "languages": ["deu"]})
    page.banner()
    page.footer()
    assert len(shown) == 2
    assert not any("Seeds" in markup for markup in shown)


def test_an_impossible_parameter_is_refused(shown):
    with pytest.raises(SettingsError, match="greater than or equal to 0"):
        open_page("01-data", {"profile": "smoke", "seeds": [-1]})


def test_opening_a_page_loads_no_pytorch():
    program = (
        "import sys\n"
        "from polyner.book.page import open_page\n"
        "open_page('01-data', {'profile': 'smoke'}).footer()\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


def test_footer_traces_the_numbers(shown, tmp_path):
    page = open_page(
        "02-baselines", {"profile": "smoke", "corpora": "sample", "languages": ["deu"], "runs": str(tmp_path)}
    )
    page.footer()
    assert code_version() in shown[-1]
    assert f"deu {page.study.corpora['deu'].fingerprint[:12]}" in shown[-1]
    assert page.study.corpora["deu"].fingerprint == page.corpora["deu"].fingerprint
    assert "in the run store" not in shown[-1]
    run = page.study.run("byte-crf", "monolingual", ("deu",), 1)
    page.footer()
    assert run.id in shown[-1]


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
    for text in ("CoNLL", "Held out", "fine-tuned", "zero-shot", "yes", "no", "−1.25", "0.00", "−2", "conll", "-"):
        assert f">{text}</t" in markup, text
    for column in ("F1 change", "fine-tuned"):
        assert f">{column}</th>" in markup
    assert '<span title="byte-crf-fine_tuned-eng-s1-0123456789ab">0123456789ab</span>' in markup


def test_tables_name_models_and_languages_and_are_linked_by_their_codes(shown):
    table = pd.DataFrame({"model": ["byte-crf"], "language": ["hin"], "regime": ["polyglot"], "eng": [1.0]})
    show(table.assign(languages="eng spa", word="hin").rename_axis(columns="language"))
    (markup,) = shown
    for text in (">Byte CRF</td>", ">Hindi</td>", ">English</th>", ">English, Spanish</td>", ">hin</td>"):
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


@pytest.mark.parametrize(
    ("unit", "text"),
    [
        ("F1 points", "+12.35 F1 points"),
        ("percentage points", "+12.35 percentage points"),
        ("percent", "12.3 %"),
        ("bits", "12.346 bits"),
        ("of the monolingual F1", "12.35 of the monolingual F1"),
        ("", "12.35"),
    ],
)
def test_only_differences_have_a_sign(unit, text):
    assert figure_text(12.3456, unit) == text
    assert figure_text(-12.3456, unit, spelled=False).startswith("−12.3")
    assert figure_text(float("nan"), unit) == ""


def test_runs_that_the_limit_of_epochs_ended_are_counted(shown, tmp_path):
    given = {"languages": ["eng", "spa"], "runs": str(tmp_path), "training": {"max_epochs": 1, "min_epochs": 1}}
    page = open_page("02-baselines", {"profile": "smoke", **given})
    page.endings(page.study.results(["monolingual", "polyglot"]))
    assert "2 of 2 monolingual, 1 of 1 polyglot runs" in shown[-1]


def test_table_without_numbers_or_rows(shown):
    show(pd.DataFrame({"language": []}), "Languages that are left out")
    assert ">Languages that are left out: none.<" in shown[0]
    show(pd.DataFrame({"language": ["deu"]}, index=[7]))
    assert ">German<" in shown[1]
    assert ">7<" not in shown[1]


def test_verdicts_show_their_parts_and_what_is_no_evidence(shown):
    from polyner.paper import Part, Verdict, claim

    known, about = claim("finetune-beats-mono"), {"corpora": "folder", "profile": "laptop"}
    part = Part(1.5, 0.25, 2.0, "byte-crf", "conll", "gain <b>", seeds=3, languages=4, line=0.0, aim="above", paper=2.0)
    judged = Verdict(known, "holds", (part,), ("CharNER, CoNLL",), note="Beside <b>.", sample=True, **about)
    show_verdicts([judged, Verdict(known, "not run", reason="needs runs")])
    cells = ("Byte CRF", "CoNLL", "gain &lt;b&gt;", "+1.50 F1 points", "+0.25 to +2.00", "more than 0.00", "+2.00")
    assert all(f">{cell}</td>" in shown[0] for cell in cells)
    assert "<dt>Not run</dt><dd>CharNER, CoNLL</dd>" in shown[0]
    assert "holds of the parts run (sample corpora: no evidence)" in shown[0]
    assert "Beside &lt;b&gt;." in shown[0]
    assert "<dt>Corpora</dt><dd>folder, profile laptop</dd>" in shown[0]
    assert "<dt>Why</dt><dd>needs runs</dd>" in shown[1]
    assert "<table" not in shown[1]
