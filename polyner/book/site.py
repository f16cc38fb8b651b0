"""The website: the executed pages and the book's prose, built by Jupyter Book so that it needs no network."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence, Set
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from polyner.book.execute import PageResult, latest_executed
from polyner.book.figures import add_figures
from polyner.book.front import Site, front_files
from polyner.book.notebooks import config_file, read_notebook, shown_in, sources
from polyner.book.page import BASIS
from polyner.book.publish import publish
from polyner.book.tagger import FOLDER, SOURCE, carried_by, tagger_files
from polyner.disk import made_once
from polyner.errors import PolynerError

VIEWER = "vega-viewer.js"
_JUPYTER_BOOK = "from jupyter_book.cli.main import main; main()"  # of this interpreter, wherever its scripts are
_ON_SAMPLE = "This run, on the built-in sample corpora: no evidence."
# What of the book's folder is not part of the website's source.
_NOT_PUBLISHED = {"_build", SOURCE, "profiles", "results", "__pycache__", ".ipynb_checkpoints"}


class SiteError(PolynerError):
    """Jupyter Book could not build the website."""


def build_site(book: Path, results: Sequence[PageResult] = (), *, strict: bool = False) -> Path:
    """Build `book/_build/html` from the pages as last executed and return its `index.html`.

    results: what `execute_pages` said; a page that is not among them is shown as it was last executed, and one that
    never was is shown without outputs, with a note.
    strict: warnings and broken references are errors.

    Raises SiteError with the end of Jupyter Book's output when that fails, and OSError where the disk is full; what is
    half built then is built anew the next time.
    """
    build = book / "_build"
    source = build / "source"
    begun = build / "site-begun"
    if begun.exists():
        # A build that was killed may leave half a page, which Sphinx takes for a whole one because it is new.
        for folder in ("html", ".doctrees"):
            shutil.rmtree(build / folder, ignore_errors=True)
    paths = {page.name: latest_executed(book, page.name) for page in sources(book)}
    paths |= {result.page: result.notebook for result in results}
    executed = {name: nbformat.read(path, as_version=4) if path else None for name, path in paths.items()}
    _write_folder(source, _site_files(book, executed, {result.page for result in results if result.status == "failed"}))
    begun.touch()
    command = [sys.executable, "-c", _JUPYTER_BOOK, "build", str(source), "--path-output", str(book)]
    command += ["--config", str(config_file(book)), "--toc", str(book / "_toc.yml")]
    if strict:
        command += ["-W", "-n", "--keep-going"]
    environment = {**os.environ, "PYTHONUTF8": "1", "NO_COLOR": "1"}
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", errors="replace", env=environment)
    output, log = run.stdout + run.stderr, build / "site.log"
    if os.strerror(errno.ENOSPC) in output:  # Sphinx warns of what it could not copy, and goes on
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(build))
    log.write_text(output, encoding="utf-8")
    index = build / "html" / "index.html"
    if run.returncode or not index.is_file():
        raise SiteError(f"Jupyter Book failed ({log}):\n{_complaints(output)}")
    if (book / SOURCE).is_dir():  # the tagger's scripts and models, which no page loads by itself
        carried = next(filter(None, map(carried_by, executed.values())), None)
        _write_folder(build / "html" / FOLDER, tagger_files(book / SOURCE, carried))
    for page in sources(book):  # what a reader downloads is to be run; its outputs stand on the page
        nbformat.write(read_notebook(page), build / "html" / "_sources" / f"{page.name}.ipynb")
    begun.unlink()
    return index


def viewer_script(cache: Path) -> bytes:
    """The JavaScript that draws Altair's charts, made once for each version of Altair and kept in `cache`.

    Altair's charts load Vega, Vega-Lite and Vega-Embed from a server unless `VEGA_DEBUG` says that the very versions
    they ask for are on the page; so the script brings them and says so. `window.embedChart`, where the site defines
    it, gets each chart to draw. Of the data that `figures.figure` made compact each row gets its names back.
    """
    import altair
    import vl_convert

    versions = {"vega": altair.VEGA_VERSION, "vegalite": altair.VEGALITE_VERSION, "vegaembed": altair.VEGAEMBED_VERSION}

    def script() -> bytes:
        bundle = vl_convert.javascript_bundle(_EMBED, vl_version=".".join(altair.VEGALITE_VERSION.split(".")[:2]))
        debug = ", ".join(f'{name}_version: "{version}"' for name, version in versions.items())
        return f"(() => {{\n{bundle}\nwindow.VEGA_DEBUG = {{{debug}}};\n}})();\n".encode()

    made_of = "-".join(f"{name}-{version}" for name, version in versions.items())
    return made_once(cache / f"{made_of}-{hashlib.sha256(_EMBED.encode()).hexdigest()[:8]}.js", script)


_EMBED = """
    window.vega = vega;
    const named = ({ columns, rows }) =>
        rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]])));
    window.vegaEmbed = (element, spec, options) => {
        const datasets = { ...spec.datasets };
        for (const [name, table] of Object.entries(datasets)) if (table.columns) datasets[name] = named(table);
        const whole = { ...spec, datasets };
        return window.embedChart
            ? window.embedChart(vegaEmbed, element, whole, options)
            : vegaEmbed(element, whole, options);
    };
"""


def _site_files(book: Path, executed: Mapping[str, NotebookNode | None], failed: Set[str]) -> dict[str, bytes]:
    """The files of the website's source folder by their path in it, from the pages with their outputs."""
    pages = sources(book)
    own = {path for page in pages for path in (page.path, page.pair)} | {book / "_toc.yml", book / "_config.yml"}
    files = {}
    for path in sorted(book.rglob("*")):
        inside = path.relative_to(book)
        hidden = any(part in _NOT_PUBLISHED or part.startswith(".") for part in inside.parts)
        if path.is_file() and path not in own and not hidden:
            files[inside.as_posix()] = path.read_bytes()
    for page in pages:
        there = executed[page.name]
        status = "failed" if page.name in failed else "executed" if there else "missing"
        notebook = publish(there or read_notebook(page), status, page.name)
        note = _ON_SAMPLE if any(data.get(BASIS, {}).get("sample") for data in shown_in(there)) else ""
        figures = add_figures(notebook, page.name, book / "_build" / "pictures", note)
        files |= {f"{page.name}.ipynb": nbformat.writes(notebook).encode(), **figures}
    prose = [content.decode() for name, content in files.items() if name.endswith(".md")]
    files |= front_files(Site(book, executed), prose)
    files[f"_static/{VIEWER}"] = viewer_script(book / "_build" / "viewer")
    return files


def _write_folder(folder: Path, files: dict[str, bytes]) -> None:
    """Make the folder hold exactly these files. Those that are the same keep their time stamp, so that Sphinx builds
    only what changed."""
    for name, content in files.items():
        path = folder / name
        if not path.is_file() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.relative_to(folder).as_posix() not in files:
            path.unlink()


def _complaints(output: str) -> str:
    """What of Jupyter Book's output says why it failed: its warnings and errors, else the last lines."""
    from nbconvert.filters import strip_ansi

    lines = strip_ansi(output).strip().splitlines()
    return "\n".join([line for line in lines if "WARNING" in line or "ERROR" in line][:20] or lines[-20:])
