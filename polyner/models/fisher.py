"""The diagonal of the Fisher information of a BiLSTM-CRF (§5.3): how much each parameter matters for a language.

For a sentence x it is E[(∂ log p(y|x) / ∂θ)²] over tag sequences y from the model's own posterior, not the gold tags.
The CRF is linear in its statistics φ(y): which tag each word has, which tag follows which, which come first and last.
Its natural parameters (emissions and chain) have J as their derivative by θ, so the score is Jᵀ(φ(y) − E φ) and the
diagonal is that of Jᵀ Cov(φ) J. A direction of φ is taken to the parameters by one vector-Jacobian product, an
ordinary backward pass. The estimators differ in the directions v whose (Jᵀ v)² they average or add:

* "sampled": φ(y) − E φ for y drawn from the posterior;
* "signs": a square root of Cov(φ) times random signs. It has the same covariance and lighter tails: where the tagger is
  sure, nearly all draws of y are the same, while the information sits in those that are hardly ever drawn;
* "exact": the columns of a square root of Cov(φ), a sentence at a time.

For the first two, the directions of a mini-batch's sentences go through the network in one pass: they are independent
with mean zero, so what is mixed in the square averages out. "literal" is the paper's loop, without any of this: draw y
for each sentence, and square the gradient of its log-likelihood.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from polyner.corpora.sentence import Sentence
from polyner.errors import PolynerError
from polyner.models.crf import Chain, following, log_likelihood, log_partition, marginals, sample
from polyner.models.sentence_crf import SentenceBatch, SentenceCRF
from polyner.models.tagger import Tagger

ESTIMATORS = ("signs", "sampled", "exact", "literal")

# "exact" takes a backward pass for nearly each statistic, and time and memory with their square: for more, minutes and
# gigabytes a sentence.
MOST_STATISTICS = 1000


class Statistics(NamedTuple):
    """Values for the CRF's statistics φ of N sentences: D directions of them at once.

    emissions: (D, N, T, K), for each word and tag; start, end: (D, N, K); transitions: (D, N, K, K), row to column.
    """

    emissions: Tensor
    start: Tensor
    transitions: Tensor
    end: Tensor


@dataclass(frozen=True)
class Fisher:
    """Diagonal Fisher information of a tagger on one language's sentences.

    diagonal: parameter name → tensor like the parameter: the mean over sentences of E[(∂ log p(y|x) / ∂θ)²].
    draws: directions (or, for "literal", samples) a mini-batch; None for "exact". seconds: how long it took.
    """

    diagonal: dict[str, Tensor]
    draws: int | None
    seconds: float


def fisher_information(
    tagger: Tagger,
    sentences: Sequence[Sentence],
    language: str,
    *,
    estimator: str = "signs",
    draws: int = 16,
    batch_size: int = 8,
    seed: int = 0,
) -> Fisher:
    """The diagonal Fisher information of a CRF tagger on sentences of one language (§5.3), without dropout.

    `draws` (of directions a mini-batch; of tag sequences a sentence for "literal", 1,000 in the paper) and `batch_size`
    (sentences) mean nothing to "exact"; "literal" goes sentence by sentence. The relative error of "signs" and
    "sampled" falls with the number of backward passes, which is draws · sentences / batch_size: those of small batches
    are cheap, and parameters that only few sentences touch, such as the embedding of a rare byte, need draws. Only
    parameters that are trained count. The tagger's parameters, gradients and mode are left as they are.
    Raises PolynerError for a tagger without a CRF over words, an unknown estimator, no sentences, or no draws, and for
    "exact" where a sentence has more than `MOST_STATISTICS`.
    """
    _check(tagger, sentences, estimator, draws, batch_size)
    batch_size = 1 if estimator in ("exact", "literal") else batch_size
    started = time.monotonic()
    encoded = tagger.encode(sentences, [language] * len(sentences))
    batches = encoded.lengths.argsort(stable=True).split(batch_size)
    generator = torch.Generator(tagger.device).manual_seed(seed)
    parameters = tagger.trained()
    totals = {name: torch.zeros_like(p, requires_grad=False) for name, p in parameters.items()}
    with without_dropout(tagger), torch.enable_grad():
        for examples in batches:
            batch = encoded.batch(examples)
            if estimator == "literal":
                gradients = _literal(tagger, batch, list(parameters.values()), draws, generator)
            else:
                gradients = _by_directions(tagger, batch, list(parameters.values()), estimator, draws, generator)
            for gradient in gradients:
                for total, g in zip(totals.values(), gradient, strict=True):
                    if g is not None:  # transitions of another language have none
                        total.addcmul_(g, g)
    drawn = None if estimator == "exact" else draws
    scale = len(sentences) * (drawn or 1)
    diagonal = {name: total / scale for name, total in totals.items()}
    return Fisher(diagonal, drawn, time.monotonic() - started)


def statistics_of(sentence: Sentence, tagger: Tagger) -> int:
    """How many statistics φ has for a sentence: TK + K² + 2K for T words and K tags."""
    tags = len(tagger.tags)
    return (len(sentence) + tags + 2) * tags


def _by_directions(
    tagger: SentenceCRF,
    batch: SentenceBatch,
    parameters: Sequence[Tensor],
    estimator: str,
    draws: int | None,
    generator: torch.Generator,
) -> Iterator[Sequence[Tensor | None]]:
    """Jᵀ v for each direction v of the batch: one forward pass, and one backward pass a direction."""
    emissions, chain = tagger.scores(batch)
    # Double precision costs nothing beside the network, and small probabilities count here.
    fixed = emissions.detach().double(), batch.mask, Chain(*(scores.detach().double() for scores in chain))
    if estimator == "exact":
        directions = principal_directions(*fixed)
    else:
        of = {"signs": signed_directions, "sampled": sampled_directions}[estimator]
        directions = of(*fixed, draws, generator)
    outputs = (emissions, *chain)
    shared = chain.start.dim() == 1
    for along, *on_chain in zip(*directions, strict=True):
        cotangents = (along, *(values.sum(dim=0) if shared else values for values in on_chain))
        cotangents = [values.to(output.dtype) for values, output in zip(cotangents, outputs, strict=True)]
        yield torch.autograd.grad(outputs, parameters, cotangents, retain_graph=True, allow_unused=True)


def _literal(
    tagger: SentenceCRF, batch: SentenceBatch, parameters: Sequence[Tensor], draws: int, generator: torch.Generator
) -> Iterator[Sequence[Tensor | None]]:
    """The gradient of log p(y|x) for each of `draws` samples y of one sentence, computed anew for each."""
    with torch.no_grad():
        emissions, chain = tagger.scores(batch)
        drawn = sample(emissions, batch.mask, chain, draws, generator)
    for tags in drawn:
        emissions, chain = tagger.scores(batch)
        likelihood = log_likelihood(emissions, tags, batch.mask, chain)
        yield torch.autograd.grad(likelihood.sum(), parameters, allow_unused=True)


def sampled_directions(
    emissions: Tensor, mask: Tensor, chain: Chain, draws: int, generator: torch.Generator
) -> Statistics:
    """φ(y) − E φ for tag sequences y drawn from the posterior: the gradient of log p(y|x) by emissions and chain."""
    sentences, _, tags = emissions.shape
    drawn = sample(emissions, mask, chain, draws, generator).flatten(end_dim=1)
    shapes = (emissions.shape, (sentences, tags), (sentences, tags, tags), (sentences, tags))
    natural = [
        scores.expand(draws, *shape).clone().requires_grad_()
        for scores, shape in zip((emissions, *chain), shapes, strict=True)
    ]
    emissions, *on_chain = (scores.flatten(end_dim=1) for scores in natural)
    problem = mask.repeat(draws, 1), Chain(*on_chain)
    return Statistics(*torch.autograd.grad(log_likelihood(emissions, drawn, *problem).sum(), natural))


def signed_directions(
    emissions: Tensor, mask: Tensor, chain: Chain, draws: int, generator: torch.Generator
) -> Statistics:
    """A square root of Cov(φ) times random signs z, for `draws` draws of z.

    Its columns belong to the steps a → b of the chain: √p(a, b) times what knowing that step adds to the expectation
    of φ, which is uncorrelated with what the others add. Put as mass on tags that flows along the chain, column by
    column: the step itself gets √p(a, b), and all steps from a are reduced by as much in proportion to their
    probabilities. No square root is ever built.
    """
    likely_tags, steps = marginals(emissions, mask, chain), following(emissions, mask, chain)
    first = likely_tags[:, 0]
    mass = _centred(_signs((draws, *first.shape), generator) * first.sqrt(), first)
    start, along = mass, [mass]
    transitions = mass.new_zeros(*mass.shape, mass.shape[-1])
    for t in range(steps.shape[1]):
        step, here = steps[:, t], mask[:, t + 1]
        likely = (likely_tags[:, t].unsqueeze(2) * step).sqrt()
        flow = _centred(_signs((draws, *likely.shape), generator) * likely, step) + mass.unsqueeze(3) * step
        transitions = transitions + flow * here[:, None, None]
        mass = torch.where(here[:, None], flow.sum(dim=2), mass)
        along.append(mass * here[:, None])
    return Statistics(torch.stack(along, dim=2), start, transitions, mass)


def principal_directions(emissions: Tensor, mask: Tensor, chain: Chain, negligible: float = 1e-7) -> Statistics:
    """The columns of a square root of Cov(φ) of one sentence: its eigenvectors times the roots of their eigenvalues.

    Left out are the smallest, as many as hold less than `negligible` of the trace together.
    """
    values, vectors = torch.linalg.eigh(covariance(emissions, mask, chain))
    values = values.clamp(min=0.0)
    kept = values.cumsum(dim=0) > negligible * values.sum()
    columns = (vectors * values.sqrt())[:, kept].T
    length, tags = emissions.shape[1:]
    shapes = ((1, length, tags), (1, tags), (1, tags, tags), (1, tags))
    parts = columns.split([math.prod(shape) for shape in shapes], dim=1)
    return Statistics(*(part.reshape(-1, *shape) for part, shape in zip(parts, shapes, strict=True)))


def covariance(emissions: Tensor, mask: Tensor, chain: Chain) -> Tensor:
    """Cov(φ) of one sentence: (S, S), its S = TK + K + K² + K statistics in the order of `Statistics`.

    It is the Hessian of log Z by emissions and chain.
    """
    scores = (emissions, *chain)

    def log_z(natural: Tensor) -> Tensor:
        parts = natural.split([each.numel() for each in scores])
        words, *on_chain = (part.view_as(each) for part, each in zip(parts, scores, strict=True))
        return log_partition(words, mask, Chain(*on_chain)).sum()

    return torch.autograd.functional.hessian(log_z, torch.cat([each.flatten() for each in scores]), vectorize=True)


def _signs(shape: Sequence[int], generator: torch.Generator) -> Tensor:
    return torch.randint(0, 2, shape, generator=generator, device=generator.device).double() * 2 - 1


def _centred(values: Tensor, probabilities: Tensor) -> Tensor:
    """What is left of values (…, K) when their sum is taken away in proportion to probabilities (…, K)."""
    return values - probabilities * values.sum(dim=-1, keepdim=True)


@contextmanager
def without_dropout(tagger: Tagger) -> Iterator[None]:
    """Evaluation mode, but training mode with dropout 0 for LSTMs, which cuDNN differentiates in no other."""
    modes = {module: module.training for module in tagger.modules()}
    recurrent = {module: module.dropout for module in modes if isinstance(module, nn.RNNBase)}
    tagger.eval()
    for module in recurrent:
        module.train()
        module.dropout = 0.0
    try:
        yield
    finally:
        for module, dropout in recurrent.items():
            module.dropout = dropout
        for module, training in modes.items():
            module.training = training


def _check(tagger: Tagger, sentences: Sequence[Sentence], estimator: str, draws: int, batch_size: int) -> None:
    if not isinstance(tagger, SentenceCRF):
        raise PolynerError(f"Fisher information needs a tagger with a CRF over words, which {tagger.name} is not")
    if estimator not in ESTIMATORS:
        raise PolynerError(f"estimator is one of {', '.join(ESTIMATORS)}, not {estimator!r}")
    if not sentences:
        raise PolynerError("no sentences to estimate the Fisher information on")
    if estimator == "exact" and (most := max(statistics_of(s, tagger) for s in sentences)) > MOST_STATISTICS:
        said = f"{most:,} statistics of its words and {len(tagger.tags)} tags, above {MOST_STATISTICS:,}"
        raise PolynerError(f"exact Fisher information: a sentence has {said}: take another estimator, such as signs")
    for name, value in (("draws", draws), ("batch_size", batch_size)):
        if value < 1:
            raise PolynerError(f"{name} is at least 1, not {value}")
