"""§5.1: which errors the regimes make, on validation data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from polyner.analysis.contrasts import CELL, changes, stacked, sums_of, widened
from polyner.analysis.errors import (
    GRANULARITIES,
    common_counts_by_sentence,
    common_index,
    common_shares,
    confusion,
    mean_rates,
    span_errors,
)
from polyner.analysis.estimates import Estimate
from polyner.analysis.inference import Array
from polyner.analysis.sentences import ratio
from polyner.findings.findings import Estimates
from polyner.runs import Run
from polyner.scoring import SPANS, Tags
from polyner.study.protocol import Study
from polyner.study.questions import ANALYSED, Ask

SPLIT = "dev"
# Which regimes the paper compares.
PAIRS = (("monolingual", "polyglot"), ("polyglot", "fine_tuned"), ("monolingual", "fine_tuned"))


class Tagged(NamedTuple):
    """What one run makes of one language's validation data; `cell` are the values of `CELL`."""

    cell: dict[str, object]
    words: Sequence[Sequence[str]]
    gold: Sequence[Sequence[str]]
    predicted: Sequence[Sequence[str]]


def analysed(study: Study) -> list[tuple[Ask, Run]]:
    """The runs of the analysed model, of the groups and seeds that have all three regimes."""
    groups = study.polyglot_groups(study.analysed_model)
    return [(ask, run) for ask, run in study.resolve(study.asks(ANALYSED), together=True) if ask.group in groups]


def tagged(study: Study) -> list[Tagged]:
    """The validation data as each of the runs of `analysed` tags it."""
    return [
        Tagged(
            dict(zip(CELL, (ask.model, ask.regime, ask.variant, ask.group, code, ask.seed, run.id), strict=True)),
            *run.predictions(code, SPLIT),
        )
        for ask, run in analysed(study)
        for code in ask.languages
    ]


def error_findings(study: Study) -> tuple[dict[str, pd.DataFrame], Estimates]:
    """The tables confusions (`analysis.errors.confusion`), span_errors (`analysis.errors.span_errors`) and
    common_names; and how rates change between regimes (`PAIRS`): recall_errors by group and gold tag, and those of
    `common_changes`."""
    data = tagged(study)
    common = common_table(study, data)
    tables = {
        "confusions": of_each(data, confusion),
        "span_errors": of_each(data, span_errors),
        "common_names": common.groupby([*CELL, "common", "n"], as_index=False, sort=False)[SPANS].sum(),
    }
    return tables, {"recall_errors": recall_error_changes(recall_error_table(data)), **common_changes(common)}


def of_each(data: Sequence[Tagged], counted: Callable[[Tags, Tags], pd.DataFrame]) -> pd.DataFrame:
    """What is counted of gold and predicted tags, below regime, group, language, seed and run."""
    keys = ["regime", "group", "language", "seed", "run"]
    tables = [counted(each.gold, each.predicted).assign(**{key: each.cell[key] for key in keys}) for each in data]
    table = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=keys)
    return table[[*keys, *table.columns.difference(keys, sort=False)]]


def recall_error_counts(confusions: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Figure 1: tokens and errors for each gold tag, O included, summed over what is not in `by`, averaged over seeds.

    Columns: those of `by`, gold, tokens, errors (tokens that are predicted as something else), error_rate (percent;
    missing without tokens). An error on O is a token that the model takes for part of an entity.
    """
    errors = confusions["tokens"].where(confusions["gold"] != confusions["predicted"], 0)
    seeds = confusions.assign(errors=errors).groupby([*by, "seed", "gold"], as_index=False)[["tokens", "errors"]].sum()
    means = seeds.groupby([*by, "gold"], as_index=False, sort=False)[["tokens", "errors"]].mean()
    return means.assign(error_rate=100 * means["errors"] / means["tokens"].where(means["tokens"] > 0))


def recall_error_table(data: Sequence[Tagged]) -> pd.DataFrame:
    """The counts behind Figure 1 by sentence, which `recall_error_changes` compares.

    Columns: model, regime, variant, group, language, seed, run, sentence, gold (type or O), tokens, errors; a row for
    each gold tag that a sentence has.
    """
    tables, columns = [], [*CELL, "sentence", "gold", "tokens", "errors"]
    for each in data:
        tags = [
            (row, g[2:] or "O", (g[2:] or "O") != (p[2:] or "O"))
            for row, sides in enumerate(zip(each.gold, each.predicted, strict=True))
            for g, p in zip(*sides, strict=True)
        ]
        tokens = pd.DataFrame(tags, columns=["sentence", "gold", "wrong"]).groupby(["sentence", "gold"], as_index=False)
        tables.append(tokens.agg(tokens=("wrong", "size"), errors=("wrong", "sum")).assign(**each.cell))
    return stacked(tables, columns)


def recall_error_changes(table: pd.DataFrame) -> dict[tuple[str, str, str, str], Estimate]:
    """By group, gold tag, first and second regime: how the rate of recall errors changes, in percentage points (§5.1).

    `table` is that of `recall_error_table`. Errors and tokens are summed over the languages of a group, as in Figure 1:
    languages weigh as many tokens of the tag as they have.
    """

    def error_rate(counts: Array) -> Array:
        # 0 without tokens, as where the only sentence that has some is left out.
        return 100 * ratio(counts[..., 0], counts[..., 1], 0.0)

    found = {}
    for (group, gold), own in table.groupby(["group", "gold"], sort=False):
        for pair in PAIRS:
            sides = [set(own.loc[own["regime"] == regime, "language"]) for regime in pair]
            both = own[own["language"].isin(sides[0] & sides[1]) & own["regime"].isin(pair)]
            tokens = both.groupby(["run", "language"])["tokens"].sum().groupby("language").first()
            # So that the mean over languages, which is what is estimated, is the sum of errors over that of tokens.
            weight = both["language"].map(len(tokens) * tokens / tokens.sum())
            weighted = both.assign(weighted=both["errors"] * weight)
            for each in changes(weighted, ["weighted", "tokens"], error_rate, [pair]).values():
                found[(group, gold, *pair)] = each
    return found


def common_table(study: Study, data: Sequence[Tagged]) -> pd.DataFrame:
    """The counts behind Figure 2 by sentence: entities that other languages' training data have, and others.

    The other languages are those of the group: the ones the polyglot model learns from. Columns: model, regime,
    variant, group, language, seed, run, sentence, common (bool), n ("exact", or of the n-gram: "4" … "8"), correct,
    predicted, gold; a row where there is an entity.
    """
    tables, columns = [], ["sentence", "common", "n", "correct", "predicted", "gold"]
    for group in dict.fromkeys(each.cell["group"] for each in data):
        members = [each for each in data if each.cell["group"] == group]
        training = {code: study.corpora[code].train for code in dict.fromkeys(m.cell["language"] for m in members)}
        index = common_index(training)
        for each in members:
            counts = common_counts_by_sentence(each.words, each.gold, each.predicted, each.cell["language"], index)
            sentence, side, place = np.nonzero(counts.any(axis=-1))
            own = (sentence, side == 0, np.array(GRANULARITIES)[place], *counts[sentence, side, place].T)
            tables.append(pd.DataFrame(dict(zip(columns, own, strict=True))).assign(**each.cell))
    return stacked(tables, CELL + columns)


def common_rates(table: pd.DataFrame) -> pd.DataFrame:
    """Figure 2, read as error rates: on entities that other languages' training data have, and on those they have not.

    Columns: regime, group, language, seed, common, error_rate (percent), gold. Of languages with five common names.
    """
    runs, counts = _by_run(_with_common_names(table))
    rates, gold = mean_rates(counts), counts[..., 2].mean(axis=-1)
    sides = [runs.assign(common=common, error_rate=rates[:, side], gold=gold[:, side]) for side, common in _SIDES]
    return pd.concat(sides).sort_index(kind="stable", ignore_index=True)


def common_error_shares(table: pd.DataFrame) -> pd.DataFrame:
    """Figure 2, read as its caption says: the share of a model's errors that contain a common surface form.

    Columns: regime, group, language, seed, share (harmonic mean), missed_share (of the gold entities that are missed),
    wrong_share (of the predicted ones that are wrong), in percent; missing where there is no such error.
    """
    runs, counts = _by_run(table)
    return runs.assign(**dict(zip(("share", "missed_share", "wrong_share"), common_shares(counts), strict=True)))


def common_changes(table: pd.DataFrame) -> Estimates:
    """How regimes (`PAIRS`) differ on common entities, each figure by group, first and second regime, in points.

    common_rates: of the error rate on common entities and on others, which the keys tell behind the group (bool), of
    languages with five common names at least.
    common_shares: of the share of errors that contain a common surface form, the mean over languages of what
    `common_error_shares` has (`table` as there); runs that make no error are left out. common_interactions: the change
    of the error rate on common entities less that on the others, below 0 where it falls further (or rises less) on
    common ones.
    """
    every, enough = (_wide(own) if len(own) else None for own in (table, _with_common_names(table)))

    def changed(figure: Callable[[Array], Array], wide: _Wide | None = enough) -> dict[tuple[str, str, str], Estimate]:
        if wide is None:
            return {}
        return changes(*wide, lambda counts: figure(counts.reshape(*counts.shape[:-1], *_SHAPE)), PAIRS)

    sides = {common: changed(lambda counts, side=side: mean_rates(counts)[..., side]) for side, common in _SIDES}
    rates = {(group, common, *pair): each for common, own in sides.items() for (group, *pair), each in own.items()}
    return {
        "common_rates": rates,
        "common_shares": changed(lambda counts: common_shares(counts)[0], every),
        "common_interactions": changed(lambda counts: np.subtract(*np.moveaxis(mean_rates(counts), -1, 0))),
    }


def _with_common_names(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of languages with five common gold names at least (by 4-grams): the rate of fewer is chance."""
    most = table[table["common"].astype(bool) & (table["n"].astype(str) == "4")]
    names = most.groupby(["group", "language", "run"])["gold"].sum().groupby(["group", "language"]).max()
    return table[pd.MultiIndex.from_frame(table[["group", "language"]]).isin(names[names >= 5].index)]


# Places of `_SHAPE`'s first axis: common names, and others.
_SIDES = ((0, True), (1, False))
_SHAPE = (2, len(GRANULARITIES), len(SPANS))
_Wide: TypeAlias = tuple[pd.DataFrame, list[str]]


def _wide(table: pd.DataFrame) -> _Wide:
    """A row a run, language and sentence, and the names of its columns, which make up arrays of `_SHAPE`."""
    granularity = table["n"].astype(str).map(GRANULARITIES.index)
    place = np.where(table["common"], granularity, len(GRANULARITIES) + granularity)
    return widened(table, place, 2 * len(GRANULARITIES), SPANS)


def _by_run(table: pd.DataFrame) -> tuple[pd.DataFrame, Array]:
    """The runs, and the sums of their counts (runs, 2, 6, 3), of a table by sentence or one that is summed already."""
    sums = sums_of(*_wide(table if "sentence" in table else table.assign(sentence=0)))
    return sums[["regime", "group", "language", "seed"]], sums.drop(columns=CELL).to_numpy(float).reshape(-1, *_SHAPE)
