"""Half precision and scaled gradients."""

import pytest
import torch

from polyner.training.config import TrainingConfig
from polyner.training.precision import half_precision
from tests.training.small import CONFIG, trained


def test_half_precision_is_what_the_device_has(tmp_path):
    cuda, processor = torch.device("cuda"), torch.device("cpu")
    bfloat16 = torch.bfloat16 if torch.ops.mkldnn._is_mkldnn_bf16_supported() else None
    for wanted, expected in (("auto", (torch.float16, None)), ("on", (torch.float16, bfloat16)), ("off", (None, None))):
        config = TrainingConfig(mixed_precision=wanted)
        assert (half_precision(config, cuda), half_precision(config, processor)) == expected


@pytest.mark.skipif(not torch.ops.mkldnn._is_mkldnn_bf16_supported(), reason="this processor has no bfloat16")
def test_half_precision_on_a_processor_trains_as_single_precision_does(tmp_path):
    histories = [
        trained(tmp_path / wanted, TrainingConfig(**{**vars(CONFIG), "mixed_precision": wanted}))[1]
        for wanted in ("off", "on")
    ]
    losses = [[row["loss"] for row in history] for history in histories]
    assert losses[0] != losses[1]
    assert losses[1] == pytest.approx(losses[0], rel=0.1)
