"""In which precision a loss and its gradients are computed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from polyner.models.tagger import Tagger
from polyner.training.config import TrainingConfig


def half_precision(config: TrainingConfig, device: torch.device) -> torch.dtype | None:
    """The half precision that `config` asks for and `device` has; None for single precision."""
    if device.type == "cuda":
        return None if config.mixed_precision == "off" else torch.float16
    wanted = config.mixed_precision == "on" and device.type == "cpu"
    return torch.bfloat16 if wanted and torch.ops.mkldnn._is_mkldnn_bf16_supported() else None


@dataclass(frozen=True)
class Precision:
    """half: the type in which matrix products and LSTMs are computed; None for single precision.

    scaler: multiplies losses so that no gradient is too small for float16. All gradients of an update are scaled alike
    until `unscale_` or `step` divides them again.
    """

    half: torch.dtype | None = None
    scaler: torch.amp.GradScaler = field(default_factory=lambda: torch.amp.GradScaler("cpu", enabled=False))

    @classmethod
    def of(cls, config: TrainingConfig, device: torch.device) -> Precision:
        """What `config` asks for and `device` has."""
        half = half_precision(config, device)
        return cls(half, torch.amp.GradScaler("cuda", enabled=half is torch.float16))

    def loss(self, tagger: Tagger, batch: Any) -> Tensor:
        """The tagger's loss of a batch, not scaled."""
        # Without the cache of weights in half precision, the gradients of their several uses are added in single.
        with torch.autocast(tagger.device.type, dtype=self.half, enabled=self.half is not None, cache_enabled=False):
            return tagger.loss(batch)

    def scale(self, device: torch.device) -> Tensor:
        """What losses are multiplied by, as a scalar on the device, without waiting for it."""
        return self.scaler.scale(torch.ones((), device=device))
