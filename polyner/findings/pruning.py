"""§5.2: how many weights each model needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd

from polyner.analysis.contrasts import CELL, changes, plain, regime_differences, stacked, widened
from polyner.analysis.estimates import Estimate
from polyner.analysis.inference import Scores
from polyner.analysis.pruning import area, last_shares, prunable, pruning_counts
from polyner.analysis.sentences import resampled_counts
from polyner.corpora.sentence import Corpus
from polyner.findings.errors import SPLIT, analysed
from polyner.models import load_tagger
from polyner.progress import progress_bar
from polyner.runs import Run
from polyner.runs.derived import derived_table
from polyner.scoring import SPANS
from polyner.study.protocol import Study

# Which regimes the paper compares.
PAIRS = (("polyglot", "monolingual"), ("monolingual", "fine_tuned"))

# Resamples of the sentences.
DRAWS = 1000


def pruning_findings(study: Study) -> tuple[dict[str, pd.DataFrame], dict[str, Mapping]]:
    """The table pruning, summed over sentences, and figures with their intervals: pruning_areas and pruning_thresholds
    by group and two regimes (`PAIRS`), pruning_ratios by group."""
    counts, drop = span_counts(study), study.settings.analyses.pruning_drop
    if counts.empty:
        return {}, {}
    keys = [column for column in counts if column not in ("sentence", *SPANS)]
    estimates = {
        "pruning_areas": area_differences(counts),
        "pruning_thresholds": threshold_differences(counts, drop),
        "pruning_ratios": efficiency_ratios(counts, drop),
    }
    return {"pruning": counts.groupby(keys, as_index=False, sort=False)[SPANS].sum()}, estimates


def span_counts(study: Study, *, scope: str = "global", order: str = "magnitude") -> pd.DataFrame:
    """Span counts on validation data of every run of the analysed model, by the share of its weights that is pruned.

    Columns: model, regime, group, language, seed, run, scope, order, share, sentence, correct, predicted, gold, weights
    (how many of the run's model can be pruned).
    """
    found, shares, tables = analysed(study), study.settings.analyses.shares, []
    with progress_bar("pruning", total=len(found)) as advance:
        for ask, run in found:
            corpora = {code: study.corpora[code] for code in ask.languages}
            inputs = {"run": run.id, "corpora": {code: each.fingerprint for code, each in corpora.items()}}
            inputs |= {"shares": shares, "scope": scope, "order": order}
            counts = derived_table(study.store, "pruning", inputs, partial(_counts, run, corpora, shares, scope, order))
            own = {"model": ask.model, "regime": ask.regime, "group": ask.group, "seed": ask.seed, "run": run.id}
            tables.append(counts.assign(**own))
            advance(f"{ask.regime} {'+'.join(ask.languages)}")
    of_run = ["model", "regime", "group", "language", "seed", "run", "scope", "order", "share"]
    return stacked(tables, [*of_run, "sentence", *SPANS, "weights"])


def area_differences(table: pd.DataFrame) -> dict[tuple[str, str, str], Estimate]:
    """By group, first and second regime: the difference of `analysis.pruning.area` (between 0 and 1), second − first.

    The mean over languages; `table` is that of `span_counts`. Above 0: pruning harms the second regime less. Runs that
    find nothing unpruned are left out.
    """
    wide, columns, shares = _wide(table)
    return changes(wide, columns, lambda counts: area(counts.reshape(*counts.shape[:-1], -1, 3), shares), PAIRS)


def threshold_differences(table: pd.DataFrame, drop: float = 1.0) -> dict[tuple[str, str, str], Estimate]:
    """By group, first and second regime: the difference of the shares (percent) that can be pruned, second − first.

    These are the thresholds of Figure 3 c, d (`drop` points of F1), averaged over languages without those of which a
    model finds next to nothing. They are known to a step of pruning, which the interval knows nothing of.
    """
    runs, drawn = _thresholds(table, drop)
    found = regime_differences(Scores(runs.assign(value=100 * runs["share"]), value="value"), PAIRS)
    for (group, *pair), each in found.items():
        first, second = (_on_resamples(drawn, runs, group, regime, each).mean() for regime in pair)
        found[(group, *pair)] = each.with_sentences(float((100 * (second - first)).var()))
    return found


def efficiency_ratios(table: pd.DataFrame, drop: float = 1.0) -> dict[tuple[str], Estimate]:
    """By group: the weights that the polyglot model needs, over those that its monolingual models need together.

    A model needs what is left when the first of its languages is at its threshold (`analysis.pruning.efficiency`). The
    ratio is that of means over seeds, of the languages that have both (of a group with targets, these). Where nothing
    can be pruned on either side and models have one size it is 1 / n for n languages, those of the estimate: what is
    saved by pruning is what lies below that.
    """
    runs, drawn = _thresholds(table, drop)
    if runs.empty:
        return {}
    runs = runs[runs["regime"].isin(PAIRS[0])]
    # One model serves all of its languages: it needs what the most demanding one does.
    kept = 1 - runs.groupby("run")["share"].transform("min")
    drawn = 1 - drawn.loc[runs.index].groupby(runs["run"]).transform("min")
    # Of this, each language that has a monolingual model too is charged an equal part.
    runs = runs[runs.groupby(["group", "language"])["regime"].transform("nunique") == len(PAIRS[0])]
    weights = runs["weights"] / runs.groupby(["group", "run"])["language"].transform("size")
    drawn = drawn.loc[runs.index].mul(weights, axis=0)
    sides, scores = plain("monolingual", "polyglot"), Scores(runs.assign(value=kept * weights), value="value")
    ratios = scores.differences(*sides, ratio=True)
    found = {}
    for (_, group), each in ratios.items():
        apart, one = (_on_resamples(drawn, runs, group, regime, each).sum() for regime in ("monolingual", "polyglot"))
        found[(group,)] = each.with_sentences(float((one / apart.where(apart > 0)).var()))
    return found


def _wide(table: pd.DataFrame) -> tuple[pd.DataFrame, list[str], list[float]]:
    """A row a run, language and sentence, the names of its columns (shares, 3), and the shares."""
    shares = sorted(table["share"].unique())
    return *widened(table, np.searchsorted(shares, table["share"]), len(shares), SPANS), shares


def _thresholds(table: pd.DataFrame, drop: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The threshold (`share`) of each run and language, with `weights`, and on resamples of the sentences (columns).

    A threshold jumps, so that leaving out a sentence says nothing about its variance: hence resamples, which are the
    same for all runs of a language. Without the languages of a group of which one of its runs finds next to nothing.
    """
    wide, columns, shares = _wide(table)
    rows, drawn = [], []
    for key, own in wide.sort_values("sentence").groupby(CELL, sort=False):
        counts = own[columns].to_numpy().reshape(len(own), len(shares), 3)
        rows.append((*key, float(last_shares(counts.sum(axis=0), shares, drop))))
        drawn.append(last_shares(resampled_counts(counts, DRAWS, list(key[4].encode())), shares, drop))
    runs = pd.DataFrame(rows, columns=[*CELL, "share"]).merge(
        table.drop_duplicates(["run", "language"])[["run", "language", "weights"]], on=["run", "language"]
    )
    kept = runs["share"].notna().groupby([runs["group"], runs["language"]]).transform("all")
    return runs[kept].reset_index(drop=True), pd.DataFrame(np.array(drawn)[kept])


def _on_resamples(drawn: pd.DataFrame, runs: pd.DataFrame, group: str, regime: str, estimate: Estimate) -> pd.DataFrame:
    """Means over a regime's runs of what each of them has on each resample (columns): a row a language."""
    own = (runs["group"] == group) & (runs["regime"] == regime) & runs["language"].isin(estimate.languages)
    return drawn[own].groupby(runs.loc[own, "language"]).mean()


def _counts(run: Run, corpora: Mapping[str, Corpus], shares: Sequence[float], scope: str, order: str) -> pd.DataFrame:
    tagger, sentences = load_tagger(run.folder), {code: corpus[SPLIT] for code, corpus in corpora.items()}
    weights = sum(weight.numel() for weight in prunable(tagger).values())
    return pruning_counts(tagger, sentences, shares, scope, order).assign(weights=weights)
