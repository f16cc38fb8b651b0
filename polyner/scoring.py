"""Entity-level scores, equal to those of the official CoNLL script `conlleval` on any sequence of IOB1 and IOB2 tags.

seqeval's default mode finds the same entities as the script does, in well- and ill-formed sequences alike. Here its
entities are found once for gold and once for predicted tags, and everything else is counted from them. The script does
not know `E-`, `S-`, `L-` and `U-`: `corpora.conll.to_iob2` makes IOB2 of such tags.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


Tags = Sequence[Sequence[str]]

# How many entities are found, are predicted and are there.
SPANS = ["correct", "predicted", "gold"]


@dataclass(frozen=True)
class Scores:
    """Micro-averaged scores over all entities, in percent, and the same for each type.

    `accuracy` is the share of words with the right tag. `per_type` has a row a type, sorted, with columns type,
    precision, recall, f1 (percent), correct, predicted, gold (counts). A ratio without denominator counts as 0.
    """

    f1: float
    precision: float
    recall: float
    accuracy: float
    per_type: pd.DataFrame

    def as_dict(self) -> dict[str, Any]:
        """The scores as JSON can hold them; `by_type` has a dictionary a type."""
        own = {name: getattr(self, name) for name in ("f1", "precision", "recall", "accuracy")}
        return {**own, "by_type": {row.pop("type"): row for row in self.per_type.to_dict("records")}}


def count_spans(gold: Tags, predicted: Tags) -> pd.DataFrame:
    """How many entities of each type are in gold, are predicted, and are predicted correctly (span and type).

    Columns: type, correct, predicted, gold; a row a type that occurs in either, sorted.
    Raises ValueError where the two do not have the same sentences of the same lengths.
    """
    import pandas as pd

    check_lengths(gold, predicted)
    known, found = _entities(gold), _entities(predicted)
    sets = {"correct": known & found, "predicted": found, "gold": known}
    counts = {name: Counter(kind for kind, _, _ in entities) for name, entities in sets.items()}
    types = sorted(counts["predicted"].keys() | counts["gold"].keys())
    columns = {name: pd.Series([count[t] for t in types], dtype=int) for name, count in counts.items()}
    return pd.DataFrame({"type": pd.Series(types, dtype=object), **columns})


def count_spans_by_sentence(gold: Tags, predicted: Tags) -> pd.DataFrame:
    """The counts of `count_spans` for each sentence, all types together, for resampling sentences.

    Columns: sentence (its number), correct, predicted, gold; a row a sentence, in order.
    Raises ValueError as `count_spans`.
    """
    import pandas as pd

    check_lengths(gold, predicted)
    rows = []
    for gold_tags, predicted_tags in zip(gold, predicted, strict=True):
        gold_entities, predicted_entities = _entities([gold_tags]), _entities([predicted_tags])
        rows.append((len(gold_entities & predicted_entities), len(predicted_entities), len(gold_entities)))
    return pd.DataFrame(rows, columns=SPANS).rename_axis("sentence").reset_index()


def score(gold: Tags, predicted: Tags) -> Scores:
    """Scores of predicted tags against gold ones. Raises ValueError where their lengths differ."""
    import pandas as pd

    per_type = count_spans(gold, predicted)
    totals = per_type[SPANS].sum()
    precision, recall, f1 = precision_recall_f1(*totals)
    ratios = [precision_recall_f1(row.correct, row.predicted, row.gold) for row in per_type.itertuples()]
    per_type = per_type.join(pd.DataFrame(ratios, columns=["precision", "recall", "f1"], dtype=float))
    words = sum(map(len, gold))
    right = sum(g == p for gs, ps in zip(gold, predicted, strict=True) for g, p in zip(gs, ps, strict=True))
    columns = ["type", "precision", "recall", "f1", *SPANS]
    return Scores(f1, precision, recall, 100 * right / words if words else 0.0, per_type[columns])


def conlleval_report(gold: Tags, predicted: Tags) -> str:
    """The text that the official script prints for these tags of IOB1 or IOB2."""
    scores = score(gold, predicted)
    types = scores.per_type
    ratios = "precision: {0.precision:6.2f}%; recall: {0.recall:6.2f}%; FB1: {0.f1:6.2f}".format
    lines = [
        f"processed {sum(map(len, gold))} tokens with {types['gold'].sum()} phrases; "
        f"found: {types['predicted'].sum()} phrases; correct: {types['correct'].sum()}.",
        f"accuracy: {scores.accuracy:6.2f}%; {ratios(scores)}",
        *(f"{row.type:>17}: {ratios(row)}  {row.predicted}" for row in types.itertuples()),
    ]
    return "\n".join(lines)


def _entities(sequences: Tags) -> set[tuple[str, int, int]]:
    """(type, first word, last word) of each entity; words are numbered through, with a gap between sentences."""
    from seqeval.metrics.sequence_labeling import get_entities

    return set(get_entities([list(tags) for tags in sequences]))


def check_lengths(gold: Tags, predicted: Tags) -> None:
    """Raise ValueError where the two do not have the same sentences of the same lengths."""
    if len(gold) != len(predicted):
        raise ValueError(f"{len(gold)} gold sentences but {len(predicted)} predicted ones")
    for number, (gold_tags, predicted_tags) in enumerate(zip(gold, predicted, strict=True), start=1):
        if len(gold_tags) != len(predicted_tags):
            raise ValueError(f"sentence {number}: {len(gold_tags)} gold tags but {len(predicted_tags)} predicted ones")


def precision_recall_f1(correct: int, predicted: int, gold: int) -> tuple[float, float, float]:
    """Precision, recall and F1 (percent) of span counts; 0 where there is nothing to divide by."""
    precision = 100 * correct / predicted if predicted else 0.0
    recall = 100 * correct / gold if gold else 0.0
    f1 = 2 * precision * recall / (precision + recall) if correct else 0.0
    return precision, recall, f1
