"""What kinds of errors a model makes: which types it takes for which (§5.1, Figure 1), and where its spans go wrong."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import product

import pandas as pd

from polyner.corpora.spans import Span, spans_of
from polyner.scoring import Tags, check_lengths

# What becomes of an entity, in the order in which tables list it.
KINDS = ("correct", "wrong_type", "wrong_boundary", "wrong_both", "missed", "spurious")


def confusion(gold: Tags, predicted: Tags) -> pd.DataFrame:
    """How many tokens of each entity type are predicted as each type, O included, B- and I- taken together (§5.1).

    Columns: gold, predicted, tokens; a row for every two of O and the types that occur on either side, with 0 tokens
    where the one is never taken for the other. Types are sorted, O comes last.
    Raises ValueError where the two do not have the same sentences of the same lengths.
    """
    tokens = Counter(
        (_type(gold_tag), _type(predicted_tag))
        for gold_tags, predicted_tags in zip(gold, predicted, strict=True)
        for gold_tag, predicted_tag in zip(gold_tags, predicted_tags, strict=True)
    )
    types = [*sorted({type_ for pair in tokens for type_ in pair} - {"O"}), "O"]
    rows = [(first, second, tokens[first, second]) for first in types for second in types]
    return pd.DataFrame(rows, columns=["gold", "predicted", "tokens"])


def span_errors(gold: Tags, predicted: Tags) -> pd.DataFrame:
    """What becomes of the gold and the predicted entities, each of them counted exactly once.

    Columns: type, kind, count; a row for every kind of every type that occurs on either side, 0 included. The kinds:
    `correct`; `wrong_type` (the same words, another type); `wrong_boundary` (the same type, overlapping words);
    `wrong_both` (overlapping words, another type); `missed` (gold, without partner); `spurious` (predicted, without
    partner). `type` is the gold type, for spurious entities the predicted one. Over all types, the gold entities are
    all kinds but spurious, and the predicted ones all but missed.

    An entity has at most one partner, an entity of the other side that it overlaps. Of all ways to pair them, the one
    counted has the most pairs, then the most of the same type, then the most words in common; what is still a tie
    goes to the entities further left. Thus an entity that overlaps another may still be missed or spurious, where
    that other is better paired with a third: with a gold entity predicted as two, the one is a wrong boundary and the
    other is spurious. The most pairs are also what nervaluate's `strict` scheme counts, so its totals are the same.
    Raises ValueError where the two do not have the same sentences of the same lengths.
    """
    check_lengths(gold, predicted)
    counts: Counter[tuple[str, str]] = Counter()
    for gold_tags, predicted_tags in zip(gold, predicted, strict=True):
        gold_spans, predicted_spans = spans_of(gold_tags), spans_of(predicted_tags)
        # An entity that is found overlaps nothing else, so leaving it out changes no other pair.
        found = set(gold_spans) & set(predicted_spans)
        counts.update((span.type, "correct") for span in found)
        gold_spans = [span for span in gold_spans if span not in found]
        predicted_spans = [span for span in predicted_spans if span not in found]
        pairs = _pairs(gold_spans, predicted_spans)
        counts.update((first.type, _kind(first, second)) for first, second in pairs)
        counts.update((span.type, "missed") for span in set(gold_spans).difference(first for first, _ in pairs))
        counts.update(
            (span.type, "spurious") for span in set(predicted_spans).difference(second for _, second in pairs)
        )
    # A type that is only ever predicted in place of another has no count of its own.
    types = sorted({_type(tag) for side in (gold, predicted) for tags in side for tag in tags} - {"O"})
    rows = [(type_, kind, counts[type_, kind]) for type_ in types for kind in KINDS]
    return pd.DataFrame(rows, columns=["type", "kind", "count"])


def _pairs(gold: Sequence[Span], predicted: Sequence[Span]) -> tuple[tuple[Span, Span], ...]:
    """The best pairing of entities that are not found, as `span_errors` defines it, from left to right.

    Entities of one side do not overlap, so two pairs never cross, and the pairing is an alignment of the two lists.
    """
    # What is best behind i gold and j predicted ones: pairs, pairs of the same type and common words; and the pairs.
    best = defaultdict(lambda: ((0, 0, 0), ()))
    for i, j in product(reversed(range(len(gold))), reversed(range(len(predicted)))):
        first, second, ways = gold[i], predicted[j], [best[i, j + 1], best[i + 1, j]]
        if (overlap := min(first.end, second.end) - max(first.start, second.start)) > 0:
            (pairs, same_type, words), rest = best[i + 1, j + 1]
            count = (pairs + 1, same_type + (first.type == second.type), words + overlap)
            ways.insert(0, (count, ((first, second), *rest)))
        best[i, j] = max(ways, key=lambda way: way[0])
    return best[0, 0][1]


def _kind(gold: Span, predicted: Span) -> str:
    if gold.type == predicted.type:
        return "wrong_boundary"
    return "wrong_type" if gold[:2] == predicted[:2] else "wrong_both"


def _type(tag: str) -> str:
    """`PER` for B-PER and I-PER, `O` for O."""
    return tag.partition("-")[2] or "O"
