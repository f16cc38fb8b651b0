"""Which examples are seen together."""

from collections import Counter

import pytest
import torch

from polyner.training.batches import make_batches
from polyner.training.config import TrainingConfig


def test_an_epoch_shows_every_example_once_in_batches_of_similar_length():
    lengths = torch.randint(1, 60, (500,))
    batches = make_batches(lengths, ["eng"] * 500, TrainingConfig(batch_size=16))
    assert sorted(torch.cat(batches).tolist()) == list(range(500))
    padding = sum(int(lengths[b].max()) * len(b) for b in batches) / int(lengths.sum())
    assert padding < 1.15


@pytest.mark.parametrize(("exponent", "share"), [(1.0, 0.9), (0.0, 0.5), (0.5, 0.75)])
def test_sampling_gives_each_language_its_share(exponent, share):
    languages = ["eng"] * 9000 + ["swa"] * 1000
    torch.manual_seed(0)
    batches = make_batches(torch.ones(10_000), languages, TrainingConfig(sampling_exponent=exponent))
    shown = Counter(languages[i] for i in torch.cat(batches).tolist())
    assert sum(shown.values()) == 10_000
    assert shown["eng"] / 10_000 == pytest.approx(share, abs=0.02)
