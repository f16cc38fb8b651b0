"""What a run is made from; equal specifications are the same run."""

from __future__ import annotations

import ast
import dataclasses
import hashlib
import importlib.util
import json
from collections.abc import Mapping
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
def code_version(module: str) -> str:
    """A hash of a module of this package and of all of the package that it imports, however indirectly.

    Comments, docstrings and layout do not count, so that a run becomes stale when what trains it changes and only then.
    """
    digest = hashlib.sha256()
    for name, tree in sorted(_imported(module).items()):
        digest.update(f"{name}\n{ast.unparse(_without_docstrings(tree))}\n".encode())
    return digest.hexdigest()[:12]


def _imported(module: str) -> dict[str, ast.Module]:
    """The syntax trees of `module` and of the modules of this package that it imports, by name."""
    package = module.partition(".")[0]
    trees: dict[str, ast.Module] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        spec = importlib.util.find_spec(name) if name not in trees else None
        if spec is None or spec.origin is None:
            continue
        trees[name] = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
        for node in ast.walk(trees[name]):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == package:
                waiting.append(node.module)
    return trees


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return tree
