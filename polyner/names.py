"""What groups, regimes and architectures are called where people read about them: in charts and in tables."""

from __future__ import annotations

from collections.abc import Iterable

PAPER = "the paper"
# The paper's groups, in its order; "other" is what is in no group.
GROUP_NAMES = {"conll": "CoNLL languages", "lorelei": "LORELEI languages", "heldout": "Held out", "other": "Others"}
REGIME_NAMES = {
    "monolingual": "monolingual",
    "polyglot": "polyglot",
    "fine_tuned": "fine-tuned",
    "zero_shot": "zero-shot",
}
ARCHITECTURE_NAMES = {
    "char-crf": "Character CRF",
    "byte-crf": "Byte CRF",
    "charner": "CharNER",
    "byte-to-span": "Byte-to-Span",
    "mbert-crf": "Encoder CRF",  # of the paper: multilingual BERT
}
VARIANT_NAMES = {
    "language_transitions": "own transitions",
    "reset_optimizer": "optimizer reset",
    "more_dropout": "dropout 0.5",
    "weight_decay": "weight decay 0.1",
    "more_updates": "more updates",
    "l2sp": "L2-SP",
    "ewc": "EWC",
    "double_size": "twice the size",
    "uniform_sampling": "uniform sampling",
    "pcgrad": "PCGrad",
    "mgda": "MGDA",
}
# What tells a cell of Table 1 apart: the marks of charts and the rows of tables that have these are linked.
LINKED = ("model", "regime", "language")


def group_name(group: str) -> str:
    """The name of a group; one that the paper does not have is called as in its study, with blanks."""
    return GROUP_NAMES.get(group) or _spaced(group)


def group_heading(group: str) -> str:
    """The name of a group above its languages, where it need not say that it is of languages."""
    return group_name(group).removesuffix(" languages") if group in GROUP_NAMES else group_name(group)


def architecture_name(model: str) -> str:
    """The name of an architecture; whatever else is given stands for itself."""
    return ARCHITECTURE_NAMES.get(model, model)


def variant_name(variant: str) -> str:
    """The name of a variant; one that is not built in is called as in its study, with blanks.

    A number behind it is the strength of its penalty: "EWC 0.1".
    """
    name, _, strength = variant.rpartition("_")
    if name in VARIANT_NAMES and strength.replace(".", "").isdigit():
        return f"{VARIANT_NAMES[name]} {strength}"
    return VARIANT_NAMES.get(variant) or _spaced(variant)


def groups_in_order(groups: Iterable[str]) -> list[str]:
    """Groups without repetition: the paper's in its order, then others in the order given, and what is in none."""
    *known, rest = GROUP_NAMES
    return sorted(
        dict.fromkeys(groups), key=lambda group: known.index(group) if group in known else len(known) + (group == rest)
    )


def _spaced(name: str) -> str:
    return name.replace("_", " ").replace("-", " ")
