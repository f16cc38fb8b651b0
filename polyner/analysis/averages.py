"""F1 averaged over languages, with an interval that knows what was repeated: languages × seeds, and test sentences.

Each language is a stratum. Monolingual runs of different languages are independent of each other, so the variances of
their means add up. One polyglot run gives the scores of all its languages, and runs fine-tuned from it share it:
there the seed's average over languages is what was repeated.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from polyner.analysis.differences import DRAWS, Difference, counts_by_run
from polyner.analysis.significance import LEAST_SEEDS, Interval, f1_of, percentile_interval, resampled_counts

UNIT = ("model", "regime", "variant", "group")
_INDEPENDENT = "monolingual"


class Variance(NamedTuple):
    """The variance of an average that comes from the choice of seeds, and its degrees of freedom."""

    value: float
    freedom: float


def language_averages(results: pd.DataFrame, counts: pd.DataFrame | None = None) -> pd.DataFrame:
    """Test F1 averaged over languages, for every model, regime, variant and group of a table of results.

    Columns: model, regime, variant, group, languages and seeds (how many), f1 (mean over seeds and languages), spread
    (standard deviation over seeds of the average over languages), low, high (95 %, over seeds from three on, and over
    test sentences where `counts` has those of all runs: run, language, correct, predicted, gold).
    """
    test, known = results[results["split"] == "test"], counts_by_run(counts)
    rows = []
    for key, cells in test.groupby(list(UNIT), sort=False):
        f1, runs = _wide(cells, "f1"), _wide(cells, "run")
        average = _average(f1, runs, key[1], known)
        spread = f1.mean().std() if f1.shape[1] > 1 else float("nan")
        rows.append((*key, len(f1), f1.shape[1], average.figure, spread, average.low, average.high))
    return pd.DataFrame(rows, columns=[*UNIT, "languages", "seeds", "f1", "spread", "low", "high"])


def average_changes(results: pd.DataFrame, counts: pd.DataFrame | None = None) -> pd.DataFrame:
    """How the average F1 of every regime and variant differs from that of the plain monolingual runs.

    Compared are the languages that both have. Columns: model, regime, variant, group, languages, seeds (the fewer of
    the two sides), difference (F1 points), low, high as in `language_averages`; the sentences are resampled in pairs.
    """
    test, known = results[results["split"] == "test"], counts_by_run(counts)
    units = dict(iter(test.groupby(list(UNIT), sort=False)))
    rows = []
    for (model, regime, variant, group), cells in units.items():
        plain = units.get((model, _INDEPENDENT, "", group))
        if plain is None or (regime, variant) == (_INDEPENDENT, ""):
            continue
        common = [code for code in dict.fromkeys(plain["language"]) if code in set(cells["language"])]
        if not common:
            continue
        sides = [(_wide(side, "f1").loc[common], _wide(side, "run").loc[common]) for side in (plain, cells)]
        change = _change(sides, (_INDEPENDENT, regime), known)
        rows.append((model, regime, variant, group, len(common), change.seeds, change.figure, change.low, change.high))
    return pd.DataFrame(rows, columns=[*UNIT, "languages", "seeds", "difference", "low", "high"])


def seed_variance(f1: pd.DataFrame, together: bool) -> Variance | None:
    """The variance over seeds of the mean of F1 (languages × seeds); None for fewer than three seeds.

    together: whether one seed's runs hang together over languages. Where not, languages are strata, whose variances
    add up, with Satterthwaite's degrees of freedom.
    """
    values = f1.to_numpy(dtype=float)
    languages, seeds = values.shape
    if seeds < LEAST_SEEDS:
        return None
    if together:
        return Variance(float(values.mean(axis=0).var(ddof=1) / seeds), seeds - 1)
    parts = values.var(axis=1, ddof=1) / (seeds * languages**2)
    total, squares = float(parts.sum()), float((parts**2).sum())
    return Variance(total, total**2 * (seeds - 1) / squares if squares else seeds - 1)


def _average(f1: pd.DataFrame, runs: pd.DataFrame, regime: str, known: Mapping[tuple[str, str], np.ndarray]):
    figure = float(f1.to_numpy().mean())
    variance = seed_variance(f1, regime != _INDEPENDENT)
    return Difference(figure, f1.shape[1], _interval(figure, [variance]), _over_sentences(figure, [runs], known))


def _change(sides, regimes: tuple[str, str], known: Mapping[tuple[str, str], np.ndarray]) -> Difference:
    figure = float(sides[1][0].to_numpy().mean() - sides[0][0].to_numpy().mean())
    variances = [seed_variance(f1, regime != _INDEPENDENT) for (f1, _), regime in zip(sides, regimes, strict=True)]
    seeds = min(f1.shape[1] for f1, _ in sides)
    return Difference(
        figure, seeds, _interval(figure, variances), _over_sentences(figure, [runs for _, runs in sides], known)
    )


def _interval(figure: float, variances: list[Variance | None], confidence: float = 0.95) -> Interval | None:
    """The t interval of a sum or difference of independent averages; None where a variance is not known."""
    if None in variances:
        return None
    from scipy import stats

    total = sum(variance.value for variance in variances)
    squares = sum(variance.value**2 / variance.freedom for variance in variances)
    freedom = total**2 / squares if squares else min(variance.freedom for variance in variances)
    half = float(stats.t.ppf((1 + confidence) / 2, freedom)) * total**0.5
    return Interval(figure, figure - half, figure + half, round(freedom) + 1)


def _over_sentences(
    figure: float, sides: list[pd.DataFrame], known: Mapping[tuple[str, str], np.ndarray]
) -> Interval | None:
    """The interval of the last side's average (less that of the first of two), resampling each language's sentences."""
    total = np.zeros(DRAWS)
    languages = sides[0].index
    for language in languages:
        keys = [[(run, language) for run in side.loc[language]] for side in sides]
        if not all(key in known for side in keys for key in side):
            return None
        stacked = np.stack([known[key] for side in keys for key in side], axis=1)
        f1 = f1_of(resampled_counts(stacked, DRAWS, list(language.encode())))
        means = [part.mean(axis=1) for part in np.split(f1, np.cumsum([len(side) for side in keys])[:-1], axis=1)]
        total += (means[1] - means[0] if len(means) == 2 else means[0]) / len(languages)
    return Interval(figure, *percentile_interval(total), DRAWS)


def _wide(cells: pd.DataFrame, value: str) -> pd.DataFrame:
    """Languages in the order of `cells` × the seeds that all of them have; where none has, one seed for each."""
    wide = cells.pivot(index="language", columns="seed", values=value).reindex(dict.fromkeys(cells["language"]))
    complete = wide.dropna(axis="columns")
    if complete.shape[1]:
        return complete
    return wide.bfill(axis="columns").iloc[:, :1]
