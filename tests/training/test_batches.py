"""Which examples are seen together."""

import math
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


def languages_of(sizes):
    return [code for code, size in sizes.items() for _ in range(size)]


@pytest.mark.parametrize("sizes", [{"eng": 500, "swa": 77, "spa": 240}, {"eng": 90, "swa": 3}, {"eng": 5, "swa": 2}])
@pytest.mark.parametrize("size", [4, 16, 32])
def test_stratified_batches_hold_every_language_in_its_share(sizes, size):
    languages = languages_of(sizes)
    lengths = torch.randint(1, 60, (len(languages),))
    batches = make_batches(lengths, languages, TrainingConfig(batch_size=size, stratified=True))
    assert sorted(torch.cat(batches).tolist()) == list(range(len(languages)))
    count = math.ceil(len(languages) / size)
    assert len(batches) == count
    for batch in batches:
        held = Counter(languages[i] for i in batch.tolist())
        assert all(held[code] in (whole // count, -(-whole // count)) for code, whole in sizes.items())


def test_stratified_batches_hold_sentences_of_similar_length():
    sizes = {"eng": 600, "swa": 200}
    lengths = torch.randint(1, 60, (800,))
    batches = make_batches(lengths, languages_of(sizes), TrainingConfig(batch_size=16, stratified=True))
    assert sum(int(lengths[b].max()) * len(b) for b in batches) / int(lengths.sum()) < 1.2


def test_stratified_batches_are_drawn_anew_and_the_same_from_the_same_seed():
    drawn = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        batches = make_batches(torch.arange(60), languages_of({"eng": 40, "swa": 20}), TrainingConfig(stratified=True))
        drawn.append([batch.tolist() for batch in batches])
    assert drawn[0] == drawn[1] != drawn[2]


def test_sampled_languages_can_be_stratified_too():
    languages = languages_of({"eng": 900, "swa": 100})
    config = TrainingConfig(batch_size=50, sampling_exponent=0.0, stratified=True)
    held = [
        Counter(languages[i] for i in batch.tolist()) for batch in make_batches(torch.ones(1000), languages, config)
    ]
    drawn = sum(batch["swa"] for batch in held)
    assert drawn == pytest.approx(500, abs=70)
    assert all(batch["swa"] - drawn // 20 in (0, 1) for batch in held)


def test_one_language_has_the_same_batches_stratified_or_not():
    drawn = []
    for stratified in (False, True):
        torch.manual_seed(0)
        drawn.append(torch.cat(make_batches(torch.arange(50), ["eng"] * 50, TrainingConfig(stratified=stratified))))
    assert drawn[0].equal(drawn[1])


def test_batches_as_they_have_always_been_drawn():
    torch.manual_seed(0)
    order = torch.randperm(10)
    expected = order[torch.arange(10)[order].argsort()].split(4)
    expected = [expected[i].tolist() for i in torch.randperm(3)]
    torch.manual_seed(0)
    batches = make_batches(torch.arange(10), ["eng", "spa"] * 5, TrainingConfig(batch_size=4))
    assert [batch.tolist() for batch in batches] == expected
