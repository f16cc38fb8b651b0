"""The paper's testable claims as data, and what a verdict on one of them is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from polyner.errors import SettingsError
from polyner.study import questions
from polyner.study.questions import Question


@dataclass(frozen=True)
class Claim:
    """A sentence of the paper that a study can support or contradict.

    `reading` says how it is judged, `null` what the figure would be by chance or by construction, and `paper` what the
    paper prints for it; each is empty where there is nothing to say. Those of §6 are not tested in the paper.
    """

    id: str
    section: str
    claim: str
    reading: str
    null: str = ""
    paper: str = ""


@dataclass(frozen=True)
class Part:
    """One figure that a claim is judged on, of one architecture and group where it is of one.

    `what` says which figure; `low` and `high` bound its 95 % interval (nan: none). It rests on so many `seeds` and on
    the `languages`; `without` are those of its group that are not among them. The claim wants it `aim` ("above",
    "below", or "within" ±) the `line`; without an aim it is only shown. `null`: what it would be by chance or
    construction. `paper`: the same from the printed cells of Tables 1 and 3. The verdict is empty for what is only
    shown; `reason` says why it is that or "undecided", and `against` is the p-value of the contrary of the claim.
    """

    figure: float
    low: float = float("nan")
    high: float = float("nan")
    architecture: str = ""
    group: str = ""
    what: str = ""
    unit: str = "F1 points"
    seeds: int = 0
    languages: tuple[str, ...] = ()
    line: float | None = None
    aim: str = ""
    null: float | None = None
    paper: float = float("nan")
    verdict: str = ""
    reason: str = ""
    against: float = float("nan")
    without: tuple[str, ...] = ()

    @property
    def by_chance(self) -> bool:
        """Whether chance or construction alone, where it has an effect, is on the claim's side of the line, too."""
        if not self.null:
            return False
        return self.null > self.line if self.aim == "above" else self.aim == "below" and self.null < self.line


@dataclass(frozen=True)
class Verdict:
    """What results say about a claim, part by part.

    `verdict` is holds, does not hold, undecided, not run, or not testable here. `missing` names parts that the claim is
    about and that were not run. `reason` says why it is undecided or was not judged; `note` what stands beside the
    parts. `sample` marks results on the built-in sample corpora, which are no evidence.
    """

    claim: Claim
    verdict: str
    parts: tuple[Part, ...] = ()
    missing: tuple[str, ...] = ()
    reason: str = ""
    note: str = ""
    corpora: str = ""
    profile: str = ""
    sample: bool = False

    @property
    def name(self) -> str:
        """The verdict in words: a claim of which parts are missing holds only in part. One part can contradict it."""
        return f"{self.verdict} in part" if self.verdict == "holds" and self.missing else self.verdict

    @property
    def label(self) -> str:
        """The verdict as it is to be printed, with a word where it is of sample corpora."""
        return self.name + (" (sample corpora: no evidence)" if self.sample and self.parts else "")


@cache
def _all() -> dict[str, Claim]:
    text = files(__package__).joinpath("claims.yaml").read_text(encoding="utf-8")
    return {entry["id"]: Claim(**entry) for entry in yaml.safe_load(text)}


def claim(identifier: str) -> Claim:
    """The claim or conjecture of that id. Raises ValueError where there is none."""
    if identifier not in _all():
        raise ValueError(f"unknown claim {identifier!r}: one of {', '.join(_all())}")
    return _all()[identifier]


# The runs that the claims of a section rest on; of §5, what tells whether they converged. None is about the optimizer's
# state. Those of §6 are conjectures.
QUESTIONS: Mapping[str, tuple[Question, ...]] = {
    "4": (questions.MONOLINGUAL_AND_POLYGLOT, questions.TRANSITIONS),
    "4.1": (questions.TABLE_1, questions.MORE_DROPOUT, questions.WEIGHT_DECAY, questions.UPDATE_MATCHED),
    "4.2": (Question(("polyglot",), models="analysed"), questions.TABLE_3),
    "5.1": (questions.ANALYSED,),
    "5.2": (questions.ANALYSED,),
    "5.3": (questions.OVERLAPS,),
    "6": (questions.MANY, *questions.JOINT, *questions.PULLED),
}
OF_THE_PAPER = tuple(section for section in QUESTIONS if section != "6")


def claims(sections: Iterable[str] | None = None) -> tuple[Claim, ...]:
    """The claims of these sections, or all that the paper tests, in its order. Raises SettingsError for a section that
    has none."""
    wanted = set(sections or OF_THE_PAPER)
    if unknown := sorted(wanted - set(QUESTIONS)):
        raise SettingsError(f"no claims in section {unknown[0]!r}: one of {', '.join(QUESTIONS)}")
    return tuple(known for known in _all().values() if known.section.partition(",")[0] in wanted)


def claims_of(sections: Iterable[str] | None = None) -> list[str]:
    """The ids of `claims`."""
    return [each.id for each in claims(sections)]
