import numpy as np
import pandas as pd
import pytest

from polyner.analysis.labels import corpus_sizes, label_divergence, mean_divergence, split_overlap
from polyner.corpora.sentence import Corpus
from polyner.study.groups import groups_of
from tests.conftest import sentence


def corpus(language: str, train=(), dev=(), test=(), **more) -> Corpus:
    splits = {"train": train, "dev": dev, "test": test}
    return Corpus(language, **{name: tuple(map(sentence, texts)) for name, texts in splits.items()}, **more)


ENGLISH = corpus(
    "eng",
    train=["Ana/B-PER Li/I-PER met/O Bob/B-PER", "in/O Rome/B-LOC", "Ana/B-PER Li/I-PER sang/O"],
    dev=["in/O Rome/B-LOC", "Rome/B-PER sang/O"],
    test=["Ana/B-PER Li/I-PER sang/O", "Li/B-PER met/O Ana/B-PER Li/I-PER"],
    repairs={"train": 2, "dev": 1},
)
SPANISH = corpus("spa", train=["Roma/B-LOC y/O Oslo/B-LOC"])
HINDI = corpus("hin", train=["Ana/B-PER Goa/B-GPE"])


def test_divergence_by_hand():
    shares = pd.DataFrame(
        {
            "group": "conll",
            "language": ["eng", "eng", "spa", "spa", "deu", "deu"],
            "type": ["PER", "LOC"] * 3,
            "share": [1.0, 0.0, 0.0, 1.0, 0.5, 0.5],
        }
    )
    divergence = label_divergence(shares).set_index(["first", "second"])["divergence"]
    assert divergence["eng", "spa"] == pytest.approx(1.0)  # nothing in common: one bit
    # Mean (3/4, 1/4): ½·log2(4/3) + ½·(½·log2(2/3) + ½·log2 2).
    assert divergence["eng", "deu"] == pytest.approx(0.311278, abs=1e-6)
    assert divergence["spa", "deu"] == pytest.approx(divergence["eng", "deu"])


def test_divergence_stays_within_a_group_and_a_type_without_a_row_has_none():
    rows = [("conll", "eng", "PER", 0.75), ("conll", "eng", "LOC", 0.25), ("conll", "spa", "LOC", 1.0)]
    rows += [("lorelei", "hin", "GPE", 1.0), ("other", "eng", "PER", 1.0)]
    divergences = label_divergence(pd.DataFrame(rows, columns=["group", "language", "type", "share"]))
    assert divergences[["group", "first", "second"]].to_numpy().tolist() == [["conll", "eng", "spa"]]
    # Mean (3/8, 5/8): ½·(¾·log2 2 + ¼·log2(2/5)) + ½·log2(8/5).
    assert divergences["divergence"].item() == pytest.approx(0.548795, abs=1e-6)


def test_the_mean_divergence_is_that_of_all_pairs():
    three = [ENGLISH, SPANISH, corpus("deu", train=["Anne/B-PER in/O Bonn/B-LOC"])]
    rows = [("conll", "eng", "PER", 0.75), ("conll", "eng", "LOC", 0.25), ("conll", "spa", "LOC", 1.0)]
    rows += [("conll", "deu", "PER", 0.5), ("conll", "deu", "LOC", 0.5)]
    pairs = label_divergence(pd.DataFrame(rows, columns=["group", "language", "type", "share"]))["divergence"]
    mean, drawn = mean_divergence(three, draws=20)
    assert mean == pytest.approx(pairs.mean())
    assert drawn.shape == (20,)
    assert drawn.std() > 0
    assert np.array_equal(drawn, mean_divergence(three, draws=20)[1])
    assert not np.array_equal(drawn, mean_divergence(three, draws=20, seed=1)[1])


def test_resampled_divergence_of_certain_corpora_is_that_of_the_whole():
    apart = [corpus("eng", train=["Ana/B-PER"] * 3), corpus("spa", train=["Roma/B-LOC"] * 5)]
    mean, drawn = mean_divergence(apart, draws=20)
    assert mean == pytest.approx(1.0)
    assert np.allclose(drawn, 1.0)


def test_split_overlap_by_hand():
    rows = split_overlap({"eng": ENGLISH}).set_index("split")
    # dev: the first sentence is a training sentence; Rome as a person is not a training entity.
    assert rows.loc["dev", ["sentences", "seen_sentences", "entities", "seen_entities"]].tolist() == [2, 0.5, 2, 0.5]
    # test: the entities are Ana Li, Li and Ana Li.
    assert rows.loc["test", "seen_sentences"] == 0.5
    assert rows.loc["test", "seen_entities"] == pytest.approx(2 / 3)


def test_split_overlap_of_an_empty_split_is_missing():
    rows = split_overlap({"spa": SPANISH})
    assert rows["seen_sentences"].isna().all()
    assert rows["entities"].tolist() == [0, 0]


def test_corpus_sizes_stand_beside_table_2():
    extra = corpus("fra", train=["Anne/B-PER"])
    at_hand = {"eng": ENGLISH, "fra": extra}
    sizes = corpus_sizes(at_hand).set_index("language")
    assert len(sizes) == 19
    assert sizes.loc["eng", ["paper", "train", "dev", "test", "tokens", "entities", "repairs"]].tolist() == [
        11_663, 3, 2, 2, 9, 4, 3,
    ]  # fmt: skip
    assert sizes.loc["deu", "paper"] == 12_152
    assert pd.isna(sizes.loc["deu", "train"])
    assert sizes.loc["fra", "group"] == "other"
    assert pd.isna(sizes.loc["fra", "paper"])
    assert sizes.loc["fra", ["name", "script"]].tolist() == ["French", "Latin"]
    sizes = corpus_sizes(at_hand, groups_of({"mine": ["eng", "fra"], "too": ["eng"]}))
    assert [*zip(sizes["group"], sizes["language"], strict=True)][:3] == [
        ("mine", "eng"),
        ("too", "eng"),
        ("conll", "spa"),
    ]
    assert sizes["group"].iloc[-1] == "mine"


def test_the_groups_of_a_study_may_share_languages():
    groups = groups_of({"both": ["eng", "spa"], "one": ["eng"]})
    sizes = corpus_sizes({"eng": ENGLISH, "spa": SPANISH, "hin": HINDI}, groups).dropna(subset="train")
    assert sizes[["group", "language", "entities"]].to_numpy().tolist() == [
        *(["both", "eng", 4], ["one", "eng", 4], ["both", "spa", 2], ["other", "hin", 2])
    ]
    assert split_overlap({"eng": ENGLISH}, groups)["group"].tolist() == ["both"] * 2 + ["one"] * 2
