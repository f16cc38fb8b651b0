"""What one update minimises: the mean loss, or more than it, or another combination of the languages' losses.

An objective does one update's gradients, scaled by the precision's scaler; the loop then clips them and lets the
optimizer step. To add one, write a class with `gradients` and name it in `make_objective` and in `training.config`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from polyner.corpora.prepare import sample_sentences
from polyner.corpora.sentence import Sentence
from polyner.errors import PolynerError
from polyner.models.fisher import fisher_information
from polyner.models.ragged import sent
from polyner.models.tagger import Encoded, Tagger
from polyner.progress import progress_bar
from polyner.training.config import ObjectiveConfig
from polyner.training.gradients import inner_products, language_gradients, least_norm, projected
from polyner.training.precision import Precision

Data = Mapping[str, Sequence[Sentence]]


@dataclass(frozen=True)
class Parent:
    """What a fine-tuned run starts from.

    tagger: with the weights it starts from. training: the sentences it was trained on by language; all of them are
    needed by "ewc" only, but for those of the run itself.
    """

    tagger: Tagger
    training: Data = field(default_factory=dict)


class Objective:
    """The mean loss of the batch: the paper's, and what the others build on."""

    def __init__(self, tagger: Tagger):
        self.tagger = tagger
        self.parameters = list(tagger.trained().values())

    def gradients(self, encoded: Encoded, examples: Tensor, precision: Precision) -> Tensor:
        """Leave the gradients of one update in `.grad`, which is None before; the mean loss over the batch, detached.

        `examples` are indices, on the processor. Nothing here needs to wait for the device.
        """
        loss = precision.loss(self.tagger, encoded.batch(examples))
        precision.scaler.scale(loss).backward()
        return loss.detach()

    def penalty(self) -> float:
        """What is minimised beside the loss, for the weights as they are."""
        return 0.0


class L2SP(Objective):
    """The mean loss + strength/2 · Σ (θ − θ_parent)², over the parameters that are trained.

    (Li, Grandvalet and Davoine 2018, Explicit Inductive Bias for Transfer Learning with Convolutional Networks; all
    parameters have a start here, so there is no second penalty for new ones.) It is part of the gradient, and so of
    Adam's moments, unlike `weight_decay`.
    """

    def __init__(self, tagger: Tagger, parent: Tagger, strength: float):
        super().__init__(tagger)
        self.strength = strength
        start = dict(parent.named_parameters())
        # A copy: the parent's tagger may be the very one that is trained.
        self.parent = [start[name].detach().to(tagger.device, copy=True) for name in tagger.trained()]

    def gradients(self, encoded: Encoded, examples: Tensor, precision: Precision) -> Tensor:
        loss = super().gradients(encoded, examples, precision)
        scale = self.strength * precision.scale(self.tagger.device)
        for parameter, pull in zip(self.parameters, self._pulls(), strict=True):
            # A parameter without a gradient takes no part in the model, and stays where the parent has it.
            if parameter.grad is not None:
                parameter.grad += scale * pull
        return loss

    @torch.no_grad()
    def penalty(self) -> float:
        moved = torch._foreach_sub(self.parameters, self.parent)
        return self.strength / 2 * float(sum((a * b).sum() for a, b in zip(moved, self._pulls(), strict=True)))

    @torch.no_grad()
    def _pulls(self) -> list[Tensor]:
        """The penalty's gradient for strength 1."""
        return list(torch._foreach_sub(self.parameters, self.parent))


class EWC(L2SP):
    """The mean loss + strength/2 · Σ F (θ − θ_parent)², F the diagonal of the parent's Fisher information.

    (Kirkpatrick et al. 2017, Overcoming catastrophic forgetting in neural networks.) F is the mean over the chosen
    languages, each of which counts alike, of E[(∂ log p(y|x) / ∂θ)²] for one sentence, as §5.3 estimates it. It is not
    normalised, for so the penalty has a unit: ½ Σ F (θ − θ_parent)² is, as far as a diagonal goes, the divergence
    KL(parent's posterior of the tags ‖ this one's) of a sentence of those languages, in nats. The loss of a word-level
    CRF is in nats a sentence too. So a strength of 1 gives a nat lost on a sentence of the others for a nat won on one
    of the target, whatever the architecture and its size. Laplace's approximation to the posterior given both corpora
    would have the ratio of their sentences, others to target, as its strength.
    """

    def __init__(self, tagger: Tagger, parent: Tagger, sentences: Data, config: ObjectiveConfig):
        super().__init__(tagger, parent, config.strength)
        self.fisher = [torch.zeros_like(parameter, requires_grad=False) for parameter in self.parameters]
        with progress_bar("Fisher information", total=len(sentences)) as advance:
            for code, own in sentences.items():
                chosen = sample_sentences(own, config.fisher_sentences)
                diagonal = fisher_information(parent, chosen, code, draws=config.fisher_draws).diagonal
                values = [diagonal[name].to(tagger.device) for name in tagger.trained()]
                torch._foreach_add_(self.fisher, values, alpha=1 / len(sentences))
                advance(code)

    @torch.no_grad()
    def _pulls(self) -> list[Tensor]:
        return list(torch._foreach_mul(super()._pulls(), self.fisher))


class ByLanguage(Objective):
    """A linear combination of the gradients of the batch's languages.

    `combine` gives its coefficients (L,), from the gradients' inner products (L, L) and the languages' shares of the
    batch (L,).
    """

    def __init__(self, tagger: Tagger, combine: Callable[[Tensor, Tensor], Tensor]):
        super().__init__(tagger)
        self.combine = combine

    def gradients(self, encoded: Encoded, examples: Tensor, precision: Precision) -> Tensor:
        found = language_gradients(self.tagger, self.parameters, encoded, examples, precision)
        coefficients = self.combine(sum(map(inner_products, found.gradients)), found.shares)
        for parameter, gradients in zip(self.parameters, found.gradients, strict=True):
            parameter.grad = torch.tensordot(coefficients.to(gradients), gradients, dims=1)
        return (found.losses * found.shares.to(found.losses)).sum()


def without_conflicts(products: Tensor, shares: Tensor) -> Tensor:
    """PCGrad's coefficients (L,), of `projected`, in a random order. Without any conflict they are the shares."""
    order = torch.rand(products.shape).argsort(dim=1)  # drawn on the processor, whatever the device
    return projected(products, shares, sent(order, products.device))


COMBINATIONS = {"pcgrad": without_conflicts, "mgda": lambda products, shares: least_norm(products)}


def make_objective(config: ObjectiveConfig, tagger: Tagger, training: Data, parent: Parent | None = None) -> Objective:
    """The objective of a training of `tagger` on `training`, from `parent` if it is a fine-tuned run.

    Raises SettingsError where the run cannot have it, and PolynerError where the parent's sentences of a language that
    Fisher information is needed of are not given.
    """
    known = None if parent is None else parent.tagger.languages
    config.check(tagger.name, tuple(training), known)
    if config.name == "l2sp":
        return L2SP(tagger, parent.tagger, config.strength)
    if config.name == "ewc":
        given = {**parent.training, **training} if config.fisher_languages == "target" else parent.training
        needed = config.fisher_of(tuple(training), known)
        if missing := [code for code in needed if not given.get(code)]:
            raise PolynerError(
                f"ewc needs the parent's training sentences of {', '.join(missing)}, which are not given"
            )
        return EWC(tagger, parent.tagger, {code: given[code] for code in needed}, config)
    return ByLanguage(tagger, COMBINATIONS[config.name]) if config.name in COMBINATIONS else Objective(tagger)
