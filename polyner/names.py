"""What groups, regimes and architectures are called where people read about them: in charts and in tables."""

from __future__ import annotations

GROUP_NAMES = {"conll": "CoNLL", "lorelei": "LORELEI", "heldout": "Held out", "other": "Others"}
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
    "mbert-crf": "mBERT CRF",
}
VARIANT_NAMES = {
    "language_transitions": "own transitions",
    "reset_optimizer": "optimizer reset",
    "more_dropout": "dropout 0.5",
    "weight_decay": "weight decay 0.1",
}
# What tells a cell of Table 1 apart: the marks of charts and the rows of tables that have these are linked.
LINKED = ("model", "regime", "language")
