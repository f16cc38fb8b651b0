"""`polyner score` prints what conlleval printed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

CASES = [json.loads(line) for line in (Path(__file__).parents[1] / "conlleval-cases.jsonl").open(encoding="utf-8")]


def as_columns(case, separator="\t", word="w") -> str:
    blocks = [
        "".join(separator.join((word, *tags)) + "\n" for tags in zip(s["gold"], s["predicted"], strict=True))
        for s in case["sentences"]
    ]
    return "\n".join(blocks)


@pytest.mark.parametrize("number", range(0, len(CASES), 12))
def test_output_is_that_of_the_official_script(polyner, tmp_path, number):
    case = CASES[number]
    file = tmp_path / "predictions.conll"
    file.write_text(as_columns(case), encoding="utf-8")
    assert polyner("score", file).out == case["conlleval"]


def test_blanks_line_ends_bom_and_the_scripts_own_boundary_make_no_difference(polyner):
    case = CASES[0]
    text = "\ufeff" + as_columns(case, "  ", "x y").replace("\n\n", "\n-X- - - O O\n").replace("\n", "\r\n")
    assert polyner("score", "-", stdin=text).out == case["conlleval"]


def test_json(polyner):
    answer = json.loads(polyner("score", "-", "--json", stdin="a B-PER B-PER\nb I-PER O\n\nc B-LOC B-LOC\n").out)
    assert (answer["tokens"], answer["f1"], answer["precision"], answer["recall"]) == (3, 50.0, 50.0, 50.0)
    assert answer["by_type"]["LOC"] == {
        "precision": 100.0,
        "recall": 100.0,
        "f1": 100.0,
        "correct": 1,
        "predicted": 1,
        "gold": 1,
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a O O\nb O\n", "standard input:2: 2 columns where the lines before have 3"),
        ("O\n", "standard input:1: one column where two or more were expected: 'O'"),
        ("a O PER\n", "standard input:1: 'PER' is no tag of IOB1, IOB2, BIOES or BILOU"),
        ("a B- O\n", "standard input:1: 'B-' is no tag of IOB1, IOB2, BIOES or BILOU"),
        ("\n\n", "standard input: the file holds no sentence"),
        (b"a O O\n\xff O O\n", "standard input:2: not UTF-8 (byte 0xff)"),
    ],
)
def test_what_is_no_such_file_is_an_error_with_its_line(polyner, text, message):
    answer = polyner("score", "-", stdin=text)
    assert (answer.code, answer.out, answer.err) == (2, "", f"error: {message}\n")


@pytest.mark.parametrize(
    ("tags", "prefixes"),
    [("S-PER O B-LOC E-LOC", "E-, S-"), ("U-PER O B-LOC L-LOC", "L-, U-"), ("B-PER O B-LOC I-LOC", None)],
)
def test_tags_that_conlleval_does_not_know_are_scored_with_a_note(polyner, tags, prefixes):
    rows = zip(tags.split(), ["B-PER", "O", "B-LOC", "I-LOC"], strict=True)
    answer = polyner("score", "-", "--json", stdin="".join(f"w {gold} {predicted}\n" for gold, predicted in rows))
    scored = json.loads(answer.out)
    assert (answer.code, scored["f1"], scored["accuracy"]) == (0, 100.0, 100.0)
    assert answer.err == (
        f"note: standard input: {prefixes} are scored as in IOB2; conlleval does not know them and counts otherwise\n"
        if prefixes
        else ""
    )


def test_the_gold_tag_may_be_in_a_named_column(polyner):
    text = "# global.columns = ID FORM NER NESTED PREDICTED\n1 Ann B-PER B-LOC B-PER\n"
    assert json.loads(polyner("score", "-", "--json", stdin=text).out)["f1"] == 100.0
