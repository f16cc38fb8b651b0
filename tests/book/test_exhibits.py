"""The book's figures and tables, each of recorded studies, of one that was just run, and of nothing at all."""

from __future__ import annotations

import inspect
import json
import re
from functools import partial

import pandas as pd
import pytest

from polyner.book.exhibits import analyses, beyond, scores
from polyner.book.exhibits.scores import MARKS
from polyner.book.figures import specification
from polyner.book.studies import Exhibit, show_studies
from polyner.findings import Findings
from polyner.findings.files import all_recorded
from polyner.paper import claims, verdicts
from tests.findings.conftest import live, settings, study  # noqa: F401
from tests.paper.test_verdicts_beyond import many

EXHIBITS = {
    "labels": scores.labels,
    "table1_of two": partial(scores.table1_of, regimes=["monolingual", "polyglot"]),
    "table1_of three": partial(scores.table1_of, regimes=["monolingual", "polyglot", "fine_tuned"]),
    "learning": scores.learning,
    "variants": partial(scores.variants, names=["mgda", "ewc"]),
    "variants of settings": scores.variants,
    "unreachable": scores.unreachable,
    "novel": scores.novel,
    "relatedness": scores.relatedness,
    "curves": scores.curves,
    "recall_errors": analyses.recall_errors,
    "confusion": analyses.confusion,
    "span_errors": analyses.span_errors,
    "common_names": analyses.common_names,
    "pruning": analyses.pruning,
    "thresholds": partial(analyses.thresholds, drop=2.0),
    "efficiencies": analyses.efficiencies,
    "overlap languages": partial(analyses.overlap, comparison="languages"),
    "overlap retained": partial(analyses.overlap, comparison="retained"),
    "overlaps_beside_nulls": analyses.overlaps_beside_nulls,
    "precision": analyses.precision,
    "settings": scores.settings,
    "verdicts_on": scores.verdicts_on,
    "many_languages": beyond.many_languages,
    "relatives": beyond.relatives,
    "capacity": beyond.capacity,
    "sampling": beyond.sampling,
    "joint_training": beyond.joint_training,
    "forgetting": beyond.forgetting,
    "conflicts": beyond.conflicts,
    "course": beyond.course,
}
# What a study without the paper's variants and groups within groups, and of a model that reads words, has nothing of.
NOT_LIVE = {"variants of settings", "unreachable", "many_languages", "relatives", "capacity", "sampling"}
RECORDED = {each.name: each for each in all_recorded()}


@pytest.fixture(params=[*RECORDED, "live", "empty"])
def findings(request) -> Findings:
    if request.param in RECORDED:
        return RECORDED[request.param]
    run = request.getfixturevalue("live")
    return run if request.param == "live" else Findings.of_runs([], {}, run.about)


def markup_of(exhibit: Exhibit) -> str:
    """All that is shown but charts."""
    return "".join([*exhibit.tables, *exhibit.notes])


def drawn(chart) -> list[dict]:
    """The rows of a chart's largest table."""
    return max(chart.to_dict()["datasets"].values(), key=lambda rows: (len(rows), len(rows[0])))


def test_every_figure_is_shown_of_whatever_study_there_is(findings, shown):
    there = []
    for name, exhibit in EXHIBITS.items():
        found = exhibit(findings)
        before = len(shown)
        show_studies([findings], lambda each, found=found: found)
        specs = list(filter(None, map(specification, shown[before:])))
        assert [bool(spec["description"]) for spec in specs] == [True] * len(found.charts), name
        assert not re.search(r"\bnan\b|<NA>|\bNone\b|undefined", markup_of(found)), name
        there += [name] if found else []
    if not findings.runs:
        assert there == ["verdicts_on"]
        assert "".join(shown).count("No study here has this yet") == len(EXHIBITS) - 1
        assert len(re.findall("<b><span[^>]*>–</span> not run</b>", "".join(shown))) == len(claims())
    elif not findings.name:
        assert EXHIBITS.keys() - there == NOT_LIVE
    else:
        assert "labels" in there
        assert ("verdicts_on" in there) == (findings.results["regime"].nunique() > 1)
        compared = {"table1_of three", "learning"}
        assert compared & set(there) == (compared if findings.of_table1["regime"].nunique() > 1 else set())


def test_every_figure_of_the_book_is_among_them():
    own = {
        name
        for module in (analyses, beyond, scores)
        for name, member in inspect.getmembers(module, inspect.isfunction)
        if inspect.signature(member).return_annotation == "Exhibit" and not name.startswith("_")
    }
    assert own == {name.partition(" ")[0] for name in EXHIBITS}


def test_table_1_stands_beside_the_papers(live):  # noqa: F811
    found = EXHIBITS["table1_of two"](live)
    changes, dots = map(drawn, found.charts)
    assert {row["name"] for row in changes} == {"English", "Spanish", "Amharic", "Swahili"}
    assert {row["source"] for row in dots} == {live.title, "the paper"}
    assert {row["regime"] for row in dots} == {"monolingual", "polyglot"}
    table = live.of_table1[live.of_table1["split"] == "test"]
    assert {row["run"] for row in dots if row["run"]} == set(table.loc[table["regime"] != "fine_tuned", "run"])
    assert sum(bool(row["run"]) for row in dots) == (table["regime"] != "fine_tuned").sum()
    text = markup_of(found)
    assert "Table 1, CoNLL languages: F1 on test, and the paper&#x27;s" in text
    assert "85.75" in text  # the paper's monolingual Byte CRF on English
    assert "fine-tuned" not in text
    assert MARKS in text
    assert "29.02" in markup_of(scores.novel(live))  # the paper's zero-shot F1 on Yoruba


def test_groups_within_groups_are_shown_by_their_number_of_languages():
    rise = {"four": 0.0, "ten": 1.0, "twenty": 3.0}
    made = many(variants=[("polyglot", "double_size", 0.7)], gain=lambda group, code: rise[group])
    corpora = {code: {"sentences": {"train": 300}} for code in set(made["language"])}
    facts = {code: {"genus": f"of {code}"} for code in corpora}
    facts |= {
        "rus": {"genus": "Slavic"},
        "ukr": {"genus": "Slavic"},
        "fin": {"genus": "Finnic"},
        "est": {"genus": "Finnic"},
    }
    found = Findings(made, corpora=corpora, about={"settings": {"facts": facts}})
    by_number = beyond.many_languages(found)
    assert {row["together"] for row in drawn(by_number.charts[0])} == {4, 10, 20}
    assert not by_number.behind
    text = markup_of(beyond.relatives(found))
    assert all(words in text for words in ("of its genus", "in its script", "Georgian"))
    (chart,) = beyond.capacity(found).charts
    assert {round(row["difference"], 1) for row in drawn(chart)} == {0.7}
    assert "averaged over all languages of the group" in markup_of(beyond.capacity(found))


def test_twice_the_size_is_drawn_of_polyglot_models_and_its_gains_stand_beside_those_without():
    doubled = [
        ("monolingual", "double_size", 0.2),
        ("polyglot", "double_size", 1.5),
        ("fine_tuned", "double_size", 0.9),
    ]
    found = beyond.capacity(Findings(many(polyglot=-1.0, variants=doubled), about={"settings": {}}))
    assert {round(row["difference"], 1) for row in drawn(found.charts[0])} == {1.5}
    assert not found.behind
    assert beyond.capacity(Findings(many(groups=["four"], variants=doubled), about={"settings": {}})).behind
    table = next(each for each in found.tables if "gain with it, and without" in each)
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in table.split("<tr")]
    gains = {(row[2], row[6]) for row in rows if row[3:4] == ["polyglot"]}
    assert gains == {("plain", "−1.00"), ("twice the size", "0.30")}


def test_uniform_sampling_stands_beside_the_sizes_of_the_training_sets():
    made = many(variants=[("polyglot", "uniform_sampling", -0.4)])
    sizes = {code: 90 if code in ("rus", "kat") else 1000 for code in set(made["language"])}
    corpora = {code: {"sentences": {"train": size}} for code, size in sizes.items()}
    found = beyond.sampling(Findings(made, corpora=corpora, about={"settings": {}}))
    assert {round(row["difference"], 1) for row in drawn(found.charts[0])} == {-0.4}
    assert all(words in markup_of(found) for words in ("in proportion", ">1000<", "Georgian"))


@pytest.mark.parametrize("name", [name for name, each in RECORDED.items() if each.of_table1["regime"].nunique() > 1])
def test_changes_are_those_of_the_means_over_seeds(name):
    changes, slopes = map(drawn, EXHIBITS["table1_of three"](RECORDED[name]).charts)
    table = RECORDED[name].of_table1
    means = table[table["split"] == "test"].groupby(["model", "group", "language", "regime"])["f1"].mean()
    for row in changes:
        cell = means[row["model"], row["group"], row["language"]]
        first, second = cell["monolingual"], cell["fine_tuned"]
        assert row["difference"] == pytest.approx(second - first, abs=1e-3)
        assert row["second"] - row["first"] == pytest.approx(second - first, abs=1e-3)
    assert {row["regime"] for row in slopes} == {"monolingual", "polyglot", "fine_tuned"}


@pytest.mark.parametrize("name", RECORDED)
def test_labels_are_those_of_the_training_sets(name):
    (chart,) = scores.labels(RECORDED[name]).charts
    counted = {(row["language"], row["type"]): row["entities"] for row in drawn(chart)}
    corpora = RECORDED[name].corpora.items()
    assert counted == {(code, kind): n for code, own in corpora for kind, n in own["training_entities"].items()}
    shares = scores.label_shares(RECORDED[name])
    assert (shares.groupby(["group", "language"])["share"].sum() - 1).abs().max() < 1e-9


def test_variants_are_drawn_by_their_name_beside_the_plain_runs(live):  # noqa: F811
    plain = live.of_table1[live.of_table1["regime"] == "polyglot"]
    both = pd.concat([live.results, plain.assign(variant="language_transitions", f1=plain["f1"] + 2)])
    changed = Findings(both, about=live.about)
    found = scores.variants(changed, ["language_transitions"])
    (chart,) = found.charts
    assert {round(row["difference"], 6) for row in drawn(chart)} == {2.0}
    assert "own transitions − plain (F1 points)" in json.dumps(chart.to_dict(), ensure_ascii=False)
    assert ">average</td>" in markup_of(found)
    assert not scores.variants(changed)
    own = both.replace({"variant": {"language_transitions": "two layers"}})
    (chart,) = scores.variants(Findings(own, about=live.about)).charts
    assert "two layers − plain (F1 points)" in json.dumps(chart.to_dict(), ensure_ascii=False)


def test_what_regimes_gain_with_a_variant_stands_beside_what_they_gain_without(live):  # noqa: F811
    def gains_shown(more: dict[str, float]) -> list[float]:
        changed = [
            live.of_table1.query("regime == @regime").assign(variant="deep").eval(f"f1 = f1 + {each}")
            for regime, each in more.items()
        ]
        found = scores.variants(Findings(pd.concat([live.results, *changed]), about=live.about))
        table = next((each for each in found.tables if "gain with it, and without" in each), "")
        rows = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in table.split("<tr")]
        of_polyglot = {row[2]: row[6] for row in reversed(rows) if row[3:4] == ["polyglot"]}
        return [float(each.replace("−", "-")) for each in of_polyglot.values()]

    deep, plain = gains_shown({"monolingual": 1.0, "polyglot": 3.0})
    assert deep == pytest.approx(plain + 2, abs=0.011)
    # Gains need monolingual models with the variant.
    assert not gains_shown({"polyglot": 3.0})


def test_verdicts_go_with_this_run_as_data_and_with_no_other(live):  # noqa: F811
    wanted = ["baselines-label-shift"]
    found = scores.verdicts_on(live, wanted)
    assert [each["claim"] for (rows,) in [found.data.values()] for each in rows] == wanted
    (judged,) = verdicts(live, wanted)
    assert judged.claim.claim in markup_of(found)
    assert "(no evidence)" in markup_of(found)
    for each in RECORDED.values():
        assert scores.verdicts_on(each, wanted).data is None
        assert "no evidence" not in markup_of(scores.verdicts_on(each, wanted))
