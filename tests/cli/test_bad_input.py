"""Bad corpora, parameters and checkpoints: each a counted repair, or one line that says what is wrong."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from polyner.corpora.folder import write_corpus
from polyner.corpora.sentence import Corpus
from tests.conftest import sentence, small_corpus

PROGRAM = [sys.executable, "-c", "import sys; from polyner.cli import main; sys.exit(main())"]
ROOT = Path(__file__).parents[2]
TRAIN = ["train", "--profile", "smoke", "--language", "eng", "--max-epochs", "1", "--device", "cpu"]
GOOD = "Anna\tB-PER\nvisits\tO\n\n"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}

REFUSED = {
    "empty": (b"", "the file holds no sentence"),
    "blank lines": (b"\n \n\t\n", "the file holds no sentence"),
    "one column": (b"Anna\nB-PER\n", ":1: one column where two or more were expected"),
    "ragged columns": (GOOD.encode() + b"a b O\n", ":4: 3 columns where the lines before have 2"),
    "tabs and blanks mixed up": (b"Anna NNP\tB-PER\nBob NNP B-PER\n", ":2: 3 columns where the lines before have 2"),
    "invalid UTF-8": (b"Ren\xe9\tB-PER\n", ":1: not UTF-8 (byte 0xe9)"),
    "UTF-16": (GOOD.encode("utf-16"), ": UTF-16, not UTF-8"),
    "UTF-16 without a mark": (GOOD.encode("utf-16-le"), ":1: a NUL byte"),
    "NUL": (b"An\0na\tB-PER\n", ":1: a NUL byte"),
    "a mark alone": ("a\tO\n\ufeff\tO\n".encode(), ":2: the word is empty"),
    "B-": (b"Anna\tB-\n", ":1: 'B-' is no tag"),
    "b-per": (b"Anna\tb-per\n", ":1: 'b-per' is no tag"),
    "PER": (b"Anna\tPER\n", ":1: 'PER' is no tag"),
    "X-PER": (b"Anna\tX-PER\n", ":1: 'X-PER' is no tag"),
    "a line of escapes": (b"\x1b[2J\x07\n", ":1: one column where two or more were expected"),
}
ACCEPTED = {
    "a mark in the middle": (GOOD + "\ufeffBob\tB-PER\n", "cleaned"),
    "control characters": (GOOD + "B\x07o\x1bb\tB-PER\n", "cleaned"),
    "bidi characters": (GOOD + "\u202eBob\u2066\tB-PER\n", "turned"),
    "a lone combining mark": (GOOD + "\u0301\tB-PER\n", "lone_marks"),
    "an orphan": (GOOD + "a\tB-LOC\nBob\tI-PER\n", "repairs"),
    "a word of 10 kB": (GOOD + "B" * 10_000 + "\tB-PER\n", None),
    "tabs and blanks": (GOOD + "Bob B-PER\n", None),
}


def corpora_with(root: Path, split: str, content: bytes) -> Path:
    write_corpus(root, small_corpus())
    (root / "eng" / f"{split}.conll").write_bytes(content)
    return root


@pytest.mark.parametrize("name", REFUSED)
def test_malformed_files_are_refused_by_every_command_that_reads_them(polyner, tmp_path, name):
    content, message = REFUSED[name]
    root = corpora_with(tmp_path / "corpora", "dev", content)
    file = root / "eng" / "dev.conll"
    for command in (
        ["corpora", "validate", root],
        ["corpora", "show", "--corpora", root],
        [*TRAIN, "--corpora", root],
    ):
        answer = polyner(*command)
        assert answer.code == 2
        assert answer.err.startswith(f"error: {file}"), answer.err
        assert message in answer.err
        assert answer.err.count("\n") == 1
        assert "\x1b" not in answer.err


@pytest.mark.parametrize("name", ACCEPTED)
def test_odd_files_are_mended_counted_and_trained_on(polyner, tmp_path, name):
    content, counted = ACCEPTED[name]
    root = corpora_with(tmp_path / "corpora", "train", content.encode())
    report = json.loads(polyner("corpora", "validate", root / "eng" / "train.conll", "--json").out)["files"][0]
    counts = {key: report[key] for key in ("cleaned", "lone_marks", "turned", "repairs")}
    assert counts == {**dict.fromkeys(counts, 0), **({counted: 1} if counted else {})}
    assert report["entities"] >= 2
    answer = polyner(*TRAIN, "--corpora", root, "--json")
    assert answer.code == 0, answer.err
    assert 0 <= json.loads(answer.out)["test_f1"] <= 100


def corpus(train, dev, test, language="eng"):
    return Corpus(language, tuple(map(sentence, train)), tuple(map(sentence, dev)), tuple(map(sentence, test)))


@pytest.mark.parametrize(
    ("made", "f1"),
    [
        (corpus(["Anna/B-PER sees Bonn/B-LOC"] * 5, ["Anna/B-PER"], ["Anna/B-PER"]), None),
        (corpus(["Anna/B-PER sees"] * 8, ["Anna/B-PER"], ["Bonn/B-LOC", "Paris/B-MISC town/I-MISC"]), 0.0),
        (corpus(["no name here"] * 8, ["none"], ["none at all"]), 0.0),
    ],
    ids=["five sentences", "labels never seen in training", "no entity at all"],
)
@pytest.mark.parametrize("model", ["byte-crf", "charner", "byte-to-span"])
def test_poor_corpora_have_defined_scores(polyner, tmp_path, made, f1, model):
    write_corpus(tmp_path / "corpora", made)
    answer = polyner(*TRAIN, "--model", model, "--corpora", tmp_path / "corpora", "--json")
    assert answer.code == 0, answer.err
    scored = json.loads(answer.out)["test_f1"]
    assert 0 <= scored <= 100
    assert f1 is None or scored == f1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--language", "xyz"], "unknown language 'xyz'"),
        (["--language", "eng,eng"], "language 'eng' is named twice"),
        (["--seed", "-1"], "seeds: [-1] was given; it should be greater than or equal to 0"),
        (["--seed", "1.5"], "Invalid value for '--seed'"),
        (["--profile", "{tmp}/profile.yml"], "unknown parameter 'sedes': did you mean 'seeds'?"),
        (["--profile", "../../etc/passwd"], "unknown profile '../../etc/passwd'"),
        (["--model", "../model"], "unknown model '../model'"),
        (["--set", "training.batch_size=-3"], "batch_size"),
        (["--set", "training.batch_size=2024-13-45"], "'2024-13-45' is not YAML: month must be in 1..12"),
        (["--set", "architecture.embedding_size=!!python/object:os.system"], "is not YAML"),
        (["--corpora", "{tmp}/nowhere"], "no such folder"),
        (["--corpora", "{tmp}/half"], "half/eng: dev.conll and test.conll missing"),
    ],
)
def test_impossible_parameters_are_refused(polyner, tmp_path, arguments, message):
    (tmp_path / "profile.yml").write_text("sedes: [1]\n")
    (tmp_path / "half" / "eng").mkdir(parents=True)
    (tmp_path / "half" / "eng" / "train.conll").write_text(GOOD)
    arguments = [argument.replace("{tmp}", str(tmp_path)) for argument in arguments]
    command = [item for item in TRAIN if item not in ("--language", "eng")] if "--language" in arguments else TRAIN
    answer = polyner(*command, *arguments)
    assert answer.code == 2
    assert message in answer.err
    assert answer.err.count("\n") == 1


def damaged(folder: Path, how: str) -> None:
    weights = folder / "model.safetensors"
    data = bytearray(weights.read_bytes())
    if how == "truncated":
        data = data[: len(data) // 2]
    elif how == "a flipped bit":
        data[-3] ^= 4
    elif how == "no safetensors":
        data = bytearray(b"PK\x03\x04" + bytes(60))
    elif how == "a header that lies":
        data[:8] = (1 << 60).to_bytes(8, "little")
    weights.write_bytes(data)


@pytest.mark.parametrize("how", ["truncated", "a flipped bit", "no safetensors", "a header that lies"])
@pytest.mark.parametrize("with_checksums", [True, False])
def test_damaged_checkpoints_are_refused(polyner, trained, tmp_path, how, with_checksums):
    folder = shutil.copytree(trained.store / trained.id, tmp_path / "run")
    damaged(folder, how)
    if not with_checksums:
        (folder / "checksums.json").unlink()
        if how == "a flipped bit":
            pytest.skip("a flipped bit of a tagger that nobody has checksums of cannot be seen")
    answer = polyner("tag", folder, stdin="Anna lives\n")
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert answer.err.startswith(f"error: {folder}")
    if with_checksums:
        assert "damaged" in answer.err


def test_a_checkpoint_of_another_architecture_is_refused(polyner, trained, tmp_path):
    folder = shutil.copytree(trained.store / trained.id, tmp_path / "run")
    (folder / "checksums.json").unlink()
    config = json.loads((folder / "config.json").read_text())
    for change in (
        {"model": "charner", "config": {}},
        {"model": "byte-to-span", "config": {}},
        {"config": {**config["config"], "embedding_size": 7}},
        {"config": {**config["config"], "unit_layers": "many"}},
        {"config": {**config["config"], "sentence_hidden_size": 50_000}},  # would take 40 GB
        {"config": {**config["config"], "unit_layers": 10**9}},
        {"config": []},
        {"tags": ["O"]},
        {"tags": None},
        {"model": "../../model"},
    ):
        (folder / "config.json").write_text(json.dumps({**config, **change}))
        answer = polyner("tag", folder, stdin="Anna lives\n")
        assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1), (change, answer.err)


def test_damaged_predictions_and_scores_are_not_believed(polyner, trained, tmp_path):
    store = shutil.copytree(trained.store, tmp_path / "runs")
    metrics = store / trained.id / "metrics.json"
    metrics.write_text(metrics.read_text().replace("1", "2"))
    answer = polyner("runs", "show", trained.id, "--runs", store)
    assert answer.code == 2
    assert answer.err.endswith("metrics.json is damaged: remove the run, and it is trained again\n")
    (store / trained.id / "checksums.json").write_text("{")
    answer = polyner("tag", trained.id, "--runs", store, stdin="Anna lives\n")
    assert (answer.code, answer.err) == (2, f"error: {store / trained.id}/checksums.json: damaged\n")


LONG = """
import resource, sys
import torch
from polyner.models import model_class
from polyner.corpora.sentence import Sentence
torch.set_num_threads(1)
cls = model_class(sys.argv[1])
sizes = {"byte-crf": ["unit_hidden_size", "sentence_hidden_size"], "charner": ["hidden_size"],
         "byte-to-span": ["hidden_size", "embedding_size"]}[sys.argv[1]]
config = dict.fromkeys(sizes, 8) | ({} if sys.argv[1] == "byte-crf" else {"layers": 1})
torch.manual_seed(1)
tagger = cls.build(cls.configure(config), {"eng": [Sentence(("Anna", "x"), ("B-PER", "O"))]})
words = [f"w{i * 7919 % 100003}" for i in range(int(sys.argv[2]))]
tagger.tag([words[:3000]])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
tags = tagger.tag([words])[0]
print(len(tags), (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.parametrize("model", ["byte-crf", "charner", "byte-to-span"])
def test_a_sentence_of_100_000_words_is_tagged_in_the_memory_of_one_of_3_000(model):
    done = subprocess.run(
        [sys.executable, "-c", LONG, model, "100000"], capture_output=True, text=True, env=ENVIRONMENT
    )
    assert done.returncode == 0, done.stderr
    words, more = map(int, done.stdout.split())
    assert words == 100_000
    assert more < 100, f"{more} MB more than for 3,000 words"


@pytest.mark.parametrize(("split", "code"), [("train", 2), ("dev", 2), ("test", 0)])
def test_a_sentence_of_100_000_words_is_tagged_but_not_learnt_from(polyner, tmp_path, split, code):
    long = "".join(f"w{i}\tO\n" for i in range(100_000))
    root = corpora_with(tmp_path / "corpora", split, f"{GOOD}{long}\n".encode())
    answer = polyner(*TRAIN, "--corpora", root, "--json")
    assert answer.code == code, answer.err
    if code:
        assert answer.err == (
            f"error: {root}/eng/{split}.conll, sentence 2: 100,000 words, 688,889 bytes from 'w0': "
            "no more than 16,384 bytes can be learnt from; cut it into sentences\n"
        )
    told = polyner("corpora", "validate", root).err
    assert ("no more than 16,384 bytes can be learnt from" in told) == (code == 2)


@pytest.mark.parametrize(("given", "message"), [(b"Ren\xe9\n", "not UTF-8 (byte 0xe9)"), (b"x\na\0b\n", "a NUL byte")])
def test_text_to_tag_that_is_none_is_refused(polyner, trained, given, message):
    answer = polyner("tag", trained.store / trained.id, stdin=given)
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert message in answer.err
