"""The comparison of the estimators of the Fisher information, on a small study."""

import pandas as pd
import pytest

from polyner.findings.fisher import estimator_comparison
from polyner.study.protocol import Study
from polyner.study.settings import Settings


def no_loading(folder):
    raise AssertionError(f"{folder} is computed again")


@pytest.fixture
def study(tmp_path):
    caps = {"max_train_sentences": 20, "max_eval_sentences": 8}
    return Study(
        Settings.load("smoke", languages=["eng", "spa"], runs=str(tmp_path), training={"max_epochs": 1}, **caps)
    )


def test_estimators_are_compared_with_the_exact_one_and_the_literal_loop_is_extrapolated(study, monkeypatch):
    table = estimator_comparison(study, sentences=2, draws=3)
    assert list(zip(table["estimator"], table["draws"].fillna(0), strict=True)) == [
        *(("exact", 0), ("signs", 3), ("signs", 6), ("sampled", 3), ("sampled", 6), ("literal", 3))
    ]
    # Two sentences in one mini-batch; the literal loop goes sentence by sentence.
    assert list(table["passes"].dropna()) == [3, 6, 3, 6, 6]
    assert table["correlation"][0] == pytest.approx(1)
    assert table["correlation"].between(-1, 1).all()
    sentences = len(study.corpora["eng"].train)
    ratio = table.set_index("estimator")["whole"] / table.set_index("estimator")["seconds"]
    assert ratio["exact"] == pytest.approx(sentences / 2)
    assert ratio["literal"] == pytest.approx(sentences / 2 * 1000 / 3)
    monkeypatch.setattr("polyner.findings.fisher.load_tagger", no_loading)
    pd.testing.assert_frame_equal(estimator_comparison(study, sentences=2, draws=3), table)
    alone = Study(study.settings, corpora={"eng": study.corpora["eng"]})
    assert estimator_comparison(alone).empty


def test_sentences_that_are_too_much_for_the_exact_one_are_passed_over(study, monkeypatch):
    lengths = sorted({len(sentence) for sentence in study.corpora["eng"].train})
    tags = 1 + 2 * len({kind for corpus in study.corpora.values() for kind in corpus.types})
    monkeypatch.setattr("polyner.findings.fisher.MOST_STATISTICS", (lengths[0] + tags + 2) * tags)
    monkeypatch.setattr("polyner.models.fisher.MOST_STATISTICS", (lengths[0] + tags + 2) * tags)
    assert len(lengths) > 1
    assert len(estimator_comparison(study, draws=2)) == 6
    monkeypatch.setattr("polyner.findings.fisher.MOST_STATISTICS", 1)
    assert estimator_comparison(study, draws=3).empty
