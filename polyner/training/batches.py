"""Which training examples are seen together: one epoch's batches."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from polyner.training.config import TrainingConfig

_BATCHES_A_POOL = 20


def make_batches(lengths: Tensor, languages: Sequence[str], config: TrainingConfig) -> list[Tensor]:
    """One epoch's batches of example indices, drawn by torch's random generator.

    The examples are shuffled, sorted by length within pools of some batches, so that little of a batch is padding, and
    the batches shuffled. With a sampling exponent other than 1 an epoch has as many examples as ever, drawn with
    replacement so that each language has its share. `stratified` of the configuration: see `stratified_batches`.
    """
    numbers = {code: number for number, code in enumerate(dict.fromkeys(languages))}
    own, several = torch.tensor([numbers[code] for code in languages]), len(numbers) > 1
    if config.sampling_exponent == 1.0 or not several:
        order = torch.randperm(len(lengths))
    else:
        order = _drawn_by_language(own, config.sampling_exponent)
    if config.stratified and several:
        batches = stratified_batches(order, lengths, own, config.batch_size)
    else:
        batches = [
            batch
            for pool in order.split(_BATCHES_A_POOL * config.batch_size)
            for batch in pool[lengths[pool].argsort(stable=True)].split(config.batch_size)
        ]
    return [batches[i] for i in torch.randperm(len(batches))]


def stratified_batches(order: Tensor, lengths: Tensor, languages: Tensor, batch_size: int) -> list[Tensor]:
    """The examples `order` in ⌈N / batch_size⌉ batches, in each of which every language has its share of all N.

    languages: (examples,) the number of each example's language. Of a language's n examples, each of the M batches gets
    ⌊n/M⌋ or ⌈n/M⌉; which of them get one more is evenly spaced and begins at a random batch, for each language by
    itself. So the batches' sizes differ by less than the number of languages, some are a little larger than
    `batch_size`, and a language of fewer examples than batches is in as many batches as it has examples. Batches that
    would be empty are left out. Within pools of some batches, each language's examples are sorted by length, so that
    short ones meet short ones of the other languages.
    """
    count = math.ceil(len(order) / batch_size)
    parts: list[list[Tensor]] = [[] for _ in range(count)]
    for number in range(int(languages.max()) + 1):
        members = order[languages[order] == number]
        bounds = (torch.arange(count + 1) * len(members) + torch.randint(count, ())) // count
        for first in range(0, count, _BATCHES_A_POOL):
            here = bounds[first : first + _BATCHES_A_POOL + 1]
            pool = members[here[0] : here[-1]]
            sizes = here.diff().tolist()
            for batch, part in enumerate(pool[lengths[pool].argsort(stable=True)].split(sizes), start=first):
                parts[batch].append(part)
    return [batch for batch in map(torch.cat, parts) if len(batch)]


def _drawn_by_language(own: Tensor, exponent: float) -> Tensor:
    """As many example indices as there are examples: for each a language is drawn, then one of its examples.

    own: (examples,) the number of each example's language.
    """
    members = [(own == number).nonzero().squeeze(1) for number in range(int(own.max()) + 1)]
    shares = torch.tensor([len(examples) for examples in members], dtype=torch.double) ** exponent
    drawn = torch.multinomial(shares, len(own), replacement=True)
    order = torch.empty_like(own)
    for number, examples in enumerate(members):
        chosen = drawn == number
        order[chosen] = examples[torch.randint(len(examples), (int(chosen.sum()),))]
    return order
