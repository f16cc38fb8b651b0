"""The checks of the claims of §5.2 and §5.3: how many weights the models need, and which matter to which language."""

from __future__ import annotations

import pandas as pd

from polyner.analysis.differences import Difference
from polyner.analysis.significance import LEAST_SEEDS, jackknife_interval, seed_interval
from polyner.paper.checks.judging import (
    Figure,
    Measure,
    basis,
    conjunction,
    judged,
    judged_parts,
    not_run,
    signed,
    widened,
)
from polyner.paper.claims import Claim, Verdict
from polyner.paper.evidence import Evidence, decide

# "Much fewer" weights: less than half.
FAR_FEWER = 0.5

# Shares of a layer that are its most important weights (Figure 4), and half of them.
TOP, QUARTER = 0.05, 0.25
HALF = 50.0

# The paper calls 40 % of the top 25 % "high". Chance gives 25 %; half of what is beyond that is the least.
HIGH = (25.0 + 40.0) / 2

# Columns of the overlaps without a part of the sentences.
WITHOUT = "overlap_without_"

# The languages that the paper's Figure 4 is about.
FIGURE_4 = "lorelei"


def monolingual_is_sparser(claim: Claim, evidence: Evidence) -> Verdict:
    """The share of weights that can be pruned is larger in monolingual than in polyglot models, in both groups.

    For each language it is the last share before F1 on validation data falls too far below that of the whole model
    (Figure 3 c, d); of a polyglot model, for this language. The figure is the smaller of the two groups' mean
    differences over languages; each interval is widened (Bonferroni). Where a group is missing, the claim can fail but
    not hold.
    """
    return _threshold_change(claim, evidence, "polyglot", "monolingual", above=True)


def fine_tuned_stays_denser(claim: Claim, evidence: Evidence) -> Verdict:
    """The share of weights that can be pruned is smaller in fine-tuned than in monolingual models, in both groups.

    Measured as in `monolingual_is_sparser`; the figure is the larger of the two groups' differences.
    """
    return _threshold_change(claim, evidence, "monolingual", "fine_tuned", above=False)


def polyglot_is_efficient(claim: Claim, evidence: Evidence) -> Verdict:
    """The CoNLL polyglot model needs less than half of the weights that its monolingual models need together.

    A model needs what is left of it before its first language is over-pruned (`analysis.pruning.efficiency`); the paper
    has 0.3. That so few are needed is worth little if F1 is much lower, so the change of F1 stands beside it.
    """
    table = evidence.efficiency
    rows = [] if table is None else list(table[table["group"] == "conll"].itertuples(index=False))
    if not rows:
        return not_run(
            claim, evidence, "pruning curves of monolingual and polyglot models of CoNLL that find something"
        )
    (row,) = rows
    measure = Measure("weights the polyglot model needs", "of the monolingual models' weights", FAR_FEWER, above=False)
    detail = (
        f"One model for {row.languages} languages keeps {row.kept:.0%} of its weights, and has "
        f"{signed(row.f1_difference)} F1 against the monolingual models. From CoNLL;"
    )
    return judged(claim, evidence, Figure(row.ratio, row.low, row.high, row.seeds), measure, detail)


def languages_share_a_quarter(claim: Claim, evidence: Evidence) -> Verdict:
    """Of the top 25 % of a language's weights, more than 32.5 % are in another's top 25 %.

    By Fisher information in the LORELEI polyglot model: the mean over pairs of languages and over the layers of the
    LSTMs, which the paper's figure is about. It has 40 %, which it calls high; by chance it is 25 %, and any trained
    model has a little more. The line is half way between the two. The detail has CoNLL beside it.
    """
    measure = Measure("overlap of the top 25 %", "percent", HIGH, above=True, decimals=1)
    return _overlap(claim, evidence, "languages", measure)


def half_is_retained(claim: Claim, evidence: Evidence) -> Verdict:
    """Of the top 25 % of a language's weights in the polyglot model, more than half are so after fine-tuning.

    Measured as in `languages_share_a_quarter`, for the same language in two models. The embeddings are left out, as
    those of bytes that a language does not have are equally unimportant on both sides.
    """
    measure = Measure("part of the top 25 % that is retained", "percent", HALF, above=True, decimals=1)
    return _overlap(claim, evidence, "retained", measure)


def top_is_unique(claim: Claim, evidence: Evidence) -> Verdict:
    """Of the top 5 % of a language's weights, fewer than half are in another's top 5 %; fewer than of the top 25 %.

    The paper gives no figure and calls the overlap of the top 25 % high (40 %), so "little" must be less than that; and
    what it concludes, that the weights are "uniquely important to that language", needs more than half to be so. Small
    sets overlap less by chance alone (5 against 25 %), so the two are compared corrected for chance: as parts of what
    chance leaves open. The figure is the overlap itself, measured as in `languages_share_a_quarter`. Both intervals are
    widened (Bonferroni).
    """
    table, confidence = _overlaps(evidence, "languages"), 1 - 0.05 / 2
    ours = _lorelei(table)
    if ours.empty:
        return not_run(claim, evidence, "Fisher information of several languages in a LORELEI polyglot model")
    top, less = _mean(ours, TOP, confidence), _mean(ours, "beyond chance", confidence)
    measure = Measure("overlap of the top 5 %", "percent", HALF, above=False, decimals=1)
    decisions = [measure.decide(top), decide(less.low, less.high, 0.0, above=False)]
    detail = f"{_corrected(ours)} The difference is {less}.{_conll(table, TOP)} {_layers(ours)};"
    return judged(claim, evidence, top, measure, detail, decision=conjunction(decisions))


def top_shifts_most(claim: Claim, evidence: Evidence) -> Verdict:
    """A smaller part of the top 5 % than of the top 25 % of a language's weights is retained by fine-tuning.

    Small sets overlap less by chance alone (5 against 25 %), so the two are compared corrected for chance: as parts of
    what chance leaves open. (The paper's 30 % and "more than half" are then 26 and more than 33 %.) The figure is the
    difference of the two in percentage points, measured as in `half_is_retained`.
    """
    table = _overlaps(evidence, "retained")
    ours = _lorelei(table)
    if ours.empty:
        return not_run(claim, evidence, "Fisher information before and after fine-tuning a LORELEI polyglot model")
    top, quarter = (_mean(ours, share).value for share in (TOP, QUARTER))
    name = "retained of the top 5 % less of the top 25 %, beyond chance"
    measure = Measure(name, "percentage points", 0.0, above=False, signed=True, decimals=1)
    detail = (
        f"Retained: {top:.1f} % of the top 5 %, {quarter:.1f} % of the top 25 %. {_corrected(ours)}"
        f"{_conll(table, 'beyond chance')} {_layers(ours)};"
    )
    return judged(claim, evidence, _mean(ours, "beyond chance"), measure, detail)


_CELLS = ["group", "first", "second", "layer"]


def _threshold_change(claim: Claim, evidence: Evidence, first: str, second: str, above: bool) -> Verdict:
    """second − first of the shares that can be pruned, in percentage points, against 0 in each group."""
    names, changes, shares, codes = [name.replace("_", "-") for name in (first, second)], {}, [], []
    table = evidence.pruning
    rows = [] if table is None else table[(table["first"] == first) & (table["second"] == second)].itertuples()
    for row in rows:
        changes[row.group] = Figure(row.difference, row.low, row.high, row.seeds)
        shares.append(f"{row.first_share:.1f} % of {names[0]} and {row.second_share:.1f} % of {names[1]}, {row.group}")
        without = f" (without {row.left_out}, of which a model finds next to nothing)" if row.left_out else ""
        codes.append(f"{row.group}: {row.languages}{without}")
    if not changes:
        return not_run(claim, evidence, f"pruning curves of {names[0]} and {names[1]} models that find something")
    size = "smallest" if above else "largest"
    name = f"{size} difference of the weights that can be pruned, {names[1]} − {names[0]}"
    measure = Measure(name, "percentage points", 0.0, above=above, signed=True, decimals=1)
    detail = f"Of the weights can be pruned: {'; '.join(shares)}. From {'; '.join(codes)};"
    missing = [group for group in evidence.groups if group not in changes]
    return judged_parts(claim, evidence, widened(changes), measure, detail, missing)


def _overlap(claim: Claim, evidence: Evidence, comparison: str, measure: Measure) -> Verdict:
    """The overlap of the top 25 % against the measure's line."""
    table = _overlaps(evidence, comparison)
    ours = _lorelei(table)
    if ours.empty:
        return not_run(claim, evidence, "Fisher information of the languages in LORELEI polyglot and fine-tuned models")
    detail = f"By chance it is 25.{_conll(table, QUARTER)} {_layers(ours)};"
    return judged(claim, evidence, _mean(ours, QUARTER), measure, detail)


def _overlaps(evidence: Evidence, comparison: str) -> pd.DataFrame:
    """Overlaps in the LSTMs in percent: the columns of cells, seed, one for each share, "beyond chance", left_out.

    "beyond chance" is the difference (5 % − 25 %) of the overlaps corrected for chance. `left_out` is empty for the
    overlaps of all sentences; the others are those without a part of them.
    """
    if evidence.fisher is None:
        return pd.DataFrame(columns=["group"])
    table = evidence.fisher
    table = table[(table["comparison"] == comparison) & table["layer"].str.contains("LSTM")]
    if not {TOP, QUARTER} <= set(table["share"]):
        return pd.DataFrame(columns=["group"])
    tables = []
    for column in ["overlap", *(name for name in table if name.startswith(WITHOUT))]:
        wide = 100 * table.pivot(index=[*_CELLS, "seed"], columns="share", values=column)
        step = _beyond_chance(wide[TOP], TOP) - _beyond_chance(wide[QUARTER], QUARTER)
        tables.append(wide.assign(**{"beyond chance": step, "left_out": column.removeprefix("overlap")}).reset_index())
    return pd.concat(tables, ignore_index=True)


def _lorelei(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["group"] == FIGURE_4]


def _mean(table: pd.DataFrame, column: float | str, confidence: float = 0.95) -> Figure:
    """The mean of a column over cells and seeds, with its interval over seeds and over training sentences.

    Where at least three seeds have every cell, only these are used; else there is no interval over seeds. The one over
    sentences is a jackknife, where the overlaps without each part of them are known.
    """
    whole = table[table["left_out"] == ""].pivot(index=_CELLS, columns="seed", values=column)
    complete = whole.dropna(axis="columns")
    enough = complete.shape[1] >= LEAST_SEEDS
    by_seed = (complete if enough else whole).mean()
    parts = table[(table["left_out"] != "") & table["seed"].isin(by_seed.index)]
    without = parts.groupby(["left_out", "seed"])[column].mean().groupby("left_out").mean()
    figure = float(by_seed.mean())
    return Figure.of(
        Difference(
            figure,
            complete.shape[1],
            seed_interval(by_seed, confidence) if enough else None,
            jackknife_interval(figure, without, confidence) if len(without) > 1 and without.notna().all() else None,
        )
    )


def _beyond_chance(overlap, share: float):
    """The part (percent) of what chance leaves open that an overlap (percent) of the top `share` has in common."""
    return (overlap - 100 * share) / (1 - share)


def _corrected(table: pd.DataFrame) -> str:
    parts = [_beyond_chance(_mean(table, share).value, share) for share in (TOP, QUARTER)]
    return f"Corrected for chance, {parts[0]:.1f} % of the top 5 % and {parts[1]:.1f} % of the top 25 %."


def _conll(table: pd.DataFrame, column: float | str) -> str:
    """The same figure of CoNLL, which the paper's figure is not about; nothing where there is none."""
    rows = table[table["group"] == "conll"]
    if rows.empty:
        return ""
    figure = _mean(rows, column)
    interval = "" if pd.isna(figure.low) else f" ({figure.low:.1f} to {figure.high:.1f})"
    return f" On CoNLL, which does not count here, it is {figure.value:.1f}{interval}.".replace("-", "−")


def _layers(table: pd.DataFrame) -> str:
    return f"From {table['layer'].nunique()} LSTM layers, {basis(table.rename(columns={'first': 'language'}))}"
