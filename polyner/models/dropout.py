"""Dropout whose random numbers do not cost more than the layers around it."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class Dropout(nn.Dropout):
    """`torch.nn.Dropout`, on processors by `dropout`."""

    def forward(self, data: Tensor) -> Tensor:
        return dropout(data, self.p, self.training)


def dropout(data: Tensor, p: float, training: bool) -> Tensor:
    """`torch.nn.functional.dropout`: in training each number is zero with probability p, or divided by 1 − p.

    On processors PyTorch draws a whole random number for each element; here 16 bits of one decide, which rounds p to
    the nearest multiple of 1/65,536.
    """
    if not training or p == 0.0:
        return data
    if data.device.type != "cpu":
        return functional.dropout(data, p)
    size = data.numel()
    bits = torch.empty(-(-size // 4), dtype=torch.long).random_(-(2**63), None).view(torch.int16)[:size]
    kept = bits.view(data.shape) >= round(p * 65536) - 32768
    return data * kept.to(data.dtype).mul_(1 / (1 - p))
