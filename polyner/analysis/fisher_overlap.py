"""Which parameters matter most, layer by layer, and how many of them two languages or two taggers share (§5.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import TypeAlias

import numpy as np
import pandas as pd
import torch
from scipy.stats import rankdata
from torch import Tensor

from polyner.analysis.contrasts import stacked

# Fisher information by parameter, or anything ranked in the same way.
Diagonal: TypeAlias = Mapping[str, Tensor]

# The shares of Figure 4.
SHARES = (0.05, 0.25, 0.5)

# Among what a parameter is ranked: its layer, or those of the layer's parameters that belong to the same gate.
RANKS = ("layer", "gate")
# Rows of an LSTM's weights, from the top: input gate, forget gate, cell candidates, output gate.
GATES = 4

_READABLE = {
    "embedding": "embedding",
    "unit_encoder": "word LSTM",
    "sentence_encoder": "sentence LSTM",
    "to_tags": "output",
    "crf": "CRF",
}
_OF_AN_LSTM = re.compile(r"(?P<module>[^.]+)\.(?:weight|bias)_[ih]h_l(?P<layer>\d+)(?:_reverse)?$")


def layer_of(parameter: str) -> str:
    """The layer that a parameter (by name) belongs to, as it is shown.

    A layer of an LSTM holds the weights and biases of both directions ("word LSTM 1"); else a layer is a whole module
    ("embedding", "output", "CRF"). The word LSTM reads the bytes or characters of a word, the sentence LSTM words.
    """
    if match := _OF_AN_LSTM.search(parameter):
        return f"{_READABLE.get(match['module'], match['module'])} {int(match['layer']) + 1}"
    module = parameter.partition(".")[0]
    return _READABLE.get(module, module)


def by_layer(parameters: Iterable[str]) -> dict[str, list[str]]:
    """The parameters' names by layer; from the bottom to the top for the CRF taggers, as they come for others."""
    grouped: dict[str, list[str]] = {}
    for parameter in parameters:
        grouped.setdefault(layer_of(parameter), []).append(parameter)
    bottom_up = list(_READABLE.values())

    def height(layer: str) -> tuple[int, int]:
        stack, _, number = layer.rpartition(" ") if layer[-1].isdigit() else (layer, "", "0")
        return (bottom_up.index(stack), int(number)) if stack in bottom_up else (len(bottom_up), 0)

    return {layer: grouped[layer] for layer in sorted(grouped, key=height)}


def top_overlap(
    first: Diagonal, second: Diagonal, shares: Sequence[float] = SHARES, ranks: str = "layer"
) -> pd.DataFrame:
    """How many of the parameters that matter most are the same on both sides, within each layer (Figure 4).

    Both sides have the same parameters. The top `share` of a layer of n of them are max(1, round(share · n)); of equal
    ones, the first. With `ranks` "gate" there are only the layers of LSTMs, and a top for each of their gates: gates
    differ in scale, whatever they have learned, so that most of a layer's top lies in one of them, in any network.
    Columns: layer, share, parameters (n), used (the share of n above zero on both sides), overlap (members that both
    sets have, over their size). Two random sets have an overlap of `share`. Where share exceeds `used`, as for
    embeddings of bytes that a language does not have, sets are filled up with parameters of value 0, which are equal
    and so largely the same.
    """
    return _overlaps(*(_tops(side, shares, ranks) for side in (first, second)))


def language_overlap(
    by_language: Mapping[str, Diagonal], shares: Sequence[float] = SHARES, ranks: str = "layer"
) -> pd.DataFrame:
    """`top_overlap` of each language with each other one, in both orders (Figure 4 a).

    Columns: first, second (language codes), layer, share, parameters, used, overlap. The mean over `second` is one
    language against all others.
    """
    tops = {language: _tops(each, shares, ranks) for language, each in by_language.items()}
    tables = []
    for first, second in combinations(tops, 2):
        table = _overlaps(tops[first], tops[second])
        tables += [table.assign(first=first, second=second), table.assign(first=second, second=first)]
    return stacked(tables, ["first", "second", *_COLUMNS])


def agreement(first: Diagonal, second: Diagonal) -> float | None:
    """Spearman's rank correlation of two diagonals: the mean over layers, weighted by their size; None without any.

    Only parameters above zero on at least one side count: those that a language never touches agree whatever the
    estimator. A layer in which all are equal has no order.
    """
    correlations, sizes = [], []
    sides = [_values(side) for side in (first, second)]
    for layer in sides[0]:
        pair = torch.cat([side[layer] for side in sides])
        ranks = rankdata(pair[:, (pair > 0).any(dim=0)].cpu().numpy(), axis=1)
        if ranks.size and np.ptp(ranks, axis=1).all():
            correlations.append(float(np.corrcoef(ranks)[0, 1]))
            sizes.append(ranks.shape[1])
    return float(np.average(correlations, weights=sizes)) if sizes else None


_COLUMNS = ["layer", "share", "parameters", "used", "overlap"]


def _tops(diagonal: Diagonal, shares: Sequence[float], ranks: str) -> dict[tuple[str, float], tuple[Tensor, Tensor]]:
    """By layer and share, which parameters are above zero, and which are in the top of their row: (1 or gates, n)."""
    found = {}
    for layer, each in _values(diagonal, ranks).items():
        order = each.argsort(dim=1, descending=True, stable=True)
        for share in shares:
            first = order[:, : max(1, round(share * each.shape[1]))]
            found[layer, share] = each > 0, torch.zeros_like(each, dtype=torch.bool).scatter_(1, first, True)
    return found


def _overlaps(*sides: Mapping[tuple[str, float], tuple[Tensor, Tensor]]) -> pd.DataFrame:
    rows = []
    for layer, share in sides[0]:
        (first_used, first), (second_used, second) = (side[layer, share] for side in sides)
        used, both = first_used & second_used, first & second
        rows.append((layer, share, used.numel(), int(used.sum()) / used.numel(), int(both.sum()) / int(first.sum())))
    return pd.DataFrame(rows, columns=_COLUMNS)


def _values(diagonal: Diagonal, ranks: str = "layer") -> dict[str, Tensor]:
    """The values of each layer, one after the other: (1, n), or those of the gates of each LSTM: (4, n)."""
    grouped = by_layer(diagonal)
    if ranks == "gate":
        grouped = {layer: names for layer, names in grouped.items() if all(map(_OF_AN_LSTM.search, names))}
    rows = GATES if ranks == "gate" else 1
    return {
        layer: torch.cat([diagonal[name].detach().reshape(rows, -1) for name in names], dim=1)
        for layer, names in grouped.items()
    }
