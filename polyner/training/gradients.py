"""Gradients of several languages: computed one by one, compared, and combined.

All that the methods need to know of L gradients is the (L, L) matrix of their inner products: what they make of them is
a linear combination, whose coefficients follow from it. So none of this depends on how large the model is, and as
scaling all gradients alike changes no coefficient, it holds for the scaled gradients of float16 too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from polyner.models.tagger import Encoded, Tagger
from polyner.training.precision import Precision


@dataclass(frozen=True)
class LanguageGradients:
    """The gradients of a batch's L languages, each of the mean loss of the language's own examples.

    languages: their codes. losses: (L,). shares: (L,) of the terms (sentences, bytes or symbols) that the loss of the
    whole batch is the mean of, so that `shares @ losses` is that loss, and the gradients' mean by `shares` its
    gradient. gradients: (L, *shape) for each parameter.
    """

    languages: tuple[str, ...]
    losses: Tensor
    shares: Tensor
    gradients: list[Tensor]


def language_gradients(
    tagger: Tagger, parameters: Sequence[nn.Parameter], encoded: Encoded, examples: Tensor, precision: Precision
) -> LanguageGradients:
    """The gradients of each language of a batch by `parameters`, scaled by the precision's scaler.

    Every language goes through the network by itself: what a batch costs grows with its languages only by what small
    batches cost more.
    """
    own: dict[str, list[int]] = {}
    for example in examples.tolist():
        own.setdefault(encoded.languages[example], []).append(example)
    batches = [encoded.batch(torch.tensor(members)) for members in own.values()]
    terms = torch.stack([torch.as_tensor(tagger.terms(batch), device=tagger.device) for batch in batches]).double()
    losses, found = [], []
    for batch in batches:
        loss = precision.loss(tagger, batch)
        found.append(torch.autograd.grad(precision.scaler.scale(loss), parameters, materialize_grads=True))
        losses.append(loss.detach())
    gradients = [torch.stack(of_parameter) for of_parameter in zip(*found, strict=True)]
    return LanguageGradients(tuple(own), torch.stack(losses), terms / terms.sum(), gradients)


def inner_products(vectors: Tensor) -> Tensor:
    """(L, L) inner products of vectors (L, …), in double precision."""
    flat = vectors.flatten(start_dim=1).double()
    return flat @ flat.T


def projected(products: Tensor, shares: Tensor, order: Tensor) -> Tensor:
    """PCGrad's coefficients (L,): the sum of the gradients, each without what conflicts with the others.

    Gradient i, weighed by its share, goes through the others in the order of row i of `order` (L, L), in which i itself
    is passed over. Where its inner product with one of them is negative, its projection on that one is taken away. All
    rows go at once, and nothing waits for the device. (Yu et al. 2020, Gradient Surgery for Multi-Task Learning,
    algorithm 1.)
    """
    rows = torch.arange(len(products), device=products.device)
    coefficients = torch.diag(shares)
    squared = products.diagonal().clamp(min=torch.finfo(products.dtype).tiny)
    for other in order.T:
        along = (coefficients * products[other]).sum(dim=1)
        conflict = torch.where(other == rows, 0.0, along.clamp(max=0.0)) / squared[other]
        coefficients = coefficients.index_put((rows, other), -conflict, accumulate=True)
    return coefficients.sum(dim=0)


def least_norm(products: Tensor) -> Tensor:
    """MGDA's coefficients (L,): the convex combination of the gradients that has the least norm.

    Its negative is a direction in which no language's loss grows; where it is zero there is none. For two gradients it
    is known in closed form (Sener and Koltun 2018, Multi-Task Learning as Multi-Objective Optimization, §3.2). For more
    they have Frank–Wolfe's steps; here it is exact, for it is in proportion to the weights w ≥ 0 of any sum that
    minimise ‖Σ wᵢgᵢ‖² + (Σ wᵢ − 1)². The L² inner products are fetched from the device: one wait costs less than
    hundreds of tiny steps there. No gradient is normalised, so a language whose loss is nearly learnt, with a small
    gradient, has most of the weight.
    """
    if len(products) == 1:
        return torch.ones_like(products[0])
    if len(products) == 2:
        (first, between), (_, second) = products
        squared = first + second - 2 * between
        share = torch.where(squared == 0, 0.5, (second - between) / squared).clamp(0.0, 1.0)
        return torch.stack([share, 1 - share])
    from scipy.optimize import lsq_linear

    known, count = products.cpu().numpy(), len(products)
    if not np.isfinite(known).all():  # a gradient overflowed, and none of it may be hidden by a weight of 0
        return torch.full_like(products[0], 1 / count)
    values, vectors = np.linalg.eigh(known / (known.diagonal().max() or 1.0))
    gradients = np.sqrt(values.clip(min=0.0))[:, None] * vectors.T  # columns with the same inner products
    system, wanted = np.vstack([gradients, np.ones(count)]), np.append(np.zeros(count), 1.0)
    weights = lsq_linear(system, wanted, bounds=(0.0, np.inf), method="bvls", tol=1e-14).x.clip(min=0.0)
    return torch.from_numpy(weights / weights.sum()).to(products)
