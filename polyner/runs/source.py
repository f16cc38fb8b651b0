"""The version of the code that computes a table: what is kept of an analysis becomes stale when its code changes."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import io
import tokenize
from collections.abc import Iterable
from functools import cache
from pathlib import Path


@cache
def code_version(*modules: str) -> str:
    """A hash of these modules of this package and of all of its modules that they import, however indirectly.

    Comments, docstrings and blank lines do not count, and every version of Python gives the same hash, so that a table
    becomes stale when what computes it changes and only then. A package's `__init__` is not followed: it may name more
    than one run needs.
    """
    digest = hashlib.sha256()
    for name, source in sorted(_imported(modules).items()):
        digest.update(f"{name}\n{_essence(source)}\n".encode())
    return digest.hexdigest()[:16]


def _imported(modules: Iterable[str]) -> dict[str, str]:
    """The sources of the modules and of the modules of this package that they import, by name."""
    sources: dict[str, str] = {}
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        spec = importlib.util.find_spec(name) if name not in sources else None
        if spec is None or spec.origin is None or spec.submodule_search_locations is not None:
            continue
        sources[name] = Path(spec.origin).read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(sources[name])):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == name.split(".")[0]:
                waiting.append(node.module)
    return sources


def _essence(source: str) -> str:
    """The source's lines without comments, docstrings, blank lines and trailing blanks."""
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        documented = (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None
        )
        if documented:
            first, last = node.body[0].lineno, node.body[0].end_lineno
            lines[first - 1 : last] = [""] * (last - first + 1)
    for token in tokenize.generate_tokens(io.StringIO("\n".join(lines) + "\n").readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    return "\n".join(line.rstrip() for line in lines if line.strip())
