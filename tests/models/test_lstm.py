"""The LSTM against PyTorch's own: outputs, last states and all gradients."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from polyner.models.lstm import LSTM


def twins(**sizes):
    torch.manual_seed(0)
    theirs = nn.LSTM(5, 4, batch_first=True, **sizes).double()
    ours = LSTM(5, 4, batch_first=True, **sizes).double()
    ours.load_state_dict(theirs.state_dict())
    return theirs, ours


def gradients(module, inputs, tensors):
    """The gradients of a sum with random weights, so that every output counts differently."""
    generator = torch.Generator().manual_seed(1)
    total = sum((t * torch.rand(t.shape, generator=generator, dtype=t.dtype)).sum() for t in tensors)
    return torch.autograd.grad(total, [*inputs, *module.parameters()])


@pytest.mark.parametrize(("layers", "bidirectional"), [(1, False), (1, True), (3, True)])
@given(lengths=st.lists(st.integers(1, 6), min_size=1, max_size=5))
@settings(max_examples=15, deadline=None)
def test_packed_sequences(layers, bidirectional, lengths):
    theirs, ours = twins(num_layers=layers, bidirectional=bidirectional)
    data = torch.randn(len(lengths), max(lengths), 5, dtype=torch.double, requires_grad=True)
    results = []
    for module in (theirs, ours):
        packed = pack_padded_sequence(data, torch.tensor(lengths), batch_first=True, enforce_sorted=False)
        output, (state, cell) = module(packed)
        tensors = [pad_packed_sequence(output, batch_first=True)[0], state, cell]
        results.append([*tensors, *gradients(module, [data], tensors)])
    for expected, found in zip(*results, strict=True):
        torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("given_states", [False, True])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_tensors_with_and_without_first_states(given_states, bidirectional):
    theirs, ours = twins(num_layers=2, bidirectional=bidirectional)
    data = torch.randn(3, 7, 5, dtype=torch.double, requires_grad=True)
    shape = (2 * (1 + bidirectional), 3, 4)
    first = [torch.randn(shape, dtype=torch.double, requires_grad=True) for _ in range(2)] if given_states else []
    results = []
    for module in (theirs, ours):
        output, (state, cell) = module(data, tuple(first) or None)
        results.append([output, state, cell, *gradients(module, [data, *first], [output, state, cell])])
    for expected, found in zip(*results, strict=True):
        torch.testing.assert_close(found, expected)


def test_first_states_of_packed_sequences_keep_the_callers_order():
    theirs, ours = twins(num_layers=1)
    data = torch.randn(3, 4, 5, dtype=torch.double)
    packed = pack_padded_sequence(data, torch.tensor([2, 4, 1]), batch_first=True, enforce_sorted=False)
    first = tuple(torch.randn(1, 3, 4, dtype=torch.double) for _ in range(2))
    for expected, found in zip(theirs(packed, first)[1], ours(packed, first)[1], strict=True):
        torch.testing.assert_close(found, expected)


def test_dropout_between_layers_only_in_training():
    _, ours = twins(num_layers=2, dropout=0.5)
    data = torch.randn(2, 3, 5, dtype=torch.double)
    assert not torch.equal(ours(data)[0], ours(data)[0])
    ours.eval()
    assert torch.equal(ours(data)[0], ours(data)[0])
