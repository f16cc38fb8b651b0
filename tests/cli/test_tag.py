"""`polyner tag`: columns or text in, columns or JSON out, as they come."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyner.cli.words import split_words
from polyner.corpora.spans import spans_of
from polyner.models import load_tagger
from polyner.runs import RunStore
from tests.cli.test_main import PROGRAM
from tests.conftest import built, small_corpus


@pytest.fixture
def tag(polyner, trained):
    """Run `polyner tag` with the trained run."""
    return lambda *arguments, stdin="": polyner(
        "tag", trained.id, *arguments, "--runs", trained.store, "--device", "cpu", stdin=stdin
    )


def test_text_becomes_columns(tag, trained):
    answer = tag(stdin="Anna likes  Oxton Town .\n\nBerta\n")
    assert (answer.code, answer.err) == (0, "")
    words = [["Anna", "likes", "Oxton", "Town", "."], ["Berta"]]
    tags = load_tagger(RunStore(trained.store).find(trained.id).folder).tag(words)
    assert tags[0][0] == "B-PER"
    expected = ["".join(f"{w}\t{t}\n" for w, t in zip(*pair, strict=True)) for pair in zip(words, tags, strict=True)]
    assert answer.out == "\n".join(expected) + "\n"


def test_json_has_a_line_for_every_line_of_text(tag):
    answer = tag("--output", "json", stdin="Anna likes Oxton Town .\n\nGerda waits\n")
    first, empty, last = map(json.loads, answer.out.splitlines())
    assert empty == {"words": [], "tags": [], "entities": []}
    assert last["words"] == ["Gerda", "waits"]
    found = [tuple(entity.values()) for entity in first["entities"]]
    spans = [(s.type, s.start, s.end, " ".join(first["words"][s.start : s.end])) for s in spans_of(first["tags"])]
    assert found == spans
    assert ("PER", 0, 1, "Anna") in found


def test_columns_are_kept_so_that_the_result_can_be_scored(tag, polyner, trained, corpora):
    run = RunStore(trained.store).find(trained.id)
    answer = tag(corpora / "eng" / "test.conll")
    assert answer.out == (run.folder / "predictions" / "eng.test.conll").read_text()
    score = json.loads(polyner("score", "-", "--json", stdin=answer.out).out)
    assert score["f1"] == run.metrics["languages"]["eng"]["test"]["f1"]


def test_a_column_of_words_is_enough(tag):
    text = "\ufeff-DOCSTART-\r\n\r\nAnna\r\n#\r\n\r\n\r\n# text = Oxton\r\nOxton\r\n"
    lines = tag("--format", "conll", stdin=text).out.splitlines()
    assert [line.split("\t")[0] for line in lines] == ["Anna", "#", "", "Oxton", ""]
    assert all(len(line.split("\t")) == 2 for line in lines if line)


def test_words_are_tagged_in_composed_form_and_returned_as_they_came(tag):
    composed, decomposed = (
        tag("-o", "json", stdin=f"{word} likes Oxton Town .\n").out for word in ("Ánna", "A\u0301nna")
    )
    assert json.loads(composed)["tags"] == json.loads(decomposed)["tags"]
    assert json.loads(decomposed)["words"][0] == "A\u0301nna"


@pytest.mark.parametrize(
    ("arguments", "text", "message"),
    [
        (["--format", "conll"], "a O\nb\n", "standard input:2: 1 column where the lines before have 2"),
        (["--format", "conll"], "\tO\n", "standard input:1: the word is empty"),
        ([], b"ok\n\xff\n", "standard input:2: not UTF-8 (byte 0xff)"),
        (["--format", "conll", "--punctuation"], "", "--punctuation is for text"),
        (["/no/such/file"], "", "/no/such/file: No such file or directory"),
    ],
)
def test_what_cannot_be_read_is_an_error_with_its_line(tag, arguments, text, message):
    answer = tag(*arguments, stdin=text)
    assert answer.code == 2
    assert answer.err.startswith(f"error: {message}")
    assert answer.err.count("\n") == 1


def test_the_language_of_a_run_may_be_named(polyner, tmp_path):
    data = {code: small_corpus(code).train for code in ("eng", "spa")}
    built("byte-crf", data, language_transitions=True, sentence_hidden_size=4).save_pretrained(tmp_path)
    named, coded = (polyner("tag", tmp_path, "-l", text, stdin="Anna likes it\n") for text in ("Spanish", "spa"))
    assert (named.code, named.err, named.out) == (0, "", coded.out)


def test_sentences_are_answered_before_the_input_ends(trained):
    command = [*PROGRAM, "tag", trained.id, "--runs", trained.store, "--block", "1", "-o", "json"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        for name in ("Anna", "Berta", "Carla"):
            running.stdin.write(f"{name}\n")
            running.stdin.flush()
            assert json.loads(running.stdout.readline())["words"] == [name]
        running.stdin.close()
        assert running.wait() == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("London.", ["London", "."]),
        ("(Ada,", ["(", "Ada", ","]),
        ("didn't", ["didn't"]),
        ("'quoted'", ["'", "quoted", "'"]),
        ("3,50", ["3,50"]),
        ("co-op", ["co-op"]),
        ("-op", ["-", "op"]),
        ("हिन्दी।", ["हिन्दी", "।"]),
        ("ሰላም።", ["ሰላም", "።"]),
        ("می\u200cخواهم؟", ["می\u200cخواهم", "؟"]),
        ("e\u0301te\u0301!", ["e\u0301te\u0301", "!"]),
        ("€5", ["€", "5"]),
    ],
)
def test_punctuation_is_parted_from_words(text, words):
    assert split_words(text) == words


@given(st.text(st.characters(exclude_categories=["Cs", "Zs", "Zl", "Zp", "Cc"])))
def test_splitting_loses_nothing(text):
    assert "".join(split_words(text)) == text


def test_punctuation_option(tag):
    assert json.loads(tag("--punctuation", "-o", "json", stdin="Anna, 3.5.\n").out)["words"] == [
        "Anna",
        ",",
        "3.5",
        ".",
    ]


@pytest.mark.parametrize("output", ["conll", "json"])
def test_on_a_terminal_words_cannot_command_it(trained, output):
    pty = pytest.importorskip("pty")
    ours, its = pty.openpty()
    command = [*PROGRAM, "tag", trained.id, "--runs", trained.store, "--output", output]
    done = subprocess.run(command, input="\x1b[2Jx \x9b2J \u202ey\n".encode(), stdout=its, stderr=subprocess.PIPE)
    os.close(its)
    shown = os.read(ours, 10_000).decode()
    os.close(ours)
    assert done.returncode == 0, done.stderr
    assert not {"\x1b", "\x9b", "\u202e"} & set(shown)
    assert "u202ey" in shown


@pytest.fixture(scope="module")
def taggers(tmp_path_factory, trained, corpora):
    """A folder of taggers: English monolingual, polyglot with Spanish, and fine-tuned."""
    from polyner.cli import main

    # A store of its own: other tests know what is in the shared one.
    runs = shutil.copytree(trained.store, tmp_path_factory.mktemp("store") / "runs")
    options = ["--profile", "smoke", "--corpora", str(corpora), "--runs", str(runs)]
    for arguments in (["-l", "eng"], ["-l", "spa"], ["-l", "eng", "--regime", "fine-tuned"]):
        assert main(["train", *arguments, *options]) == 0
    folder = tmp_path_factory.mktemp("taggers")
    assert main(["export", *options, "--out", str(folder)]) == 0
    return folder


def test_without_a_run_the_language_chooses_the_tagger(polyner, taggers):
    answer = polyner("tag", "--taggers", taggers, "--language", "English", "-o", "json", stdin="Anna likes Oxton .\n")
    assert (answer.code, answer.err) == (0, "")
    own = json.loads((taggers / "index.json").read_text())["languages"]["eng"]["models"]
    for regime in ("monolingual", "polyglot", "fine-tuned"):
        chosen = polyner("tag", "--taggers", taggers, "-l", "eng", "--regime", regime, "-o", "json", stdin="Anna\n")
        folder = taggers / own[regime.replace("-", "_")]["run"]
        assert json.loads(chosen.out)["tags"] == load_tagger(folder).tag([["Anna"]])[0]


def test_a_language_that_is_not_named_is_guessed_and_told(polyner, taggers, tmp_path):
    (tmp_path / "letter.txt").write_text("Anna likes Oxton Town .\n")
    (tmp_path / "late.txt").write_text("\n" * 30 + "Anna likes Oxton Town .\n")
    for name in ("letter.txt", "late.txt"):
        answer = polyner("tag", tmp_path / name, "--taggers", taggers)
        assert answer.code == 0
        assert answer.err.startswith("note: the text is taken for English (eng)")
        assert answer.out.lstrip("\n").startswith("Anna\t")
    answer = polyner("tag", "--taggers", taggers, stdin="安倍首相\n")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("error: no tagger reads this script: there are taggers of eng")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-l", "deu"], "there is no tagger of 'deu': there are eng"),
        (["-l", "Klingonian"], "Klingonian"),
        (
            ["-l", "eng", "--regime", "best"],
            "unknown regime 'best': one of monolingual, polyglot, fine-tuned, zero-shot",
        ),
        (["run", "file", "--regime", "polyglot"], "--regime and --taggers choose among the taggers of a folder"),
    ],
)
def test_a_choice_that_is_impossible_is_an_error_before_anything_is_read(polyner, taggers, arguments, message):
    answer = polyner("tag", *arguments, "--taggers", taggers, stdin=b"\xff")
    assert answer.code == 2
    assert message in answer.err
    assert answer.err.count("\n") == 1


def test_words_are_parted_from_punctuation_unless_told_otherwise(polyner, taggers):
    for options, words in (([], ["Anna", ",", "Oxton", "."]), (["--no-punctuation"], ["Anna,", "Oxton."])):
        answer = polyner("tag", "--taggers", taggers, "-l", "eng", *options, "-o", "json", stdin="Anna, Oxton.\n")
        assert json.loads(answer.out)["words"] == words


def test_no_text_is_no_language(polyner, taggers):
    answer = polyner("tag", "--taggers", taggers, stdin="\n\n")
    assert (answer.code, answer.out, answer.err) == (0, "", "")


def test_a_file_that_is_not_there_is_no_run(polyner, taggers):
    answer = polyner("tag", "lettre.txt", "--taggers", taggers)
    assert (answer.code, answer.err) == (2, "error: lettre.txt: No such file or directory\n")


def test_marginals_stand_beside_the_tags(tag):
    line = json.loads(tag("--marginals", "-o", "json", stdin="Anna likes Oxton Town .\n").out)
    assert len(line["probabilities"]) == 5
    assert all(0 < share <= 1 for share in line["probabilities"])
    for entity in line["entities"]:
        assert entity["probability"] == min(line["probabilities"][entity["start"] : entity["end"]])
    rows = tag("--marginals", stdin="Anna likes Oxton Town .\n").out.splitlines()
    assert [float(row.split("\t")[2]) for row in rows if row] == line["probabilities"]


def test_text_shows_entities_in_brackets(tag):
    assert tag("-o", "text", stdin="Anna likes it\n\n").out == "[Anna PER] likes it\n\n"
    assert tag("-o", "text", "--marginals", stdin="Anna likes it\n").out.startswith("[Anna PER 0.")


def test_on_a_terminal_entities_are_coloured_and_words_still_cannot_command_it(trained):
    pty = pytest.importorskip("pty")
    ours, its = pty.openpty()
    command = [*PROGRAM, "tag", trained.id, "--runs", trained.store]
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | {"TERM": "xterm"}
    text = b"Anna \x1b[2J\n"
    done = subprocess.run(command, input=text, stdout=its, stderr=subprocess.PIPE, env=environment)
    os.close(its)
    shown = os.read(ours, 10_000).decode()
    os.close(ours)
    assert done.returncode == 0, done.stderr
    assert "\x1b[1;36m[Anna\x1b[22m PER]\x1b[0m" in shown
    assert "\x1b[2J" not in shown
