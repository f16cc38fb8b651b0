"""Magnitude pruning (§5.2): how many of its weights a tagger needs, and what the polyglot model saves by it.

Weights are set to zero without retraining. The paper does not say which count nor whether they are compared across
layers; here these are all weight matrices and embeddings, ordered by magnitude over the whole model or by layer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
import pandas as pd
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from polyner.analysis.sentences import f1_of, ratio
from polyner.corpora.sentence import Sentence
from polyner.models.crf import LinearChainCRF
from polyner.models.tagger import Tagger
from polyner.scoring import SPANS, count_spans_by_sentence
from polyner.training.loop import predict
from polyner.validation import check_names

SCOPES = ("global", "layer")
ORDERS = ("magnitude", "random")

# Room for the rounding of F1: a drop of 1.0 points is not more than 1 point, whatever its last bits.
ROUNDING = 1e-9


def prunable(tagger: Tagger) -> dict[str, Tensor]:
    """The weight matrices and embeddings of a tagger by parameter name, in the order of its parameters.

    Biases (all parameters of one dimension) and the scores of a CRF are spared.
    """
    spared = {id(p) for module in tagger.modules() if isinstance(module, LinearChainCRF) for p in module.parameters()}
    return {name: p for name, p in tagger.named_parameters() if p.dim() > 1 and id(p) not in spared}


@contextmanager
def pruned(
    tagger: Tagger, share: float, *, scope: str = "global", order: str = "magnitude", seed: int = 0
) -> Iterator[None]:
    """Inside the `with` block, `share` (0 to 1) of the tagger's n prunable weights are zero; then they are as before.

    Exactly round(share · n) weights are zeroed: over the whole model (scope "global") or in each weight tensor (scope
    "layer"); those of smallest magnitude, the first of equal ones, or (order "random") random ones, where the weights
    chosen for a share are among those chosen for a larger share with the same seed. The weights come back bit for
    bit, also after an exception. Raises SettingsError for an unknown scope or order.
    """
    check_names([scope], SCOPES, what="scope")
    check_names([order], ORDERS, what="order")
    weights = list(prunable(tagger).values())
    masks = _zeroed(weights, share, scope, order, seed)
    saved = [weight.detach().clone() for weight in weights]
    # In place: a GPU's LSTM computes from one flat buffer of which these tensors are views.
    try:
        with torch.no_grad():
            for weight, mask in zip(weights, masks, strict=True):
                weight.masked_fill_(mask, 0.0)
        yield
    finally:
        with torch.no_grad():
            for weight, original in zip(weights, saved, strict=True):
                weight.copy_(original)


def pruning_counts(
    tagger: Tagger,
    sentences: Mapping[str, Sequence[Sentence]],
    shares: Sequence[float],
    scope: str = "global",
    order: str = "magnitude",
) -> pd.DataFrame:
    """Span counts of the pruned tagger on each sentence of each language, without retraining.

    Columns: language, scope, order, share (of the prunable weights that are zero), sentence (its number), correct,
    predicted, gold; sorted by the first five. Raises SettingsError as `pruned`.
    """
    encoded = {language: tagger.encode(s, [language] * len(s)) for language, s in sentences.items()}
    tables = []
    for share in shares:
        with pruned(tagger, share, scope=scope, order=order):
            for language, examples in sentences.items():
                spans = count_spans_by_sentence([s.tags for s in examples], predict(tagger, encoded[language]))
                tables.append(spans.assign(language=language, scope=scope, order=order, share=share))
    keys = ["language", "scope", "order", "share", "sentence"]
    table = pd.concat(tables).sort_values(["language", "share"], kind="stable", ignore_index=True)
    return table[[*keys, *SPANS]]


def pruning_curve(counts: pd.DataFrame) -> pd.DataFrame:
    """F1 by the share of weights that is pruned (Figure 3 a, b), from the span counts of `pruning_counts`.

    The columns of the result are those of `counts`, with f1 (percent) in place of sentence and the counts; its rows are
    sums over the sentences.
    """
    keys = [column for column in counts if column not in ("sentence", *SPANS)]
    sums = counts.groupby(keys, sort=False, dropna=False, as_index=False)[[*SPANS]].sum()
    return sums[keys].assign(f1=f1_of(sums[[*SPANS]]))


def over_pruned(curve: pd.DataFrame, drop: float = 1.0) -> pd.DataFrame:
    """How far each curve can be pruned before its F1 is more than `drop` points below the unpruned (Figure 3 c, d).

    `curve` has columns share, from 0, and f1; all others tell curves apart. Columns: these; last_share, the last share
    before the curve is over-pruned, the largest where it never is; last_f1, F1 there, and unpruned_f1. What comes
    behind the first over-pruned share does not matter, even if F1 recovers there.
    """
    by = [column for column in curve if column not in ("share", "f1")]
    curve = curve.sort_values("share", kind="stable")
    over = curve.groupby(by, sort=False, dropna=False)["f1"].transform("first") - curve["f1"] > drop + ROUNDING
    held = curve[~over.groupby([curve[column] for column in by], sort=False, dropna=False).cummax()]
    ends = {"last_share": ("share", "last"), "last_f1": ("f1", "last"), "unpruned_f1": ("f1", "first")}
    return held.groupby(by, sort=False, dropna=False).agg(**ends).reset_index()


def last_shares(counts: ArrayLike, shares: Sequence[float], drop: float = 1.0) -> NDArray[np.float64]:
    """The threshold of `over_pruned`, of summed span counts: the last share before F1 falls by more than `drop` points.

    `counts` (…, shares, 3) are correct, predicted and gold spans with each of the rising `shares` pruned, the first of
    which is 0; the result is (…). nan where F1 cannot fall so far: of a model that finds next to nothing, this says
    nothing.
    """
    f1 = f1_of(counts)
    over = f1[..., :1] - f1 > drop + ROUNDING
    first = np.where(over.any(axis=-1), over.argmax(axis=-1), len(shares))
    return np.where(f1[..., 0] > drop + ROUNDING, np.asarray(shares)[first - 1], np.nan)


def area(counts: ArrayLike, shares: Sequence[float]) -> NDArray[np.float64]:
    """The area under F1 by pruned share, as a part of the unpruned F1: 1 for a model that pruning does not harm.

    `counts` are as for `last_shares`; trapezoids between shares, over the range of these. nan where unpruned F1
    is 0. Unlike a threshold, it hangs on the whole curve, and a little more or less F1 at one share moves it a little.
    """
    f1 = f1_of(counts)
    kept = ratio(f1, f1[..., :1])
    return (kept[..., 1:] + kept[..., :-1]) / 2 @ np.diff(shares) / shares[-1]


def efficiency(curves: pd.DataFrame, drop: float = 1.0) -> pd.DataFrame:
    """The figures of §5.2: what a polyglot model needs of its weights, against all monolingual models together.

    `curves`: model, regime, group, language, seed, scope, order, share, f1 (percent), weights (how many of the run's
    model are `prunable`). A row a model, group, seed, scope and order, about the languages that have curves of both
    regimes (of a group with targets, these). Columns behind those: languages (how many); kept (1 − the largest share of
    the polyglot model's weights that can be pruned before the first of all its languages is over-pruned);
    polyglot_f1_change (its mean F1 at that share less its unpruned F1); ratio (the weights it keeps, over the sum of
    what each monolingual model keeps at its own last share); f1_difference (the mean of polyglot F1 less monolingual
    F1, each pruned to those shares); unpruned_f1_difference (the same of the unpruned models).
    The paper on CoNLL has kept 0.6, ratio 0.3 and f1_difference −0.33.
    """
    keys = ["model", "group", "seed", "scope", "order"]
    ends = over_pruned(curves, drop)
    together, alone = (ends[ends["regime"] == regime] for regime in ("polyglot", "monolingual"))
    # One model serves all languages: it is pruned as far as the most demanding of them bears.
    share = together.groupby(keys, sort=False)["last_share"].min().rename("share").reset_index()
    pruned_f1 = curves.loc[curves["regime"] == "polyglot", [*keys, "language", "share", "f1"]].merge(share)
    both = together.merge(pruned_f1).merge(alone, on=[*keys, "language"], suffixes=("", "_alone"))
    both = both.assign(
        kept=1 - both["share"],
        needed=(1 - both["last_share_alone"]) * both["weights_alone"],
        polyglot_f1_change=both["f1"] - both["unpruned_f1"],
        f1_difference=both["f1"] - both["last_f1_alone"],
        unpruned_f1_difference=both["unpruned_f1"] - both["unpruned_f1_alone"],
    )
    cells = both.groupby(keys, sort=False)
    means = cells[["kept", "weights", "polyglot_f1_change", "f1_difference", "unpruned_f1_difference"]].mean()
    needed = cells["needed"].sum()
    found = means.assign(languages=cells.size(), ratio=means["kept"] * means["weights"] / needed.where(needed > 0))
    return found.drop(columns="weights").reset_index()


def _zeroed(weights: Sequence[Tensor], share: float, scope: str, order: str, seed: int) -> list[Tensor]:
    """For each weight tensor, which of its weights are to be zero: boolean masks of the same shapes."""
    generator = torch.Generator().manual_seed(seed)
    together = [weights] if scope == "global" else [[weight] for weight in weights]
    masks = []
    for tensors in together:
        sizes = [tensor.numel() for tensor in tensors]
        if order == "random":
            ranking = torch.randperm(sum(sizes), generator=generator)
        else:
            ranking = torch.cat([tensor.detach().abs().flatten() for tensor in tensors]).argsort(stable=True)
        zeroed = torch.zeros(sum(sizes), dtype=torch.bool, device=tensors[0].device)
        zeroed[ranking[: round(share * sum(sizes))].to(zeroed.device)] = True
        masks += [part.view_as(tensor) for part, tensor in zip(zeroed.split(sizes), tensors, strict=True)]
    return masks
