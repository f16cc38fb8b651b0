"""What a training is asked to do: how the tagger is trained, what an update minimises, by which version of the code."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Lt

from polyner.errors import SettingsError
from polyner.models.configs import CONFIGS, config_class
from polyner.validation import Count, Fraction, NotNegative, Positive


@dataclass(frozen=True)
class TrainingConfig:
    """How a tagger is trained. The defaults are the paper's (§3.4), but for the batch size.

    optimizer: "adam" or "sgd"; learning_rate: its step size; momentum: of "sgd".
    weight_decay: how much of each weight an update takes away, in units of the learning rate; with "adam" apart from
        its moments (AdamW).
    batch_size: training examples. The paper's code has 128 for the CRFs and 32 for CharNER; 32 trains the word-level
        CRFs in far fewer epochs.
    max_epochs, min_epochs, patience: training ends after `patience` epochs without a better development F1, but not
        before `min_epochs`, and at `max_epochs`. The F1 is the mean over the languages trained on.
    min_updates: nor does it end by patience before so many updates. An epoch of a hundred sentences is three updates,
        and patience alone would end on a model that has hardly begun to learn. `max_epochs` goes before it.
    clip_norm: the gradient's norm is clipped to this; None for no clipping.
    sampling_exponent: how often a polyglot epoch shows each language: in proportion to its number of sentences to this
        power. 1 is the plain concatenation of the corpora (§4), 0 uniform sampling (footnote 6).
    stratified: whether every batch holds the languages in their shares of the epoch, instead of as they are drawn.
    mixed_precision: "on" computes matrix products and LSTMs in half precision: in float16 with scaled gradients on
        CUDA, where cuDNN's LSTMs know no other under autocast, in bfloat16 on processors that have it. "auto" does so
        on CUDA only; "off" computes in float32 everywhere.
    """

    optimizer: Literal["adam", "sgd"] = "adam"
    learning_rate: Positive = 1e-3
    momentum: Fraction = 0.0
    weight_decay: NotNegative = 0.0
    batch_size: Count = 32
    max_epochs: Count = 100
    min_epochs: Count = 5
    patience: Count = 10
    min_updates: Annotated[int, Ge(0)] = 0
    clip_norm: Positive | None = None
    sampling_exponent: Annotated[float, Gt(-math.inf), Lt(math.inf)] = 1.0
    stratified: bool = False
    mixed_precision: Literal["auto", "on", "off"] = "auto"


TO_A_PARENT = ("l2sp", "ewc")
BY_LANGUAGE = ("pcgrad", "mgda")  # these need batches in which every language has its share

_READ_BY = {"strength": TO_A_PARENT}
_READ_BY |= dict.fromkeys(("fisher_languages", "fisher_draws", "fisher_sentences"), ("ewc",))


@dataclass(frozen=True)
class ObjectiveConfig:
    """What an update minimises; `polyner.training.objectives` has the formulas and their sources.

    name: "plain", the mean loss of the batch (the paper's); "l2sp" and "ewc", with a penalty for leaving the weights of
        the parent, for fine-tuned runs; "pcgrad" and "mgda", where the gradients of the batch's languages are combined
        in another way than by adding them, for runs on several languages.
    strength: of the penalty. Of "ewc" it weighs the divergence from the parent, in nats a sentence, against the loss,
        in nats a sentence; of "l2sp" it is that of a squared weight, and has to be chosen (Li et al. try 0.001 to 1).
    fisher_languages: whose Fisher information "ewc" takes: that of the "others" that the parent was trained on, which
        are what fine-tuning forgets, of all that the "parent" was trained on, or of the "target" fine-tuned on.
    fisher_draws: of directions a mini-batch, as in `polyner.models.fisher`.
    fisher_sentences: at most so many training sentences of each language, chosen as for §5.3.

    Raises ValueError for a setting that the objective does not read.
    """

    name: Literal["plain", "l2sp", "ewc", "pcgrad", "mgda"] = "plain"
    strength: NotNegative = 1.0
    fisher_languages: Literal["others", "parent", "target"] = "others"
    fisher_draws: Count = 16
    fisher_sentences: Count = 300

    def __post_init__(self) -> None:
        for name, readers in _READ_BY.items():
            if self.name not in readers and getattr(self, name) != getattr(ObjectiveConfig, name):
                raise ValueError(f"{name} is of {' and '.join(readers)}, not of {self.name}")

    def check(self, model: str, languages: Sequence[str], parent_languages: Sequence[str] | None) -> None:
        """Raise SettingsError where a run cannot have this objective.

        It is one of an architecture on `languages`, from a parent trained on `parent_languages`, None for no parent.
        """
        if self.name in TO_A_PARENT and parent_languages is None:
            raise SettingsError(f"objective: {self.name} pulls to a parent's weights, which only fine-tuned runs have")
        if self.name in BY_LANGUAGE and len(set(languages)) < 2:
            raise SettingsError(
                f"objective: {self.name} combines the gradients of two languages or more, not of {', '.join(languages)}"
            )
        if self.name == "ewc":
            able = [name for name, config in CONFIGS.items() if config.fisher_information]
            if model not in able:
                raise SettingsError(
                    f"objective: ewc needs Fisher information, which is that of a CRF over words: "
                    f"it is for {', '.join(able)}, not for {model}"
                )
            self.fisher_of(languages, parent_languages)

    def fisher_of(self, languages: Sequence[str], parent_languages: Sequence[str]) -> tuple[str, ...]:
        """The languages of `fisher_languages`, when fine-tuning on `languages`. Raises SettingsError for none."""
        if self.fisher_languages == "target":
            return tuple(languages)
        chosen = tuple(code for code in parent_languages if self.fisher_languages == "parent" or code not in languages)
        if not chosen:
            raise SettingsError(
                f"objective: fisher_languages is 'others', and the parent was trained on no others than "
                f"{', '.join(languages)}: 'parent' or 'target'"
            )
        return chosen


TRAINING_VERSION = {"loop": 1, "char-crf": 1, "byte-crf": 1, "charner": 1, "byte-to-span": 1, "mbert-crf": 1}
"""Of the training loop with its objectives, and of each architecture.

Raise a number when the numbers that a training gives change: by the loss, the initial weights, the order of random
draws, batches or updates, a default value, or what an epoch is judged by. Runs trained before are then trained anew.
It takes the place of the source's hash in a run's identity, so leave it where the numbers stay as they are:
`tests/training/test_golden.py` tells.
"""


def training_version(model: str) -> str:
    """The version of the loop and of an architecture, as in "1.1". Raises PolynerError for an unknown model."""
    config_class(model)
    return f"{TRAINING_VERSION['loop']}.{TRAINING_VERSION[model]}"
