"""A page is executed again exactly when its source, its parameters, the package or the corpora changed."""

from __future__ import annotations

import os
import shutil

import nbformat
import papermill
import pytest

from polyner.book.staleness import digest_corpora, digest_package, digest_values
from polyner.corpora.folder import FACTS
from polyner.errors import CorpusError


@pytest.fixture
def no_kernel(monkeypatch):
    """Pages "run" without a kernel: only when they do is looked at."""
    monkeypatch.setattr(papermill, "execute_notebook", lambda page, output, **options: nbformat.write(page, output))


def test_package_digest_covers_code_and_data_but_not_what_python_leaves_behind(tiny):
    before = digest_package(tiny.package)
    (tiny.package / "__pycache__").mkdir()
    (tiny.package / "__pycache__" / "code.cpython-311.pyc").write_bytes(b"x")
    (tiny.package / ".code.py.swp").write_bytes(b"x")
    os.utime(tiny.package / "code.py", (0, 0))
    assert digest_package(tiny.package) == before
    (tiny.package / "data.csv").write_text("1")
    with_data = digest_package(tiny.package)
    assert with_data != before
    (tiny.package / "data.csv").rename(tiny.package / "renamed.csv")
    assert digest_package(tiny.package) not in (before, with_data)


def test_corpora_digest_covers_languages_and_what_is_known_of_them_wherever_the_folder_is(tiny, tmp_path):
    before = digest_corpora(str(tiny.corpora))
    (tiny.corpora / "README.md").write_text("no corpus")
    assert digest_corpora(str(tiny.corpora)) == before
    (tiny.corpora / "nld" / "dev.conll").write_text("Gent B-LOC\n")
    other = digest_corpora(str(tiny.corpora))
    assert other != before
    shutil.move(tiny.corpora, tmp_path / "elsewhere")
    assert digest_corpora(str(tmp_path / "elsewhere")) == other
    (tmp_path / "elsewhere" / FACTS).write_text("deu: {}")
    assert digest_corpora(str(tmp_path / "elsewhere")) != other


def test_missing_corpora_are_named():
    with pytest.raises(CorpusError, match="nowhere/at/all: no such folder"):
        digest_corpora("nowhere/at/all")


def test_parameters_are_compared_by_value():
    assert digest_values({"a": 1, "b": (1, 2)}) == digest_values({"b": (1, 2), "a": 1})
    assert digest_values({"a": 1}) != digest_values({"a": 2})


def test_page_runs_again_exactly_when_an_input_changed(tiny, no_kernel):
    def status(**options: object) -> tuple[str, tuple[str, ...]]:
        (result,) = tiny.execute(**options)
        assert result.notebook.is_file()
        return result.status, result.changed

    german = {"corpora": str(tiny.corpora)}
    assert status(**german) == ("executed", ())
    assert status(**german) == ("fresh", ())
    tiny.write("01-word", "print(word, word)")
    assert status(**german) == ("executed", ("source",))
    (tiny.package / "code.py").write_text("ANSWER = 2\n")
    assert status(**german) == ("executed", ("package",))
    (tiny.corpora / "deu" / "train.conll").write_text("Ulm B-LOC\n")
    assert status(**german) == ("executed", ("corpora",))
    assert status(**german, overrides={"seeds": [2]}) == ("executed", ("parameters",))
    assert status(**german) == ("fresh", ())
    assert status(**german, force=True)[0] == "executed"


def test_a_parameter_that_a_page_does_not_take_leaves_it_fresh(tiny, no_kernel):
    tiny.write("02-more", "1")
    more = tiny.folder / "02-more.py"
    more.write_text(more.read_text().replace("seeds: list = None  # random seeds\n", ""))
    tiny.execute()
    changed = {result.page: (result.status, result.changed) for result in tiny.execute(overrides={"seeds": [2]})}
    assert changed == {"01-word": ("executed", ("parameters",)), "02-more": ("fresh", ())}


def test_profile_counts_by_what_it_says(tiny, tmp_path, no_kernel):
    profile = tmp_path / "mine.yml"
    profile.write_text("seeds: [1]\n")
    assert tiny.execute(str(profile))[0].status == "executed"
    profile.write_text("# the same in other words\nseeds:\n  - 1\n")
    assert tiny.execute(str(profile))[0].status == "fresh"
    profile.write_text("seeds: [1, 2]\n")
    assert tiny.execute(str(profile))[0].changed == ("parameters",)


def test_newly_recorded_results_make_pages_stale(tiny):
    tiny.execute()
    assert [result.status for result in tiny.execute()] == ["fresh"]
    record = tiny.folder / "results" / "open-laptop" / "about.json"
    record.parent.mkdir(parents=True)
    record.write_text("{}")
    assert [(result.status, result.changed) for result in tiny.execute()] == [("executed", ("recorded",))]
    assert [result.status for result in tiny.execute()] == ["fresh"]
