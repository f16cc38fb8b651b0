"""Weights in eight bits: taggers a quarter as large, for the package's own, for the page and for sharing.

A matrix of an embedding or an LSTM, some 99 % of the weights, is stored as integers from −127 to 127 under its name,
and a scale for each row under its name and `.scales`. `load_tagger` reads such files as any other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file, save
from torch import Tensor

from polyner.disk import write_whole

SCALES = ".scales"
# Shares of a row's largest weight that ±127 may stand for. Less than all of it cuts the largest weights, so that the
# many small ones are rounded less.
_SHARES = torch.linspace(1.0, 0.7, 13)
MATRIX = re.compile(r"(^|\.)(embedding|bytes|symbols)\.weight$|\.weight_(ih|hh)_l\d+(_reverse)?$")


def rounded(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """The matrix (R, C) as values, int8 (R, C), times scales, float32 (R, 1).

    A row has the scale, among some, whose squared error is least.
    """
    matrix = matrix.detach().cpu().float()
    largest = matrix.abs().amax(dim=1, keepdim=True).clamp_min(torch.finfo(torch.float32).tiny * 127)
    scales = (largest * _SHARES / 127).unsqueeze(2)  # (R, S, 1)
    values = (matrix.unsqueeze(1) / scales).round().clamp(-127, 127)  # (R, S, C)
    best = (values * scales - matrix.unsqueeze(1)).double().square().sum(dim=2).argmin(dim=1)
    rows = torch.arange(len(matrix))
    return values[rows, best].to(torch.int8), scales[rows, best]


def round_weights(file: Path) -> Path:
    """Replace a file of weights (safetensors) with one in eight bits, and return it."""
    weights = load_file(file)
    for name in [name for name in weights if MATRIX.search(name) and weights[name].is_floating_point()]:
        weights[name], weights[name + SCALES] = rounded(weights[name])
    write_whole(file, save(weights))
    return file


def whole_weights(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights of a file in the form that a module takes, whether they were rounded or not."""
    return {
        name: tensor.float() * weights[name + SCALES] if name + SCALES in weights else tensor
        for name, tensor in weights.items()
        if not name.endswith(SCALES)
    }
