"""Matrices in eight bits a weight: integers from −127 to 127, and a scale for each row."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from polyner.models.word_crf import WordCRF

# Shares of a row's largest weight that ±127 may stand for. Less than all of it cuts the largest weights, so that the
# many small ones are rounded less.
_SHARES = np.linspace(1.0, 0.7, 13)
_ENCODERS = ("unit_encoder", "sentence_encoder")


class Rounded(NamedTuple):
    """A matrix (R, C) as `values`, int8 (R, C), times `scales`, float32 (R, 1)."""

    values: np.ndarray
    scales: np.ndarray

    def matrix(self) -> np.ndarray:
        """The rounded matrix in float32, exactly what the ONNX model computes with."""
        return self.values.astype(np.float32) * self.scales


def rounded(matrix: np.ndarray) -> Rounded:
    """The matrix (R, C) in eight bits, with the scale for each row, among some, whose squared error is least."""
    matrix = np.asarray(matrix, dtype=np.float32)
    largest = np.maximum(np.abs(matrix).max(axis=1, keepdims=True), np.finfo(np.float32).tiny * 127)
    best: Rounded | None = None
    least = np.full((len(matrix), 1), np.inf)
    for share in _SHARES:
        scales = (largest * share / 127).astype(np.float32)
        tried = Rounded(np.clip(np.rint(matrix / scales), -127, 127).astype(np.int8), scales)
        error = np.square(tried.matrix() - matrix, dtype=np.float64).sum(axis=1, keepdims=True)
        better = error < least
        least = np.where(better, error, least)
        best = (
            tried
            if best is None
            else Rounded(*(np.where(better, new, old) for new, old in zip(tried, best, strict=True)))
        )
    assert best is not None
    return best


def in_eight_bits(name: str) -> bool:
    """Whether a parameter of a word-level CRF is rounded: the embedding and the LSTMs' matrices, some 99 % of them."""
    return name == "embedding.weight" or (name.startswith(_ENCODERS) and ".weight_" in name)


def rounded_tagger(tagger: WordCRF) -> WordCRF:
    """A copy of the tagger whose weights are those of its export: PyTorch's side of every comparison with it."""
    import torch

    same = copy.deepcopy(tagger).eval()
    with torch.no_grad():
        for name, parameter in same.named_parameters():
            if in_eight_bits(name):
                parameter.copy_(torch.from_numpy(rounded(parameter.cpu().numpy()).matrix()))
    return same
