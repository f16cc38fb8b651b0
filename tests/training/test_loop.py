"""The training loop: it learns, repeats itself, and stops when it should."""

import pytest
import torch

from polyner.corpora.sentence import Sentence
from polyner.training.config import TrainingConfig
from polyner.training.loop import best_epoch, train
from tests.training.small import CORPUS, fresh, scores_of, trained, weights


def test_a_small_corpus_is_learnt(tmp_path):
    model, history = trained(tmp_path, TrainingConfig(learning_rate=0.02, batch_size=8, max_epochs=25, patience=25))
    assert max(row["dev_f1"] for row in history) > 95
    assert history[-1]["loss"] < history[0]["loss"]
    assert model.tag([s.words for s in CORPUS.test[:3]]) == [list(s.tags) for s in CORPUS.test[:3]]


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others(tmp_path):
    one, first = trained(tmp_path / "a", seed=1)
    two, second = trained(tmp_path / "b", seed=1)
    three, _ = trained(tmp_path / "c", seed=2)
    assert scores_of(first) == scores_of(second)
    assert weights(one).equal(weights(two))
    assert not weights(one).equal(weights(three))


def test_training_leaves_the_callers_random_state_alone(tmp_path):
    model = fresh()
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    trained(tmp_path, TrainingConfig(max_epochs=1), model=model)
    assert torch.rand(3).equal(expected)


def test_the_best_epochs_weights_are_kept(tmp_path):
    config = TrainingConfig(learning_rate=0.05, batch_size=8, max_epochs=8, patience=8)
    model, history = trained(tmp_path, config)
    stopped, _ = trained(tmp_path / "again", TrainingConfig(**{**vars(config), "max_epochs": best_epoch(history)}))
    assert weights(model).equal(weights(stopped))


@pytest.mark.parametrize(("minimum", "patience", "expected"), [(1, 2, 3), (5, 2, 5), (1, 4, 5)])
def test_early_stopping_counts_from_the_best_epoch(tmp_path, minimum, patience, expected):
    config = TrainingConfig(learning_rate=1e-12, min_epochs=minimum, patience=patience, max_epochs=20)
    knowing, _ = trained(tmp_path / "before")
    _, history = trained(tmp_path / "after", config, model=knowing)
    assert len({row["dev_f1"] for row in history}) == 1
    assert history[0]["dev_f1"] > 0
    assert len(history) == expected


@pytest.mark.parametrize(
    ("updates", "limit", "expected", "ended"),
    [(0, 20, 3, "patience"), (41, 20, 9, "patience"), (41, 7, 7, "limit"), (0, 3, 3, "patience"), (0, 2, 2, "limit")],
)
def test_how_a_training_ended(tmp_path, updates, limit, expected, ended):
    """Five batches an epoch of a tagger that has stopped learning."""
    config = TrainingConfig(
        learning_rate=1e-12, batch_size=8, min_epochs=1, patience=2, max_epochs=limit, min_updates=updates
    )
    knowing, _ = trained(tmp_path / "before")
    _, history = trained(tmp_path / "after", config, model=knowing)
    assert [row["updates"] for row in history] == [5 * row["epoch"] for row in history]
    assert [row["ended"] for row in history] == [*[None] * (expected - 1), ended]
    longer = TrainingConfig(**{**vars(config), "max_epochs": 12, "min_updates": 60})
    _, history = trained(tmp_path / "after", longer, model=fresh(seed=9))
    assert [row["ended"] for row in history] == [*[None] * 11, "patience"]


def test_patience_does_not_run_out_before_the_first_entity_is_found(tmp_path):
    config = TrainingConfig(learning_rate=1e-12, min_epochs=1, patience=2, max_epochs=6)
    _, history = trained(tmp_path, config)
    assert [row["dev_f1"] for row in history] == [0.0] * 6
    assert best_epoch(history) == 6


def test_sgd_with_momentum_and_clipping_trains_too(tmp_path):
    config = TrainingConfig("sgd", learning_rate=0.05, momentum=0.9, clip_norm=1.0, max_epochs=2)
    _, history = trained(tmp_path, config)
    assert history[1]["loss"] < history[0]["loss"]


def test_a_loss_that_is_no_number_stops_the_training(tmp_path):
    with pytest.raises(ArithmeticError, match="smaller learning rate"):
        trained(tmp_path, TrainingConfig("sgd", learning_rate=1e38))


def test_a_language_with_fewer_sentences_than_a_batch_trains(tmp_path):
    model = fresh()
    few = {"eng": (Sentence(("Anna",), ("B-PER",)),)}
    history = train(model, few, few, TrainingConfig(max_epochs=1), tmp_path, seed=1)
    assert len(history) == 1


@pytest.mark.gpu
def test_training_on_a_gpu_learns(tmp_path):
    config = TrainingConfig(learning_rate=0.02, batch_size=8, max_epochs=25, patience=25)
    _, history = trained(tmp_path, config, model=fresh().cuda())
    assert max(row["dev_f1"] for row in history) > 90
