"""What is computed on, and in which precision; torch is imported only where that cannot be known without it."""

from __future__ import annotations

import sys
from pathlib import Path

from polyner.errors import PolynerError, one_line
from polyner.training.config import TrainingConfig

_DRIVERS = ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd")  # CUDA on Linux, on Linux inside Windows, and ROCm


def device_class(device: str) -> str:
    """The kind of a device, such as "cpu" or "cuda"; "auto" is CUDA where there is a device and else the processor.

    Raises PolynerError for what is no device.
    """
    driver = sys.platform != "linux" or any(Path(path).exists() for path in _DRIVERS)
    if device == "cpu" or (device == "auto" and not driver):
        return "cpu"
    import torch

    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        return torch.device(device).type
    except RuntimeError as error:
        raise _unusable(device, error) from None


def resolve_device(device: str) -> str:
    """The device to compute on. Raises PolynerError for one that is not there."""
    if device == "auto":
        return device_class(device)
    import torch

    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise _unusable(device, error) from None
    return device


def precision_on(device: str, training: TrainingConfig) -> str:
    """The precision in which a device computes what a configuration asks for: "float32", "bfloat16" or "float16"."""
    if training.mixed_precision == "off" or (training.mixed_precision == "auto" and device == "cpu"):
        return "float32"
    import torch

    from polyner.training.precision import half_precision

    return str(half_precision(training, torch.device(device)) or torch.float32).removeprefix("torch.")


def _unusable(device: str, error: Exception) -> PolynerError:
    return PolynerError(f"device {device!r} cannot be used: {one_line(error, 120)}")
