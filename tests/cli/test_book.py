"""`polyner book`: from arguments to `build_book`, and from its result to an exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from polyner.book import BookResult
from polyner.book.execute import PageResult
from polyner.cli.book import join_parameters
from tests.book.conftest import make_book


@pytest.fixture
def built(monkeypatch):
    """What `build_book` was called with; it answers with `built["answer"]`."""
    calls = {"answer": BookResult([], Path("index.html"))}

    def build_book(*arguments, **options):
        options.pop("console")
        calls.update(arguments=arguments, options=options)
        return calls["answer"]

    monkeypatch.setattr("polyner.book.build_book", build_book)
    return calls


def test_arguments_are_passed_on(polyner, built):
    arguments = ["book", "01-data", "02-baselines", "--profile", "smoke", "--corpora", "sample", "--strict", "--force"]
    arguments += ["-p", "seeds", "[1, 2]", "-p", "device", "cpu", "--parameter", "types", "{LOCORG: LOC, DATE: null}"]
    arguments += ["--jobs", "3"]
    assert polyner(*arguments).code == 0
    overrides = {"seeds": [1, 2], "device": "cpu", "types": {"LOCORG": "LOC", "DATE": None}}
    assert built["arguments"] == ("smoke", "sample", ["01-data", "02-baselines"], overrides)
    assert built["options"] == {"strict": True, "execute": True, "force": True, "site": True, "jobs": 3}


def test_without_arguments_the_profile_decides(polyner, built):
    assert polyner("book", "--no-execute").code == 0
    assert built["arguments"] == ("quick", None, None, {})
    assert built["options"]["execute"] is False
    assert 1 <= built["options"]["jobs"] <= 4


@pytest.mark.parametrize(
    "answer",
    [
        BookResult([PageResult("01-data", "failed", Path("x.ipynb"), error="boom")], Path("index.html")),
        BookResult([], None, "no room"),
    ],
)
def test_a_page_that_failed_or_a_site_not_built_is_exit_code_1(polyner, built, answer):
    built["answer"] = answer
    assert polyner("book").code == 1
    told = polyner("book", "--json")
    assert told.code == 1
    assert json.loads(told.out)["ok"] is False


def test_parameters_are_names_and_values():
    assert join_parameters(["-p", "a", "1", "--strict", "-p", "b=2", "x"]) == [
        "-p",
        "a=1",
        "--strict",
        "-p",
        "b=2",
        "x",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-p", "seeds"], "-p takes a name and a value, not only 'seeds'"),
        (["-p", "seeds", "[1"], "'[1' is not YAML"),
        (["-p", "seeds", "1", "-p", "seeds", "2"], "-p gives 'seeds' twice"),
    ],
)
def test_mistakes_in_parameters(polyner, arguments, message):
    answer = polyner("book", *arguments)
    assert answer.code == 2
    assert answer.err.startswith(f"error: {message}")


def test_a_book_is_executed_and_a_failing_page_named(polyner, tmp_path, monkeypatch):
    tiny = make_book(tmp_path)
    (tiny.folder / "profiles").mkdir()
    (tiny.folder / "profiles" / "quick.yml").write_text("{}")
    tiny.write("02-broken", "raise ValueError('[bold]no[/bold] luck')")
    monkeypatch.setenv("POLYNER_BOOK", str(tiny.folder))
    answer = polyner("book", "--no-site", "-p", "word", "bye")
    assert answer.code == 1
    assert "01-word: executed" in answer.out
    assert "ValueError: [bold]no[/bold] luck" in answer.out
    assert "02-broken-failed.ipynb" in answer.out
    assert polyner("book", "09-none", "--no-site").err == (
        "error: the book has no page '09-none'; its pages are 01-word, 02-broken\n"
    )
    tiny.write("02-broken", "from polyner.corpora.conll import read_conll\nread_conll('none.conll')")
    answer = polyner("book", "--no-site", "-p", "word", "bye")
    assert answer.code == 2
    assert "02-broken: failed: CorpusError: none.conll: No such file or directory\n" in answer.out
    assert "Traceback" not in answer.out
