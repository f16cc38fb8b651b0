"""A study with finished runs, and what is recorded of it."""

from __future__ import annotations

import os

import pytest

from polyner.findings import Findings
from polyner.findings.files import load
from polyner.findings.study import SECTIONS, Written, findings_of, record
from polyner.study.protocol import Study
from polyner.study.questions import CURVES, JOINT, PULLED, TABLE_1, TABLE_3
from polyner.study.settings import Settings


@pytest.fixture(scope="session")
def settings(tmp_path_factory) -> Settings:
    """Sample corpora of five languages, one of them held out; two seeds. Worker processes share the run store."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared
    return Settings.load(
        "smoke",
        languages=["eng", "spa", "amh", "swa", "yor"],
        seeds=[1, 2],
        max_train_sentences=40,
        max_eval_sentences=15,
        training={"learning_rate": 0.03, "batch_size": 8, "max_epochs": 5, "min_epochs": 1},
        analysis={
            "curve_sizes": [10, 500],
            "curve_updates": 0,
            "pruning_step": 0.5,
            "fisher_draws": 2,
            "fisher_sentences": 4,
        },
        variants={name: {"groups": []} for name in ("pcgrad", "l2sp_0.01")}
        | {name: {"groups": ["conll"]} for name in ("mgda", "ewc")},
        device="cpu",
        runs=str(shared / "runs-of-findings"),
    )


@pytest.fixture(scope="session")
def study(settings) -> Study:
    """The study of these settings."""
    return Study(settings)


@pytest.fixture(scope="session")
def live(study) -> Findings:
    """The findings of the plain runs, with the analyses of all sections."""
    return findings_of(study, [TABLE_1, TABLE_3, CURVES, *JOINT, *PULLED], SECTIONS)


@pytest.fixture(scope="session")
def written(live, settings, tmp_path_factory) -> Written:
    """The same, recorded."""
    return record(settings, tmp_path_factory.mktemp("results") / "sample-smoke", SECTIONS)


@pytest.fixture(scope="session")
def read(written) -> Findings:
    """What was recorded."""
    return load(written.folder)
