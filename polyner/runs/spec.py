"""What a run is made from; equal specifications are the same run."""

from __future__ import annotations

import ast
import dataclasses
import hashlib
import importlib.util
import io
import json
import tokenize
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

REGIMES = ("monolingual", "polyglot", "fine_tuned")


@dataclass(frozen=True)
class RunSpec:
    """A training run: a pure function of these fields.

    model: the architecture's name; config: every field of its configuration.
    regime: "monolingual", "polyglot" or "fine_tuned"; languages: those trained on, in order.
    corpora: for each language, the fingerprint of its sentences after any projection and cap.
    seed: of initialisation, batches and dropout. training: every field of the training configuration.
    parent: the id of the polyglot run that a fine-tuned one starts from; keep_optimizer: whether its optimizer's state
        is taken over too (footnote 7).
    code: the version of the code that trains it (`code_version`).
    """

    model: str
    config: Mapping[str, Any]
    regime: str
    languages: tuple[str, ...]
    corpora: Mapping[str, str]
    seed: int
    training: Mapping[str, Any]
    parent: str | None = None
    keep_optimizer: bool = True
    code: str = field(default="")

    def __post_init__(self) -> None:
        if self.regime not in REGIMES:
            raise ValueError(f"unknown regime {self.regime!r}: one of {', '.join(REGIMES)}")
        if (self.regime == "fine_tuned") != (self.parent is not None):
            raise ValueError("a fine-tuned run, and only that, has a parent run")

    @property
    def id(self) -> str:
        """A readable name that ends in a hash of all fields."""
        canonical = json.dumps(self.as_dict(), sort_keys=True, ensure_ascii=False)
        digest = hashlib.sha256(canonical.encode()).hexdigest()[:12]
        return f"{self.model}-{self.regime}-{'+'.join(self.languages)}-s{self.seed}-{digest}"

    def as_dict(self) -> dict[str, Any]:
        """The fields as plain values that JSON can hold."""
        return json.loads(json.dumps(dataclasses.asdict(self)))


@cache
def code_version(*modules: str) -> str:
    """A hash of these modules of this package and of all of its modules that they import, however indirectly.

    Comments, docstrings and blank lines do not count, and every version of Python gives the same hash, so that a run
    becomes stale when what trains it changes and only then. A package's `__init__` is not followed: it may name more
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
