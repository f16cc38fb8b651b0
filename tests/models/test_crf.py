"""Every CRF quantity against enumeration of all tag sequences."""

import itertools
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from polyner.models.crf import Chain, LinearChainCRF, log_likelihood, log_partition, marginals, sample, viterbi

LENGTHS = (4, 1, 3)
TAGS = 3


def problem(seed, per_sentence):
    """Random scores for sentences of different lengths, and a chain shared by all or one for each sentence."""
    torch.manual_seed(seed)
    emissions = torch.randn(len(LENGTHS), max(LENGTHS), TAGS, dtype=torch.double) * 2
    mask = torch.arange(max(LENGTHS)) < torch.tensor(LENGTHS)[:, None]
    leading = (len(LENGTHS),) if per_sentence else ()
    shapes = [(TAGS,), (TAGS, TAGS), (TAGS,)]
    return emissions, mask, Chain(*(torch.randn(*leading, *shape, dtype=torch.double) for shape in shapes))


def enumerate_sequences(emissions, chain, sentence, length):
    """All tag sequences of one sentence with their scores, by the definition."""
    start, transitions, end = (s[sentence] if s.dim() == d else s for s, d in zip(chain, (2, 3, 2), strict=True))
    start, transitions, end, emissions = (scores.detach() for scores in (start, transitions, end, emissions))
    for tags in itertools.product(range(TAGS), repeat=length):
        value = float(start[tags[0]] + end[tags[-1]] + sum(emissions[sentence, t, k] for t, k in enumerate(tags)))
        value += sum(float(transitions[a, b]) for a, b in itertools.pairwise(tags))
        yield tags, value


both_kinds = pytest.mark.parametrize("per_sentence", [False, True])
seeds = pytest.mark.parametrize("seed", range(5))


@seeds
@both_kinds
def test_viterbi_finds_the_best_sequence(seed, per_sentence):
    emissions, mask, chain = problem(seed, per_sentence)
    found = viterbi(emissions, mask, chain)
    for n, length in enumerate(LENGTHS):
        best, _ = max(enumerate_sequences(emissions, chain, n, length), key=lambda pair: pair[1])
        assert tuple(found[n, :length].tolist()) == best
        assert not found[n, length:].any()


@seeds
@both_kinds
def test_log_partition_sums_all_sequences(seed, per_sentence):
    emissions, mask, chain = problem(seed, per_sentence)
    found = log_partition(emissions, mask, chain)
    for n, length in enumerate(LENGTHS):
        values = [value for _, value in enumerate_sequences(emissions, chain, n, length)]
        assert float(found[n]) == pytest.approx(math.log(sum(map(math.exp, values))))


@seeds
@both_kinds
def test_marginals_are_sums_of_sequence_probabilities(seed, per_sentence):
    emissions, mask, chain = problem(seed, per_sentence)
    found = marginals(emissions, mask, chain)
    for n, length in enumerate(LENGTHS):
        expected = torch.zeros(max(LENGTHS), TAGS, dtype=torch.double)
        weights = [(tags, math.exp(value)) for tags, value in enumerate_sequences(emissions, chain, n, length)]
        for tags, weight in weights:
            for t, k in enumerate(tags):
                expected[t, k] += weight / sum(w for _, w in weights)
        torch.testing.assert_close(found[n], expected)


@both_kinds
def test_samples_come_from_the_posterior(per_sentence):
    emissions, mask, chain = problem(0, per_sentence)
    draws = sample(emissions, mask, chain, count=20_000, generator=torch.Generator().manual_seed(1))
    assert draws.shape == (20_000, len(LENGTHS), max(LENGTHS))
    for n, length in enumerate(LENGTHS):
        weights = {tags: math.exp(value) for tags, value in enumerate_sequences(emissions, chain, n, length)}
        seen, counts = draws[:, n, :length].unique(dim=0, return_counts=True)
        frequencies = dict(zip(map(tuple, seen.tolist()), (counts / 20_000).tolist(), strict=True))
        distance = sum(abs(w / sum(weights.values()) - frequencies.get(tags, 0)) for tags, w in weights.items()) / 2
        assert distance < 0.03
        assert not draws[:, n, length:].any()


def test_samples_repeat_with_the_generators_seed():
    emissions, mask, chain = problem(0, False)
    first, second, third = (
        sample(emissions, mask, chain, 5, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)
    )
    assert first.equal(second)
    assert not first.equal(third)


def test_likelihoods_of_all_sequences_sum_to_one_and_agree_with_log_partition():
    torch.manual_seed(0)
    crf = LinearChainCRF(TAGS, languages=2).double()
    emissions, mask, _ = problem(1, False)
    language = torch.tensor([1, 0, 1])
    chain = crf.chain(language)
    log_z = log_partition(emissions, mask, chain)
    for n, length in enumerate(LENGTHS):
        total = 0.0
        for tags, value in enumerate_sequences(emissions, chain, n, length):
            padded = torch.zeros(mask.shape, dtype=torch.long)
            padded[n, :length] = torch.tensor(tags)
            found = log_likelihood(emissions, padded, mask, chain)[n].detach()
            assert float(found) == pytest.approx(value - float(log_z[n].detach()))
            total += math.exp(float(found))
        assert total == pytest.approx(1.0)


def test_only_a_languages_own_transitions_get_gradients_from_it():
    crf = LinearChainCRF(TAGS, languages=3)
    emissions, mask, _ = problem(0, False)
    tags = torch.zeros(mask.shape, dtype=torch.long)
    log_likelihood(emissions.float(), tags, mask, crf.chain(torch.tensor([0, 2, 2]))).sum().backward()
    assert [bool(layer.transitions.grad.any()) for layer in crf.crfs] == [True, False, True]


@given(
    seed=st.integers(0, 10_000),
    lengths=st.lists(st.integers(1, 9), min_size=1, max_size=4),
    scale=st.sampled_from([0.1, 3.0, 30.0]),
)
def test_the_likelihood_and_its_gradients_are_pytorch_crfs(seed, lengths, scale):
    torch.manual_seed(seed)
    crf = LinearChainCRF(TAGS).double()
    emissions = (scale * torch.randn(len(lengths), max(lengths), TAGS).double()).requires_grad_()
    mask = torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]
    tags = torch.randint(0, TAGS, mask.shape)
    language = torch.zeros(len(lengths), dtype=torch.long)
    weights = torch.rand(len(lengths)).double()  # so that every sentence counts differently
    ours = log_likelihood(emissions, tags, mask, crf.chain(language))
    theirs = crf.crfs[0](emissions, tags, mask, reduction="none")
    torch.testing.assert_close(ours, theirs)
    inputs = [emissions, *crf.parameters()]
    gradients = [
        torch.autograd.grad((weights * found).sum(), inputs, materialize_grads=True) for found in (ours, theirs)
    ]
    for found, expected in zip(*gradients, strict=True):
        torch.testing.assert_close(found, expected, atol=1e-10, rtol=1e-8)


def test_long_sentences_lose_no_precision():
    torch.manual_seed(0)
    emissions, mask = 10 * torch.randn(2, 400, TAGS).double(), torch.ones(2, 400, dtype=torch.bool)
    chain = Chain(torch.randn(TAGS).double(), torch.randn(TAGS, TAGS).double(), torch.randn(TAGS).double())
    single = Chain(*(scores.float() for scores in chain))
    gradients = []
    for scores, own in ((emissions, chain), (emissions.float(), single)):
        scores.requires_grad_()
        gradients += torch.autograd.grad(log_partition(scores, mask, own).sum(), scores)
    torch.testing.assert_close(gradients[1].double(), gradients[0], atol=1e-5, rtol=0)


def test_a_mask_with_holes_or_an_empty_sentence_is_refused():
    emissions, mask, chain = problem(0, False)
    for broken in (mask.clone(), mask.clone()):
        broken[0] = torch.tensor([True, False, True, True])
        with pytest.raises(ValueError, match="mask"):
            viterbi(emissions, broken, chain)
    mask[1] = False
    with pytest.raises(ValueError, match="mask"):
        marginals(emissions, mask, chain)


@pytest.mark.gpu
def test_the_gpu_gives_what_the_processor_gives():
    emissions, mask, chain = problem(0, True)
    on_gpu = (emissions.cuda(), mask.cuda(), Chain(*(scores.cuda() for scores in chain)))
    assert viterbi(*on_gpu).cpu().equal(viterbi(emissions, mask, chain))
    torch.testing.assert_close(marginals(*on_gpu).cpu(), marginals(emissions, mask, chain))
    assert sample(*on_gpu, count=3).shape == (3, *mask.shape)
