"""§5.1: which errors the regimes make, on validation data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd

from polyner.analysis.common import (
    common_counts_by_sentence,
    common_index,
    error_rates,
    mean_error_rate,
    mean_error_rate_change,
)
from polyner.analysis.differences import Difference, mean_over_seeds
from polyner.analysis.errors import confusion, recall_errors, span_errors
from polyner.analysis.significance import LEAST_SEEDS, Interval, percentile_interval, resampled_counts, seed_interval
from polyner.study.protocol import Study
from polyner.study.questions import ANALYSED

SPLIT = "dev"
# Which regimes the paper compares.
PAIRS = (("monolingual", "polyglot"), ("polyglot", "fine_tuned"), ("monolingual", "fine_tuned"))
_KEYS = ["regime", "group", "language", "seed", "run"]


class Tagged(NamedTuple):
    """What one run makes of one language's validation data."""

    regime: str
    group: str
    language: str
    seed: int
    run: str
    words: Sequence[Sequence[str]]
    gold: Sequence[Sequence[str]]
    predicted: Sequence[Sequence[str]]

    def labels(self) -> dict[str, object]:
        return {key: getattr(self, key) for key in _KEYS}


def analysed(study: Study) -> pd.DataFrame:
    """Results on validation data of the analysed model, for the languages that have all three regimes."""
    results = study.answers(ANALYSED)
    return results[(results["split"] == SPLIT) & results["group"].isin(study.polyglot_groups(study.analysed_model))]


def tagged(study: Study) -> list[Tagged]:
    """The validation data as each of the runs of `analysed` tags it."""
    return [
        Tagged(*key, *study.used[key.run].predictions(key.language, SPLIT))
        for key in analysed(study)[_KEYS].itertuples(index=False)
    ]


def token_confusions(data: Sequence[Tagged]) -> pd.DataFrame:
    """Columns: regime, group, language, seed, run, gold, predicted, tokens (types, B- and I- merged, and O)."""
    return _stacked((confusion(each.gold, each.predicted), each) for each in data)


def recall_error_counts(confusions: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Figure 1: tokens and errors for each gold tag, summed over what is not in `by`, and averaged over seeds.

    Columns: those of `by`, gold, tokens, errors, error_rate (percent).
    """
    seeds = confusions.groupby([*by, "seed", "gold", "predicted"], as_index=False)["tokens"].sum()
    table = recall_errors(seeds)
    means = table.groupby([*by, "gold"], as_index=False, sort=False)[["tokens", "errors"]].mean()
    return means.assign(error_rate=100 * means["errors"] / means["tokens"].where(means["tokens"] > 0))


def span_error_counts(data: Sequence[Tagged]) -> pd.DataFrame:
    """Columns: regime, group, language, seed, run, type, kind, count (see `analysis.errors.span_errors`)."""
    return _stacked((span_errors(each.gold, each.predicted), each) for each in data)


def recall_error_differences(
    data: Sequence[Tagged], pairs: Sequence[tuple[str, str]], draws: int = 2000
) -> pd.DataFrame:
    """How the rate of recall errors changes from one regime to another, by group and gold tag, summed over languages.

    Columns: group, gold, first, second, first_rate, second_rate, difference (percentage points), low, high, seeds. The
    intervals are over seeds, from three on, and over sentences by a paired bootstrap.
    """
    rows = []
    for group in dict.fromkeys(each.group for each in data):
        tags = sorted({tag[2:] or "O" for each in data if each.group == group for row in each.gold for tag in row})
        counts = {
            (each.regime, each.language, each.seed): _recall_counts(each, tags) for each in data if each.group == group
        }
        for first, second in pairs:
            differences = _rate_differences(counts, first, second, len(tags), draws)
            for tag, (rates, difference) in zip(tags, differences, strict=True):
                rows.append((group, tag, first, second, *rates, *_figures(difference)))
    columns = ["group", "gold", "first", "second", "first_rate", "second_rate"]
    return pd.DataFrame(rows, columns=[*columns, "difference", "low", "high", "seeds"])


def common_counts(study: Study, data: Sequence[Tagged]) -> dict[tuple[str, str, str, int], np.ndarray]:
    """The counts of `analysis.common.common_counts_by_sentence` by regime, group, language and seed.

    The other languages of an entity are those of its group: the ones the polyglot model learns from.
    """
    result = {}
    for group in dict.fromkeys(each.group for each in data):
        members = [each for each in data if each.group == group]
        training = {language: study.corpora[language].train for language in dict.fromkeys(m.language for m in members)}
        index = common_index(training)
        for each in members:
            counts = common_counts_by_sentence(each.words, each.gold, each.predicted, each.language, index)
            result[each.regime, group, each.language, each.seed] = counts
    return result


def common_rates(counts: Mapping[tuple[str, str, str, int], np.ndarray]) -> pd.DataFrame:
    """Figure 2: error rates on entities that other languages' training data have, and on those they have not.

    Columns: regime, group, language, seed, common, error_rate, recall_error_rate, precision_error_rate (percent), gold.
    """
    tables = [
        mean_error_rate(error_rates(array)).assign(regime=regime, group=group, language=language, seed=seed)
        for (regime, group, language, seed), array in counts.items()
    ]
    columns = ["regime", "group", "language", "seed", "common"]
    columns += ["error_rate", "recall_error_rate", "precision_error_rate", "gold"]
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)


def common_differences(
    counts: Mapping[tuple[str, str, str, int], np.ndarray], pairs: Sequence[tuple[str, str]], draws: int = 1000
) -> pd.DataFrame:
    """How the mean error rate on (not) common entities changes from one regime to another, averaged over languages.

    Columns: group, common, first, second, difference (percentage points), low, high, seeds, without (how many seeds
    have no error rate to compare, as a side predicts no such entities, and are left out). The intervals are over seeds,
    from three on, and over sentences: of the mean over seeds on each resample.
    """
    rows = []
    for group in dict.fromkeys(key[1] for key in counts):
        languages = list(dict.fromkeys(key[2] for key in counts if key[1] == group))
        seeds = sorted({key[3] for key in counts if key[1] == group})
        for (first, second), common in product(pairs, (True, False)):
            changes = []
            for seed in seeds:
                sides = ({x: counts[regime, group, x, seed] for x in languages} for regime in (first, second))
                changes.append(mean_error_rate_change(*sides, common=common, draws=draws))
            rows.append((group, common, first, second, *_over_seeds(changes)))
    columns = ["group", "common", "first", "second", "difference", "low", "high", "seeds", "without"]
    return pd.DataFrame(rows, columns=columns)


def _recall_counts(each: Tagged, tags: Sequence[str]) -> np.ndarray:
    """(sentences, tags, 2): tokens of each gold tag, and those predicted as something else."""
    place = {tag: i for i, tag in enumerate(tags)}
    counts = np.zeros((len(each.gold), len(tags), 2))
    for row, (gold, predicted) in enumerate(zip(each.gold, each.predicted, strict=True)):
        for g, p in zip(gold, predicted, strict=True):
            at = place[g[2:] or "O"]
            counts[row, at, 0] += 1
            counts[row, at, 1] += (g[2:] or "O") != (p[2:] or "O")
    return counts


def _rate_differences(
    counts: Mapping[tuple[str, str, int], np.ndarray], first: str, second: str, tags: int, draws: int
) -> Iterator[tuple[tuple[float, float], Difference]]:
    languages = list(dict.fromkeys(key[1] for key in counts))
    seeds = sorted({key[2] for key in counts})
    observed, replicates = np.zeros((2, len(seeds), tags, 2)), np.zeros((2, len(seeds), draws, tags, 2))
    for side, regime in enumerate((first, second)):
        for s, seed in enumerate(seeds):
            for number, language in enumerate(languages):
                array = counts[regime, language, seed]
                observed[side, s] += array.sum(axis=0)
                # The same sentences are drawn for every regime and seed, others for every language.
                replicates[side, s] += resampled_counts(array, draws, (0, number))
    with np.errstate(invalid="ignore", divide="ignore"):
        rates = 100 * observed[..., 1] / observed[..., 0]
        drawn = 100 * replicates[..., 1] / replicates[..., 0]
    for tag in range(tags):
        change = rates[1, :, tag] - rates[0, :, tag]
        moved = (drawn[1, ..., tag] - drawn[0, ..., tag]).mean(axis=0)
        moved = moved[np.isfinite(moved)]  # a resample can be without a rare tag
        low, high = percentile_interval(moved) if len(moved) else (np.nan, np.nan)
        figure = float(change.mean())
        over_seeds = seed_interval(change) if len(seeds) >= LEAST_SEEDS else None
        means = (float(rates[0, :, tag].mean()), float(rates[1, :, tag].mean()))
        yield means, Difference(figure, len(seeds), over_seeds, Interval(figure, low, high, draws))


def _over_seeds(changes: Sequence[tuple[float, np.ndarray]]) -> tuple[float, float, float, int, int]:
    """The mean of the seeds' changes that are known, its bounds, and how many seeds are known and are not.

    The interval over sentences is that of the mean over these seeds, resample by resample.
    """
    known = [(figure, resampled) for figure, resampled in changes if not np.isnan(figure)]
    without = len(changes) - len(known)
    if not known:
        return np.nan, np.nan, np.nan, 0, without
    return *_figures(mean_over_seeds(*zip(*known, strict=True))), without


def _figures(difference: Difference) -> tuple[float, float, float, int]:
    return difference.figure, difference.low, difference.high, difference.seeds


def _stacked(tables) -> pd.DataFrame:
    labelled = [table.assign(**each.labels()) for table, each in tables]
    if not labelled:
        return pd.DataFrame(columns=_KEYS)
    rest = [column for column in labelled[0] if column not in _KEYS]
    return pd.concat(labelled, ignore_index=True)[[*_KEYS, *rest]]
