"""What one command reads, every command reads: the same words, sentences and tags out of any odd file."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from polyner.corpora.folder import write_corpus
from tests.conftest import small_corpus

WORDS = st.sampled_from(["Anna", "Oxton", "#", "#tag", "1", "e\u0301te\u0301", "a\u2028b", "\u0301", "–", "visits"])
DIRT = st.sampled_from(["", "", "", "\ufeff", "\x07", "\x1b", "\x0c"])
TAGS = {
    "IOB2": ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"],
    "IOB1": ["O", "I-PER", "I-LOC"],
    "BIOES": ["O", "B-PER", "I-PER", "E-PER", "S-PER", "S-LOC"],
    "BILOU": ["O", "B-PER", "I-PER", "L-PER", "U-PER", "U-LOC"],
}
BETWEEN = ["", " \t", "# text = Anna visits", "#\thttp://x.org/ [2009-10-17]", "-DOCSTART- -X- O", "-X- - O", "\ufeff"]


@st.composite
def files(draw):
    """A file of words and tags with whatever is found around them."""
    separator = draw(st.sampled_from(["\t", " ", "  ", "\tNN\t", " NN "]))
    tags = st.sampled_from(TAGS[draw(st.sampled_from(sorted(TAGS)))])
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    lines = ["Anna" + separator + "O"]
    for _ in range(draw(st.integers(1, 12))):
        word = draw(DIRT) + draw(WORDS) + draw(DIRT)
        lines.append(word + separator + draw(tags) + draw(st.sampled_from(["", "", "\t", " ", "\t "])))
        lines += draw(st.lists(st.sampled_from(BETWEEN), max_size=2))
    return draw(st.sampled_from(["", "\ufeff"])) + end.join(lines) + draw(st.sampled_from(["", end, end * 3]))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(text=files())
def test_every_command_reads_the_same(polyner, trained, tmp_path, text):
    write_corpus(tmp_path, small_corpus())
    file = tmp_path / "eng" / "test.conll"
    file.write_bytes(text.encode())
    of_run = ["--runs", trained.store, "--device", "cpu"]
    checked = json.loads(polyner("corpora", "validate", file, "--json").out)["files"][0]
    evaluated = polyner(
        "evaluate", trained.id, "--corpora", tmp_path, "--predictions", tmp_path / "p", *of_run, "--json"
    )
    by_evaluate = json.loads(evaluated.out)["languages"]["eng"]["test"]
    rows = (tmp_path / "p" / "eng.test.conll").read_text(encoding="utf-8").split("\n\n")
    words = [[line.split("\t")[0] for line in block.split("\n") if line] for block in rows if block]

    as_json = polyner("tag", trained.id, file, "-o", "json", *of_run).out.split("\n")[:-1]
    assert [[unicodedata.normalize("NFC", w) for w in json.loads(line)["words"]] for line in as_json] == words
    assert (checked["sentences"], checked["words"]) == (len(words), sum(map(len, words)))

    scored = polyner("score", "-", "--json", stdin=polyner("tag", trained.id, file, *of_run).out)
    by_score = json.loads(scored.out)
    assert by_score["tokens"] == checked["words"]
    assert sum(found["gold"] for found in by_score["by_type"].values()) == checked["entities"]
    assert {name: by_score[name] for name in ("precision", "recall", "f1", "by_type")} == {
        name: by_evaluate[name] for name in ("precision", "recall", "f1", "by_type")
    }
    assert ("conlleval does not know" in scored.err) == (checked["scheme"] == "BIOES")


NUMBERED = "#\thttp://x.org/ [2009-10-17]\n1\tAnna\tB-PER\tO\n2\tvisits\tO\tO\n3\tOxton\tB-LOC\tB-PER\n"


def test_numbers_of_words_are_refused_until_the_columns_are_named(polyner, trained, tmp_path):
    write_corpus(tmp_path, small_corpus())
    file = tmp_path / "eng" / "test.conll"
    of_run = ["--runs", trained.store, "--device", "cpu"]
    commands = (
        ["corpora", "validate", tmp_path],
        ["corpora", "show", "--corpora", tmp_path],
        ["train", "--profile", "smoke", "-l", "eng", "--corpora", tmp_path, "--device", "cpu"],
        ["evaluate", trained.id, "--corpora", tmp_path, *of_run],
        ["tag", trained.id, file, *of_run],
    )
    file.write_text(NUMBERED)
    for command in commands:
        answer = polyner(*command)
        assert (answer.code, answer.err.count("\n")) == (2, 1)
        assert answer.err.startswith(f"error: {file}: the first column counts (1, 2, 3) in every sentence")
        assert "'# global.columns = ID FORM _ NER'" in answer.err
    many = polyner(*commands[-1][:2], "-", "--format", "conll", *of_run, stdin="1 Anna\n2 x\n\n" * 200)
    assert (many.code, many.out.count("\n") < 200) == (2, True)
    file.write_text(f"# global.columns = ID FORM NER NESTED\n{NUMBERED}")
    for command in commands:
        assert polyner(*command).code == 0
    tagged = polyner(*commands[-1]).out
    assert tagged.startswith("# global.columns = ID FORM NER NESTED PREDICTED\n1\tAnna\tB-PER\tO\t")
    by_evaluate = json.loads(polyner(*commands[-2], "--json").out)["languages"]["eng"]["test"]["f1"]
    assert json.loads(polyner("score", "-", "--json", stdin=tagged).out)["f1"] == by_evaluate > 0


@pytest.mark.parametrize("content", [b"A O O\nx\n", b"A O M-PER\n", b"A O O\n\0 O O\n", b"\xe9 O O\n", b"\xff\xfeA\0"])
def test_what_one_command_refuses_every_command_refuses_in_the_same_words(polyner, tmp_path, content):
    file = tmp_path / "a.conll"
    file.write_bytes(content)
    validated, scored = polyner("corpora", "validate", file), polyner("score", file)
    assert (validated.code, validated.err) == (scored.code, scored.err)
    assert validated.err.startswith(f"error: {file}")
