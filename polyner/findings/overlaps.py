"""§5.3: overlaps of the weights that matter most, with what they would be by construction, from the recorded table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import cumulative_trapezoid
from scipy.stats import norm

from polyner.analysis.estimates import Estimate
from polyner.analysis.inference import Scores

# Parts of the training sentences, each of which is left out in turn.
PARTS = 10
WITHOUT = [f"overlap_without_{part}" for part in range(PARTS)]
# The share whose overlap tells what a Gaussian copula implies at the others.
QUARTER = 0.25
# How far what is computed of halves may be off, in points: in simulations it hardly ever is by more.
ERRORS = {"copula": 5.0, "itself": 3.0}
# Correlations of a Gaussian copula, as their arcsines.
_THETA = np.linspace(-np.pi / 2, np.pi / 2, 4001)


@dataclass(frozen=True)
class OverlapFigure:
    """An overlap with what it would be by construction, in percent: means over LSTM layers, languages and seeds.

    estimate: of the trained models. Seeds are polyglot runs with what was fine-tuned from them; the variance over
    training sentences is a jackknife that leaves out a tenth of every language's sentences at a time.
    beside: in percent, what was computed of untrained (networks with fresh weights), copula (`copula_overlap` of the
    top quarter, cell by cell, with as much more or less as two halves of one language's sentences have than theirs; not
    at the quarter itself), itself (one language in the same model or models, where estimates differ by the sentences
    alone: `whole_overlap`), within_gates (the estimate with ranks taken within each gate) and untrained_within_gates.
    less: the estimate less untrained, copula and itself, in points, with the doubt that there is about them too; of the
    last two also that about the method (`ERRORS`, as two standard deviations).
    """

    estimate: Estimate
    beside: Mapping[str, float] = field(default_factory=dict)
    less: Mapping[str, Estimate] = field(default_factory=dict)


def overlap_figures(table: pd.DataFrame) -> dict[tuple[str, str, float], OverlapFigure]:
    """The figures of §5.3 by group, comparison and share, from the table of `fisher_overlaps`."""
    table = table[table["layer"].str.contains("LSTM", na=False)].reindex(columns=[*_CELL, "source", "ranks", *_FIGURES])
    known = table.groupby(["source", "ranks", "group", "comparison", "share"])["overlap"].mean() * 100
    layers = dict(iter(table[table["ranks"] == "layer"].groupby("source")))
    trained = layers["trained"]
    others = {"untrained": layers["untrained"]} if "untrained" in layers else {}
    if (halves := layers.get("halves")) is not None:
        others |= {"copula": _implied(trained, halves), "itself": _itself(halves)}
    differences = {name: _estimates(trained, other) for name, other in others.items()}
    gates = _estimates(table[(table["source"] == "trained") & (table["ranks"] == "gate")])
    found = {}
    for key, estimate in _estimates(trained).items():
        less = {name: of[key] for name, of in differences.items() if key in of}
        less |= {name: less[name].with_more_doubt((error / 2) ** 2) for name, error in ERRORS.items() if name in less}
        beside = {name: known[(*place, *key)] for name, place in _MEANS.items() if (*place, *key) in known}
        beside |= {name: estimate.figure - less[name].figure for name in ("copula", "itself") if name in less}
        beside |= {"within_gates": gates[key].figure} if key in gates else {}
        found[key] = OverlapFigure(estimate, beside, less)
    return found


def overlap_table(figures: Mapping[tuple[str, str, float], OverlapFigure]) -> pd.DataFrame:
    """Figures one a row: comparison, group, share, overlap, low, high, untrained, copula, itself, within_gates,
    untrained_within_gates (percent). Bounds are missing of one seed."""
    beside = ["untrained", "copula", "itself", "within_gates", "untrained_within_gates"]
    rows = [
        (comparison, group, share, each.estimate.figure, *each.estimate.interval(), *map(each.beside.get, beside))
        for (group, comparison, share), each in figures.items()
    ]
    table = pd.DataFrame(rows, columns=["comparison", "group", "share", "overlap", "low", "high", *beside])
    return table.sort_values(["comparison", "group"], kind="stable", ignore_index=True)


# Of which source and ranks means stand beside an estimate.
_MEANS = {"untrained": ("untrained", "layer"), "untrained_within_gates": ("untrained", "gate")}
_FIGURES = ["overlap", *WITHOUT]
_CELL = ["model", "comparison", "group", "first", "second", "layer", "share", "seed", "run"]


def _estimates(trained: pd.DataFrame, less: pd.DataFrame | None = None) -> dict[tuple[str, str, float], Estimate]:
    """The mean overlap by group, comparison and share in percent, or what remains of it without `less`.

    Where `less` was not computed without parts of the sentences, it counts as a whole.
    """
    found = {}
    keys = [key for key in _CELL if key not in ("second", "layer")]
    cells = 100 * trained.groupby(keys)[_FIGURES].mean()
    if less is not None:
        base = 100 * less.groupby(keys)[_FIGURES].mean()
        cells = (cells - base.T.fillna(base["overlap"]).T).dropna(subset="overlap")
    cells = cells.reset_index().rename(columns={"comparison": "regime", "first": "language", "overlap": "value"})
    for share, own in cells.assign(variant="").groupby("share"):
        for (_, comparison, group), estimate in Scores(own, value="value").means(("model", "regime", "group")).items():
            without = own.loc[(own["regime"] == comparison) & (own["group"] == group), WITHOUT].mean()
            if without.notna().all():
                moved = (PARTS - 1) / PARTS * float(((without - without.mean()) ** 2).sum())
                estimate = estimate.with_sentences(moved, PARTS - 1)
            found[group, comparison, share] = replace(estimate, least=0.0, most=100.0) if less is None else estimate
    return found


def _implied(trained: pd.DataFrame, halves: pd.DataFrame) -> pd.DataFrame:
    """What the quarter's overlap implies at all other shares if noise alone sets rankings apart, in place of theirs.

    Importances are not normal, so that a copula misses what noise does, by ten points and more where gates differ in
    scale. Two halves of one language's sentences differ by noise alone: what it misses of them is added.
    """
    same = [key for key in _CELL if key != "second"]
    missed = halves.assign(missed=halves["overlap"] - _copula(halves)["overlap"])[[*same, "missed"]]
    found = _copula(trained).merge(missed, on=same)
    return found.assign(**{name: found[name] + found["missed"] for name in _FIGURES})


def _copula(table: pd.DataFrame) -> pd.DataFrame:
    """What a Gaussian copula implies at all shares but the quarter, in place of the overlaps there."""
    same = [key for key in _CELL if key != "share"]
    rest, quarter = table[table["share"] != QUARTER], table[table["share"] == QUARTER]
    known = rest[same].merge(quarter, how="left", on=same)[_FIGURES].to_numpy(float)
    values = np.full_like(known, np.nan)
    for share in set(rest["share"]):
        own = (rest["share"] == share).to_numpy()
        values[own] = copula_overlap(known[own], QUARTER, share)
    return rest.assign(**dict(zip(_FIGURES, values.T, strict=True)))


def _itself(halves: pd.DataFrame) -> pd.DataFrame:
    """What one language would overlap with itself on all of its sentences, in place of what two halves do.

    Before and after fine-tuning are two models, the halves of either of which count.
    """
    same = ["model", "group", "first", "layer", "share", "seed", "run"]
    polyglot = halves[halves["comparison"] == "languages"]
    pairs = halves.merge(polyglot[[*same, "overlap"]], on=same, suffixes=("", "_polyglot"))
    for share, own in pairs.groupby("share"):
        pairs.loc[own.index, "overlap"] = whole_overlap(own["overlap"], own["overlap_polyglot"], share)
    return pairs


def whole_overlap(first: ArrayLike, second: ArrayLike, share: float) -> NDArray[np.float64]:
    """From the overlaps of the top `share` by two halves of the sentences, that by two samples as large as all (§5.3).

    `first` and `second`: of halves in the one and in the other model, 0 to 1; the same where there is one model. What
    two halves agree in is too little for a ceiling, as each is half as large. In terms of a Gaussian copula
    (`copula_overlap`) twice the sentences raise a correlation r to 2 r / (1 + r) (Spearman and Brown), and what two
    models can agree in is the geometric mean of what either agrees in with itself.
    """
    overlaps = _normal_overlaps(share)
    halves = np.sin([np.interp(np.asarray(each, dtype=float), overlaps, _THETA) for each in (first, second)]).clip(0)
    return np.interp(np.arcsin(np.sqrt(np.prod(2 * halves / (1 + halves), axis=0))), _THETA, overlaps)


def copula_overlap(overlap: ArrayLike, share: float, at: float) -> NDArray[np.float64]:
    """What overlap of the top `share` implies for the top `at`, of importances that are normal in rank (§5.3).

    Then the ranks on the two sides are those of a bivariate normal distribution (a Gaussian copula), of which the
    overlap at one share gives the correlation, and this the overlap at any other. Overlaps are between 0 and 1. A
    smaller share overlaps less by this alone.
    """
    known, wanted = _normal_overlaps(share), _normal_overlaps(at)
    return np.interp(np.asarray(overlap, dtype=float), known, wanted)


@cache
def _normal_overlaps(share: float) -> NDArray[np.float64]:
    """P(both in the top `share`) / share of a bivariate normal pair, for correlations sin θ on a grid of θ.

    By Plackett's identity, ∂P/∂ρ is the density at the two quantiles (a, a), which becomes smooth in θ:
    ∂P/∂θ = exp(−a² / (1 + sin θ)) / 2π; and P is share² at θ = 0.
    """
    density = np.exp(-(norm.isf(share) ** 2) / np.maximum(1 + np.sin(_THETA), 1e-300)) / (2 * np.pi)
    both = cumulative_trapezoid(density, _THETA, initial=0)
    return (share**2 + both - both[len(_THETA) // 2]) / share
