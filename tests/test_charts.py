"""The charts of corpora, results and training: what they draw of a table, and what they refuse."""

import json
from functools import partial

import pandas as pd
import pytest

from polyner import charts
from polyner.paper import table1
from tests.charted import menus, rows, spec_of

RESULTS = pd.DataFrame(
    [
        ("byte-crf", "monolingual", "conll", "eng", 1, 80.0, "run-a"),
        ("byte-crf", "polyglot", "conll", "eng", 1, 79.0, "run-b"),
        ("byte-crf", "fine_tuned", "conll", "eng", 1, 82.0, "run-c"),
        ("byte-crf", "monolingual", "lorelei", "hin", 1, 60.0, "run-d"),
    ],
    columns=["model", "regime", "group", "language", "seed", "f1", "run"],
)
SHARES = pd.DataFrame(
    {
        "language": ["eng", "eng", "hin"],
        "type": ["PER", "<b>ODD</b>", "GPE"],
        "share": [0.6, 0.4, 1.0],
        "entities": 5,
        "group": ["conll", "conll", "lorelei"],
    }
)
SIZES = pd.DataFrame(
    {"group": "conll", "language": ["eng", "deu"], "train": [100, None], "paper": [11_663, 12_152]}
).astype({"train": "Int64"})
QUALITY = pd.DataFrame(
    {
        "language": ["eng", "eng", "hin"],
        "split": ["train", "test", "test"],
        "sentences": [10, 4, 5],
        "seen_in_train": [None, 1, 0],
        "train_share": [None, 0.25, 0.0],
        "examples": ["<script>alert(1)</script>", "", ""],
    }
)
DIFFERENCES = pd.DataFrame(
    {
        "model": "byte-crf",
        "group": ["conll", "lorelei"],
        "first": 1.0,
        "second": 2.0,
        "seeds": 2,
        "language": ["eng", "hin"],
        "difference": [1.0, -2.0],
        "low": [0.5, None],
        "high": [1.5, None],
        "paper": [2.0, 1.0],
    }
)
HISTORY = pd.DataFrame(
    {
        "run": ["run-a"] * 3,
        "model": "byte-crf",
        "group": "conll",
        "seed": 1,
        "regime": "monolingual",
        "language": "eng",
        "epoch": [1, 2, 3],
        "dev_f1": [50.0, 62.0, 61.0],
    }
)
OPTIONS = {"title": "F1", "source": "this run"}
slopes, regime_dots = (partial(c, paper=table1().iloc[:0], **OPTIONS) for c in (charts.slopes, charts.regime_dots))
difference = partial(charts.difference, x_title="points", title="Differences", source="this run")
ALL = {
    "slopes": (slopes, RESULTS, "language"),
    "regime_dots": (regime_dots, RESULTS, "language"),
    "label_distribution": (charts.label_distribution, SHARES, "language"),
    "corpus_sizes": (charts.corpus_sizes, SIZES, "language"),
    "repeated_sentences": (charts.repeated_sentences, QUALITY, "language"),
    "difference": (difference, DIFFERENCES, "language"),
    "learning_curve": (charts.learning_curve, HISTORY, "run"),
}


def encodings(spec: dict) -> list[dict]:
    return [part["encoding"] for part in spec.get("layer", [spec])]


@pytest.mark.parametrize("chart", [slopes, regime_dots])
def test_results_stand_beside_the_papers_of_the_same_cells(chart):
    drawn = {
        (row["language"], row["regime"], row["source"]): row["f1"]
        for row in rows(chart(RESULTS, paper=table1()).to_dict())
    }
    assert drawn == {
        ("eng", "monolingual", "this run"): 80.0,
        ("eng", "polyglot", "this run"): 79.0,
        ("eng", "fine_tuned", "this run"): 82.0,
        ("hin", "monolingual", "this run"): 60.0,
        ("eng", "monolingual", "the paper"): 85.75,
        ("eng", "polyglot", "the paper"): 83.79,
        ("eng", "fine_tuned", "the paper"): 86.68,
        ("hin", "monolingual", "the paper"): 65.89,
    }


@pytest.mark.parametrize("chart", [slopes, regime_dots])
def test_a_regime_has_one_colour_whatever_else_is_drawn(chart):
    def colours(table):
        scales = [part["color"]["scale"] for part in encodings(chart(table).to_dict()) if "color" in part]
        return dict(zip(scales[0]["domain"], scales[0]["range"], strict=True))

    every = colours(RESULTS)
    assert list(every) == ["monolingual", "polyglot", "fine-tuned"]
    assert colours(RESULTS[RESULTS["regime"] == "fine_tuned"]) == {"fine-tuned": every["fine-tuned"]}


@pytest.mark.parametrize("chart", [slopes, regime_dots])
def test_points_tell_their_run(chart):
    tooltips = [tip["field"] for part in encodings(chart(RESULTS).to_dict()) for tip in part.get("tooltip", [])]
    assert {"name", "f1", "run"} <= set(tooltips)


@pytest.mark.parametrize("chart", [slopes, regime_dots])
def test_several_architectures_get_a_menu(chart):
    both = pd.concat([RESULTS, RESULTS.assign(model="char-crf")])
    assert menus(spec_of(chart(both)))["Architecture"] == {"Byte CRF": "byte-crf", "Character CRF": "char-crf"}
    assert "Architecture" not in menus(spec_of(chart(RESULTS)))


@pytest.mark.parametrize("chart", [slopes, regime_dots])
def test_legends_are_of_what_differs(chart):
    def legends(table, paper):
        channels = [each for part in encodings(spec_of(chart(table, paper=paper))) for each in part.values()]
        return {each["field"] for each in channels if isinstance(each, dict) and each.get("legend")}

    assert legends(RESULTS, table1()) == {"regime_name", "source"}
    assert legends(RESULTS, table1().iloc[:0]) == {"regime_name"}
    assert legends(RESULTS[RESULTS["regime"] == "fine_tuned"], table1().iloc[:0]) == set()


def test_differences_that_the_paper_has_none_of_are_told_apart_from_nothing():
    without, drawn = DIFFERENCES.assign(paper=float("nan")), DIFFERENCES.assign(paper=1.0)
    assert "the paper" not in str(spec_of(difference(without)))
    assert "the paper" in str(spec_of(difference(drawn)))


def test_slopes_need_one_run_a_cell():
    with pytest.raises(ValueError, match="choose one first"):
        slopes(pd.concat([RESULTS, RESULTS.assign(seed=2)]))
    assert len(rows(regime_dots(pd.concat([RESULTS, RESULTS.assign(seed=2)])).to_dict())) == 8


def test_languages_stand_under_their_group_where_the_table_has_groups():
    domain = encodings(charts.label_distribution(SHARES).to_dict())[0]["y"]["scale"]["domain"]
    assert domain == ["CoNLL", "CoNLL: English", "LORELEI", "LORELEI: Hindi"]
    domain = encodings(charts.repeated_sentences(QUALITY).to_dict())[0]["y"]["scale"]["domain"]
    assert domain == ["English", "Hindi"]


def test_labels_keep_their_colours_and_are_only_data():
    spec = charts.label_distribution(SHARES).to_dict()
    scale = encodings(spec)[0]["color"]["scale"]
    assert scale["domain"] == ["PER", "GPE", "<b>ODD</b>"]
    only_person = charts.label_distribution(SHARES.iloc[:1]).to_dict()["layer"][0]["encoding"]["color"]["scale"]
    assert only_person["range"] == scale["range"][:1]
    assert len(set(scale["range"])) == 3
    assert "ODD" not in json.dumps(spec["title"])


def test_sizes_not_at_hand_are_left_out():
    sizes = {(row["name"], row["of"]): row["sentences"] for row in rows(charts.corpus_sizes(SIZES).to_dict())}
    assert sizes == {("English", "at hand"): 100, ("English", "the paper"): 11_663, ("German", "the paper"): 12_152}


def test_differences_without_the_papers():
    spec = difference(DIFFERENCES.drop(columns="paper")).to_dict()
    assert len(spec["layer"]) == 4  # the zero line, intervals, the points and their numbers
    assert len(difference(DIFFERENCES).to_dict()["layer"]) == 5


def test_the_first_best_epoch_is_marked():
    history = pd.concat([HISTORY, HISTORY.assign(run="run-b", dev_f1=[50.0, 70.0, 70.0])])
    best = {(row["run"], row["epoch"]) for row in rows(charts.learning_curve(history).to_dict()) if row["best"]}
    assert best == {("run-a", 2), ("run-b", 2)}


def test_learning_curves_of_several_architectures_get_a_menu():
    both = pd.concat([HISTORY.assign(model="byte-crf"), HISTORY.assign(run="run-b", model="charner")])
    assert list(menus(spec_of(charts.learning_curve(both)))) == ["Architecture"]


def test_long_histories_are_thinned_and_keep_each_runs_best():
    epochs = pd.DataFrame(
        [(f"run {run}", epoch, 50.0 + (epoch == 38) * run) for run in range(150) for epoch in range(1, 41)],
        columns=["run", "epoch", "dev_f1"],
    ).assign(regime="monolingual", language="eng", model="byte-crf", group="conll", seed=1)
    assert len(epochs) == 6000
    (drawn,) = (data for data in charts.learning_curve(epochs).to_dict()["datasets"].values() if "epoch" in data[0])
    assert len(drawn) <= 5000
    assert sum(row["best"] for row in drawn) == 150
    assert sum(row["epoch"] == 38 for row in drawn) == 149  # run 0 has its best in the first epoch


def test_repeated_sentences_leave_out_what_cannot_be_seen_anywhere():
    shown = rows(charts.repeated_sentences(QUALITY).to_dict())
    assert [(row["name"], row["split"], row["train_share"]) for row in shown] == [
        ("English", "test", 0.25),
        ("Hindi", "test", 0.0),
    ]
    assert "examples" not in shown[0]


@pytest.mark.parametrize("chart", [slopes, regime_dots])
def test_what_is_not_of_this_run_says_where_it_is_from(chart):
    drawn = rows(chart(RESULTS, paper=table1(), source="recorded").to_dict())
    assert {row["source"] for row in drawn} == {"recorded", "the paper"}
