"""Sequences of different lengths, kept as one flat tensor and padded only batch by batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor


def sent(tensor: Tensor, device: torch.device) -> Tensor:
    """A tensor of the processor on the device, without waiting for what the device is at; CUDA reads pinned memory."""
    return (tensor.pin_memory() if device.type == "cuda" else tensor).to(device, non_blocking=True)


@dataclass(frozen=True)
class Ragged:
    """`values` (all sequences joined, on the device), and `starts` and `lengths` of each (on the processor).

    The lengths stay on the processor because packing and batching need them there, so that cutting a batch never waits
    for the device.
    """

    values: Tensor
    starts: Tensor
    lengths: Tensor

    @classmethod
    def of(cls, sequences: Sequence[Sequence[int]], device: torch.device | str = "cpu") -> Ragged:
        """The sequences as tensors. Raises ValueError for an empty sequence."""
        lengths = torch.tensor([len(sequence) for sequence in sequences], dtype=torch.long)
        if (lengths == 0).any():
            raise ValueError(f"sequence {int((lengths == 0).nonzero()[0])} is empty")
        values = torch.tensor([value for sequence in sequences for value in sequence], dtype=torch.long)
        return cls(values.to(device), lengths.cumsum(0) - lengths, lengths)

    def __len__(self) -> int:
        return len(self.lengths)

    def padded(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """The sequences `rows` (indices, on the processor) padded with 0 to the longest: values and mask, (R, T)."""
        lengths = self.lengths[rows]
        columns = torch.arange(int(lengths.max()))
        device = self.values.device
        mask = sent(columns < lengths[:, None], device)
        positions = sent((self.starts[rows][:, None] + columns).clamp(max=len(self.values) - 1), device)
        return self.values[positions].masked_fill(~mask, 0), mask


def numbered(sequences: Sequence[Sequence[Any]]) -> Ragged:
    """The place of each element among those of all sequences."""
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    return Ragged(torch.arange(int(lengths.sum())), lengths.cumsum(0) - lengths, lengths)
