"""The LSTM against PyTorch's own over packed sequences: states, final states and all gradients; dropout; groups."""

import os
import subprocess
import sys

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from polyner.models.lstm import LSTM, Dropout, dropout, length_groups


def twins(layers, dtype=torch.float32, dropout=0.0):
    torch.manual_seed(0)
    theirs = nn.LSTM(5, 4, layers, batch_first=True, bidirectional=True, dropout=dropout).to(dtype)
    ours = LSTM(5, 4, layers, dropout).to(dtype)
    ours.load_state_dict(theirs.state_dict())
    return theirs, ours


def gradients(module, inputs, tensors):
    """The gradients of a sum with random weights, so that every output counts differently."""
    generator = torch.Generator().manual_seed(1)
    total = sum((t * torch.rand(t.shape, generator=generator, dtype=t.dtype)).sum() for t in tensors)
    return torch.autograd.grad(total, [*inputs, *module.parameters()])


# In single precision oneDNN computes the recursion, in double PyTorch.
@pytest.mark.parametrize("dtype", [torch.float32, torch.double])
@pytest.mark.parametrize("layers", [1, 3])
@given(lengths=st.lists(st.integers(1, 6), min_size=1, max_size=5))
@settings(max_examples=15, deadline=None)
def test_sequences_of_any_lengths(dtype, layers, lengths):
    theirs, ours = twins(layers, dtype)
    data = torch.randn(len(lengths), max(lengths), 5, dtype=dtype, requires_grad=True)
    inside = torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]
    packed = pack_padded_sequence(data, torch.tensor(lengths), batch_first=True, enforce_sorted=False)
    states, (final, _) = theirs(packed)
    expected = [pad_packed_sequence(states, batch_first=True)[0][inside], final]
    states, final = ours(data, torch.tensor(lengths))
    found = [states[inside], final]
    expected += gradients(theirs, [data], expected)
    found += gradients(ours, [data], found)
    for theirs_tensor, ours_tensor in zip(expected, found, strict=True):
        torch.testing.assert_close(ours_tensor, theirs_tensor, atol=1e-5, rtol=1e-5)


def test_dropout_between_layers_only_in_training():
    _, ours = twins(2, dropout=0.5)
    data, lengths = torch.randn(2, 3, 5), torch.tensor([3, 2])
    assert not torch.equal(ours(data, lengths)[0], ours(data, lengths)[0])
    ours.eval()
    assert torch.equal(ours(data, lengths)[0], ours(data, lengths)[0])


@given(st.lists(st.integers(1, 64), min_size=1, max_size=60))
def test_groups_cover_all_sequences_and_none_is_cheaper_undivided(lengths):
    lengths = torch.tensor(sorted(lengths, reverse=True))
    sizes = length_groups(lengths)
    assert sum(sizes) == len(lengths)
    assert all(sizes)

    def cost(groups):
        return sum(100 + int(group[0]) * len(group) for group in groups)

    for other in (
        [len(lengths)],
        [1] * len(lengths),
        torch.unique_consecutive(lengths, return_counts=True)[1].tolist(),
    ):
        assert cost(lengths.split(sizes)) <= cost(lengths.split(other))


@pytest.mark.parametrize("p", [0.2, 0.5, 0.8])
def test_dropout_keeps_the_mean_and_drops_the_share(p):
    torch.manual_seed(0)
    data = torch.ones(400, 1001, requires_grad=True)
    dropped = dropout(data, p, training=True)
    assert float((dropped == 0).float().mean()) == pytest.approx(p, abs=0.004)
    assert dropped.detach().unique().tolist() == pytest.approx([0.0, 1 / (1 - p)])
    dropped.sum().backward()
    assert torch.equal(data.grad, dropped.detach())  # of ones, the gradient is the mask itself


def test_dropout_does_nothing_in_evaluation():
    data = torch.randn(3, 4)
    assert Dropout(0.5).eval()(data) is data
    assert Dropout(0.0)(data) is data


MANY_SHAPES = """
import torch
from polyner.models.lstm import LSTM
lstm = LSTM(8, 8, 1, 0.0)
for size in (*range(1, 40), 1):
    print("sequences:", size, flush=True)
    lstm(torch.zeros(size, 3, 8), torch.full((size,), 3))
"""


def test_what_onednn_compiles_for_a_shape_is_not_kept_for_ever():
    environment = {name: value for name, value in os.environ.items() if "CACHE_CAPACITY" not in name}
    told = {**environment, "ONEDNN_VERBOSE": "profile_create"}
    run = subprocess.run([sys.executable, "-c", MANY_SHAPES], env=told, capture_output=True, text=True, check=True)
    last = [line for line in run.stdout.split("sequences:")[-1].splitlines() if ",rnn," in line]
    assert "create:cache_miss" in last[0]  # of the two directions, which have the same shapes
