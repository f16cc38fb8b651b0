"""Changes from regime to regime: by hand, and how often their intervals hold the truth in made-up studies."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from polyner.analysis.contrasts import CELL, change_table, changes, widened
from polyner.analysis.errors import common_shares
from polyner.analysis.pruning import area

PAIR = ("monolingual", "polyglot")
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
SHAPE = (2, 6, 3)
# On the scale of logits: how good the regimes are, and how much a run differs from run to run.
LEVELS, RUNS = {"monolingual": 1.0, "polyglot": 1.4}, 0.08


def counted(run="a", language="eng", sentence=0, regime="monolingual", **rest) -> dict:
    keys = {"model": "crf", "regime": regime, "variant": "", "group": "conll", "language": language, "seed": 0}
    return {**keys, "run": run, "sentence": sentence, **rest}


def test_wide_rows_are_the_same_sentences_for_all_runs_of_a_language():
    rows = [counted(n=1, gold=5), counted(n=0, gold=4), counted("b", sentence=1, n=0, gold=7), counted("c", "deu", n=0)]
    wide, columns = widened(pd.DataFrame(rows).fillna(1), [1, 0, 0, 0], 2, ["gold"])
    assert columns == ["0", "1"]
    found = {(row.run, row.sentence): list(row[len(CELL) + 2 :]) for row in wide.itertuples()}
    assert found == {("a", 0): [4, 5], ("a", 1): [0, 0], ("b", 0): [0, 0], ("b", 1): [7, 0], ("c", 0): [1, 0]}


def test_changes_are_means_over_languages_and_runs_without_the_figure_are_left_out():
    parts = {("monolingual", "eng"): (1, 2), ("polyglot", "eng"): (2, 2), ("polyglot", "deu"): (1, 4)}
    parts[("monolingual", "deu")] = (0, 0)
    rows = [
        counted(f"{regime} {language}", language, sentence, regime, part=part, whole=whole)
        for (regime, language), (part, whole) in parts.items()
        for sentence in range(3)
    ]
    with np.errstate(invalid="ignore"):
        found = changes(pd.DataFrame(rows), ["part", "whole"], lambda c: c[..., 0] / c[..., 1], [PAIR])
    (row,) = change_table(found, ["group", "first", "second"], ["before", "after"]).to_dict("records")
    assert (row["before"], row["after"], row["difference"], row["languages"]) == (0.5, 1.0, 0.5, 1)
    assert row["seeds"] == 1
    assert np.isnan([row["low"], row["high"]]).all()  # of one seed there is no interval
    nothing = pd.DataFrame(rows).assign(part=0, whole=0)
    with np.errstate(invalid="ignore"):
        assert changes(nothing, ["part", "whole"], lambda c: c[..., 0] / c[..., 1], [PAIR]) == {}


def drawn(generator, counts, sentences, languages=4, seeds=3) -> pd.DataFrame:
    """A made-up study: counts (sentences, columns) of each run from its logits by sentence."""
    tables = []
    for number in range(languages):
        hard = generator.normal(0, 1.0, sentences)
        for regime, level in LEVELS.items():
            own = hard + generator.normal(0, 0.3, sentences)
            for seed in range(seeds):
                values = counts(generator, level + own + generator.normal(0, RUNS))
                keys = counted(f"{regime} {number} {seed}", f"l{number}", 0, regime) | {"seed": seed}
                table = pd.DataFrame(values.reshape(sentences, -1)).rename(columns=str)
                tables.append(table.assign(**{**keys, "sentence": np.arange(sentences)}))
    return pd.concat(tables, ignore_index=True)


def pruned(generator, logits):
    """Three entities a sentence, which are found the more rarely the more weights are gone."""
    chance = 1 / (1 + np.exp(-(logits[:, None] - 3 * np.square(SHARES))))
    correct = generator.binomial(3, chance)
    predicted = correct + generator.binomial(3 - correct, 0.5)
    return np.stack([correct, predicted, np.full_like(correct, 3)], axis=-1)


def common(generator, logits):
    """Four entities a sentence, common ones and others, which models err on more; the fewer, the finer the match."""
    side = np.array([0.5, 0.0])[:, None]
    gold = generator.binomial(4, np.linspace(0.5, 0.2, 6), (len(logits), 6))
    gold = np.stack([gold, 4 - gold], axis=1)
    correct = generator.binomial(gold, 1 / (1 + np.exp(-logits[:, None, None] - side)))
    return np.stack([correct, correct + generator.binomial(gold - correct, 0.6), gold], axis=-1)


def erring(generator, logits):
    """One to four tokens of a tag a sentence, the same for all runs, of which models err on some."""
    tokens = 1 + np.arange(len(logits)) % 4
    return np.stack([generator.binomial(tokens, 1 / (1 + np.exp(logits))), tokens], axis=-1)


# By name: what is counted, the figure, and sentences of a language.
FIGURES = {
    "area": (pruned, lambda counts: area(counts.reshape(*counts.shape[:-1], len(SHARES), 3), SHARES), 200),
    "share": (common, lambda counts: common_shares(counts.reshape(*counts.shape[:-1], *SHAPE))[0], 200),
    "error rate": (erring, lambda counts: 100 * counts[..., 0] / counts[..., 1], 400),
}


def coverage(name: str, repetitions: int) -> float:
    """How often the interval holds the true difference."""
    counts, figure, sentences = FIGURES[name]
    generator = np.random.default_rng(0)
    means, effects = [], RUNS * norm.ppf((np.arange(100) + 0.5) / 100)
    for level in LEVELS.values():
        runs = (level + generator.normal(0, np.hypot(1.0, 0.3), 4000) + effect for effect in effects)
        means.append(np.mean([figure(counts(generator, run).reshape(4000, -1).sum(axis=0)) for run in runs]))
    truth, held = means[1] - means[0], 0
    for _ in range(repetitions):
        table = drawn(generator, counts, sentences=sentences)
        columns = [column for column in table if column.isdigit()]
        (each,) = changes(table, columns, figure, [PAIR]).values()
        held += each.low <= truth <= each.high
    return held / repetitions


@pytest.mark.parametrize("name", FIGURES)
def test_intervals_hold_the_truth(name):
    assert coverage(name, 60) >= 0.86


@pytest.mark.slow
@pytest.mark.parametrize("name", FIGURES)
def test_intervals_hold_the_truth_in_19_of_20_studies(name, capsys):
    found = coverage(name, 1000)
    with capsys.disabled():
        print(f"\n{name}: {found:.3f}")
    assert 0.93 <= found <= 0.985
