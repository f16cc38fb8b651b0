"""Where the repository is: launch buttons with it and none without it, and the first cell of notebooks for Colab."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
import yaml
from packaging.requirements import Requirement
from rich.console import Console

from polyner.book import build_book
from polyner.book.notebooks import setup_cell, sync_pairs

from ..test_environment import PROJECT
from .conftest import say_where

ROOT = Path(__file__).resolve().parents[2]
URL = "https://github.com/someone/polyner"


def test_with_an_address_buttons_open_the_page_from_the_repositorys_files(tiny):
    say_where(tiny.folder, URL)
    tiny.execute()
    result = build_book(
        tiny.profile, "sample", book=tiny.folder, strict=True, execute=False, console=Console(file=io.StringIO())
    )
    assert result.problem == ""
    html = (tiny.folder / "_build" / "html" / "01-word.html").read_text(encoding="utf-8")
    assert 'href="https://mybinder.org/v2/gh/someone/polyner/main?urlpath=lab/tree/book/01-word.ipynb"' in html
    assert 'href="https://colab.research.google.com/github/someone/polyner/blob/main/book/01-word.ipynb"' in html
    assert f'href="{URL}"' in html


def test_notebooks_begin_with_their_set_up_where_there_is_an_address(tiny):
    say_where(tiny.folder, URL)
    (pair,) = sync_pairs(tiny.folder)
    notebook = nbformat.read(pair, as_version=4)
    nbformat.validate(notebook)
    assert notebook.cells[0].metadata["tags"] == ["set-up"]
    assert URL in notebook.cells[0].source
    source = pair.with_suffix(".py")
    jupytext.write(notebook, source, fmt="py:percent")  # as Jupyter does when the notebook is saved
    assert "git" in source.read_text()
    assert sync_pairs(tiny.folder, check=True) == []
    say_where(tiny.folder, "")
    assert sync_pairs(tiny.folder) == [pair]
    assert nbformat.read(pair, as_version=4).cells[0].cell_type == "markdown"


def test_the_set_up_does_nothing_where_the_package_is(tiny, tmp_path_factory):
    say_where(tiny.folder, URL)
    code, tmp_path = setup_cell(tiny.folder).source, tmp_path_factory.mktemp("empty")
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, env={"PYTHONPATH": str(ROOT), "PATH": ""})
    assert list(tmp_path.iterdir()) == []


def test_the_set_up_fetches_the_package_where_it_is_not(tiny, tmp_path):
    """From a repository on this machine; pip, which would ask a server for PyTorch, is only heard."""
    origin = tmp_path / "origin"
    (origin / "polyner").mkdir(parents=True)
    (origin / "polyner" / "__init__.py").write_text("here = True\n")
    for command in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "all"]):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *command], cwd=origin, check=True)
    say_where(tiny.folder, origin.as_uri())
    work = tmp_path / "work"
    work.mkdir()
    code = f"""
import importlib.util, subprocess
find, run = importlib.util.find_spec, subprocess.run
asked = []
importlib.util.find_spec = lambda name: None
subprocess.run = lambda command, **options: asked.append(command) or (
    run(command, **options) if command[0] == "git" else None)
{setup_cell(tiny.folder).source}
import polyner
assert polyner.here
assert asked[1][1:4] == ["-m", "pip", "install"], asked
"""
    subprocess.run([sys.executable, "-c", code], cwd=work, check=True)


def test_the_set_up_asks_for_what_pages_need(tiny):
    say_where(tiny.folder, URL + "/")
    (line,) = (line for line in PROJECT["optional-dependencies"]["book"] if line.startswith("altair"))
    code = setup_cell(tiny.folder).source
    assert f"'{Requirement(line)}'" in code
    assert f"{URL}/" not in code


def test_the_citation_names_this_repository():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    assert citation.get("repository-code", "") == config["repository"]["url"]
    assert citation["version"] == PROJECT["version"]
    assert citation["preferred-citation"]["title"] in (ROOT / "README.md").read_text(encoding="utf-8")
    bibliography = (ROOT / "book" / "bibliography.md").read_text(encoding="utf-8")
    assert f'version = "{PROJECT["version"]}"' in bibliography
    assert citation["title"] in bibliography
    assert config["repository"]["url"] in bibliography
