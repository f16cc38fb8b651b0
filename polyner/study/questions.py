"""Which runs each page of the book rests on: questions as data, from which `Study.asks` makes specifications."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from polyner.runs.spec import REGIMES, RunSpec


@dataclass(frozen=True)
class Question:
    """Runs to compare.

    regimes: of these regimes; zero_shot is the polyglot run where it meets a novel language.
    variant: the departure from the plain protocol; with OWN, all that the settings name.
    models: "all" of the study's, the "analysed" one, or an architecture by name.
    novel: about the novel languages of a group in place of its own.
    by_size: with the settings' numbers of training sentences of the language, smaller ones parts of the larger.
    """

    regimes: tuple[str, ...] = REGIMES
    variant: str = ""
    models: str = "all"
    novel: bool = False
    by_size: bool = False


@dataclass(frozen=True)
class Ask:
    """A run that a question is about, under the names that its rows have in tables.

    regime: of the comparison, so "zero_shot" where `spec` is a polyglot run and `languages` are novel ones.
    languages: those that the run is scored on. sentences: of training, where the set was cut to a size; else None.
    """

    spec: RunSpec
    model: str
    regime: str
    variant: str
    group: str
    languages: tuple[str, ...]
    seed: int
    sentences: int | None = None


# In a question's variant: those that the settings name, and no question does.
OWN = "*"

# §4: monolingual against polyglot; transitions of each language's own.
MONOLINGUAL_AND_POLYGLOT = Question(("monolingual", "polyglot"))
TRANSITIONS = Question(("polyglot",), "language_transitions")
# §4.1: all three regimes; fine-tuning without the optimizer's state; more regularisation, of two kinds (dropout in all
# regimes); monolingual runs in the schedule of the polyglot and the fine-tuned one together.
TABLE_1 = Question()
RESET_OPTIMIZER = Question(("fine_tuned",), "reset_optimizer", "analysed")
MORE_DROPOUT = Question(REGIMES, "more_dropout", "analysed")
WEIGHT_DECAY = Question(("monolingual",), "weight_decay", "analysed")
UPDATE_MATCHED = Question(("monolingual",), "more_updates", "analysed")
OWN_BASELINES = Question(("monolingual", "polyglot"), OWN, "analysed")
OWN_VARIANTS = Question(REGIMES, OWN, "analysed")
# §4.2: Table 3, and the same with fewer sentences.
TABLE_3 = Question(("monolingual", "zero_shot", "fine_tuned"), models="analysed", novel=True)
CURVES = Question(("monolingual", "zero_shot", "fine_tuned"), models="analysed", novel=True, by_size=True)
# §5: the same runs of the analysed model in all regimes.
ANALYSED = Question(models="analysed")
OVERLAPS = Question(("polyglot", "fine_tuned"), models="analysed")

# §6: many more languages, in wider models (polyglot ones, unless the settings name other regimes) and by uniform
# sampling (footnote 6) too; other ways to a joint optimum, and to keep it when fine-tuning.
MANY = Question(models="analysed")
DOUBLE_SIZE = Question(REGIMES, "double_size", "analysed")
UNIFORM_SAMPLING = Question(("polyglot",), "uniform_sampling", "analysed")
JOINT = tuple(Question(("polyglot",), name, "analysed") for name in ("pcgrad", "mgda"))
PULLED = tuple(
    Question(("fine_tuned",), name, "analysed")
    for name in ("l2sp_0.001", "l2sp_0.01", "l2sp_0.1", "ewc_0.1", "ewc", "ewc_10")
)
# What no study has to try that is about the paper alone.
BEYOND = frozenset(question.variant for question in (DOUBLE_SIZE, UNIFORM_SAMPLING, *JOINT, *PULLED))

# By page. Pages without runs are not here.
PAGES: Mapping[str, tuple[Question, ...]] = {
    "02-baselines": (MONOLINGUAL_AND_POLYGLOT, TRANSITIONS, OWN_BASELINES),
    "03-fine-tuning": (TABLE_1, RESET_OPTIMIZER, MORE_DROPOUT, WEIGHT_DECAY, UPDATE_MATCHED, OWN_VARIANTS),
    "04-novel-languages": (TABLE_3, CURVES),
    "05-error-analysis": (ANALYSED,),
    "06-pruning": (ANALYSED,),
    "07-fisher-overlap": (OVERLAPS,),
    "08-claims": (
        *(TABLE_1, TRANSITIONS, MORE_DROPOUT, WEIGHT_DECAY, UPDATE_MATCHED, TABLE_3),
        *(ANALYSED, OVERLAPS, *JOINT, *PULLED),
    ),
    "09-many-languages": (MANY, DOUBLE_SIZE, UNIFORM_SAMPLING),
    "10-better-optima": (MANY, *JOINT, *PULLED),
    "tagger": (Question(models="byte-crf"), Question(TABLE_3.regimes, models="byte-crf", novel=True)),
}

# Variants that have a place of their own on a page.
NAMED = frozenset(question.variant for questions in PAGES.values() for question in questions) - {OWN}
