"""The linear-chain CRF: its likelihood, the best tag sequence, marginals and samples, batched over sentences.

pytorch-crf's layer holds the scores. Its likelihood and decoder, which the ones here are tested against, take one set
of scores a batch, loop over a sentence's words in Python when decoding, and wait for the device.

Notation: emissions are (N, T, K) scores of N sentences, T positions, K tags; `mask` (N, T) is true where there is a
word, and every sentence's words come first. A `Chain` holds start scores (K,) or (N, K), transitions (K, K) or
(N, K, K) from row to column, and end scores as start: with a leading N, each sentence has its own, which is how
sentences of several languages go through one batch. Every recursion loops over positions only, and none waits for the
device.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torchcrf import CRF


class Chain(NamedTuple):
    """The scores of a linear chain that do not depend on the words."""

    start: Tensor
    transitions: Tensor
    end: Tensor


def viterbi(emissions: Tensor, mask: Tensor, chain: Chain) -> Tensor:
    """The most probable tag sequence of each sentence: (N, T) tag indices, 0 where there is no word."""
    _check_mask(mask)
    stay = torch.arange(emissions.shape[2], device=emissions.device)
    best = chain.start + emissions[:, 0]
    came_from = []
    for t in range(1, emissions.shape[1]):
        scores, previous = (best.unsqueeze(2) + chain.transitions).max(dim=1)
        here = mask[:, t, None]
        best = torch.where(here, scores + emissions[:, t], best)
        came_from.append(torch.where(here, previous, stay))
    tag = (best + chain.end).argmax(dim=1, keepdim=True)
    path = [tag]
    for previous in reversed(came_from):
        tag = previous.gather(1, tag)
        path.append(tag)
    return torch.cat(path[::-1], dim=1).masked_fill(~mask, 0)


def log_likelihood(emissions: Tensor, tags: Tensor, mask: Tensor, chain: Chain) -> Tensor:
    """log p(y | x) of each sentence with tags y (N, T): (N,)."""
    rows = torch.arange(len(tags), device=tags.device)
    start, end = (scores.expand(len(tags), -1) for scores in (chain.start, chain.end))
    transitions = chain.transitions.expand(len(tags), -1, -1)
    words = emissions.gather(2, tags.unsqueeze(2)).squeeze(2)
    steps = transitions[rows.unsqueeze(1), tags[:, :-1], tags[:, 1:]]
    last = tags.gather(1, mask.sum(dim=1, keepdim=True) - 1)
    inside = (words * mask).sum(dim=1) + (steps * mask[:, 1:]).sum(dim=1)
    score = inside + start.gather(1, tags[:, :1]).squeeze(1) + end.gather(1, last).squeeze(1)
    return score - log_partition(emissions, mask, chain)


def log_partition(emissions: Tensor, mask: Tensor, chain: Chain) -> Tensor:
    """log Z, the logarithm of the sum of exp(score) over all tag sequences, for each sentence: (N,)."""
    _check_mask(mask)
    alphas, scale = _forward(emissions, mask, chain)
    return torch.logsumexp(alphas[:, -1] + chain.end, dim=1) + scale


def marginals(emissions: Tensor, mask: Tensor, chain: Chain) -> Tensor:
    """p(y_t = k | x) for each word, by forward-backward: (N, T, K), 0 where there is no word."""
    _check_mask(mask)
    alphas, _ = _forward(emissions, mask, chain)
    return torch.softmax(alphas + _backward(emissions, mask, chain), dim=2) * mask.unsqueeze(2)


def following(emissions: Tensor, mask: Tensor, chain: Chain) -> Tensor:
    """p(y_t+1 = b | y_t = a, x): (N, T − 1, K, K), from a to b; arbitrary behind a sentence's last word."""
    onward = (emissions + _backward(emissions, mask, chain))[:, 1:]
    return torch.softmax(chain.transitions.unsqueeze(-3) + onward.unsqueeze(2), dim=3)


def sample(
    emissions: Tensor, mask: Tensor, chain: Chain, count: int = 1, generator: torch.Generator | None = None
) -> Tensor:
    """Exact draws from p(y | x), by forward filtering and backward sampling: (count, N, T), 0 where there is no word.

    All draws of all sentences are made together.
    """
    _check_mask(mask)
    alphas, _ = _forward(emissions, mask, chain)
    sentences, length, tags = emissions.shape
    transitions = chain.transitions.expand(sentences, tags, tags)
    rows = torch.arange(sentences, device=emissions.device)
    drawn = _categorical((alphas[:, -1] + chain.end).expand(count, sentences, tags), generator)
    draws = [drawn]
    for t in range(length - 2, -1, -1):
        into = transitions.transpose(1, 2)[rows, drawn]  # (count, N, K): the score of each tag before the drawn one
        before = _categorical(alphas[:, t] + into, generator)
        drawn = torch.where(mask[:, t + 1], before, drawn)
        draws.append(drawn)
    return torch.stack(draws[::-1], dim=2).masked_fill(~mask, 0)


class LinearChainCRF(nn.Module):
    """A CRF layer over `tags` tags, with one set of transitions, or one for each of `languages` languages (§4)."""

    def __init__(self, tags: int, languages: int = 1):
        super().__init__()
        self.crfs = nn.ModuleList(CRF(tags, batch_first=True) for _ in range(languages))

    def chain(self, language: Tensor) -> Chain:
        """The chain's scores; one for each sentence where the transitions belong to languages."""
        chains = [Chain(crf.start_transitions, crf.transitions, crf.end_transitions) for crf in self.crfs]
        if len(chains) == 1:
            return chains[0]
        return Chain(*(torch.stack(scores)[language] for scores in zip(*chains, strict=True)))


def _forward(emissions: Tensor, mask: Tensor, chain: Chain) -> tuple[Tensor, Tensor]:
    """log of the summed scores of all prefixes that end in each tag (N, T, K), and what was taken from the last (N,).

    Each position is less its maximum, so that long sentences lose no precision. Behind the last word it is carried on.
    """
    alpha, scale = _less_maximum(chain.start + emissions[:, 0])
    alphas = [alpha]
    for t in range(1, emissions.shape[1]):
        step = torch.logsumexp(alpha.unsqueeze(2) + chain.transitions, dim=1) + emissions[:, t]
        alpha, taken = _less_maximum(torch.where(mask[:, t, None], step, alpha))
        scale = scale + taken
        alphas.append(alpha)
    return torch.stack(alphas, dim=1), scale.squeeze(1)


def _backward(emissions: Tensor, mask: Tensor, chain: Chain) -> Tensor:
    """log of the summed scores of all that can follow each tag, less its maximum: (N, T, K)."""
    beta = chain.end.expand(len(emissions), -1)
    betas = [beta]
    for t in range(emissions.shape[1] - 1, 0, -1):
        step = torch.logsumexp(chain.transitions + (emissions[:, t] + beta).unsqueeze(1), dim=2)
        beta, _ = _less_maximum(torch.where(mask[:, t, None], step, beta))
        betas.append(beta)
    return torch.stack(betas[::-1], dim=1)


def _less_maximum(scores: Tensor) -> tuple[Tensor, Tensor]:
    maximum = scores.detach().amax(dim=1, keepdim=True)
    return scores - maximum, maximum


def _categorical(logits: Tensor, generator: torch.Generator | None) -> Tensor:
    """One draw for each row of (…, K) unnormalised log probabilities."""
    probabilities = torch.softmax(logits, dim=-1)
    flat = torch.multinomial(probabilities.reshape(-1, logits.shape[-1]), 1, generator=generator)
    return flat.reshape(logits.shape[:-1])


def _check_mask(mask: Tensor) -> None:
    """Holes would be accepted silently and give wrong numbers. Checked on the processor only: it would stall a GPU."""
    if mask.device.type == "cpu" and not (mask[:, 0].all() and (mask[:, 1:] <= mask[:, :-1]).all()):
        raise ValueError("the mask must be true for at least one word, and false only behind a sentence's last word")
