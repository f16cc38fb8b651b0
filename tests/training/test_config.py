"""What a training can be asked to do, and what it says to the rest."""

import pytest

from polyner.errors import PolynerError, SettingsError
from polyner.models import MODEL_NAMES
from polyner.training.config import TRAINING_VERSION, ObjectiveConfig, TrainingConfig, training_version
from polyner.validation import configured


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"learning_rat": 1}, "training: unknown setting 'learning_rat': did you mean 'learning_rate'"),
        ({"optimizer": "lion"}, "training.optimizer: 'lion' was given; it should be 'adam' or 'sgd'"),
        ({"batch_size": 0}, "batch_size: 0 was given; it should be greater than or equal to 1"),
        ({"learning_rate": 0}, "learning_rate: 0 was given; it should be greater than 0"),
        ({"mixed_precision": "half"}, "mixed_precision: 'half' was given; it should be 'auto', 'on' or 'off'"),
        ({"clip_norm": 0}, "clip_norm: 0 was given; it should be greater than 0"),
        ({"momentum": 1.0}, "momentum: 1.0 was given; it should be less than 1"),
        ({"min_updates": -1}, "min_updates: -1 was given; it should be greater than or equal to 0"),
        ({"stratified": "yes"}, "stratified: 'yes' was given; it should be true or false"),
    ],
)
def test_impossible_settings_are_named(overrides, message):
    with pytest.raises(SettingsError, match=message):
        configured(TrainingConfig, overrides, "training")


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"nam": "ewc"}, "objective: unknown setting 'nam': did you mean 'name'"),
        ({"name": "gradnorm"}, "name: 'gradnorm' was given; it should be 'plain', 'l2sp', 'ewc', 'pcgrad' or 'mgda'"),
        ({"name": "l2sp", "strength": -1}, "strength: -1 was given; it should be greater than or equal to 0"),
        ({"name": "l2sp", "strength": "much"}, "strength: 'much' was given; it should be a valid number"),
        (
            {"name": "ewc", "fisher_languages": "all"},
            "fisher_languages: 'all' was given; it should be 'others'",
        ),
        ({"name": "ewc", "fisher_draws": 0}, "fisher_draws: 0 was given; it should be greater"),
        ({"name": "ewc", "fisher_sentences": 1.5}, "fisher_sentences: 1.5 was given; it should be a valid integer"),
        ({"strength": 2.0}, "strength is of l2sp and ewc, not of plain"),
        ({"name": "l2sp", "fisher_draws": 3}, "fisher_draws is of ewc, not of l2sp"),
    ],
)
def test_impossible_objectives_are_named(overrides, message):
    with pytest.raises(SettingsError, match=message):
        configured(ObjectiveConfig, overrides, "objective")


def test_the_version_is_the_loops_and_the_architectures():
    assert set(TRAINING_VERSION) == {"loop", *MODEL_NAMES}
    assert training_version("byte-crf") == f"{TRAINING_VERSION['loop']}.{TRAINING_VERSION['byte-crf']}"
    with pytest.raises(PolynerError, match="unknown model 'loop': one of char-crf, byte-crf"):
        training_version("loop")
