"""The fast paths against plain implementations with the same parameters: outputs, gradients, tags."""

import pytest
import torch

from benchmarks import yardsticks
from benchmarks.text import KINDS, made_up
from polyner.models import model_class
from polyner.training.loop import predict

TOLERANCE = {"atol": 1e-5, "rtol": 1e-5}
WORDS = {"embedding_size": 16, "unit_hidden_size": 12, "sentence_hidden_size": 10}


def tagger(name, sentences, **sizes):
    torch.manual_seed(0)
    cls = model_class(name)
    return cls.build(cls.configure(sizes), {"spa": sentences}).eval()


def assert_same_gradients(model, ours, plain):
    torch.testing.assert_close(ours, plain, **TOLERANCE)
    parameters = dict(model.named_parameters())
    found, expected = (torch.autograd.grad(loss, list(parameters.values())) for loss in (ours, plain))
    for name, one, other in zip(parameters, found, expected, strict=True):
        torch.testing.assert_close(one, other, **TOLERANCE, msg=lambda text, name=name: f"{name}: {text}")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("encode", [yardsticks.padded_lstm, yardsticks.packed_lstm])
@pytest.mark.parametrize("name", ["byte-crf", "char-crf"])
def test_word_level_crfs(name, encode, kind):
    sentences = made_up(kind, 12, seed=3)
    model = tagger(name, sentences, **WORDS)
    encoded = model.encode(sentences, ["spa"] * 12, training=True)
    batch = encoded.batch(torch.arange(12))
    emissions, mask = yardsticks.word_crf_emissions(model, sentences, encode)
    torch.testing.assert_close(model.scores(batch)[0][mask], emissions[mask], **TOLERANCE)
    assert_same_gradients(model, model.loss(batch), yardsticks.word_crf_loss(model, sentences, encode))
    assert predict(model, encoded) == yardsticks.word_crf_tags(model, sentences, encode, batch=5)


@pytest.mark.parametrize("encode", [yardsticks.padded_lstm, yardsticks.packed_lstm])
def test_charner(encode):
    sentences = made_up("ethiopic", 6)
    model = tagger("charner", sentences, embedding_size=12, hidden_size=10)
    encoded = model.encode(sentences, ["spa"] * 6, training=True)
    batch = encoded.batch(torch.arange(6))
    assert_same_gradients(model, model.loss(batch), yardsticks.charner_loss(model, batch, encode))
    torch.manual_seed(1)
    for parameter in model.parameters():  # so far apart that every kind of transition occurs
        torch.nn.init.normal_(parameter, std=0.5)
    with torch.no_grad():
        model.to_types.weight.mul_(3)
        model.to_types.bias[0] += 1
    tags = yardsticks.charner_tags(model, sentences, encode, batch=4)
    assert predict(model, encoded) == tags
    assert {tag[0] for row in tags for tag in row} == {"B", "I", "O"}


def test_byte_to_span():
    sentences = made_up("dutch", 6)
    model = tagger("byte-to-span", sentences, embedding_size=12, hidden_size=10, max_symbols=10)
    encoded = model.encode(sentences, ["spa"] * 6, training=True)
    batch = encoded.batch(torch.arange(0, len(encoded.lengths), 7))
    assert_same_gradients(model, model.loss(batch), yardsticks.byte_to_span_loss(model, batch))
    encoded = model.encode(sentences, ["spa"] * 6)
    assert model.tags_of_windows(encoded, yardsticks.byte_to_span_symbols(model, encoded)) == predict(model, encoded)


def test_made_up_text_is_the_same_every_time_and_well_formed():
    for kind in KINDS:
        assert made_up(kind, 5, seed=2) == made_up(kind, 5, seed=2)
        assert made_up(kind, 5, seed=2) != made_up(kind, 5, seed=3)
