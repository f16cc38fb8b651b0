"""The linear-chain CRF: pytorch-crf for the likelihood, and the exact quantities it lacks.

Notation: emissions are (N, T, K) scores of N sentences, T positions, K tags; `mask` (N, T) is true where there is a
word, and every sentence's words come first. A `Chain` holds start scores (K,) or (N, K), transitions (K, K) or
(N, K, K) from row to column, and end scores as start: with a leading N, each sentence has its own, which is how
sentences of several languages go through one batch. Every recursion loops over positions only.
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
    transitions = _per_sentence(chain.transitions, 3)
    stay = torch.arange(emissions.shape[2], device=emissions.device)
    best = chain.start + emissions[:, 0]
    came_from = []
    for t in range(1, emissions.shape[1]):
        scores, previous = (best.unsqueeze(2) + transitions).max(dim=1)
        here = mask[:, t, None]
        best = torch.where(here, scores + emissions[:, t], best)
        came_from.append(torch.where(here, previous, stay))
    tag = (best + chain.end).argmax(dim=1, keepdim=True)
    path = [tag]
    for previous in reversed(came_from):
        tag = previous.gather(1, tag)
        path.append(tag)
    return torch.cat(path[::-1], dim=1).masked_fill(~mask, 0)


def log_partition(emissions: Tensor, mask: Tensor, chain: Chain) -> Tensor:
    """log Z, the logarithm of the sum of exp(score) over all tag sequences, for each sentence: (N,)."""
    return torch.logsumexp(_forward(emissions, mask, chain)[:, -1] + chain.end, dim=1)


def marginals(emissions: Tensor, mask: Tensor, chain: Chain) -> Tensor:
    """p(y_t = k | x) for each word, by forward-backward: (N, T, K), 0 where there is no word."""
    alphas = _forward(emissions, mask, chain)
    transitions = _per_sentence(chain.transitions, 3)
    beta = chain.end.expand_as(alphas[:, 0])
    betas = [beta]
    for t in range(emissions.shape[1] - 1, 0, -1):
        step = torch.logsumexp(transitions + (emissions[:, t] + beta).unsqueeze(1), dim=2)
        beta = torch.where(mask[:, t, None], step, beta)
        betas.append(beta)
    return torch.softmax(alphas + torch.stack(betas[::-1], dim=1), dim=2) * mask.unsqueeze(2)


def sample(
    emissions: Tensor, mask: Tensor, chain: Chain, count: int = 1, generator: torch.Generator | None = None
) -> Tensor:
    """Exact draws from p(y | x), by forward filtering and backward sampling: (count, N, T), 0 where there is no word.

    All draws of all sentences are made together. Raises ValueError where `count` is less than 1.
    """
    if count < 1:
        raise ValueError(f"{count} samples asked for: at least 1")
    alphas = _forward(emissions, mask, chain)
    sentences, length, tags = emissions.shape
    transitions = _per_sentence(chain.transitions, 3).expand(sentences, tags, tags)
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

    def log_likelihood(self, emissions: Tensor, tags: Tensor, mask: Tensor, language: Tensor) -> Tensor:
        """log p(y | x) of each sentence: (N,). `language` (N,) chooses the transitions where there are several."""
        if len(self.crfs) == 1:
            return self.crfs[0](emissions, tags, mask, reduction="none")
        result = emissions.new_zeros(len(emissions))
        for index, crf in enumerate(self.crfs):
            (rows,) = torch.where(language == index)
            if len(rows):
                result = result.index_put(
                    (rows,), crf(emissions[rows], tags[rows], mask[rows], reduction="none").to(result.dtype)
                )
        return result

    def chain(self, language: Tensor) -> Chain:
        """The chain's scores; one for each sentence where the transitions belong to languages."""
        if len(self.crfs) == 1:
            crf = self.crfs[0]
            return Chain(crf.start_transitions, crf.transitions, crf.end_transitions)
        return Chain(
            torch.stack([crf.start_transitions for crf in self.crfs])[language],
            torch.stack([crf.transitions for crf in self.crfs])[language],
            torch.stack([crf.end_transitions for crf in self.crfs])[language],
        )


def _forward(emissions: Tensor, mask: Tensor, chain: Chain) -> Tensor:
    """log of the summed scores of all prefixes that end in each tag: (N, T, K); behind the last word, carried on."""
    _check_mask(mask)
    transitions = _per_sentence(chain.transitions, 3)
    alpha = chain.start + emissions[:, 0]
    alphas = [alpha]
    for t in range(1, emissions.shape[1]):
        step = torch.logsumexp(alpha.unsqueeze(2) + transitions, dim=1) + emissions[:, t]
        alpha = torch.where(mask[:, t, None], step, alpha)
        alphas.append(alpha)
    return torch.stack(alphas, dim=1)


def _categorical(logits: Tensor, generator: torch.Generator | None) -> Tensor:
    """One draw for each row of (…, K) unnormalised log probabilities."""
    probabilities = torch.softmax(logits, dim=-1)
    flat = torch.multinomial(probabilities.reshape(-1, logits.shape[-1]), 1, generator=generator)
    return flat.reshape(logits.shape[:-1])


def _per_sentence(scores: Tensor, dimensions: int) -> Tensor:
    return scores if scores.dim() == dimensions else scores.unsqueeze(0)


def _check_mask(mask: Tensor) -> None:
    """Holes would be accepted silently and give wrong numbers. Checked on the processor only: it would stall a GPU."""
    if mask.device.type == "cpu" and not (mask[:, 0].all() and (mask[:, 1:] <= mask[:, :-1]).all()):
        raise ValueError("the mask must be true for at least one word, and false only behind a sentence's last word")
