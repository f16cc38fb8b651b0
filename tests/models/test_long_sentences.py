"""Long sentences in pieces: every word is tagged once, and the pieces join as one sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyner.corpora.conll import to_iob2
from polyner.corpora.sentence import Sentence
from polyner.models import long_sentences
from polyner.models.long_sentences import CONTEXT, LONGEST, PIECE, in_pieces, is_long, joined_tags, pieces
from polyner.scoring import score
from tests.conftest import built

WORDS = st.lists(st.text("aé字", min_size=1, max_size=400), min_size=1, max_size=60)


def size(words):
    return sum(len(word.encode()) + 1 for word in words)


@given(WORDS)
def test_pieces_tag_every_word_once_within_their_bounds(words):
    position = 0
    for piece in pieces(words):
        assert piece.start == position < piece.end
        assert piece.first <= piece.start
        assert piece.end <= piece.last
        assert piece.end == piece.start + 1 or size(words[piece.start : piece.end]) <= PIECE
        assert size(words[piece.first : piece.start]) <= CONTEXT
        assert size(words[piece.end : piece.last]) <= CONTEXT
        position = piece.end
    assert position == len(words)


@given(WORDS)
def test_tags_of_pieces_join_in_order_and_are_well_formed(words):
    words = words * 20
    kinds = {"a": "I-PER", "é": "B-LOC", "字": "O"}
    tags = joined_tags(in_pieces(words, lambda some: [[kinds[word[0]] for word in piece] for piece in some]))
    expected = [kinds[word[0]] for word in words]
    assert len(tags) == len(words)
    assert [tag[2:] for tag in tags] == [tag[2:] for tag in expected]
    touched = [at for at, (tag, other) in enumerate(zip(tags, expected, strict=True)) if tag != other]
    assert set(touched) <= {piece.start for piece in pieces([word[:256] for word in words])}


class _Names:
    """Whoever begins with a capital is a person."""

    @staticmethod
    def tag(some):
        return [to_iob2(["I-PER" if word[0].isupper() else "O" for word in words])[0] for words in some]


@pytest.mark.parametrize("length", [1, 500, 5000])
def test_a_name_across_two_pieces_is_joined(length):
    words = (["Anna", "Berta"] + ["x" * 7] * 3) * length
    whole = _Names.tag([words])[0]
    cut = joined_tags(in_pieces(words, _Names.tag))
    assert [tag[2:] for tag in cut] == [tag[2:] for tag in whole]


@pytest.mark.parametrize("model", ["byte-crf", "charner", "byte-to-span"])
def test_a_tagger_tags_long_sentences_almost_as_whole_ones(model, monkeypatch):
    sizes = {"byte-crf": "unit_hidden_size", "charner": "hidden_size", "byte-to-span": "hidden_size"}
    training = {"eng": [Sentence(("Anna", "x"), ("B-PER", "O"))]}
    tagger = built(model, training, seed=3, **{sizes[model]: 8})
    words = [f"word{i % 97}" for i in range(2000)]
    assert is_long(words)
    short = words[:50]
    cut = tagger.tag([short, words, [], short])
    assert list(map(len, cut)) == [50, 2000, 0, 50]
    assert to_iob2(cut[1]) == (tuple(cut[1]), 0)
    monkeypatch.setattr(long_sentences, "LONGEST", 10**9)
    whole = tagger.tag([short, words, [], short])
    assert (whole[0], whole[3]) == (cut[0], cut[3])
    same = sum(a == b for a, b in zip(whole[1], cut[1], strict=True))
    assert same >= 0.97 * len(words) or score([whole[1]], [cut[1]]).f1 > 90


def test_ordinary_sentences_are_tagged_as_ever():
    assert not is_long(["x"] * 530 + ["y" * 200])
    assert not is_long(["x" * (LONGEST - 1)])
    assert is_long(["x" * LONGEST])
