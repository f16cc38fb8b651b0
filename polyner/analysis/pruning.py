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

from polyner.analysis.sentences import f1_of
from polyner.corpora.sentence import Sentence
from polyner.errors import PolynerError
from polyner.models.crf import LinearChainCRF
from polyner.models.tagger import Tagger
from polyner.scoring import count_spans_by_sentence, precision_recall_f1
from polyner.training.loop import predict

SCOPES = ("global", "layer")
ORDERS = ("magnitude", "random")

# Room for the rounding of F1: a drop of 1.0 points is not more than 1 point, whatever its last bits.
ROUNDING = 1e-9

# What one row of `efficiency` is about; `variant` only where the curves have it.
_MODEL_KEYS = ["model", "variant", "group", "seed", "scope", "order"]
_FIGURES = ["languages", "share", "kept", "polyglot_weights", "monolingual_weights", "ratio"]
_FIGURES += ["polyglot_f1_change", "f1_difference", "unpruned_f1_difference"]


def prunable(tagger: Tagger) -> dict[str, Tensor]:
    """The weight matrices and embeddings of a tagger by parameter name, in the order of its parameters.

    Biases (all parameters of one dimension) and the scores of a CRF are spared.
    """
    spared = {id(p) for module in tagger.modules() if isinstance(module, LinearChainCRF) for p in module.parameters()}
    return {name: p for name, p in tagger.named_parameters() if p.dim() > 1 and id(p) not in spared}


def prunable_count(tagger: Tagger) -> int:
    """How many single weights can be pruned: the `weights` of `efficiency`."""
    return sum(weight.numel() for weight in prunable(tagger).values())


@contextmanager
def pruned(
    tagger: Tagger, share: float, *, scope: str = "global", order: str = "magnitude", seed: int = 0
) -> Iterator[None]:
    """Inside the `with` block, `share` (0 to 1) of the tagger's n prunable weights are zero; then they are as before.

    Exactly round(share · n) weights are zeroed: over the whole model (scope "global") or in each weight tensor (scope
    "layer"); those of smallest magnitude, the first of equal ones, or (order "random") random ones, where the weights
    chosen for a share are among those chosen for a larger share with the same seed. The weights come back bit for
    bit, also after an exception. Raises PolynerError for an unknown scope or order, or a share outside 0 to 1.
    """
    _check(share, scope, order)
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
    *,
    scope: str = "global",
    order: str = "magnitude",
    seed: int = 0,
) -> pd.DataFrame:
    """Span counts of the pruned tagger on each sentence of each language, without retraining.

    Columns: language, scope, order, share (of the prunable weights that are zero), sentence (its number), correct,
    predicted, gold; sorted by the first five. Raises PolynerError as `pruned`, and for a language without sentences.
    """
    for share in shares:
        _check(share, scope, order)
    if empty := [language for language, examples in sentences.items() if not examples]:
        raise PolynerError(f"no sentences of {', '.join(empty)} to score the pruned tagger on")
    encoded = {language: tagger.encode(s, [language] * len(s)) for language, s in sentences.items()}
    tables = []
    for share in shares:
        with pruned(tagger, share, scope=scope, order=order, seed=seed):
            for language, examples in sentences.items():
                spans = count_spans_by_sentence([s.tags for s in examples], predict(tagger, encoded[language]))
                spans = spans.rename_axis("sentence").reset_index()
                tables.append(spans.assign(language=language, scope=scope, order=order, share=share))
    keys = ["language", "scope", "order", "share", "sentence"]
    table = pd.concat(tables).sort_values(["language", "share"], kind="stable", ignore_index=True)
    return table[[*keys, "correct", "predicted", "gold"]]


def pruning_curve(counts: pd.DataFrame) -> pd.DataFrame:
    """F1 by the share of weights that is pruned (Figure 3 a, b), from the span counts of `pruning_counts`.

    The columns of the result are those of `counts`, with f1, precision, recall (percent) in place of sentence and the
    counts; its rows are sums over the sentences.
    """
    spans = ["correct", "predicted", "gold"]
    keys = [column for column in counts if column not in ("sentence", *spans)]
    sums = counts.groupby(keys, sort=False, dropna=False, as_index=False)[spans].sum()
    scores = [precision_recall_f1(*row) for row in sums[spans].itertuples(index=False)]
    return sums[keys].join(
        pd.DataFrame(scores, columns=["precision", "recall", "f1"], dtype=float)[["f1", "precision", "recall"]]
    )


def over_pruned(curve: pd.DataFrame, drop: float = 1.0, by: Sequence[str] | None = None) -> pd.DataFrame:
    """Where each curve is first over-pruned: the first share whose F1 is more than `drop` points below the unpruned.

    `curve` has columns share and f1; the columns `by` (all but share, f1, precision and recall, unless given) tell
    curves apart, and no curve has a share twice. Columns: those of `by`; share, the first over-pruned one, and f1
    there, both nan where there is none; unpruned_f1, that of share 0; last_share, the last share before the curve is
    over-pruned (the threshold of Figure 3 c, d), the largest share where it never is. What comes behind the first
    over-pruned share does not matter, even if F1 recovers there.
    Raises PolynerError for a curve without share 0, or with a share twice.
    """
    if by is None:
        by = [column for column in curve.columns if column not in ("share", "f1", "precision", "recall")]
    by = list(by)
    rows = []
    groups = curve.groupby(by, sort=False, dropna=False) if by else [((), curve)]
    for key, points in groups:
        where = ", ".join(map(str, key)) or "the curve"
        f1 = points.set_index("share")["f1"].sort_index()
        if not f1.index.is_unique:
            raise PolynerError(f"{where}: the same share twice; the columns {', '.join(by)} do not tell curves apart")
        if f1.empty or f1.index[0] != 0:
            raise PolynerError(f"{where}: there is no share 0, so a loss of F1 cannot be told")
        over = (f1.iloc[0] - f1 > drop + ROUNDING).to_numpy()
        first = int(over.argmax()) if over.any() else None
        at_first = (float("nan"), float("nan")) if first is None else (f1.index[first], f1.iloc[first])
        rows.append((*key, *at_first, f1.iloc[0], f1.index[-1 if first is None else first - 1]))
    return pd.DataFrame(rows, columns=[*by, "share", "f1", "unpruned_f1", "last_share"])


def last_shares(counts: ArrayLike, shares: Sequence[float], drop: float = 1.0) -> NDArray[np.float64]:
    """The threshold of `over_pruned`, of summed span counts: the last share before F1 falls by more than `drop` points.

    `counts` (…, shares, 3) are correct, predicted and gold spans with each of the rising `shares` pruned, the first of
    which is 0; the result is (…). nan where F1 cannot fall so far: of a model that finds next to nothing, this says
    nothing. Raises ValueError where the first share is not 0, or their number is not that of the counts.
    """
    f1 = _f1_by_share(counts, shares)
    over = f1[..., :1] - f1 > drop + ROUNDING
    first = np.where(over.any(axis=-1), over.argmax(axis=-1), len(shares))
    return np.where(f1[..., 0] > drop + ROUNDING, np.asarray(shares)[first - 1], np.nan)


def area(counts: ArrayLike, shares: Sequence[float]) -> NDArray[np.float64]:
    """The area under F1 by pruned share, as a part of the unpruned F1: 1 for a model that pruning does not harm.

    `counts` and errors as for `last_shares`; trapezoids between shares, over the range of these. nan where unpruned F1
    is 0. Unlike a threshold, it hangs on the whole curve, and a little more or less F1 at one share moves it a little.
    """
    f1 = _f1_by_share(counts, shares)
    whole = f1[..., :1]
    kept = np.divide(f1, whole, out=np.full_like(f1, np.nan), where=whole > 0)
    return (kept[..., 1:] + kept[..., :-1]) / 2 @ np.diff(shares) / shares[-1]


def _f1_by_share(counts: ArrayLike, shares: Sequence[float]) -> NDArray[np.float64]:
    counts = np.asarray(counts, dtype=float)
    if counts.shape[-2:] != (len(shares), 3) or shares[0] != 0 or (np.diff(shares) <= 0).any():
        raise ValueError(f"counts {counts.shape} do not go with rising shares from 0: {list(shares)}")
    return f1_of(counts)


def efficiency(curves: pd.DataFrame, drop: float = 1.0) -> pd.DataFrame:
    """The figures of §5.2: what a polyglot model needs of its weights, against all monolingual models together.

    `curves` has a row a language and share with columns model, regime ("monolingual", "polyglot"; others are ignored),
    group, language, seed, run, scope, order, share, f1 (percent), weights (`prunable_count` of the run's model), and
    perhaps variant. The result has a row a model, (variant,) group, seed, scope and order with curves of both regimes:

    * languages: how many the figures are about.
    * share: the largest share of the polyglot model's weights that can be pruned before the first language is
      over-pruned, all smaller shares included; kept: 1 − share.
    * polyglot_f1_change: the polyglot model's mean F1 at that share less its unpruned F1.
    * polyglot_weights: kept · weights. monolingual_weights: the sum over languages of what each monolingual model
      keeps at its own last share before it is over-pruned. ratio: the first over the second.
    * f1_difference: the mean over languages of polyglot F1 less monolingual F1, each pruned to those shares;
      unpruned_f1_difference: the same of the unpruned models.

    The paper's sentence on CoNLL, "needs 60% of its parameters to maintain performance on all languages", "only 30%"
    of what the four monolingual models need together, "paid for by an average decrease of 0.33 F1", is kept 0.6, ratio
    0.3, f1_difference −0.33: monolingual models of the same size that keep half of their weights each.
    Raises PolynerError where the two regimes do not have the same languages, or a curve more than one run.
    """
    keys = [key for key in _MODEL_KEYS if key in curves.columns]
    curves = curves[curves["regime"].isin(("monolingual", "polyglot"))]
    identity = [*keys, "regime", "language"]
    ends = over_pruned(curves, drop, by=identity)
    found = curves.drop_duplicates([*identity, "share"])[[*identity, "share", "f1", "weights"]]
    found = found.rename(columns={"share": "last_share", "f1": "last_f1"})
    ends = ends.merge(found, on=[*identity, "last_share"])
    rows = []
    for key, cell in ends.groupby(keys, sort=False, dropna=False):
        sides = {regime: side.set_index("language") for regime, side in cell.groupby("regime")}
        if len(sides) < 2:
            continue
        polyglot, monolingual = sides["polyglot"], sides["monolingual"]
        if unpaired := sorted(set(polyglot.index) ^ set(monolingual.index)):
            raise PolynerError(f"{', '.join(map(str, key))}: curves of one regime only for {', '.join(unpaired)}")
        share = polyglot["last_share"].min()
        together = curves[
            (curves[identity[:-1]] == [*key, "polyglot"]).all(axis="columns") & (curves["share"] == share)
        ]
        polyglot_f1 = together.set_index("language")["f1"]
        polyglot_weights = (1 - share) * polyglot["weights"].iloc[0]
        monolingual_weights = ((1 - monolingual["last_share"]) * monolingual["weights"]).sum()
        ratio = polyglot_weights / monolingual_weights if monolingual_weights else float("nan")
        changes = (
            (polyglot_f1 - polyglot["unpruned_f1"]).mean(),
            (polyglot_f1 - monolingual["last_f1"]).mean(),
            (polyglot["unpruned_f1"] - monolingual["unpruned_f1"]).mean(),
        )
        rows.append((*key, len(polyglot), share, 1 - share, polyglot_weights, monolingual_weights, ratio, *changes))
    return pd.DataFrame(rows, columns=[*keys, *_FIGURES])


def _check(share: float, scope: str, order: str) -> None:
    if not 0 <= share <= 1:
        raise PolynerError(f"the share of weights to prune is between 0 and 1, not {share}")
    if scope not in SCOPES:
        raise PolynerError(f"scope is one of {', '.join(SCOPES)}, not {scope!r}")
    if order not in ORDERS:
        raise PolynerError(f"order is one of {', '.join(ORDERS)}, not {order!r}")


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
