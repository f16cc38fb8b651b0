import itertools
import sys

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyner.analysis.errors import KINDS, confusion, span_errors
from polyner.corpora.spans import spans_of
from polyner.findings.errors import recall_error_counts
from polyner.scoring import count_spans

if sys.version_info >= (3, 11):
    from nervaluate import Evaluator

needs_nervaluate = pytest.mark.skipif(sys.version_info < (3, 11), reason="nervaluate needs Python 3.11")

TAGS = st.sampled_from(["O", "B-PER", "I-PER", "B-LOC", "I-LOC"])
SENTENCES = st.lists(st.lists(st.tuples(TAGS, TAGS), min_size=1, max_size=8), min_size=1, max_size=4)


def sides(sentences: list[list[tuple[str, str]]]) -> tuple[list[list[str]], list[list[str]]]:
    """Gold and predicted tags of sentences of pairs of tags."""
    return tuple([[pair[side] for pair in sentence] for sentence in sentences] for side in (0, 1))


def errors(gold: str, predicted: str) -> dict[tuple[str, str], int]:
    """The counts by (type, kind) for one sentence, zeros left out."""
    table = span_errors([gold.split()], [predicted.split()])
    return {(row.type, row.kind): row.count for row in table[table["count"] > 0].itertuples(name="Row")}


def totals(table: pd.DataFrame) -> dict[str, int]:
    return table.groupby("kind")["count"].sum().reindex(KINDS, fill_value=0).to_dict()


def test_confusion_by_hand():
    table = confusion(
        [["B-PER", "I-PER", "O", "O"], ["B-LOC"]],
        [["B-PER", "B-LOC", "O", "B-ORG"], ["I-LOC"]],
    )
    assert table["gold"].unique().tolist() == ["LOC", "ORG", "PER", "O"]
    assert table.pivot(index="gold", columns="predicted", values="tokens").loc[["LOC", "ORG", "PER", "O"]][
        ["LOC", "ORG", "PER", "O"]
    ].to_numpy().tolist() == [[1, 0, 0, 0], [0, 0, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1]]


def recall_errors(*tables: pd.DataFrame, by=()) -> pd.DataFrame:
    """The rows of Figure 1 of one seed."""
    return recall_error_counts(pd.concat(tables).assign(seed=1), by)


def test_recall_errors_by_hand():
    rows = recall_errors(confusion([["B-PER", "I-PER", "O", "O"]], [["B-PER", "B-LOC", "O", "B-ORG"]]))
    assert rows.columns.tolist() == ["gold", "tokens", "errors", "error_rate"]
    rows = rows.set_index("gold")
    assert rows.loc["PER"].tolist() == [2, 1, 50.0]
    assert rows.loc["O"].tolist() == [2, 1, 50.0]
    assert rows.loc["ORG", ["tokens", "errors"]].tolist() == [0, 0]
    assert pd.isna(rows.loc["ORG", "error_rate"])


def test_recall_errors_of_several_tables_are_kept_apart_or_summed():
    english = confusion([["B-PER", "O"]], [["O", "O"]]).assign(language="eng")
    german = confusion([["B-PER", "O"]], [["B-PER", "B-PER"]]).assign(language="deu")
    apart = recall_errors(english, german, by=["language"]).set_index(["language", "gold"])["errors"]
    assert apart.to_dict() == {("eng", "PER"): 1, ("eng", "O"): 0, ("deu", "PER"): 0, ("deu", "O"): 1}
    summed = recall_errors(english, german)
    assert summed[["tokens", "errors"]].to_numpy().tolist() == [[2, 1], [2, 1]]
    seeds = recall_error_counts(pd.concat([english.assign(seed=1), german.assign(seed=2)]), []).set_index("gold")
    assert seeds.loc["PER"].tolist() == [1, 0.5, 50]  # on average over seeds


def test_no_sentences_have_no_errors():
    assert confusion([], []).to_numpy().tolist() == [["O", "O", 0]]
    assert recall_errors(confusion([], []))["errors"].tolist() == [0]
    assert span_errors([], []).columns.tolist() == ["type", "kind", "count"]
    assert span_errors([["O"]], [["O"]]).empty


@settings(max_examples=30)
@given(SENTENCES)
def test_confusion_counts_every_token_once(sentences):
    gold, predicted = sides(sentences)
    table = confusion(gold, predicted)
    assert table["tokens"].sum() == sum(map(len, gold))
    types = table["gold"].nunique()
    assert len(table) == types**2
    pairs = list(itertools.chain.from_iterable(sentences))
    rates = recall_errors(table).set_index("gold")
    for type_ in rates.index:
        mine = [pair for pair in pairs if pair[0].split("-")[-1] == type_]
        wrong = sum(predicted.split("-")[-1] != type_ for _, predicted in mine)
        assert rates.loc[type_, ["tokens", "errors"]].tolist() == [len(mine), wrong]


@pytest.mark.parametrize(
    ("gold", "predicted", "expected"),
    [
        ("B-PER I-PER O", "B-PER I-PER O", {("PER", "correct"): 1}),
        ("B-PER I-PER O", "B-LOC I-LOC O", {("PER", "wrong_type"): 1}),
        ("B-PER I-PER O", "B-PER O O", {("PER", "wrong_boundary"): 1}),
        ("B-PER I-PER O", "O B-LOC I-LOC", {("PER", "wrong_both"): 1}),
        ("B-PER O O", "O O O", {("PER", "missed"): 1}),
        ("O O O", "O B-LOC O", {("LOC", "spurious"): 1}),
        # Side by side is not an overlap.
        ("B-PER O", "O B-PER", {("PER", "missed"): 1, ("PER", "spurious"): 1}),
        # One entity predicted as two: the left one is the partner, …
        ("B-PER I-PER", "B-PER B-PER", {("PER", "wrong_boundary"): 1, ("PER", "spurious"): 1}),
        # … unless the other is of the right type, or has more words in common.
        ("B-PER I-PER", "B-LOC B-PER", {("PER", "wrong_boundary"): 1, ("LOC", "spurious"): 1}),
        ("B-PER I-PER I-PER", "B-LOC B-ORG I-ORG", {("PER", "wrong_both"): 1, ("LOC", "spurious"): 1}),
        # Two entities predicted as one: a tie goes to the left.
        ("B-LOC B-PER", "B-ORG I-ORG", {("LOC", "wrong_both"): 1, ("PER", "missed"): 1}),
        # More pairs come before right types: LOC could be paired with LOC, but then two would be left alone.
        (
            "B-PER I-PER B-LOC I-LOC",
            "O B-LOC I-LOC B-ORG",
            {("PER", "wrong_both"): 1, ("LOC", "wrong_both"): 1},
        ),
    ],
)
def test_kinds_by_hand(gold, predicted, expected):
    assert errors(gold, predicted) == expected


def test_every_kind_of_every_type_has_a_row():
    table = span_errors([["B-PER", "O"]], [["B-LOC", "O"]])
    assert table["type"].tolist() == ["LOC"] * 6 + ["PER"] * 6
    assert table["kind"].tolist() == list(KINDS) * 2
    assert table["count"].sum() == 1


@settings(max_examples=40)
@given(SENTENCES)
def test_each_entity_is_counted_once(sentences):
    gold, predicted = sides(sentences)
    table = span_errors(gold, predicted)
    counts, expected = totals(table), count_spans(gold, predicted)
    everything = sum(counts.values())
    assert counts["correct"] == expected["correct"].sum()
    assert everything - counts["spurious"] == expected["gold"].sum()
    assert everything - counts["missed"] == expected["predicted"].sum()
    by_type = table[table["kind"] != "spurious"].groupby("type")["count"].sum()
    assert by_type.to_dict() == expected.set_index("type")["gold"].to_dict()


@given(st.lists(st.tuples(TAGS, TAGS), min_size=1, max_size=7))
def test_no_pairing_of_overlapping_entities_is_better(sentence):
    (gold,), (predicted,) = sides([sentence])
    edges = [
        (first, second, min(first.end, second.end) - max(first.start, second.start))
        for first in spans_of(gold)
        for second in spans_of(predicted)
        if first.start < second.end and second.start < first.end
    ]
    best = (0, 0)
    for number in range(len(edges) + 1):
        for chosen in itertools.combinations(edges, number):
            if len({first for first, _, _ in chosen}) == len({second for _, second, _ in chosen}) == number:
                best = max(best, (number, sum(first.type == second.type for first, second, _ in chosen)))
    counts = totals(span_errors([gold], [predicted]))
    same_type = counts["correct"] + counts["wrong_boundary"]
    assert (same_type + counts["wrong_type"] + counts["wrong_both"], same_type) == best


@needs_nervaluate
@settings(max_examples=100)
@given(SENTENCES)
def test_totals_are_those_of_nervaluate(sentences):
    gold, predicted = sides(sentences)
    results = Evaluator(gold, predicted, tags=["PER", "LOC"], loader="list").evaluate()["overall"]
    counts = totals(span_errors(gold, predicted))
    boundary = counts["wrong_boundary"] + counts["wrong_both"]
    strict, exact = results["strict"], results["exact"]
    wrong = counts["wrong_type"] + boundary
    assert (strict.correct, strict.incorrect) == (counts["correct"], wrong)
    assert (strict.missed, strict.spurious) == (counts["missed"], counts["spurious"])
    assert (exact.correct, exact.incorrect) == (counts["correct"] + counts["wrong_type"], boundary)
    for result in results.values():
        assert result.possible == counts["correct"] + wrong + counts["missed"]
        assert result.actual == counts["correct"] + wrong + counts["spurious"]


@needs_nervaluate
@pytest.mark.parametrize(
    ("gold", "predicted"),
    [
        ("B-PER I-PER O B-LOC", "B-PER O O B-LOC"),
        ("B-PER I-PER O B-LOC", "B-LOC I-LOC O O"),
        ("B-PER I-PER O B-LOC O", "B-LOC I-LOC I-LOC O B-PER"),
    ],
)
def test_types_are_those_of_nervaluate_where_no_entity_overlaps_two(gold, predicted):
    results = Evaluator([gold.split()], [predicted.split()], tags=["PER", "LOC"], loader="list").evaluate()["overall"]
    counts = totals(span_errors([gold.split()], [predicted.split()]))
    right, wrong = counts["correct"] + counts["wrong_boundary"], counts["wrong_type"] + counts["wrong_both"]
    assert (results["ent_type"].correct, results["ent_type"].incorrect) == (right, wrong)
    assert results["partial"].partial == counts["wrong_boundary"] + counts["wrong_both"]


@pytest.mark.parametrize("function", [confusion, span_errors])
def test_sentences_of_different_lengths_are_refused(function):
    with pytest.raises(ValueError, match=r"argument 2|2 gold sentences but 1"):
        function([["O"], ["O"]], [["O"]])
    with pytest.raises(ValueError, match=r"argument 2|1 gold tags but 2"):
        function([["O"]], [["O", "O"]])
