"""What a training can be asked to do, and what it says to the rest."""

import pytest

from polyner.errors import SettingsError
from polyner.training.config import TrainingConfig


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
    ],
)
def test_impossible_settings_are_named(overrides, message):
    with pytest.raises(SettingsError, match=message):
        TrainingConfig.of(overrides)
