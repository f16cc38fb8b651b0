"""§5.3: overlaps of the weights that matter most, with what they would be by construction, from the recorded table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from polyner.analysis.copula import copula_overlap
from polyner.analysis.estimates import Estimate
from polyner.analysis.inference import Scores

# Parts of the training sentences, each of which is left out in turn.
PARTS = 10
WITHOUT = [f"overlap_without_{part}" for part in range(PARTS)]
# The share whose overlap tells what a Gaussian copula implies at the others.
QUARTER = 0.25


@dataclass(frozen=True)
class OverlapFigure:
    """An overlap with what it would be by construction, in percent: means over LSTM layers, languages and seeds.

    estimate: of the trained models. Seeds are polyglot runs with what was fine-tuned from them; the variance over
    training sentences is a jackknife that leaves out a tenth of every language's sentences at a time.
    untrained: of networks with fresh weights; copula: what the overlap of the top quarter implies at this share
    (`analysis.copula.copula_overlap`, cell by cell), None at the quarter itself; halves: of one language with
    itself. within_gates: the estimate with ranks taken within each gate, None where it was not computed, and
    untrained_within_gates that of fresh networks. What was not computed is nan.
    less_untrained, less_copula, less_halves: the estimate less these, in points, with the doubt that there is about
    them too: none is a fixed line. (Fresh networks differ from seed to seed, and what the copula implies hangs on the
    overlap of the same networks' top quarter.) None where there is no such figure.
    """

    estimate: Estimate
    untrained: float
    copula: float | None
    halves: float
    within_gates: Estimate | None
    untrained_within_gates: float = float("nan")
    less_untrained: Estimate | None = None
    less_copula: Estimate | None = None
    less_halves: Estimate | None = None


def overlap_figures(table: pd.DataFrame) -> dict[tuple[str, str, float], OverlapFigure]:
    """The figures of §5.3 by group, comparison and share, from the table of `fisher_overlaps`."""
    table = table[table["layer"].str.contains("LSTM", na=False)].reindex(columns=[*_CELL, "source", "ranks", *_FIGURES])
    known = table.groupby(["source", "ranks", "group", "comparison", "share"])["overlap"].mean() * 100
    layers = dict(iter(table[table["ranks"] == "layer"].groupby("source")))
    trained = layers["trained"]
    gates = _estimates(table[(table["source"] == "trained") & (table["ranks"] == "gate")])
    less = {source: _estimates(trained, layers.get(source, table.iloc[:0])) for source in ("untrained", "halves")}
    less_copula = _estimates(trained, _implied(trained))
    return {
        key: OverlapFigure(
            estimate,
            known.get(("untrained", "layer", *key), float("nan")),
            estimate.figure - less_copula[key].figure if key in less_copula else None,
            known.get(("halves", "layer", *key), float("nan")),
            gates.get(key),
            known.get(("untrained", "gate", *key), float("nan")),
            less["untrained"].get(key),
            less_copula.get(key),
            less["halves"].get(key),
        )
        for key, estimate in _estimates(trained).items()
    }


def overlap_table(figures: Mapping[tuple[str, str, float], OverlapFigure]) -> pd.DataFrame:
    """Figures one a row: comparison, group, share, overlap, low, high, untrained, copula, halves, within_gates,
    untrained_within_gates (percent). Bounds are missing of one seed."""
    rows = []
    for (group, comparison, share), each in figures.items():
        overlap, gates = each.estimate, each.within_gates
        beside = (each.untrained, each.copula, each.halves, gates.figure if gates else None)
        figures = (overlap.figure, *overlap.interval(), *beside, each.untrained_within_gates)
        rows.append((comparison, group, share, *figures))
    columns = ["comparison", "group", "share", "overlap", "low", "high"]
    columns += ["untrained", "copula", "halves", "within_gates", "untrained_within_gates"]
    return pd.DataFrame(rows, columns=columns).sort_values(["comparison", "group"], kind="stable", ignore_index=True)


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
    for share, own in cells.assign(variant="", split="").groupby("share"):
        for (_, comparison, group), estimate in Scores(own, split="", value="value").means(_BY).items():
            without = own.loc[(own["regime"] == comparison) & (own["group"] == group), WITHOUT].mean()
            if without.notna().all():
                moved = (PARTS - 1) / PARTS * float(((without - without.mean()) ** 2).sum())
                estimate = estimate.with_sentences(moved, PARTS - 1)
            found[group, comparison, share] = replace(estimate, least=0.0, most=100.0) if less is None else estimate
    return found


_BY = ("model", "regime", "group")


def _implied(trained: pd.DataFrame) -> pd.DataFrame:
    """What a Gaussian copula implies at all shares but the quarter, in place of the overlaps there."""
    same = [key for key in _CELL if key != "share"]
    rest, quarter = trained[trained["share"] != QUARTER], trained[trained["share"] == QUARTER]
    known = rest[same].merge(quarter, how="left", on=same)[_FIGURES].to_numpy(float)
    values = np.full_like(known, np.nan)
    for share in set(rest["share"]):
        own = (rest["share"] == share).to_numpy()
        values[own] = copula_overlap(known[own], QUARTER, share)
    return rest.assign(**dict(zip(_FIGURES, values.T, strict=True)))
