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

# Frank–Wolfe ends where no vertex would lower the squared norm by more than this share of the largest gradient's.
_TOLERANCE = 1e-10
_MOST_STEPS = 100


@dataclass(frozen=True)
class LanguageGradients:
    """The gradients of a batch's L languages, each of the mean loss of the language's own examples.

    languages: their codes. losses: (L,). shares: (L,) of the terms (sentences, bytes or symbols) that the loss of the
    whole batch is the mean of, so that `shares @ losses` is that loss, and the gradients' mean by `shares` its
    gradient. gradients: (L, *shape) for each parameter; None for one that no loss depends on.
    """

    languages: tuple[str, ...]
    losses: Tensor
    shares: Tensor
    gradients: list[Tensor | None]

    def products(self) -> Tensor:
        """(L, L) inner products of the gradients over all parameters, in double precision."""
        return sum(inner_products(stacked) for stacked in self.gradients if stacked is not None)

    def combine(self, coefficients: Tensor) -> list[Tensor | None]:
        """The linear combination of the gradients with (L,) coefficients, for each parameter."""
        return [
            None if stacked is None else torch.tensordot(coefficients.to(stacked), stacked, dims=1)
            for stacked in self.gradients
        ]


def language_gradients(
    tagger: Tagger,
    parameters: Sequence[nn.Parameter],
    encoded: Encoded,
    examples: Tensor,
    precision: Precision,
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
        found.append(torch.autograd.grad(precision.scaler.scale(loss), parameters, allow_unused=True))
        losses.append(loss.detach())
    gradients = [_stacked(of_parameter) for of_parameter in zip(*found, strict=True)]
    return LanguageGradients(tuple(own), torch.stack(losses), terms / terms.sum(), gradients)


def _stacked(gradients: Sequence[Tensor | None]) -> Tensor | None:
    """(L, *shape), with zeros for a language whose loss does not depend on the parameter."""
    known = next((gradient for gradient in gradients if gradient is not None), None)
    if known is None:
        return None
    return torch.stack([torch.zeros_like(known) if gradient is None else gradient for gradient in gradients])


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
    is known in closed form, for more it is found by Frank–Wolfe (Sener and Koltun 2018, Multi-Task Learning as
    Multi-Objective Optimization, §3.2 and algorithm 2). After each step all weights in use are chosen anew, and not
    only how far to go towards the new vertex (Wolfe 1976, Finding the nearest point in a polytope): so it ends after
    about L steps, exactly, where line search alone needs thousands. With more than two, the L² inner products are
    fetched from the device: one wait costs less than hundreds of tiny steps there.
    """
    if len(products) == 1:
        return torch.ones_like(products[0])
    if len(products) == 2:
        (first, between), (_, second) = products
        squared = first + second - 2 * between
        share = torch.where(squared == 0, 0.5, (second - between) / squared).clamp(0.0, 1.0)
        return torch.stack([share, 1 - share])
    return torch.from_numpy(_frank_wolfe(products.cpu().numpy())).to(products)


def _frank_wolfe(products: np.ndarray) -> np.ndarray:
    """The mean if a gradient overflowed: none of it may be hidden by a weight of 0."""
    count = len(products)
    if not np.isfinite(products).all():
        return np.full(count, 1 / count)
    weights = np.zeros(count)
    weights[products.diagonal().argmin()] = 1.0
    enough = _TOLERANCE * products.diagonal().max()
    for _ in range(_MOST_STEPS):
        slopes = products @ weights  # half the gradient of the squared norm by the weights
        best = slopes.argmin()
        if weights @ slopes - slopes[best] <= enough:
            break
        used = np.union1d(np.flatnonzero(weights), best)
        while (target := _on_hull(products[np.ix_(used, used)])).min() < 0:
            # As far towards it as all weights stay positive; the one that does not is given up.
            down = target < weights[used]
            step = (weights[used] / np.where(down, weights[used] - target, np.inf))[target < 0].min()
            weights[used] += step * (target - weights[used])
            weights[used[weights[used] <= 1e-15]] = 0.0
            used = np.flatnonzero(weights)
        weights[used] = target
    return weights / weights.sum()


def _on_hull(products: np.ndarray) -> np.ndarray:
    """The coefficients, of sum 1 and any sign, that give vectors with these inner products the least norm."""
    count = len(products)
    scale = products.diagonal().max() or 1.0
    system = np.ones((count + 1, count + 1))
    system[:count, :count], system[count, count] = products / scale, 0.0
    return np.linalg.lstsq(system, np.append(np.zeros(count), 1.0), rcond=None)[0][:count]


def trained_parameters(tagger: Tagger) -> dict[str, nn.Parameter]:
    """The parameters that training changes, by name."""
    return {name: parameter for name, parameter in tagger.named_parameters() if parameter.requires_grad}
