"""The `.ipynb` beside each page is its source, cell for cell, and nothing else."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import jupytext
import jupytext.cli
import nbformat
import pytest
from papermill import inspect_notebook

from polyner.book.notebooks import Source, find_book, read_notebook, select_pages, sources, sync_pairs
from polyner.errors import SettingsError
from polyner.study.settings import Settings


def test_pages_come_in_the_order_of_the_contents(tiny):
    tiny.write("00-first", "1")
    (tiny.folder / "99-draft.py").write_text("# %%\n1\n")
    assert [page.name for page in sources(tiny.folder)] == ["00-first", "01-word"]
    assert [page.name for page in select_pages(tiny.folder, ["book/01-word.py"])] == ["01-word"]


@pytest.mark.parametrize(
    ("given", "page"),
    [
        ("deep/word", "deep/word"),
        ("book/deep/word.py", "deep/word"),
        ("word", "word"),
        ("book/word.ipynb", "word"),
        ("other", "deep/other"),
    ],
)
def test_pages_in_folders_are_found_by_name_and_by_file(tiny, given, page):
    for name in ("word", "deep/word", "deep/other"):
        tiny.write(name, "1")
    assert [found.name for found in select_pages(tiny.folder, [given])] == [page]


def test_a_name_that_two_folders_have_is_refused(tiny):
    tiny.write("deep/word", "1")
    tiny.write("wide/word", "1")
    with pytest.raises(SettingsError, match="several pages 'word'; its pages are 01-word, deep/word, wide/word"):
        select_pages(tiny.folder, ["word"])


def test_pairs_of_pages_in_folders_stand_beside_them(tiny):
    tiny.write("deep/word", "1")
    assert sync_pairs(tiny.folder) == [tiny.folder / "01-word.ipynb", tiny.folder / "deep" / "word.ipynb"]


def test_pair_is_written_without_outputs_and_then_left_alone(tiny):
    pair = tiny.folder / "01-word.ipynb"
    assert sync_pairs(tiny.folder, check=True) == [pair]
    assert not pair.exists()
    assert sync_pairs(tiny.folder) == [pair]
    assert sync_pairs(tiny.folder) == sync_pairs(tiny.folder, check=True) == []
    notebook = nbformat.read(pair, as_version=4)
    nbformat.validate(notebook)
    assert [cell.cell_type for cell in notebook.cells] == ["markdown", "code", "code"]
    assert notebook.cells[1].metadata["tags"] == ["parameters"]
    assert notebook.metadata["kernelspec"]["name"] == "python3"
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in notebook.cells)


def test_check_notices_an_edited_notebook_and_an_edited_source(tiny):
    (pair,) = sync_pairs(tiny.folder)
    pair.write_text(pair.read_text().replace("print(word)", "print(words)"))
    assert sync_pairs(tiny.folder, check=True) == [pair]
    sync_pairs(tiny.folder)
    tiny.write("01-word", "print(word)", "print(word)")
    assert sync_pairs(tiny.folder, check=True) == [pair]


def test_unchanged_cells_keep_their_ids(tiny):
    def ids() -> list[str]:
        (pair,) = sync_pairs(tiny.folder)
        return [cell.id for cell in nbformat.read(pair, as_version=4).cells]

    before = ids()
    tiny.write("01-word", "new = 1", "print(word)", "print(word)")
    after = ids()
    assert after[:2] == before[:2]
    assert after[3] == before[2]
    assert len(set(after)) == len(after) == 5


def test_notebooks_of_this_book_are_in_step_with_their_sources():
    assert sync_pairs(find_book(), check=True) == [], "write them anew with polyner.book.notebooks.sync_pairs"


def test_pages_take_the_settings():
    """A page of the study takes all of them. One about an architecture, in a folder, takes those that it uses."""
    wanted = {field.name for field in dataclasses.fields(Settings)}
    for page in sources(find_book()):
        parameters = inspect_notebook(page.pair)
        if "/" in page.name:
            assert {"profile", "corpora", "languages", "types"} <= set(parameters) <= wanted, page.name
        else:
            assert wanted <= set(parameters), page.name
        given = {name: entry["default"] for name, entry in parameters.items() if entry["default"] != "None"}
        assert {name: given.get(name) for name in given.keys() & wanted} == {"profile": '"quick"'}, page.name


def test_folder_without_a_book_is_refused(tmp_path):
    with pytest.raises(SettingsError, match=r"no book \(a folder with _toc.yml\) in"):
        find_book(tmp_path)


@pytest.mark.parametrize("name", [page.name for page in sources(find_book())])
def test_jupyter_and_jupytext_keep_each_page_and_its_notebook_together(tmp_path, name):
    (page,) = select_pages(find_book(), [name])
    copied = Source(name, Path(shutil.copy(page.path, tmp_path)))
    shutil.copy(page.pair, tmp_path)
    assert jupytext.cli.jupytext(["--sync", "--quiet", str(copied.path)]) == 0
    assert copied.pair.read_bytes() == page.pair.read_bytes()
    assert read_notebook(copied) == read_notebook(page)
    manager = jupytext.TextFileContentsManager()
    manager.root_dir = str(tmp_path)
    for opened in (copied.pair, copied.path):
        model = manager.get(opened.name)
        model["content"].cells[-1].source += f"\n# from {opened.name}"
        manager.save({"type": "notebook", "format": "json", "content": model["content"]}, opened.name)
        for file in (copied.pair, copied.path):
            notebook = jupytext.read(file)
            assert notebook.cells[-1].source.endswith(f"\n# from {opened.name}")
            assert notebook.metadata["jupytext"]["formats"] == "ipynb,py:percent"
