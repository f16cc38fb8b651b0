"""Weights in eight bits: as near as eight bits allow."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from polyner.export.rounding import in_eight_bits, rounded, rounded_tagger
from tests.models.test_word_crf import tagger

weights = st.floats(-8, 8, width=32)
matrices = arrays(np.float32, st.tuples(st.integers(1, 5), st.integers(1, 12)), elements=weights)


@given(matrices)
def test_no_row_is_worse_than_with_its_largest_weight_as_the_scale(matrix):
    result = rounded(matrix)
    assert result.values.dtype == np.int8
    assert np.abs(result.values.astype(int)).max() <= 127
    scales = np.maximum(np.abs(matrix).max(axis=1, keepdims=True), 1e-30) / 127
    plain = np.rint(matrix / scales) * scales
    errors = [np.square(other - matrix, dtype=np.float64).sum(axis=1) for other in (result.matrix(), plain)]
    assert (errors[0] <= errors[1] + 1e-9).all()


@given(matrices)
def test_what_is_rounded_stays_as_it_is(matrix):
    once = rounded(matrix).matrix()
    assert np.allclose(rounded(once).matrix(), once, atol=1e-4)


def test_a_row_of_zeros_stays_zero():
    assert not rounded(np.zeros((2, 3))).matrix().any()


def test_nearly_all_weights_are_rounded_and_the_crf_is_not():
    model = tagger()
    same = rounded_tagger(model)
    changed = {
        name
        for (name, old), (_, new) in zip(model.named_parameters(), same.named_parameters(), strict=True)
        if not np.array_equal(old.detach().numpy(), new.detach().numpy())
    }
    assert changed == {name for name, _ in model.named_parameters() if in_eight_bits(name)}
    assert not any(name.startswith(("crf", "to_tags")) or "bias" in name for name in changed)
