import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyner.analysis.errors import (
    GRANULARITIES,
    common_counts_by_sentence,
    common_index,
    common_shares,
    is_common,
    mean_rates,
)
from polyner.corpora.sentence import Sentence
from polyner.corpora.spans import spans_of
from tests.conftest import sentence

TRAINING = {
    "eng": [sentence("Barack/B-PER Obama/I-PER saw/O Paris/B-LOC")],
    "deu": [sentence("Obamas/B-PER Reise/O nach/O Köln/B-LOC"), sentence("UN/B-ORG in/O Kölner/B-LOC Nähe/O")],
}
INDEX = common_index(TRAINING)


def granularities(surface: str, type_: str, language: str) -> list[str]:
    """The granularities at which an entity is common."""
    return [
        name for name, common in zip(GRANULARITIES, is_common(surface, type_, language, INDEX), strict=True) if common
    ]


def counts_of(*sentences: str, language: str = "eng", index=INDEX) -> np.ndarray:
    """Counts of sentences whose tags are written gold|predicted."""
    words = [[item.rsplit("/", 1)[0] for item in text.split()] for text in sentences]
    tags = [[item.rsplit("/", 1)[1].split("|") for item in text.split()] for text in sentences]
    gold, predicted = ([[pair[side] for pair in pairs] for pairs in tags] for side in (0, 1))
    return common_counts_by_sentence(words, gold, predicted, language, index)


def table_of(counts: np.ndarray) -> pd.DataFrame:
    """By granularity and whether common: counts of entities and errors, and the error rate."""
    summed = counts.sum(axis=0)
    correct, predicted, gold = (summed[..., column].ravel() for column in range(3))
    columns = {"gold": gold, "predicted": predicted}
    columns |= {"recall_errors": gold - correct, "precision_errors": predicted - correct}
    # The mean over granularities that have any, where only one has.
    alone = [np.where(np.arange(6)[:, None] == place, summed, 0) for place in range(6)]
    columns["error_rate"] = mean_rates(np.stack(alone)).T.ravel()
    index = [(n, common) for common in (True, False) for n in GRANULARITIES]
    return pd.DataFrame(columns, index=pd.MultiIndex.from_tuples(index))


@pytest.mark.parametrize(
    ("surface", "type_", "language", "expected"),
    [
        ("Paris", "LOC", "deu", ["exact", "4", "5"]),  # five letters have no longer n-gram
        ("Paris", "LOC", "eng", []),  # only its own language has it
        ("Paris", "LOC", "fra", ["exact", "4", "5"]),  # a language that is not in the index
        ("Paris", "PER", "deu", []),  # another type
        ("paris", "LOC", "deu", ["4"]),  # upper and lower case differ: only "aris" is shared
        ("Obama", "PER", "eng", ["4", "5"]),  # "Obama" is part of "Obamas"
        ("k Obam", "PER", "deu", ["4", "5", "6"]),  # an n-gram may hold the space between words
        ("Köln", "LOC", "eng", ["exact", "4"]),  # four code points, five bytes
        ("UN", "ORG", "eng", ["exact"]),  # too short for any n-gram
        ("UNO", "ORG", "eng", []),
    ],
)
def test_common_by_hand(surface, type_, language, expected):
    assert granularities(surface, type_, language) == expected


WORDS = st.text("ab", min_size=1, max_size=10)
TAGS = st.sampled_from(["O", "B-PER", "I-PER", "B-LOC"])
TAGGED = st.lists(st.tuples(WORDS, TAGS, TAGS), min_size=1, max_size=4)


def entities(words, tags):
    return [(" ".join(words[span.start : span.end]), span.type, span) for span in spans_of(tags)]


def shares(first: str, second: str, granularity: str) -> bool:
    if granularity == "exact":
        return first == second
    n = int(granularity)
    return any(first[i : i + n] in second for i in range(len(first) - n + 1))


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(["eng", "deu", "amh"]), TAGGED), min_size=1, max_size=6), TAGGED)
def test_counts_against_nested_loops(training, validation):
    sentences: dict[str, list[Sentence]] = {"eng": []}
    for language, tagged in training:
        words, tags, _ = zip(*tagged, strict=True)
        sentences.setdefault(language, []).append(Sentence(words, tags))
    words, gold, predicted = zip(*validation, strict=True)
    others = [
        (surface, type_)
        for language, texts in sentences.items()
        if language != "eng"
        for text in texts
        for surface, type_, _ in entities(text.words, text.tags)
    ]
    expected = np.zeros((2, 6, 3), dtype=int)
    gold_entities, predicted_entities = entities(words, gold), entities(words, predicted)
    both = [entity for entity in gold_entities if entity in predicted_entities]
    for column, chosen in enumerate((both, predicted_entities, gold_entities)):
        for surface, type_, _ in chosen:
            for position, granularity in enumerate(GRANULARITIES):
                common = any(type_ == t and shares(surface, other, granularity) for other, t in others)
                expected[0 if common else 1, position, column] += 1
    counts = common_counts_by_sentence([words], [gold], [predicted], "eng", common_index(sentences))
    assert np.array_equal(counts[0], expected)


# Of English entities, Köln (common: exact and 4) is found twice and missed once; Rome, not common, is found once and
# predicted once where nothing is.
SENTENCES = (
    "Köln/B-LOC|B-LOC and/O|O Köln/B-LOC|B-LOC",
    "Köln/B-LOC|O or/O|O Rome/B-LOC|B-LOC",
    "Rome/O|B-LOC",
)


def test_error_rates_by_hand():
    table = table_of(counts_of(*SENTENCES))
    assert len(table) == 12
    # A third of the gold ones is missed, but no predicted one is wrong: the harmonic mean is 0. And vice versa.
    assert table.loc[("exact", True)].tolist() == [3, 2, 1, 0, 0]
    assert table.loc[("4", False)].tolist() == [1, 2, 0, 1, 0]
    # Nothing is common at 5 and more: of 4 gold and 4 predicted entities, 3 are in both.
    assert table.loc[("5", False)].tolist() == [4, 4, 1, 1, 25]
    assert table.loc[("5", True), ["gold", "predicted"]].tolist() == [0, 0]
    assert np.isnan(table.loc[("5", True), "error_rate"])


def test_error_rate_is_the_harmonic_mean():
    # Of 4 gold Köln 1 is missed, of 6 predicted 3 are wrong: 2 · 25 · 50 / 75.
    right, missed, wrong = "Köln/B-LOC|B-LOC", "Köln/B-LOC|O", "Köln/O|B-LOC"
    table = table_of(counts_of(*[right] * 3, missed, *[wrong] * 3))
    assert table.loc[("exact", True), "error_rate"] == pytest.approx(100 / 3)


def test_a_rate_of_one_kind_only_has_no_harmonic_mean():
    words, tags = [["Köln", "Paris"]], ([["B-LOC", "O"]], [["O", "B-LOC"]])
    table = table_of(common_counts_by_sentence(words, *tags, "eng", INDEX))
    # Köln, common, is missed; Paris, not common, is predicted.
    assert table.loc[("exact", True), ["gold", "recall_errors", "predicted"]].tolist() == [1, 1, 0]
    assert table.loc[("exact", False), ["gold", "predicted", "precision_errors"]].tolist() == [0, 1, 1]
    assert table.loc["exact", "error_rate"].isna().all()


def test_mean_leaves_out_granularities_without_entities():
    counts = counts_of("Köln/B-LOC|B-LOC", "Köln/B-LOC|O", "Köln/O|B-LOC", "Paris/B-LOC|B-PER").sum(axis=0)
    common, others = mean_rates(counts)
    # Common: 2 gold, 2 predicted, 1 right at exact and 4 alone. Of the 3 gold and 3 predicted beyond, 1 is right.
    assert common == 50
    # At exact and 4, the one gold and the one predicted entity that are not common are wrong.
    assert others == pytest.approx((2 * 100 + 4 * 100 * 2 / 3) / 6)
    assert np.array_equal(mean_rates(np.stack([counts] * 3)), np.stack([mean_rates(counts)] * 3))


def test_no_sentences_and_no_entities():
    assert common_counts_by_sentence([], [], [], "eng", INDEX).shape == (0, 2, 6, 3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(mean_rates(counts_of("nothing/O|O").sum(axis=0))).all()


def test_different_lengths_are_refused():
    with pytest.raises(ValueError, match="sentence 1: 1 gold tags but 2 predicted ones"):
        common_counts_by_sentence([["a"]], [["O"]], [["O", "O"]], "eng", INDEX)
    with pytest.raises(ValueError, match="argument 2"):
        common_counts_by_sentence([["a"]], [], [], "eng", INDEX)


def test_the_share_of_errors_that_contain_a_common_form():
    # Missed: Köln, common if exact or by its one 4-gram, and Rome, never. Wrong: another Köln.
    counts = counts_of("Köln/B-LOC|O Rome/B-LOC|O Bonn/B-LOC|B-LOC", "Köln/O|B-LOC").sum(axis=0)
    share, missed, wrong = common_shares(counts)
    granularities = np.array([1, 1, 0, 0, 0, 0])
    assert missed == pytest.approx(50 * granularities.mean())
    assert wrong == pytest.approx(100 * granularities.mean())
    assert share == pytest.approx(granularities.mean() * 2 * 50 * 100 / 150)
    assert np.isnan(common_shares(counts_of("Bonn/B-LOC|B-LOC").sum(axis=0))).all()
