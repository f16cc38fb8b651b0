"""Scores equal those of the official script, whose output for 240 random cases lies beside this file."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyner.scoring import conlleval_report, count_spans, count_spans_by_sentence, score

CASES = [json.loads(line) for line in (Path(__file__).parent / "conlleval-cases.jsonl").open(encoding="utf-8")]


def gold_and_predicted(case):
    return [s["gold"] for s in case["sentences"]], [s["predicted"] for s in case["sentences"]]


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_the_report_is_what_the_official_script_prints(case):
    assert conlleval_report(*gold_and_predicted(case)).rstrip("\n") == case["conlleval"].rstrip("\n")


def test_a_hand_worked_example():
    gold = [["B-PER", "I-PER", "O", "B-LOC"], ["B-ORG", "O"]]
    predicted = [["B-PER", "I-PER", "O", "B-PER"], ["O", "O"]]
    scores = score(gold, predicted)
    assert (scores.precision, scores.recall, scores.f1) == (50.0, pytest.approx(100 / 3), pytest.approx(40.0))
    assert scores.accuracy == pytest.approx(100 * 4 / 6)
    per_type = scores.per_type.set_index("type")
    assert per_type.loc["PER", ["correct", "predicted", "gold"]].tolist() == [1, 2, 1]
    assert per_type.loc["PER", "f1"] == pytest.approx(200 / 3)
    assert per_type.loc["ORG", "f1"] == 0


def test_entities_do_not_run_across_sentences():
    assert count_spans([["B-PER"], ["I-PER"]], [["B-PER"], ["I-PER"]])["gold"].sum() == 2


def test_nothing_to_find_and_nothing_found():
    scores = score([["O", "O"]], [["O", "O"]])
    assert (scores.f1, scores.accuracy, len(scores.per_type)) == (0.0, 100.0, 0)
    assert conlleval_report([["O"]], [["O"]]).startswith("processed 1 tokens with 0 phrases; found: 0 phrases")
    assert score([], []).f1 == 0.0


TAGS = st.lists(st.sampled_from(["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]), min_size=1, max_size=8)


@given(st.lists(TAGS.flatmap(lambda g: st.tuples(st.just(g), st.permutations(g))), max_size=5))
def test_sentence_counts_add_up_to_the_whole(pairs):
    gold, predicted = [g for g, _ in pairs], [list(p) for _, p in pairs]
    whole, parts = count_spans(gold, predicted), count_spans_by_sentence(gold, predicted)
    for column in ("correct", "predicted", "gold"):
        assert whole[column].sum() == parts[column].sum()
    assert len(parts) == len(gold)


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="1 gold sentences but 2"):
        score([["O"]], [["O"], ["O"]])
    with pytest.raises(ValueError, match="sentence 2: 1 gold tags but 2"):
        score([["O"], ["O"]], [["O"], ["O", "O"]])
