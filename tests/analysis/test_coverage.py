"""How often 95 % intervals hold the truth, in made-up studies whose truth is known."""

import numpy as np
import pandas as pd
import pytest

from polyner.analysis.inference import Scores
from tests.analysis.simulation import REGIMES, Simulation

PAIRS = {"independent": ("monolingual", "polyglot"), "paired": ("polyglot", "fine_tuned")}
DESIGNS = {
    "4 languages": Simulation(),
    "15 languages": Simulation({"conll": 15}),
    "4 and 9 languages": Simulation({"conll": 4, "lorelei": 9}, common=0.03),
    "4 and 15, nothing in common": Simulation({"conll": 4, "lorelei": 15}, own=0.05, common=0.0),
    "4 and 9, run by run": Simulation({"conll": 4, "lorelei": 9}, common=0.08, own=0.02),
    "poor polyglot scores": Simulation(levels=dict(zip(REGIMES, (0.8, -5.0, 1.2), strict=True))),
    "languages that vary unlike": Simulation({"conll": 8}, own=0.06, spread=2.0),
}


def coverages(simulation: Simulation, repetitions: int, seed: int = 0) -> pd.DataFrame:
    """How often intervals hold the truth, and (`beyond`) how often they end below it, by figure.

    An interval that ends below a true difference of δ says that the difference is within ±δ, which is false: this is
    the rate of false positives of the equivalence test.
    """
    generator, rows = np.random.default_rng(seed), []
    truth = {regime: simulation.truth(regime) for regime in REGIMES}
    for _ in range(repetitions):
        scores = Scores(*simulation.draw(generator))
        for design, pair in PAIRS.items():
            sides = [{"regime": regime} for regime in pair]
            asked = {
                "mean": scores.differences(*sides),
                "a language": scores.differences(*sides, ("model", "group", "language")),
                "ratio": scores.differences(*sides, ratio=True),
            }
            for name, estimates in asked.items():
                for (_, group, *_), each in estimates.items():
                    first, second = (np.mean([truth[regime][code] for code in each.languages]) for regime in pair)
                    true = second / first if name == "ratio" else second - first
                    rows.append((design, name, group, each.low <= true <= each.high, each.high < true))
    table = pd.DataFrame(rows, columns=["design", "figure", "group", "covered", "beyond"])
    return table.groupby(["design", "figure", "group"], sort=False).mean()


def test_intervals_hold_the_truth():
    found = coverages(Simulation(sentences=300), 100)
    by_language = found["covered"].xs("a language", level="figure")
    assert by_language.between(0.91, 0.99).all()
    assert (found["covered"] >= 0.88).all()
    assert (found["beyond"] <= 0.08).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", DESIGNS)
def test_intervals_hold_the_truth_in_19_of_20_studies(name, capsys):
    found = coverages(DESIGNS[name], 800)
    with capsys.disabled():
        print(f"\n{name}\n{(100 * found).round(1)}")
    # Pairs of one family with three seeds are too wide (97 to 98 %): the variance over seeds cannot be less than none.
    assert found["covered"].between(0.93, 0.985).all()
    alone = found["covered"].drop("paired", level="design")
    assert alone.between(0.93, 0.97).all()
    assert (found["beyond"] <= 0.04).all()
