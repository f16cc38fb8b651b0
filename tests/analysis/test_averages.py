"""Averages over languages: their figures by hand, and how wide their intervals are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from polyner.analysis.averages import average_changes, language_averages, seed_variance
from polyner.analysis.significance import f1_of


def results(f1, regime="monolingual", variant="", model="byte-crf"):
    """A table of test results from {language: [F1 by seed]}; a polyglot run has all languages of its seed."""
    rows = [
        (model, regime, variant, "conll", language, seed, "test", value, f"{regime}{variant}-{seed}")
        for language, values in f1.items()
        for seed, value in enumerate(values, start=1)
        if value is not None
    ]
    columns = ["model", "regime", "variant", "group", "language", "seed", "split", "f1", "run"]
    table = pd.DataFrame(rows, columns=columns)
    if regime == "monolingual":
        table["run"] += "-" + table["language"]
    return table


def test_the_average_and_its_spread_by_hand():
    (row,) = language_averages(results({"eng": [80.0, 82.0], "deu": [60.0, 64.0]})).to_dict("records")
    assert row["f1"] == 71.5
    assert row["spread"] == pytest.approx(np.std([70.0, 73.0], ddof=1))
    assert (row["languages"], row["seeds"]) == (2, 2)
    assert np.isnan(row["low"])  # two seeds are too few, and no sentences are known


def test_independent_runs_are_strata_and_joint_ones_are_not():
    f1 = {"eng": [80.0, 81.0, 82.0], "deu": [62.0, 61.0, 60.0]}
    (alone,) = language_averages(results(f1)).to_dict("records")
    (together,) = language_averages(results(f1, "polyglot")).to_dict("records")
    # Each language's mean has variance 1/3; the average of two has (1/3 + 1/3) / 4, with 4 degrees of freedom.
    half = stats.t.ppf(0.975, 4) * (1 / 6) ** 0.5
    assert (alone["low"], alone["high"]) == pytest.approx((71 - half, 71 + half))
    # What one language gains the other loses: the seeds' averages are all the same.
    assert (together["low"], together["high"]) == pytest.approx((71, 71))


def test_only_seeds_that_every_language_has_count():
    (row,) = language_averages(results({"eng": [80.0, 82.0, 84.0], "deu": [60.0, None, 64.0]})).to_dict("records")
    assert (row["seeds"], row["f1"]) == (2, 72.0)


@given(st.integers(2, 6), st.integers(3, 6), st.integers(0, 1000))
def test_the_variance_is_that_of_the_mean(languages, seeds, number):
    f1 = pd.DataFrame(np.random.default_rng(number).normal(70, 2, (languages, seeds)))
    separate, joint = (seed_variance(f1, together) for together in (False, True))
    expected = sum(f1.loc[row].var() / seeds for row in f1.index) / languages**2
    assert separate.value == pytest.approx(expected)
    assert joint.value == pytest.approx(f1.mean().var() / seeds)
    assert seeds - 1 <= separate.freedom <= languages * (seeds - 1) + 1e-6
    assert seed_variance(f1.iloc[:, :2], False) is None


def span_counts(table, sentences=200):
    """Counts of a test set for each run and language, whose F1 is put into the table."""
    rows, f1 = [], []
    for run, language in table[["run", "language"]].itertuples(index=False):
        generator = np.random.default_rng(list(f"{run}{language}".encode()))
        gold = np.random.default_rng(list(language.encode())).integers(1, 4, sentences)
        correct = generator.binomial(gold, 0.7)
        counts = np.stack([correct, gold, gold], axis=1)
        f1.append(float(f1_of(counts.sum(axis=0))))
        rows.append(pd.DataFrame(counts, columns=["correct", "predicted", "gold"]).assign(run=run, language=language))
    return table.assign(f1=f1), pd.concat(rows, ignore_index=True)


def test_sentences_widen_the_interval_and_pairing_narrows_that_of_a_change():
    nothing = {"eng": [0.0] * 3, "deu": [0.0] * 3}
    both = pd.concat([results(nothing), results(nothing, "polyglot")], ignore_index=True)
    table, counts = span_counts(both)
    without, with_sentences = language_averages(table), language_averages(table, counts)
    assert (with_sentences["high"] > without["high"]).all()
    (change,) = average_changes(table, counts).to_dict("records")
    assert (change["regime"], change["languages"], change["seeds"]) == ("polyglot", 2, 3)
    averages = with_sentences.set_index("regime")
    assert change["difference"] == pytest.approx(averages["f1"]["polyglot"] - averages["f1"]["monolingual"])
    assert change["low"] < change["difference"] < change["high"]


def test_a_run_against_itself_does_not_change():
    table, counts = span_counts(results({"eng": [0.0] * 3, "deu": [0.0] * 3}))
    same = pd.concat([table, table.assign(variant="again")], ignore_index=True)
    (change,) = average_changes(same, counts).to_dict("records")
    assert change["difference"] == 0
    seeds = average_changes(same).iloc[0]
    # Paired sentences add nothing to the doubt of the seeds.
    assert change["high"] == pytest.approx(seeds["high"])


def test_only_languages_of_both_sides_are_compared():
    table = pd.concat(
        [results({"eng": [80.0], "deu": [60.0]}), results({"deu": [61.0], "nld": [90.0]}, "polyglot")],
        ignore_index=True,
    )
    (change,) = average_changes(table).to_dict("records")
    assert (change["languages"], change["difference"]) == (1, 1.0)
    assert average_changes(results({"eng": [80.0]}, "polyglot")).empty
