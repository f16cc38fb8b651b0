"""The whole way from corpora to pages, for languages outside Table 2 in groups of one's own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from polyner.book.execute import latest_executed
from polyner.corpora.folder import write_corpus
from tests.conftest import small_corpus

GROUPS = "romance: [fra, ita, por, ron], new: {novel_of: romance, languages: [cat]}"
LANGUAGES = ("fra", "ita", "por", "ron", "cat")
BOOK = Path(__file__).parents[2] / "book"


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """The options of every command: corpora, profile and run store."""
    corpora = tmp_path_factory.mktemp("corpora")
    for number, code in enumerate((*LANGUAGES, "heb")):
        write_corpus(corpora, small_corpus(code, train=18 + number))
    return ["--corpora", corpora, "--profile", "smoke", "--runs", tmp_path_factory.mktemp("runs")]


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A book without recorded results, which take their time."""
    folder = tmp_path_factory.mktemp("repository") / "book"
    shutil.copytree(BOOK, folder, ignore=shutil.ignore_patterns("results", "_build"))
    return folder


@pytest.fixture(autouse=True)
def _book(book, monkeypatch):
    monkeypatch.setenv("POLYNER_BOOK", str(book))


def test_one_run_of_a_language_needs_no_group(polyner, given):
    answer = polyner("train", "--language", "French", *given, "--json")
    assert (answer.code, json.loads(answer.out)["languages"]) == (0, ["fra"])
    told = polyner("train", "--language", "frensh", *given)
    assert (told.code, "did you mean 'fra' (French)?" in told.err) == (2, True)


def test_without_groups_nothing_is_planned_and_that_is_said(polyner, given):
    corpora, runs = given[1], given[5]
    answer = polyner("sweep", "--corpora", corpora, "--runs", runs, "--profile", "paper", "--dry-run")
    assert answer.code == 0
    assert "note: fra is there and not used: in no group" in answer.err


def test_a_run_is_fine_tuned_from_the_group_given(polyner, given):
    command = ["train", "--regime", "fine-tuned", "--language", "cat", *given, "--json"]
    assert "cat is in no group" in polyner(*command).err
    answer = polyner(*command, "--groups", GROUPS)
    assert json.loads(answer.out)["parent"].startswith("byte-crf-polyglot-fra+ita+por+ron-s1-")
    together = polyner("train", "--regime", "polyglot", "--group", "romance", *given, "--groups", GROUPS, "--json")
    assert json.loads(together.out)["found"]
    assert (
        "unknown group 'romanse': did you mean 'romance'?"
        in polyner(*("train", "--regime", "polyglot", "--group", "romanse", *given, "--groups", GROUPS)).err
    )


def test_sweep_record_and_claims(polyner, given, tmp_path):
    pages = ["--page", "02-baselines", "--page", "04-novel-languages"]
    answer = polyner("sweep", *given, "--groups", GROUPS, *pages, "--regimes", "monolingual,polyglot,fine_tuned")
    assert answer.code == 0
    assert "note: heb is there and not used: in no group" in answer.err
    again = json.loads(polyner("sweep", *given, "--groups", GROUPS, *pages, "--dry-run", "--json").out)
    assert {row["state"] for row in again} == {"done"}
    assert {row["languages"] for row in again} == {*LANGUAGES, "fra+ita+por+ron"}
    out = ["--out", tmp_path, "--name", "romance", "--section", "4.2"]
    recorded = polyner("record", *given, "--groups", GROUPS, *out, "--json")
    assert json.loads(recorded.out)["problems"] == {}
    judged = polyner("claims", "--recorded", tmp_path / "romance", "--json")
    assert judged.code == 0
    assert "romance" in judged.out


def test_pages_show_any_groups(polyner, given, book):
    corpora, runs = given[1], given[5]
    pages = ["02-baselines", "03-fine-tuning"]
    command = ["book", *pages, "--profile", "smoke", "--corpora", corpora, "--no-site", "--jobs", "1"]
    answer = polyner(*command, "-p", "groups", f"{{{GROUPS}}}", "-p", "runs", runs)
    assert answer.code == 0, answer.err
    executed = json.loads(latest_executed(book, "02-baselines").read_text(encoding="utf-8"))
    text = json.dumps(executed["cells"], ensure_ascii=False)
    assert "Hebrew is there and not used: in no group" in text
    for name in ("French", "Italian", "Portuguese", "Romanian", "romance"):
        assert name in text
