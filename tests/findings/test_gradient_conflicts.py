"""Cosines of the languages' gradients, against those of gradients that are computed one by one."""

import math

import pytest
import torch

from polyner.analysis.fisher_overlap import layer_of
from polyner.findings.optima import gradient_cosines
from tests.conftest import built, small_corpus

CORPORA = {"eng": small_corpus().train, "spa": small_corpus("spa").train[:10]}


def encoded_tagger(name="byte-crf", **sizes):
    model = built(name, CORPORA, **{"embedding_size": 8, "sentence_hidden_size": 6, **sizes})
    sentences = [sentence for own in CORPORA.values() for sentence in own]
    codes = [code for code, own in CORPORA.items() for _ in own]
    return model, model.encode(sentences, codes, training=True)


def test_cosines_are_those_of_each_languages_own_gradient():
    model, encoded = encoded_tagger(unit_hidden_size=6)
    batch = {"eng": [0, 3, 5], "spa": [41, 44]}
    table = gradient_cosines(model, encoded, torch.tensor([41, 0, 3, 44, 5]))
    assert list(table) == ["layer", "language", "other", "cosine"]
    assert set(map(frozenset, zip(table["language"], table["other"], strict=True))) == {frozenset(batch)}
    cosines = table.set_index("layer")["cosine"]
    model.eval()
    own = {}
    for code, examples in batch.items():
        model.zero_grad()
        model.loss(encoded.batch(torch.tensor(examples))).backward()
        own[code] = {name: parameter.grad.flatten().double() for name, parameter in model.named_parameters()}
    layers = {layer_of(name) for name in own["eng"]} | {"all"}
    assert set(cosines.index) == layers
    assert cosines.index.is_unique
    for layer in layers:
        names = [name for name in own["eng"] if layer in (layer_of(name), "all")]
        one, other = (torch.cat([own[code][name] for name in names]) for code in batch)
        expected = float(one @ other / (one.norm() * other.norm()))
        assert cosines[layer] == pytest.approx(expected, abs=1e-5)


def test_a_language_without_a_part_in_a_layer_has_no_cosine_there_and_the_tagger_stays_as_it_is():
    model, encoded = encoded_tagger(unit_hidden_size=6, language_transitions=True)
    model.train()
    model.crf.crfs[1].requires_grad_(False)
    torch.manual_seed(4)
    cosines = gradient_cosines(model, encoded, torch.arange(60 - 15)).set_index("layer").cosine
    assert math.isnan(cosines["CRF"])
    assert -1 <= cosines["output"] <= 1
    assert model.training
    assert all(parameter.grad is None for parameter in model.parameters())


def test_one_language_has_nothing_to_conflict_with():
    model, encoded = encoded_tagger(unit_hidden_size=6)
    assert gradient_cosines(model, encoded, torch.arange(3)).empty
