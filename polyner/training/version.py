"""Which trainings give the same numbers."""

from __future__ import annotations

from polyner.models.configs import config_class

TRAINING_VERSION = {
    "loop": 1,
    "char-crf": 1,
    "byte-crf": 1,
    "charner": 1,
    "byte-to-span": 1,
    "mbert-crf": 1,
}
"""Of the training loop with its objectives, and of each architecture.

Raise a number when the numbers that a training gives change: by the loss, the initial weights, the order of random
draws, batches or updates, a default value, or what an epoch is judged by. Runs trained before are then trained anew.
It takes the place of the source's hash in a run's identity, so leave it where the numbers stay as they are:
`tests/training/test_golden.py` tells.
"""


def training_version(model: str) -> str:
    """The version of the loop and of an architecture, as in "1.1". Raises PolynerError for an unknown model."""
    config_class(model)
    return f"{TRAINING_VERSION['loop']}.{TRAINING_VERSION[model]}"
