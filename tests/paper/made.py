"""Findings made by hand, to judge claims on."""

from __future__ import annotations

import pandas as pd

from polyner.analysis.estimates import Estimate
from polyner.findings import Findings
from polyner.paper import Verdict, verdict

NOISE = (-0.1, 0.0, 0.1)
COLUMNS = ["model", "regime", "variant", "group", "language", "seed", "split", "f1", "run"]
NO_RESULTS = pd.DataFrame(columns=COLUMNS)


def findings(
    results: pd.DataFrame = NO_RESULTS, sample: bool = False, profile: str = "", groups=None, **fields
) -> Findings:
    """Findings with these results in the groups of a setting, and further fields of `Findings`."""
    about = {"corpora": "folder", "sample": sample, "settings": {"profile": profile, "groups": groups}}
    return Findings(results, about=about, **fields)


def judged(claim: str, results: pd.DataFrame = NO_RESULTS, **fields) -> Verdict:
    """The verdict on a claim."""
    return verdict(claim, findings(results, **fields))


def estimate(figure: float, half: float = 0.1, seeds: int = 3, languages=("eng", "deu", "nld", "spa")) -> Estimate:
    """A figure with a 95 % interval of ± half."""
    return Estimate(figure, (half / 1.96) ** 2, float("inf"), seeds=seeds, languages=languages)
