"""LSTMs over sequences of different lengths, and dropout, both fast on processors.

For packed sequences PyTorch has only a loop of small products on processors, and cuts them into one slice a step, the
gradient of each a tensor of zeros as large as the whole. oneDNN's recursion takes tensors without packing. Here every
direction of every layer is one call of it on sequences that are padded at their ends: what comes behind an end changes
nothing before it, and for the backward direction each sequence is turned around within its own length. PyTorch's
dropout would cost as much as that: it draws a whole random number for each element, where 16 bits of one decide here.
"""

from __future__ import annotations

import os
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from polyner.models.ragged import sent

# oneDNN keeps what it compiles for a shape, by default for 1,024 shapes: gigabytes where nearly every batch has shapes
# of its own, for no gain in time. It reads the number when it compiles for the first time.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "16")

# What one more call of the recursion costs, in positions of one sequence (it reorders the weights). Measured for 64 to
# 256 units on one thread: 40 to 150.
_CALL = 100


class Dropout(nn.Dropout):
    """`torch.nn.Dropout`, on processors by `dropout`."""

    def forward(self, data: Tensor) -> Tensor:
        return dropout(data, self.p, self.training)


def dropout(data: Tensor, p: float, training: bool) -> Tensor:
    """`torch.nn.functional.dropout`: in training each number is zero with probability p, or divided by 1 − p.

    On processors p is rounded to the nearest multiple of 1/65,536.
    """
    if not training or p == 0.0:
        return data
    if data.device.type != "cpu":
        return functional.dropout(data, p)
    size = data.numel()
    bits = torch.empty(-(-size // 4), dtype=torch.long).random_(-(2**63), None).view(torch.int16)[:size]
    kept = bits.view(data.shape) >= round(p * 65536) - 32768
    return data * kept.to(data.dtype).mul_(1 / (1 - p))


class LSTM(nn.LSTM):
    """A bidirectional `torch.nn.LSTM`, with dropout between its layers: the same parameters and results.

    Instead of packed sequences it takes padded ones and their lengths.
    """

    def __init__(self, input_size: int, hidden_size: int, layers: int, dropout: float):
        between = dropout if layers > 1 else 0.0
        super().__init__(input_size, hidden_size, layers, batch_first=True, bidirectional=True, dropout=between)

    def forward(self, data: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """From sequences (N, T, D) padded at the end, and their lengths (N,) on the processor.

        The states of the last layer (N, T, 2H), arbitrary behind the end of a sequence, and the final states of every
        layer and direction (2 · layers, N, H).
        """
        if data.device.type != "cpu":
            return self._packed(data, lengths)
        data = data.transpose(0, 1)  # (T, N, D), as oneDNN wants it
        turn = _turned(lengths, len(data))
        last = lengths - 1, torch.arange(len(lengths))
        final = []
        for layer in range(self.num_layers):
            if layer:
                data = dropout(data, self.dropout, self.training)
            forward = self._run(data, self.all_weights[2 * layer])
            backward = self._run(_Turn.apply(data, turn), self.all_weights[2 * layer + 1])
            final += [forward[last], backward[last]]
            data = torch.cat([forward, _Turn.apply(backward, turn)], dim=2)
        return data.transpose(0, 1), torch.stack(final)

    def _packed(self, data: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """PyTorch's own way, sorted by length here: PyTorch would wait for the device to read the order back."""
        order = lengths.argsort(descending=True, stable=True)
        there, back = (sent(rows, data.device) for rows in (order, order.argsort()))
        packed = pack_padded_sequence(data[there], lengths[order], batch_first=True)
        states, (final, _) = super().forward(packed)
        return pad_packed_sequence(states, batch_first=True, total_length=data.shape[1])[0][back], final[:, back]

    def _run(self, data: Tensor, weights: list[Tensor]) -> Tensor:
        """The states (T, N, H) of the direction of a layer that has these weights."""
        zeros = data.new_zeros(1, data.shape[1], self.hidden_size)
        # "train" is whether to keep what a gradient needs, for there is no dropout here.
        return torch.lstm(data, (zeros, zeros), weights, True, 1, 0.0, torch.is_grad_enabled(), False, False)[0]


class _Turn(torch.autograd.Function):
    """Rows of (T, N, D) in another order that undoes itself, so that the gradient is put in order the same way."""

    @staticmethod
    def forward(ctx: Any, data: Tensor, order: Tensor) -> Tensor:
        ctx.order = order
        return data.reshape(-1, data.shape[2])[order].view(data.shape)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return _Turn.apply(gradient, ctx.order), None


def _turned(lengths: Tensor, steps: int) -> Tensor:
    """Where each row of (T · N) comes from when every sequence is turned around; the padding stays in its place."""
    step = torch.arange(steps).unsqueeze(1)
    source = torch.where(step < lengths, lengths - 1 - step, step)
    return (source * len(lengths) + torch.arange(len(lengths))).flatten()


def length_groups(lengths: Tensor) -> list[int]:
    """Sizes of consecutive groups of sequences, sorted by length (longest first), that are cheapest to run padded.

    A group costs its number of sequences times its longest, and a fixed price. `lengths` is (N,), on the processor.
    """
    distinct, counts = torch.unique_consecutive(lengths, return_counts=True)
    ends = [0, *counts.cumsum(0).tolist()]
    best: list[tuple[float, list[int]]] = [(0.0, [])]  # for each end, what it costs up to there, and the groups
    for end in range(1, len(ends)):
        costs = [
            best[start][0] + _CALL + longest * (ends[end] - ends[start])
            for start, longest in enumerate(distinct[:end].tolist())
        ]
        start = costs.index(min(costs))
        best.append((costs[start], [*best[start][1], ends[end] - ends[start]]))
    return best[-1][1]
