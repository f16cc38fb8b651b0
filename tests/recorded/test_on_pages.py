"""How pages show recorded results: charts and tables, a choice of the collection, and where the numbers come from."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest

from polyner.book import recorded as on_pages
from polyner.book.figures import specification
from polyner.charts import regime_changes
from polyner.paper import verdict
from polyner.recorded import Recorded

TITLE = "<wiki>"
CHANGES = pd.DataFrame(
    [("conll", "PER", "monolingual", "polyglot", 20.0, 25.0, 5.0, 2.0, 8.0)],
    columns=["group", "gold", "first", "second", "first_rate", "second_rate", "difference", "low", "high"],
)


class Titled(Recorded):
    """The same records under a title."""

    @property
    def about(self) -> dict:
        return {**super().about, "title": TITLE}


@pytest.fixture
def shown(monkeypatch, summarised) -> list[str]:
    """The HTML that was displayed on a page of a book with these recorded results."""
    markup: list[str] = []
    monkeypatch.setattr("IPython.display.display", lambda output: markup.append(output.data))
    monkeypatch.setattr("polyner.recorded.all_recorded", lambda: [summarised])
    return markup


@pytest.fixture
def two(shown, summarised, monkeypatch) -> list[str]:
    monkeypatch.setattr("polyner.recorded.all_recorded", lambda: [summarised, Titled(summarised.folder)])
    return shown


def drawn(shown: list[str]) -> list[dict]:
    """The specifications of the charts."""
    return list(filter(None, map(specification, shown)))


def rows(spec: dict) -> list[dict]:
    return max(spec["datasets"].values(), key=lambda data: (len(data), len(data[0])))


def test_table_1_is_drawn_and_folded_beside_the_paper_with_provenance(shown):
    on_pages.show_recorded_table1(["monolingual", "polyglot"])
    changes, dots = drawn(shown)
    assert {row["name"] for row in rows(changes)} == {"English", "Spanish", "Amharic", "Swahili"}
    assert {row["source"] for row in rows(dots)} == {"recorded", "the paper"}
    assert {row["regime"] for row in rows(dots)} == {"monolingual", "polyglot"}
    assert all(re.search("-[0-9a-f]{12}$", row["run"]) for row in rows(dots) if row["source"] == "recorded")
    text = "\n".join(shown)
    assert "<summary>The numbers as tables</summary>" in text
    assert "Table 1, CoNLL: F1 on test, recorded (sample-smoke), and the paper&#x27;s" in text
    assert "mean ± spread" in text
    assert re.search(r"Ended by the limit of epochs .*: Byte CRF \d+ of \d+ monolingual, \d of \d+ polyglot runs", text)
    assert "85.75" in text  # the paper's monolingual Byte-CRF on English
    assert "this run" not in text
    assert "fine-tuned" not in "".join(re.findall("<table.*?</table>", text, flags=re.S))
    assert "<summary>Where the recorded numbers come from: sample-smoke, 20 runs</summary>" in text
    assert "Training took" in text


def test_changes_are_those_of_the_means_over_seeds(shown, summarised):
    on_pages.show_recorded_table1(["monolingual", "polyglot", "fine_tuned"])
    changes, slopes = drawn(shown)
    test = summarised.results[summarised.results["split"] == "test"]
    means = test.groupby(["language", "regime"])["f1"].mean()
    for row in rows(changes):
        expected = means[row["language"], "fine_tuned"] - means[row["language"], "monolingual"]
        assert row["difference"] == pytest.approx(expected, abs=1e-3)
        assert row["second"] - row["first"] == pytest.approx(expected, abs=1e-3)
    assert {row["regime"] for row in rows(slopes)} == {"monolingual", "polyglot", "fine_tuned"}


def test_a_chart_says_that_it_is_recorded(shown):
    on_pages.show_recorded_table1(["monolingual", "polyglot"])
    assert "Recorded, <b>sample-smoke</b> (built-in sample): 5 languages (1 of them held out), " in shown[0]
    for spec in drawn(shown):
        assert spec["usermeta"]["polyner"]["note"] == "Recorded results: sample-smoke."
        assert "recorded (sample-smoke)" in spec["description"]


def test_one_of_several_collections_is_chosen(two):
    on_pages.show_recorded_table1(["monolingual", "polyglot"])
    choice, *parts = two
    assert re.findall('<input type="radio" name="([^"]+)" value="([12])"( checked)?>', choice) == [
        (name := re.search('name="([^"]+)"', choice)[1], "1", " checked"),
        (name, "2", ""),
    ]
    assert "<span>&lt;wiki&gt;</span>" in choice
    places = [re.match('<div class="polyner-of of-([12])">', part)[1] for part in parts]
    assert places == sorted(places)
    assert places.count("1") == places.count("2") == 5  # a line, two charts, a note, tables and provenance
    two.clear()
    on_pages.show_recorded_verdicts()
    assert name not in two[0]  # choices do not disturb each other


def test_one_collection_leaves_nothing_to_choose(shown):
    on_pages.show_recorded_verdicts()
    assert "<input" not in "".join(shown)


def test_table_3_verdicts_and_every_run(shown, summarised):
    on_pages.show_recorded_table3()
    text = "\n".join(shown)
    assert "zero-shot" in text
    assert "− monolingual" in text
    assert "29.02" in text  # the paper's zero-shot F1 on Yoruba
    assert len(drawn(shown)) == 1  # no held-out language was trained on: there is nothing to gain, and no curve
    shown.clear()
    on_pages.show_recorded_verdicts(["baselines-label-shift"])
    judged = verdict("baselines-label-shift", summarised.evidence())
    text = "\n".join(shown)
    assert len(re.findall("<tr>", text)) == 1 + len(judged.parts)
    told = (
        judged.verdict,
        judged.reason,
        judged.claim.claim,
        f"{judged.parts[0].figure:.3f} bits",
        judged.claim.reading,
    )
    assert all(part in text for part in told)
    shown.clear()
    on_pages.show_recorded_runs()
    assert all(each["run"] in shown[0] for each in summarised.runs)


def test_labels_are_those_of_the_recorded_corpora(shown, summarised):
    on_pages.show_recorded_labels()
    (spec,) = drawn(shown)
    counted = {(row["language"], row["type"]): row["entities"] for row in rows(spec)}
    assert counted == {
        (code, name): count
        for code, corpus in summarised.corpora.items()
        for name, count in corpus["training_entities"].items()
    }
    shares = on_pages.label_shares(summarised)
    assert (shares.groupby("language")["share"].sum() - 1).abs().max() < 1e-9


def test_the_table_of_an_analysis_is_drawn_as_the_page_says(shown, summarised):
    made = []

    def chart(table, title):
        made.append((table, title))
        return regime_changes(CHANGES, title, row="gold", x_title="points")

    on_pages.show_recorded_table("recall_errors", "Errors", chart, lambda table: table.head(1))
    assert made[0][1] == "Errors, recorded (sample-smoke)"
    pd.testing.assert_frame_equal(made[0][0], summarised.tables["recall_errors"])
    assert len(drawn(shown)) == 1
    assert len(re.findall("<tr>", "".join(shown))) == 2


def test_what_is_not_recorded_is_named(two):
    on_pages.show_recorded_table("pruning", "nothing")
    on_pages.show_recorded_variants({"language_transitions": "own transitions"})
    assert len(two) == 2
    assert all("sample-smoke, &lt;wiki&gt;: nothing is recorded of this section" in text for text in two)


def test_variants_are_drawn_by_their_name(shown, monkeypatch):
    keys = ("byte-crf", "polyglot", "language_transitions", "conll")
    table = pd.DataFrame(
        [(*keys, "eng", 50.0, 52.0, 2.0, 1.0, 3.0, 3), (*keys, "average", 50.0, 52.0, 2.0, 1.0, 3.0, 3)],
        columns=[
            *("model", "regime", "variant", "group", "language"),
            *("first", "second", "difference", "low", "high", "seeds"),
        ],
    )
    monkeypatch.setattr("polyner.recorded.summary.summary", lambda _: {"variants": table})
    on_pages.show_recorded_variants({"language_transitions": "own transitions"})
    (spec,) = drawn(shown)
    assert [row["language"] for row in rows(spec)] == ["eng"]
    assert "own transitions − plain (F1 points)" in json.dumps(spec, ensure_ascii=False)
    assert "average" in shown[-1]


def test_a_book_without_records_says_so(shown, monkeypatch):
    monkeypatch.setattr("polyner.recorded.all_recorded", list)
    on_pages.show_recorded_verdicts()
    assert "No results are recorded yet" in shown[0]
