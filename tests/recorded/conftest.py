"""A study with finished runs, to record."""

from __future__ import annotations

import pytest

from polyner.recorded import Recorded
from polyner.recorded.write import record
from polyner.study.protocol import Study
from polyner.study.settings import Settings

TINY = {"learning_rate": 0.01, "batch_size": 8, "max_epochs": 2, "min_epochs": 1}


@pytest.fixture(scope="package")
def settings(tmp_path_factory) -> Settings:
    """Sample corpora of five languages, one of them held out; two seeds."""
    return Settings.load(
        "smoke",
        languages=["eng", "spa", "amh", "swa", "yor"],
        seeds=[1, 2],
        max_train_sentences=40,
        max_eval_sentences=15,
        training=TINY,
        device="cpu",
        runs=str(tmp_path_factory.mktemp("runs")),
    )


@pytest.fixture(scope="package")
def study(settings) -> Study:
    """The study with the plain runs of the CoNLL languages, and the LORELEI polyglot ones."""
    study = Study(settings)
    study.results()
    return study


@pytest.fixture(scope="package")
def summarised(study, settings, tmp_path_factory) -> Recorded:
    """What is recorded of the study, with the tables of some sections."""
    return Recorded(record(settings, tmp_path_factory.mktemp("results") / "sample-smoke", ["4", "4.2", "5.1"]).folder)
