"""Weights in eight bits: as near as eight bits allow, and loaded as any others."""

import pytest
import safetensors.torch
import torch
from hypothesis import given
from hypothesis import strategies as st

from polyner.models import load_tagger, model_class
from polyner.models.rounding import MATRIX, round_weights, rounded
from tests.models.test_hub import SIZES, WORDS, small
from tests.models.test_word_crf import tagger

weights = st.floats(-8, 8, width=32)
matrices = (
    st.integers(1, 12)
    .flatmap(lambda columns: st.lists(st.lists(weights, min_size=columns, max_size=columns), min_size=1, max_size=5))
    .map(torch.tensor)
)


def whole(matrix):
    """What is read back of a matrix in eight bits."""
    values, scales = rounded(matrix)
    return values.float() * scales


@given(matrices)
def test_no_row_is_worse_than_with_its_largest_weight_as_the_scale(matrix):
    values, _ = rounded(matrix)
    assert values.dtype == torch.int8
    assert values.int().abs().max() <= 127
    scales = matrix.abs().amax(1, keepdim=True).clamp_min(1e-30) / 127
    plain = (matrix / scales).round() * scales
    errors = [(other - matrix).double().square().sum(1) for other in (whole(matrix), plain)]
    assert (errors[0] <= errors[1] + 1e-9).all()


@given(matrices)
def test_what_is_rounded_stays_as_it_is(matrix):
    once = whole(matrix)
    assert torch.allclose(whole(once), once, atol=1e-4)


def test_a_row_of_zeros_stays_zero():
    assert not whole(torch.zeros(2, 3)).any()


def test_nearly_all_weights_are_rounded_and_the_crf_is_not(tmp_path):
    model = tagger()
    model.save_pretrained(tmp_path)
    modes = [(tmp_path / name).stat().st_mode for name in ("config.json", "model.safetensors")]
    round_weights(tmp_path / "model.safetensors")
    assert [*modes, (tmp_path / "model.safetensors").stat().st_mode] == modes[:1] * 3
    same = load_tagger(tmp_path)
    changed = {
        name
        for (name, old), (_, new) in zip(model.named_parameters(), same.named_parameters(), strict=True)
        if not torch.equal(old, new)
    }
    assert changed == {name for name, _ in model.named_parameters() if MATRIX.search(name)}
    assert not any(name.startswith(("crf", "to_tags")) or "bias" in name for name in changed)


@pytest.mark.parametrize("name", SIZES)
def test_every_architecture_is_a_quarter_as_large_and_loaded_either_way(tmp_path, name):
    model = small(name)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter)
    model.save_pretrained(tmp_path)
    whole = safetensors.torch.load_file(tmp_path / "model.safetensors")
    round_weights(tmp_path / "model.safetensors")
    kept = safetensors.torch.load_file(tmp_path / "model.safetensors")
    matrices = [key for key in whole if MATRIX.search(key)]
    assert len(matrices) >= 4
    assert all(kept[key].dtype == torch.int8 for key in matrices)
    one, other = load_tagger(tmp_path), model_class(name).from_pretrained(tmp_path)
    assert one.tag(WORDS) == other.tag(WORDS)
    for old, new in zip(model.parameters(), one.parameters(), strict=True):
        assert (old - new).abs().max() <= old.abs().max() / 127
