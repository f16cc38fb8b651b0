"""Executing pages: parameters, failures, and which Python it is that runs them."""

from __future__ import annotations

import io
import sys

import nbformat
import pytest
from rich.console import Console

from polyner.book import build_book
from polyner.book.execute import ConsoleProgress, PageResult, latest_executed
from polyner.errors import SettingsError


def printed(path) -> str:
    cells = nbformat.read(path, as_version=4).cells
    return "".join(output.get("text", "") for cell in cells for output in cell.get("outputs", []))


def test_page_gets_its_parameters_in_a_kernel_of_this_interpreter(tiny, tmp_path, monkeypatch):
    another = tmp_path / "jupyter" / "kernels" / "python3"
    another.mkdir(parents=True)
    (another / "kernel.json").write_text('{"argv": ["/no/such/python"], "display_name": "x", "language": "python"}')
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    tiny.write("01-word", "import os, sys\nprint(corpora, word, seeds, sys.executable, os.environ['OMP_NUM_THREADS'])")
    (result,) = tiny.execute(overrides={"word": "bye", "seeds": None})
    assert printed(result.notebook).split() == ["sample", "bye", "None", sys.executable, "1"]
    assert latest_executed(tiny.folder, "01-word") == result.notebook


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"overrides": {"wrod": 1}}, "unknown parameter 'wrod': 01-word take.* corpora, profile, seeds, word"),
        ({"pages": ["09-none"]}, "no page '09-none'; its pages are 01-word"),
        ({"profile": "none"}, "unknown profile 'none'"),
        ({"overrides": {"seeds": "many"}}, "seeds"),
    ],
)
def test_mistakes_are_found_before_anything_runs(tiny, arguments, message):
    with pytest.raises(SettingsError, match=message):
        tiny.execute(**arguments)
    assert latest_executed(tiny.folder, "01-word") is None


def test_pages_in_folders_are_filed_in_folders(tiny):
    tiny.write("deep/01-word", "print('deep', word)")
    tiny.write("deep-01-word", "print('flat', word)")
    results = {result.page: result for result in tiny.execute()}
    assert {name: printed(result.notebook) for name, result in results.items()} == {
        "01-word": "hello\n",
        "deep-01-word": "flat hello\n",
        "deep/01-word": "deep hello\n",
    }
    assert all(latest_executed(tiny.folder, name) == result.notebook for name, result in results.items())
    tiny.write("deep/01-word", "1 / 0")
    (failed,) = tiny.execute(pages=["deep/01-word"])
    assert failed.status == "failed"
    assert failed.notebook.is_file()


def test_failing_page_is_reported_and_the_others_run(tiny):
    tiny.write("00-wrong", "first = 1", "raise ValueError('no such [bold] thing')", "print('not reached')")
    text = io.StringIO()
    result = build_book("smoke", "sample", book=tiny.folder, site=False, console=Console(file=text, width=40))
    wrong, word = result.pages
    assert not result.ok
    assert (wrong.status, word.status) == ("failed", "executed")
    assert "ValueError: no such [bold] thing" in wrong.error
    assert "\x1b" not in wrong.error
    assert "not reached" not in printed(wrong.notebook)
    assert "ValueError: no such [bold] thing" in text.getvalue()
    assert str(wrong.notebook) in text.getvalue()
    assert latest_executed(tiny.folder, "00-wrong") is None


def test_progress_on_a_terminal_names_what_changed(tmp_path):
    text = io.StringIO()
    with ConsoleProgress(Console(file=text, force_terminal=True, width=120)) as progress:
        progress.started("01-word", ("source", "package"), cells=2)
        progress.cell_done("01-word")
        progress.ended(PageResult("01-word", "executed", tmp_path, seconds=3.2))
        progress.ended(PageResult("02-more", "fresh", tmp_path))
    assert "01-word (source and package changed)" in text.getvalue()
    assert "in 3 s" in text.getvalue()
    assert "02-more: nothing changed" in text.getvalue()


def test_pages_are_executed_side_by_side(tiny, tmp_path):
    meet = "import pathlib, time\n{here}.touch()\nwhile not {there}.exists(): time.sleep(0.05)\nprint('met')"
    one, other = (f"pathlib.Path({str(tmp_path / name)!r})" for name in ("one", "other"))
    tiny.write("01-word", meet.format(here=one, there=other))
    tiny.write("02-more", meet.format(here=other, there=one))
    tiny.write("03-last", "print('alone')")
    results = tiny.execute(jobs=2)
    assert [(result.page, result.status) for result in results] == [
        (name, "executed") for name in ("01-word", "02-more", "03-last")
    ]


def test_an_interrupt_ends_the_pages_that_run(tiny, tmp_path):
    tiny.write("01-word", f"import time, pathlib\npathlib.Path({str(tmp_path / 'here')!r}).touch()\ntime.sleep(600)")
    tiny.write(
        "02-more",
        f"import time, pathlib\nwhile not pathlib.Path({str(tmp_path / 'here')!r}).exists(): time.sleep(0.05)",
    )
    tiny.write("03-last", "print('not reached')")

    class Interrupts(ConsoleProgress):
        def ended(self, result):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tiny.execute(jobs=2, progress=Interrupts(Console(file=io.StringIO())))
    assert latest_executed(tiny.folder, "01-word") is None


def test_kernel_that_dies_in_a_cell_fails_the_page(tiny):
    tiny.write("01-word", "print('so far')", "import os\nos._exit(9)")
    (result,) = tiny.execute()
    assert result.status == "failed"
    assert "DeadKernelError" in result.error
    assert "so far" in printed(result.notebook)


def test_working_directory_and_threads_are_the_callers(tiny, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    looks = "import os\nprint(corpora, os.path.isfile(f'{corpora}/deu/train.conll'), os.environ['OMP_NUM_THREADS'])"
    tiny.write("01-word", looks)
    (result,) = tiny.execute(corpora="corpora")
    assert printed(result.notebook) == "corpora True 3\n"
