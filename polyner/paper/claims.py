"""The paper's testable claims as data, and what a verdict on one of them is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

VERDICTS = ("holds", "does not hold", "undecided", "not run")


@dataclass(frozen=True)
class Claim:
    """A sentence of the paper that a run can support or contradict.

    `reading` says how it is judged: what is computed, and the line that a word such as "many" is given. `paper` holds
    the figures the paper prints for it, as text; empty where it prints none.
    """

    id: str
    section: str
    claim: str
    reading: str
    paper: str = ""


@dataclass(frozen=True)
class Verdict:
    """What results say about a claim.

    `figure` is this run's, with the interval from `low` to `high`; `line` is what it is held against, and `above`
    whether the claim wants it above the line or below. Each is None where there is none. `name` says in words what they
    measure, `unit` in what; `signed` whether they are changes, which are shown with their sign, and `decimals` to how
    many digits. `detail` says how the verdict came about.
    `paper_figure` is the same figure computed from the cells of the paper's Tables 1 and 3, of the same models and
    languages where there are results of any.
    `sample` marks results on the built-in sample corpora, which are no evidence.
    """

    claim: Claim
    verdict: str
    figure: float | None = None
    low: float | None = None
    high: float | None = None
    line: float | None = None
    above: bool | None = None
    name: str = ""
    unit: str = ""
    signed: bool = False
    decimals: int = 2
    paper_figure: float | None = None
    detail: str = ""
    corpora: str = ""
    profile: str = ""
    sample: bool = False

    def __post_init__(self) -> None:
        if self.verdict not in VERDICTS:
            raise ValueError(f"unknown verdict {self.verdict!r}: one of {', '.join(VERDICTS)}")

    @property
    def label(self) -> str:
        """The verdict as it is to be printed: one from sample corpora says that it is no evidence."""
        if self.sample and self.verdict != "not run":
            return f"{self.verdict} (sample corpora: no evidence)"
        return self.verdict

    def shown(self, value: float | None) -> str:
        """A figure, bound or line of this verdict as it is to be printed, without the unit; nothing for None."""
        if value is None:
            return ""
        digits = f"{abs(value):.{self.decimals}f}"
        if float(digits) == 0:
            return digits
        return f"{'−' if value < 0 else '+' if self.signed else ''}{digits}"


@cache
def claims() -> tuple[Claim, ...]:
    """All claims, in the paper's order."""
    text = files(__package__).joinpath("claims.yaml").read_text(encoding="utf-8")
    return tuple(Claim(**entry) for entry in yaml.safe_load(text))


def claim(identifier: str) -> Claim:
    """The claim of that id. Raises ValueError where there is none."""
    for candidate in claims():
        if candidate.id == identifier:
            return candidate
    raise ValueError(f"unknown claim {identifier!r}: one of {', '.join(c.id for c in claims())}")
