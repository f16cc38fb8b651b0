"""PyTorch's LSTM with a recursion of its own on processors.

There PyTorch cuts a packed sequence into one slice a step, and the gradient of every slice is a tensor of zeros as
large as the whole: work that grows with the square of the length, and about a third of a training step of the
word-level CRF. Here the backward pass fills one tensor of gates' gradients step by step, and all products that do not
depend on the step before (the inputs' projection, the weights' gradients) are one matrix product each. On other
devices it is PyTorch's own.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional
from torch.nn.utils.rnn import PackedSequence


class LSTM(nn.LSTM):
    """`torch.nn.LSTM` with the same parameters and results, for packed sequences and for (N, T, D) tensors."""

    def forward(
        self, input: Tensor | PackedSequence, hx: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor | PackedSequence, tuple[Tensor, Tensor]]:
        packed = isinstance(input, PackedSequence)
        data = input.data if packed else input
        if data.device.type != "cpu" or not (packed or (self.batch_first and data.dim() == 3)):
            return super().forward(input, hx)
        if packed:
            steps = input.batch_sizes.tolist()
        else:
            rows, length, _ = data.shape
            steps = [rows] * length
            data = data.transpose(0, 1).reshape(rows * length, -1)
        if hx is None:
            states = cells = data.new_zeros(self.num_layers * (1 + self.bidirectional), steps[0], self.hidden_size)
        else:
            order = input.sorted_indices if packed else None
            states, cells = self.permute_hidden(hx, order) if order is not None else hx
        data, (states, cells) = self._layers(data, steps, states, cells)
        if not packed:
            return data.reshape(length, rows, -1).transpose(0, 1), (states, cells)
        if input.unsorted_indices is not None:
            states, cells = states[:, input.unsorted_indices], cells[:, input.unsorted_indices]
        return PackedSequence(data, input.batch_sizes, input.sorted_indices, input.unsorted_indices), (states, cells)

    def _layers(self, data: Tensor, steps: list[int], states: Tensor, cells: Tensor) -> tuple[Tensor, Any]:
        directions = ("", "_reverse") if self.bidirectional else ("",)
        final = []
        for layer in range(self.num_layers):
            if layer and self.dropout:
                data = functional.dropout(data, self.dropout, self.training)
            outputs = []
            for direction in directions:
                w_input, w_hidden, b_input, b_hidden = (
                    getattr(self, f"{name}_l{layer}{direction}")
                    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
                )
                projected = functional.linear(data, w_input, b_input + b_hidden)
                start = len(final)
                output, *last = _Recursion.apply(
                    projected, w_hidden, states[start], cells[start], steps, direction == "_reverse"
                )
                outputs.append(output)
                final.append(last)
            data = torch.cat(outputs, dim=1) if len(outputs) > 1 else outputs[0]
        return data, tuple(torch.stack(tensors) for tensors in zip(*final, strict=True))


class _Recursion(torch.autograd.Function):
    """One direction of one layer. P is the number of all positions of all sequences, laid out step by step.

    From projected inputs (P, 4H), recurrent weights (4H, H), first states and cells (N, H), and how many sequences
    each step has (they are sorted by length, longest first), to states (P, H) and the last states and cells (N, H).
    """

    @staticmethod
    def forward(
        ctx: Any, projected: Tensor, weight: Tensor, state: Tensor, cell: Tensor, steps: list[int], reverse: bool
    ) -> tuple[Tensor, Tensor, Tensor]:
        size = weight.shape[1]
        gates = projected.clone()
        states, states_before, cells_before, squashed = (projected.new_empty(len(projected), size) for _ in range(4))
        state, cell = state.clone(), cell.clone()
        transposed = weight.t().contiguous()
        for first, rows in _places(steps, reverse):
            here = slice(first, first + rows)
            h, c, g = state[:rows], cell[:rows], gates[here]
            states_before[here] = h
            cells_before[here] = c
            g.addmm_(h, transposed)
            g[:, : 2 * size].sigmoid_()
            g[:, 2 * size : 3 * size].tanh_()
            g[:, 3 * size :].sigmoid_()
            c.mul_(g[:, size : 2 * size]).addcmul_(g[:, :size], g[:, 2 * size : 3 * size])
            torch.mul(g[:, 3 * size :], torch.tanh(c, out=squashed[here]), out=h)
            states[here] = h
        ctx.save_for_backward(weight, gates, states_before, cells_before, squashed)
        ctx.steps, ctx.reverse = steps, reverse
        return states, state, cell

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_states: Tensor, d_state: Tensor, d_cell: Tensor) -> tuple[Tensor | None, ...]:
        weight, gates, states_before, cells_before, squashed = ctx.saved_tensors
        size = weight.shape[1]
        into, forget, new, out = gates.split(size, dim=1)
        # What depends on no other step, for all steps at once.
        d_gates = torch.empty_like(gates)
        d_into, d_forget, d_new, d_out = d_gates.split(size, dim=1)
        torch.mul(new * into, 1 - into, out=d_into)
        torch.mul(cells_before * forget, 1 - forget, out=d_forget)
        torch.mul(into, 1 - new * new, out=d_new)
        torch.mul(squashed * out, 1 - out, out=d_out)
        through = out * (1 - squashed * squashed)
        d_state, d_cell = d_state.clone(), d_cell.clone()
        for first, rows in reversed(_places(ctx.steps, ctx.reverse)):
            here = slice(first, first + rows)
            d_h, d_c, d_g = d_state[:rows], d_cell[:rows], d_gates[here]
            d_h.add_(d_states[here])
            d_c.addcmul_(d_h, through[here])
            d_g[:, : 3 * size].view(rows, 3, size).mul_(d_c.unsqueeze(1))
            d_g[:, 3 * size :].mul_(d_h)
            torch.mm(d_g, weight, out=d_h)
            d_c.mul_(forget[here])
        return d_gates, d_gates.t() @ states_before, d_state, d_cell, None, None


def _places(steps: list[int], reverse: bool) -> list[tuple[int, int]]:
    """Where each step's rows begin and how many there are, in the order of the recursion."""
    places = []
    first = 0
    for rows in steps:
        places.append((first, rows))
        first += rows
    return places[::-1] if reverse else places
