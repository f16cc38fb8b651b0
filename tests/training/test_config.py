"""What a training can be asked to do, and what it says to the rest."""

import pytest

from polyner.errors import PolynerError, SettingsError
from polyner.models import MODEL_NAMES
from polyner.training.config import ObjectiveConfig, TrainingConfig
from polyner.training.version import TRAINING_VERSION, training_version


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"learning_rat": 1}, "unknown training setting 'learning_rat'"),
        ({"optimizer": "lion"}, "optimizer is 'adam' or 'sgd', not 'lion'"),
        ({"batch_size": 0}, "batch_size is a whole number of at least 1"),
        ({"learning_rate": 0}, "learning_rate is positive"),
        ({"mixed_precision": "half"}, "mixed_precision is"),
        ({"clip_norm": 0}, "clip_norm is positive or None"),
        ({"momentum": 1.0}, "momentum is at least 0 and less than 1"),
        ({"min_updates": -1}, "min_updates is a whole number of at least 0, not -1"),
        ({"stratified": "yes"}, "stratified is true or false, not 'yes'"),
    ],
)
def test_impossible_settings_are_named(overrides, message):
    with pytest.raises(SettingsError, match=message):
        TrainingConfig.of(overrides)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"nam": "ewc"}, "unknown objective setting 'nam': one of name, strength"),
        ({"name": "gradnorm"}, "name is one of plain, l2sp, ewc, pcgrad, mgda, not 'gradnorm'"),
        ({"name": "l2sp", "strength": -1}, "strength is a number of at least 0, not -1"),
        ({"name": "l2sp", "strength": "much"}, "strength is a number of at least 0, not 'much'"),
        ({"name": "ewc", "fisher_languages": "all"}, "fisher_languages is one of others, parent, target, not 'all'"),
        ({"name": "ewc", "fisher_draws": 0}, "fisher_draws is a whole number of at least 1, not 0"),
        ({"name": "ewc", "fisher_sentences": 1.5}, "fisher_sentences is a whole number of at least 1, not 1.5"),
        ({"strength": 2.0}, "strength is of l2sp and ewc, not of plain"),
        ({"name": "l2sp", "fisher_draws": 3}, "fisher_draws is of ewc, not of l2sp"),
    ],
)
def test_impossible_objectives_are_named(overrides, message):
    with pytest.raises(SettingsError, match=message):
        ObjectiveConfig.of(overrides)


def test_the_version_is_the_loops_and_the_architectures():
    assert set(TRAINING_VERSION) == {"loop", *MODEL_NAMES}
    assert training_version("byte-crf") == f"{TRAINING_VERSION['loop']}.{TRAINING_VERSION['byte-crf']}"
    with pytest.raises(PolynerError, match="unknown model 'loop': one of char-crf, byte-crf"):
        training_version("loop")
