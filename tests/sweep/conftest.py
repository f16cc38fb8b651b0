"""A small study on disk: two languages, one group."""

from __future__ import annotations

from pathlib import Path

import pytest

from polyner.corpora.folder import write_corpus
from polyner.study.selection import Selection
from polyner.study.settings import Settings
from tests.conftest import small_corpus


@pytest.fixture(scope="package")
def corpora(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("corpora")
    for code in ("eng", "spa"):
        write_corpus(root, small_corpus(code, train=20))
    return root


@pytest.fixture
def settings(corpora, tmp_path) -> Settings:
    """One epoch of the smallest model; a run store of the test's own."""
    training = {"learning_rate": 0.01, "batch_size": 16, "max_epochs": 1, "min_epochs": 1}
    return Settings.load(
        "smoke",
        corpora=corpora,
        languages=["eng", "spa"],
        training=training,
        device="cpu",
        runs=str(tmp_path / "store"),
    )


@pytest.fixture
def selection(settings) -> Selection:
    """The five runs of both languages in all regimes that page 5 needs."""
    return Selection(settings, ("05-error-analysis",))
