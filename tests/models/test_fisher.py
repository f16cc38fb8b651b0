"""Fisher information against the definition: all tag sequences of small sentences, weighted by their probability."""

import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from polyner.analysis.fisher_overlap import agreement
from polyner.errors import PolynerError
from polyner.models.crf import Chain, log_likelihood
from polyner.models.fisher import (
    ESTIMATORS,
    covariance,
    fisher_information,
    principal_directions,
    sampled_directions,
    signed_directions,
)
from tests.conftest import built, sentence, small_corpus

TAGS = 3
SENTENCES = [sentence("Ann/B-PER saw Bo"), sentence("x"), sentence("Ann b")]
TINY = {"embedding_size": 3, "unit_hidden_size": 2, "sentence_hidden_size": 2}
ONE_LAYER = {"unit_layers": 1, "word_vector": "last_layer"}


def tagger(scale=0.8, languages=("eng",), **overrides):
    """A Byte-CRF of three tags in double precision; the larger `scale`, the surer it is."""
    model = built("byte-crf", dict.fromkeys(languages, SENTENCES), **{**TINY, **overrides}).double()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=scale)
    return model


def by_definition(model, language="eng", sentences=SENTENCES):
    """The mean over sentences of the sum over all y of p(y|x) (∂ log p(y|x) / ∂θ)²."""
    names, parameters = zip(*model.named_parameters(), strict=True)
    total = {name: torch.zeros_like(p, requires_grad=False) for name, p in zip(names, parameters, strict=True)}
    model.eval()
    for s in sentences:
        batch = model.encode([s], [language]).batch(torch.tensor([0]))
        emissions, chain = model.scores(batch)
        for y in itertools.product(range(TAGS), repeat=len(s.words)):
            likelihood = log_likelihood(emissions, torch.tensor([y]), batch.mask, chain).sum()
            gradients = torch.autograd.grad(likelihood, parameters, retain_graph=True, allow_unused=True)
            for name, gradient in zip(names, gradients, strict=True):
                if gradient is not None:
                    total[name] += likelihood.detach().exp() * gradient**2 / len(sentences)
    return total


def flat(diagonal):
    return torch.cat([values.flatten() for values in diagonal.values()])


def relative_error(found, expected):
    """The mean over parameters with any information of |found − expected| / expected."""
    found, expected = flat(found), flat(expected)
    some = expected > 0
    assert not found[~some].any()
    return float(((found - expected).abs() / expected)[some].mean())


@pytest.mark.parametrize(
    ("languages", "overrides"),
    [
        (("eng",), {}),
        (("eng", "deu"), {"language_transitions": True}),
        (("eng",), {"sentence_layers": 2, **ONE_LAYER}),
    ],
)
def test_exact_is_what_enumeration_gives(languages, overrides):
    model = tagger(languages=languages, **overrides)
    language = languages[-1]
    found = fisher_information(model, SENTENCES, language, estimator="exact")
    expected = by_definition(model, language)
    assert list(found.diagonal) == list(expected)
    for name, values in expected.items():
        torch.testing.assert_close(found.diagonal[name], values, rtol=1e-5, atol=1e-14, msg=name)
    assert found.draws is None
    if len(languages) > 1:  # the other language's transitions do not matter to this one
        assert not found.diagonal["crf.crfs.0.transitions"].any()
        assert found.diagonal["crf.crfs.1.transitions"].any()


# With 100 backward passes the relative error of a parameter is about √(2 / 100) = 0.14, of rare samples' some times
# that. A factor of 2 would give 1.0.
@pytest.mark.parametrize(
    ("estimator", "draws", "batch_size"),
    [("signs", 60, 2), ("sampled", 60, 2), ("literal", 40, 8)],
)
def test_the_estimates_come_near_the_definition(estimator, draws, batch_size):
    model = tagger(**ONE_LAYER)
    found = fisher_information(model, SENTENCES, "eng", estimator=estimator, draws=draws, batch_size=batch_size)
    expected = by_definition(model)
    assert relative_error(found.diagonal, expected) < 0.25
    assert found.draws == draws
    assert agreement(found.diagonal, expected) > 0.9


@pytest.mark.parametrize("estimator", ["signs", "sampled"])
def test_each_languages_own_transitions_are_estimated(estimator):
    model = tagger(languages=("eng", "deu"), language_transitions=True, **ONE_LAYER)
    found = fisher_information(model, SENTENCES, "deu", estimator=estimator, draws=100, batch_size=3)
    own = "crf.crfs.1.transitions"
    assert found.diagonal[own].sum() == pytest.approx(by_definition(model, "deu")[own].sum(), rel=0.25)
    assert not found.diagonal["crf.crfs.0.transitions"].any()


def chain_problem(seed, lengths=(4, 1, 3)):
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape):
        return 2 * torch.randn(*shape, dtype=torch.double, generator=generator)

    emissions = normal(len(lengths), max(lengths), TAGS)
    mask = torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]
    return emissions, mask, Chain(normal(TAGS), normal(TAGS, TAGS), normal(TAGS))


def statistics(tags, length):
    """φ(y) of one sentence, by the definition."""
    words = torch.zeros(length, TAGS, dtype=torch.double)
    start, end, pairs = words.new_zeros(TAGS), words.new_zeros(TAGS), words.new_zeros(TAGS, TAGS)
    words[range(length), tags] = 1
    start[tags[0]] = end[tags[-1]] = 1
    for a, b in itertools.pairwise(tags):
        pairs[a, b] += 1
    return torch.cat([words.flatten(), start, pairs.flatten(), end])


def enumerated_covariance(emissions, chain):
    """Cov(φ) of one sentence from all of its tag sequences."""
    length = len(emissions)
    phi = torch.stack([statistics(y, length) for y in itertools.product(range(TAGS), repeat=length)])
    scores = phi @ torch.cat([emissions.flatten(), chain.start, chain.transitions.flatten(), chain.end])
    probabilities = scores.softmax(dim=0)
    centred = phi - probabilities @ phi
    return centred.T @ (probabilities[:, None] * centred)


@given(st.integers(0, 10_000), st.integers(1, 5))
def test_the_covariance_is_that_of_all_sequences_and_its_root_squares_to_it(seed, length):
    emissions, mask, chain = chain_problem(seed, (length,))
    expected = enumerated_covariance(emissions[0], chain)
    torch.testing.assert_close(covariance(emissions, mask, chain), expected)
    roots = principal_directions(emissions, mask, chain, negligible=0.0)
    columns = torch.cat([part.flatten(start_dim=1) for part in roots], dim=1)
    torch.testing.assert_close(columns.T @ columns, expected)


@pytest.mark.parametrize("estimator", ["signs", "sampled"])
def test_directions_have_the_covariance_of_the_statistics(estimator):
    lengths = (4, 1, 3)
    emissions, mask, chain = chain_problem(2, lengths)
    directions = {"signs": signed_directions, "sampled": sampled_directions}[estimator]
    drawn = directions(emissions, mask, chain, 20_000, torch.Generator().manual_seed(0))
    for n, length in enumerate(lengths):
        assert not drawn.emissions[:, n, length:].any()
        parts = (drawn.emissions[:, n, :length], drawn.start[:, n], drawn.transitions[:, n], drawn.end[:, n])
        values = torch.cat([part.flatten(start_dim=1) for part in parts], dim=1)
        # 20,000 draws of variables of variance at most 1: a standard error of about 0.007.
        assert values.mean(dim=0).abs().max() < 0.04
        expected = enumerated_covariance(emissions[n, :length], chain)
        torch.testing.assert_close(values.T @ values / len(values), expected, rtol=0, atol=0.04)


def test_signs_beat_samples_where_the_tagger_is_sure():
    """A rare tag sequence is hardly ever drawn, and matters all the more when it is; signs never leave it out."""
    model = tagger(**ONE_LAYER)
    with torch.no_grad():
        model.to_tags.bias[0] += 7.0
    expected = by_definition(model)
    errors = {
        estimator: relative_error(
            fisher_information(model, SENTENCES, "eng", estimator=estimator, draws=40, batch_size=1).diagonal, expected
        )
        for estimator in ("signs", "sampled")
    }
    assert errors["signs"] < 0.3
    assert errors["sampled"] > 2 * errors["signs"]


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_the_tagger_is_left_as_it_was_and_dropout_plays_no_part(estimator):
    model = tagger(dropout=0.5, sentence_layers=2).train()
    model.to_tags.eval()
    before = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
    options = {"estimator": estimator, "draws": 2, "seed": 3}
    first = fisher_information(model, SENTENCES, "eng", **options)
    assert model.training
    assert model.sentence_encoder.training
    assert not model.to_tags.training
    assert (model.sentence_encoder.dropout, model.unit_encoder.dropout) == (0.5, 0.5)
    assert all(parameter.grad is None for parameter in model.parameters())
    assert all(parameter.equal(before[name]) for name, parameter in model.named_parameters())
    again = fisher_information(model.eval(), SENTENCES, "eng", **options)
    assert flat(again.diagonal).equal(flat(first.diagonal))
    assert first.seconds > 0
    if estimator != "exact":
        other = fisher_information(model, SENTENCES, "eng", estimator=estimator, draws=2, seed=4)
        assert not flat(other.diagonal).equal(flat(first.diagonal))


def test_frozen_parameters_have_no_information():
    model = tagger()
    model.embedding.requires_grad_(False)
    assert "embedding.weight" not in fisher_information(model, SENTENCES, "eng", draws=1).diagonal


def test_what_cannot_be_done_is_refused():
    charner = built("charner", {"eng": small_corpus().train}, layers=1, hidden_size=2)
    with pytest.raises(PolynerError, match="charner"):
        fisher_information(charner, SENTENCES, "eng")
    model = tagger()
    for options, message in (
        ({"estimator": "empirical"}, "signs, sampled, exact, literal"),
        ({"draws": 0}, "draws is at least 1"),
        ({"batch_size": 0}, "batch_size is at least 1"),
    ):
        with pytest.raises(PolynerError, match=message):
            fisher_information(model, SENTENCES, "eng", **options)
    with pytest.raises(PolynerError, match="no sentences"):
        fisher_information(model, [], "eng")
    # 329 words and 3 tags have (329 + 3 + 2) · 3 statistics.
    with pytest.raises(PolynerError, match=r"a sentence has 1,002 statistics of its words and 3 tags, above 1,000"):
        fisher_information(model, [sentence("a " * 329)], "eng", estimator="exact")


@pytest.mark.gpu
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_the_gpu_gives_what_the_processor_gives(estimator):
    """Draws differ between devices; the exact one does not, and the others come near it."""
    model = tagger().float()
    expected = fisher_information(model, SENTENCES, "eng", estimator="exact")
    found = fisher_information(model.cuda().train(), SENTENCES, "eng", estimator=estimator, draws=400, batch_size=3)
    on_processor = {name: values.cpu() for name, values in found.diagonal.items()}
    assert relative_error(on_processor, expected.diagonal) < (0.01 if estimator == "exact" else 0.3)
