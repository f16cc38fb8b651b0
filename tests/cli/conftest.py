"""The command line, called in this process, and a run to call it on."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from polyner.cli import main
from polyner.corpora.folder import write_corpus
from tests.conftest import small_corpus


@dataclass(frozen=True)
class Answer:
    """What a command line gave: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


class _Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def polyner(capsys, monkeypatch):
    """Run `polyner` with these arguments, and `stdin` as its input, which may pass for a terminal's."""

    def call(*arguments: object, stdin: str | bytes = "", terminal: bool = False) -> Answer:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr(
            sys, "stdin", (_Terminal if terminal else io.TextIOWrapper)(io.BytesIO(data), encoding="utf-8")
        )
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        return Answer(code, *capsys.readouterr())

    return call


@pytest.fixture(scope="session")
def corpora(tmp_path_factory) -> Path:
    """A folder with small English and Spanish corpora."""
    root = tmp_path_factory.mktemp("corpora")
    for language in ("eng", "spa"):
        write_corpus(root, small_corpus(language))
    return root


@dataclass(frozen=True)
class Trained:
    """A run in a run store, and the arguments that made it."""

    store: Path
    id: str
    arguments: list[str]


@pytest.fixture(scope="session")
def trained(tmp_path_factory, corpora) -> Trained:
    """A monolingual run that has learnt the small English corpus, more or less."""
    store = tmp_path_factory.mktemp("runs")
    arguments = ["train", "--profile", "smoke", "--language", "eng", "--max-epochs", "15", "--device", "cpu"]
    arguments += ["--corpora", str(corpora), "--runs", str(store), "--set", "training.batch_size=4"]
    assert main(arguments) == 0
    (folder,) = store.glob("byte-crf-*")
    return Trained(store, folder.name, arguments)
