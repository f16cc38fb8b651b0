"""CharNER: labels for bytes and back, and a decoder that equals Viterbi over bytes by enumeration."""

import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from polyner.errors import PolynerError
from polyner.models import load_tagger, model_class
from polyner.models.charner import decode_words, places_summed
from polyner.training.config import TrainingConfig
from polyner.training.loop import train
from tests.conftest import built, sentence, small_corpus
from tests.corpora.test_conll import sentences

SMALL = {"embedding_size": 12, "layers": 2, "hidden_size": 12}
NO_DROPOUT = {"input_dropout": 0.0, "layer_dropout": 0.0, "last_dropout": 0.0}


def tagger(**overrides):
    types = sentence("a/B-PER a/B-ORG a/B-LOC")
    return built("charner", {"eng": [*small_corpus().train, types]}, **{**SMALL, **overrides})


MODELS = {units: tagger(units=units) for units in ("byte", "character")}


def one_hot(model, batch):
    """Log probabilities of a model that is sure of the gold labels."""
    certain = torch.nn.functional.one_hot(batch.labels, len(model.types)).double()
    return torch.log(certain * 0.98 + 0.01)


@pytest.mark.parametrize("units", ["byte", "character"])
@given(st.lists(sentences(), min_size=1, max_size=4))
def test_tags_become_labels_and_labels_tags_again(units, given_sentences):
    model = MODELS[units]
    encoded = model.encode(given_sentences, ["eng"] * len(given_sentences), training=True)
    batch = encoded.batch(torch.arange(len(given_sentences)))
    words, spaces, mask = places_summed(one_hot(model, batch), batch.place, batch.mask)
    labels, joined = decode_words(words, spaces, mask)
    for s, row, continued in zip(given_sentences, labels.tolist(), joined.tolist(), strict=True):
        assert tuple(model._tags(row[: len(s)], continued[: len(s)])) == s.tags


def test_bytes_and_labels_of_a_sentence():
    model = MODELS["byte"]
    s = sentence("Zoë/B-PER X/I-PER y Q/B-LOC R/B-LOC")
    encoded = model.encode([s], ["eng"], training=True)
    assert bytes(encoded.units.values.tolist()).decode() == "Zoë X y Q R"
    labels = [model.types[label] for label in encoded.labels.values.tolist()]
    assert labels == ["PER"] * 4 + ["PER", "PER", "O", "O", "O", "LOC", "O", "LOC"]
    assert encoded.places.values.tolist() == [0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]


def by_enumeration(scores, places):
    """The best labels of all units under transitions 0 or −∞, among all sequences."""
    types = scores.shape[1]

    def allowed(before, after, place_before, place_after):
        if place_before == place_after:
            return before == after
        if place_after % 2:  # into a space
            return after in (before, 0)
        return before in (0, after)

    best = None
    for labels in itertools.product(range(types), repeat=len(places)):
        if all(
            allowed(*pair, *where)
            for pair, where in zip(itertools.pairwise(labels), itertools.pairwise(places), strict=True)
        ):
            value = sum(float(scores[t, k]) for t, k in enumerate(labels))
            if best is None or value > best[0]:
                best = (value, labels)
    return best[1]


@pytest.mark.parametrize("seed", range(20))
def test_the_decoder_is_viterbi_over_bytes(seed):
    torch.manual_seed(seed)
    rows = [[0, 0, 1, 2, 3, 4, 4], [0, 1, 2], [0], [0, 1, 2, 2, 3, 4]]
    length, types = max(map(len, rows)), 3
    scores = torch.randn(len(rows), length, types, dtype=torch.double) * 2
    mask = torch.tensor([[t < len(row) for t in range(length)] for row in rows])
    place = torch.tensor([row + [0] * (length - len(row)) for row in rows])
    labels, joined = decode_words(*places_summed(scores, place, mask))
    for n, row in enumerate(rows):
        expected = by_enumeration(scores[n], row)
        words = [expected[row.index(p)] for p in sorted(set(row)) if p % 2 == 0]
        spaces = [expected[row.index(p)] for p in sorted(set(row)) if p % 2]
        assert labels[n, : len(words)].tolist() == words
        assert joined[n, 1 : len(words)].tolist() == [space > 0 for space in spaces]
        assert not joined[n, 0]
        assert not labels[n, len(words) :].any()


def test_padding_changes_neither_loss_nor_tags():
    model = tagger(**NO_DROPOUT)
    short, long = sentence("Ann/B-PER"), small_corpus().train[0]
    encoded = model.encode([short, long], ["eng"] * 2, training=True)
    sizes = encoded.lengths
    alone = [model.loss(encoded.batch(torch.tensor([i]))) for i in (0, 1)]
    both = model.loss(encoded.batch(torch.tensor([0, 1])))
    torch.testing.assert_close(both, (alone[0] * sizes[0] + alone[1] * sizes[1]) / sizes.sum())
    words = [s.words for s in small_corpus().train]
    assert model.tag(words) == [model.tag([one])[0] for one in words]


def test_input_dropout_drops_whole_bytes():
    model = tagger(input_dropout=0.5).train()
    dropped = (model.input_dropout(torch.ones(1, 200, 8)) == 0)[0]
    assert 60 < dropped.all(dim=1).sum() < 140
    assert dropped.all(dim=1).equal(dropped.any(dim=1))


@pytest.mark.parametrize("units", ["byte", "character"])
def test_a_small_corpus_is_learnt_and_saved(tmp_path, units):
    corpus = small_corpus()
    model = built("charner", {"eng": corpus.train}, seed=1, **SMALL, **NO_DROPOUT, units=units)
    config = TrainingConfig(learning_rate=0.02, batch_size=8, max_epochs=25, patience=25, clip_norm=1.0)
    history = train(model, {"eng": corpus.train}, {"eng": corpus.dev}, config, tmp_path / "t", seed=1)
    assert max(row["dev_f1"] for row in history) > 95
    model.save_pretrained(tmp_path / "saved")
    words = [s.words for s in corpus.test]
    assert load_tagger(tmp_path / "saved").tag(words) == model.tag(words)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"units": "word"}, "units: 'word' was given; it should be 'byte' or 'character'"),
        ({"layers": 0}, "layers: 0 was given"),
        ({"last_dropout": 1.0}, "last_dropout: 1.0 was given; it should be less than 1"),
    ],
)
def test_impossible_sizes_are_named(overrides, message):
    with pytest.raises(PolynerError, match=message):
        model_class("charner").configure(overrides)


def test_what_cannot_be_encoded_is_named():
    model = MODELS["byte"]
    with pytest.raises(PolynerError, match="no type 'XYZ': it knows LOC, ORG, PER"):
        model.encode([sentence("a/B-XYZ")], ["eng"], training=True)
    with pytest.raises(PolynerError, match="empty word"):
        model.tag([["a", ""]])


def test_the_papers_sizes_are_the_defaults():
    config = model_class("charner").configure()
    assert (config.embedding_size, config.layers, config.hidden_size) == (128, 5, 128)
    assert (config.input_dropout, config.layer_dropout, config.last_dropout) == (0.2, 0.5, 0.8)


def test_there_are_no_marginals_without_a_crf():
    model = built("charner", {"eng": small_corpus().train}, layers=1, hidden_size=4)
    with pytest.raises(PolynerError, match="charner has no probabilities of tags"):
        model.marginals([["Ann"]])
