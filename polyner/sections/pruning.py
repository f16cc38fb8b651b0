"""§5.2: how many weights each model needs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from polyner.analysis.pruning import efficiency, prunable_count, pruning_counts, pruning_curve
from polyner.analysis.thresholds import DRAWS, Threshold, mean_change, mean_ratio
from polyner.models import load_tagger
from polyner.progress import progress_bar
from polyner.runs.derived import derived_table
from polyner.sections.errors import SPLIT, analysed
from polyner.study.protocol import Study

# Which regimes the paper compares.
PAIRS = (("polyglot", "monolingual"), ("monolingual", "fine_tuned"))
_KEYS = ["model", "regime", "group", "seed", "run"]
_CHANGE = ["difference", "low", "high", "seeds"]


def span_counts(study: Study, *, scope: str = "global", order: str = "magnitude") -> pd.DataFrame:
    """Span counts on validation data of every run of the analysed model, by the share of its weights that is pruned.

    Columns: model, regime, group, language, seed, run, scope, order, share, sentence, correct, predicted, gold, weights
    (how many of the run's model can be pruned).
    """
    results = analysed(study)
    tables = []
    by_run = results.groupby(_KEYS, sort=False)["language"].agg(list).reset_index()
    with progress_bar("pruning", total=len(by_run)) as advance:
        for row in by_run.itertuples(index=False):
            counts = _of_run(study, row.run, row.language, scope, order)
            tables.append(counts.assign(**{key: getattr(row, key) for key in _KEYS}))
            advance(f"{row.regime} {'+'.join(row.language)}")
    columns = ["model", "regime", "group", "language", "seed", "run", "scope", "order", "share"]
    columns += ["sentence", "correct", "predicted", "gold", "weights"]
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)


def pruning_curves(study: Study, *, scope: str = "global", order: str = "magnitude") -> pd.DataFrame:
    """F1 on validation data of every run of the analysed model, by the share of its weights that is pruned.

    Columns: model, regime, group, language, seed, run, scope, order, share, weights, f1, precision, recall (percent).
    """
    return pruning_curve(span_counts(study, scope=scope, order=order))


def pruning_tables(counts: pd.DataFrame | None, drop: float = 1.0) -> dict[str, pd.DataFrame]:
    """The tables that the claims of §5.2 are judged on, by their names in `paper.Evidence`; none without counts.

    `counts` are those of `span_counts`, `drop` is the loss of F1 that counts as over-pruned.
    """
    if counts is None or counts.empty:
        return {}
    return {"pruning": threshold_changes(counts, drop), "efficiency": efficiency_ratios(counts, drop)}


def threshold_changes(counts: pd.DataFrame, drop: float = 1.0, draws: int = DRAWS) -> pd.DataFrame:
    """How the share of weights that can be pruned changes from one regime to another, averaged over languages.

    Columns: group, first, second, first_share, second_share (percent, means), difference (percentage points), low,
    high, seeds, languages, left_out (codes, in a string). The intervals are over seeds, from three on, and over
    validation sentences by a paired bootstrap, half a step of pruning wider on either side. Left out are languages of
    which a model finds so little that pruning cannot make it worse by `drop`.
    """
    rows = []
    for group, of_group in counts.groupby("group", sort=False):
        found, step = _thresholds(of_group, drop, draws), _step(of_group)
        for first, second in PAIRS:
            seeds, languages, left_out = _in_common(found, first, second)
            if not seeds:
                continue
            sides = [{s: [found[regime, code, s] for code in languages] for s in seeds} for regime in (first, second)]
            change = mean_change(*sides, step)
            means = (100 * float(np.mean([[t.share for t in row] for row in side.values()])) for side in sides)
            figures = (100 * value for value in (change.figure, change.low, change.high))
            codes = (" ".join(languages), " ".join(left_out))
            rows.append((group, first, second, *means, *figures, change.seeds, *codes))
    columns = ["group", "first", "second", "first_share", "second_share", *_CHANGE, "languages", "left_out"]
    return pd.DataFrame(rows, columns=columns)


def efficiency_ratios(counts: pd.DataFrame, drop: float = 1.0, draws: int = DRAWS) -> pd.DataFrame:
    """What a polyglot model needs of the weights that its monolingual models need together (§5.2).

    Columns: group, ratio, low, high, seeds, languages (how many), kept (share of the polyglot model's weights, 0 to 1),
    f1_difference (polyglot − monolingual F1, both pruned). The ratio is the mean over seeds, without those whose
    monolingual models need no weights at all (see `analysis.pruning.efficiency`). Intervals as for `threshold_changes`.
    """
    rows = []
    for group, of_group in counts.groupby("group", sort=False):
        found = _thresholds(of_group, drop, draws)
        seeds, languages, _ = _in_common(found, "polyglot", "monolingual")
        if not seeds:
            continue
        polyglot, monolingual = (
            {s: [found[regime, code, s] for code in languages] for s in seeds} for regime in ("polyglot", "monolingual")
        )
        sizes = of_group.drop_duplicates(["regime", "language", "seed"]).set_index(["regime", "language", "seed"])
        sizes = sizes["weights"].to_dict()
        weights = {
            s: (sizes["polyglot", languages[0], s], [sizes["monolingual", code, s] for code in languages])
            for s in seeds
        }
        ratio = mean_ratio(polyglot, monolingual, weights, _step(of_group))
        used = of_group[of_group["seed"].isin(seeds) & of_group["language"].isin(languages)]
        means = efficiency(pruning_curve(used), drop)[["kept", "f1_difference"]].mean()
        rows.append((group, ratio.figure, np.maximum(0.0, ratio.low), ratio.high, ratio.seeds, len(languages), *means))
    columns = ["group", "ratio", "low", "high", "seeds", "languages", "kept", "f1_difference"]
    return pd.DataFrame(rows, columns=columns).dropna(subset="ratio").reset_index(drop=True)


def _thresholds(counts: pd.DataFrame, drop: float, draws: int) -> dict[tuple[str, str, int], Threshold]:
    """The threshold of each regime, language and seed of one group."""
    found = {}
    for (regime, language, seed), rows in counts.groupby(["regime", "language", "seed"], sort=False):
        rows = rows.sort_values(["sentence", "share"], kind="stable")
        shares = sorted(rows["share"].unique())
        spans = rows[["correct", "predicted", "gold"]].to_numpy().reshape(-1, len(shares), 3)
        found[regime, language, seed] = Threshold.of(spans, shares, language, drop, draws)
    return found


def _in_common(
    found: dict[tuple[str, str, int], Threshold], first: str, second: str
) -> tuple[list[int], list[str], list[str]]:
    """The seeds that have all of the languages of both regimes, those languages, and others without a threshold."""
    codes = [dict.fromkeys(key[1] for key in found if key[0] == regime) for regime in (first, second)]
    both = [code for code in codes[0] if code in codes[1]]
    keys = [(regime, code) for regime in (first, second) for code in both]
    seeds = [seed for seed in sorted({key[2] for key in found}) if all((*key, seed) in found for key in keys)]
    known = [c for c in both if all(found[regime, c, seed].found for regime in (first, second) for seed in seeds)]
    return (seeds if known else []), known, [code for code in both if code not in known]


def _step(counts: pd.DataFrame) -> float:
    """The largest step between two shares."""
    return float(np.diff(sorted(counts["share"].unique())).max())


def _of_run(study: Study, run: str, languages: list[str], scope: str, order: str) -> pd.DataFrame:
    def make() -> pd.DataFrame:
        tagger = load_tagger(study.used[run].folder)
        sentences = {language: study.corpora[language][SPLIT] for language in languages}
        counts = pruning_counts(tagger, sentences, study.settings.analyses.shares, scope=scope, order=order)
        return counts.assign(weights=prunable_count(tagger))

    inputs = {
        "run": run,
        "corpora": {language: study.corpora[language].fingerprint for language in languages},
        "shares": study.settings.analyses.shares,
        "scope": scope,
        "order": order,
    }
    return derived_table(study.store, "pruning", inputs, "polyner.analysis.pruning", make)
