"""Overlaps of the most important parameters, by hand and by chance."""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from polyner.analysis.fisher_overlap import agreement, by_layer, language_overlap, layer_of, top_overlap
from polyner.findings.files import all_recorded
from polyner.findings.overlaps import ERRORS, copula_overlap, overlap_figures, whole_overlap
from tests.conftest import built, small_corpus


def diagonal(embedding, output):
    return {
        "to_tags.weight": torch.tensor(output[:4]).view(2, 2),
        "to_tags.bias": torch.tensor(output[4:]),
        "embedding.weight": torch.tensor(embedding).view(2, -1),
    }


# The two most important parameters of the embedding: 0 and 1, 1 and 2, 2 and 3. Of the output's six: the three last,
# the bias among them; the three last; the three first.
ENG = diagonal([9.0, 8.0, 1.0, 2.0], [1.0, 2.0, 3.0, 7.0, 8.0, 9.0])
DEU = diagonal([1.0, 8.0, 9.0, 2.0], [3.0, 2.0, 1.0, 9.0, 8.0, 7.0])
SWA = diagonal([0.0, 0.0, 5.0, 5.0], [7.0, 7.0, 7.0, 1.0, 1.0, 1.0])


def test_layers_are_named_and_go_from_bottom_to_top():
    sizes = {"embedding_size": 2, "unit_hidden_size": 2, "sentence_hidden_size": 2, "sentence_layers": 2}
    model = built("byte-crf", {"eng": small_corpus().train}, **sizes)
    grouped = by_layer(name for name, _ in model.named_parameters())
    stacks = ["word LSTM 1", "word LSTM 2", "sentence LSTM 1", "sentence LSTM 2"]
    assert list(grouped) == ["embedding", *stacks, "output", "CRF"]
    assert [len(grouped[stack]) for stack in stacks] == [8, 8, 8, 8]
    assert sum(map(len, grouped.values())) == len(list(model.parameters()))
    assert layer_of("unit_encoder.weight_hh_l1_reverse") == layer_of("unit_encoder.bias_ih_l1") == "word LSTM 2"
    assert layer_of("crf.crfs.3.transitions") == "CRF"
    assert layer_of("encoder.weight_ih_l4") == "encoder 5"
    assert next(iter(by_layer(f"unit_encoder.weight_ih_l{k}" for k in (10, 2)))) == "word LSTM 3"


def test_overlap_by_hand():
    found = top_overlap(ENG, DEU, shares=(0.25, 0.5)).set_index(["layer", "share"])
    assert list(found.columns) == ["parameters", "used", "overlap"]
    assert found["parameters"].tolist() == [4, 4, 6, 6]
    assert found["overlap"].to_dict() == {
        ("embedding", 0.25): 0.0,  # 0 against 2
        ("embedding", 0.5): 0.5,  # 0 1 against 1 2
        ("output", 0.25): 0.5,  # round(1.5) = 2 of them: 5 4 against 3 4
        ("output", 0.5): 1.0,
    }
    assert set(found["used"]) == {1.0}


def test_a_set_has_at_least_one_member_and_equal_values_go_by_position():
    found = top_overlap(SWA, DEU, shares=(0.05, 0.25, 0.75)).set_index(["layer", "share"])
    assert found.loc[("embedding", 0.05), "overlap"] == 1.0  # of 2 and 3, equal, the first; and that is DEU's
    assert found.loc[("embedding", 0.75), "overlap"] == pytest.approx(2 / 3)  # 2 3 and, at zero, 0; 2 1 3
    assert found.loc[("embedding", 0.75), "used"] == 0.5
    assert found.loc[("output", 0.25), "overlap"] == 0.0


def test_every_language_against_every_other():
    found = language_overlap({"eng": ENG, "deu": DEU, "swa": SWA}, shares=(0.5,))
    assert list(found.columns) == ["first", "second", "layer", "share", "parameters", "used", "overlap"]
    overlaps = found.set_index(["layer", "first", "second"])["overlap"]
    assert overlaps["embedding"].to_dict() == {
        ("eng", "deu"): 0.5,
        ("eng", "swa"): 0.0,
        ("deu", "eng"): 0.5,
        ("deu", "swa"): 0.5,
        ("swa", "eng"): 0.0,
        ("swa", "deu"): 0.5,
    }
    assert overlaps["output", "eng", "swa"] == 0.0
    assert language_overlap({"eng": ENG}).empty


@given(st.integers(0, 1000), st.sampled_from([0.01, 0.05, 0.25, 0.5, 1.0]))
def test_the_same_side_twice_overlaps_wholly_and_the_order_of_the_sides_does_not_matter(seed, share):
    generator = torch.Generator().manual_seed(seed)
    first, second = ({"embedding.weight": torch.rand(7, 9, generator=generator)} for _ in range(2))
    assert top_overlap(first, first, [share])["overlap"].tolist() == [1.0]
    assert top_overlap(first, second, [share]).equals(top_overlap(second, first, [share]))


@pytest.mark.parametrize("share", [0.05, 0.25, 0.5])
def test_two_random_sets_overlap_by_their_share(share):
    torch.manual_seed(0)
    first, second = ({"embedding.weight": torch.rand(200, 200)} for _ in range(2))
    # Hypergeometric: with sets of k = share · 40,000, a standard deviation of (1 − share) / √k, at most 0.02.
    assert top_overlap(first, second, [share])["overlap"].item() == pytest.approx(share, abs=0.04)


def test_agreement_is_the_rank_correlation_of_layers_by_their_size():
    # Of the embedding, ranks 4 3 1 2 and 1 3 4 2: 1 − 6 · 18 / (4 · 15). Of the output, 1 2 3 4 5 6 and 3 2 1 6 5 4.
    assert agreement(ENG, DEU) == pytest.approx((4 * -0.8 + 6 * (1 - 6 * 16 / (6 * 35))) / 10)
    assert agreement(ENG, {name: values**2 for name, values in ENG.items()}) == pytest.approx(1)


def test_what_is_zero_on_both_sides_does_not_count_and_what_is_equal_everywhere_has_no_order():
    first, second = ({"embedding.weight": torch.tensor([*values, 0.0, 0.0])} for values in ([1, 2, 3.0], [3, 1, 2.0]))
    assert agreement(first, second) == pytest.approx(1 - 6 * 6 / (3 * 8))
    # Of SWA's embedding, what is not zero is equal.
    embedding = {"embedding.weight": SWA["embedding.weight"]}
    assert agreement(ENG | embedding, DEU | embedding) == pytest.approx(1 - 6 * 16 / (6 * 35))
    zero = {name: torch.zeros_like(values) for name, values in ENG.items()}
    assert agreement(zero, zero) is None


def lstm(gates):
    """Eight weights of an LSTM of two units, two a gate, and its biases, which come last."""
    return {"unit_encoder.weight_ih_l0": torch.tensor(gates).view(8, 1), "unit_encoder.bias_ih_l0": torch.zeros(8)}


def test_ranks_within_gates_by_hand():
    # The cell candidates (third gate) have the largest values on both sides, as have others within each gate.
    first = {**lstm([1.0, 2.0, 1.0, 2.0, 80.0, 90.0, 1.0, 2.0]), "embedding.weight": torch.ones(3, 1)}
    second = {**lstm([2.0, 1.0, 1.0, 2.0, 90.0, 80.0, 2.0, 1.0]), "embedding.weight": torch.ones(3, 1)}
    (layer,) = top_overlap(first, second, [2 / 16]).query("layer == 'word LSTM 1'").to_dict("records")
    (gate,) = top_overlap(first, second, [1 / 4], ranks="gate").to_dict("records")
    assert layer["overlap"] == 1.0
    # One of four in each gate: the same one in the forget gate only.
    assert (gate["layer"], gate["overlap"], gate["parameters"], gate["used"]) == ("word LSTM 1", 0.25, 16, 0.5)
    found = language_overlap({"eng": first, "deu": second}, [1 / 4], ranks="gate")
    assert found["overlap"].tolist() == [0.25, 0.25]


@given(st.floats(-0.9, 0.98), st.sampled_from([0.05, 0.5]))
def test_the_copula_against_the_normal_distribution(correlation, at):
    from scipy.stats import multivariate_normal, norm

    normal = multivariate_normal([0, 0], [[1, correlation], [correlation, 1]])
    known, expected = (normal.cdf([norm.ppf(share)] * 2) / share for share in (0.25, at))
    assert copula_overlap(known, 0.25, at) == pytest.approx(expected, abs=2e-4)


def test_the_copula_against_simulation():
    generator = np.random.default_rng(0)
    shared, *own = generator.normal(size=(3, 200_000))
    sides = [{"a": torch.tensor(np.exp(shared + 0.5 * each))} for each in own]
    five, quarter, half = top_overlap(*sides)["overlap"]
    assert copula_overlap([quarter, 0.25, 1.0], 0.25, 0.05) == pytest.approx([five, 0.05, 1.0], abs=0.01)
    assert copula_overlap(quarter, 0.25, 0.5) == pytest.approx(half, abs=0.01)


def test_halves_that_agree_as_chance_has_it_or_in_everything_do_so_as_a_whole():
    for share in (0.05, 0.25):
        assert whole_overlap([share, 1.0], [share, 1.0], share) == pytest.approx([share, 1.0], abs=1e-6)
    both = whole_overlap(0.5, 0.7, 0.25)
    assert whole_overlap(0.5, 0.5, 0.25) < both < whole_overlap(0.7, 0.7, 0.25)
    assert both == pytest.approx(whole_overlap(0.7, 0.5, 0.25))


@pytest.mark.parametrize("sentences", [100, 500])
@pytest.mark.parametrize("share", [0.05, 0.25])
def test_what_halves_agree_in_tells_what_as_many_sentences_again_would(share, sentences):
    rng = np.random.default_rng(sentences)
    weights = np.exp(rng.standard_normal(20_000))

    def overlap(*samples):
        tops = [set(np.argsort(-sample)[: int(share * len(sample))]) for sample in samples]
        return len(tops[0] & tops[1]) / len(tops[0])

    def estimated(model):  # a mean of squares, over sentences of which some count for much more than others
        squares = rng.chisquare(1, (sentences, len(model))) * rng.lognormal(-0.5, 1, (sentences, len(model)))
        return model * squares[::2].mean(0), model * squares[1::2].mean(0)

    tuned = weights * np.exp(0.3 * rng.standard_normal(len(weights)))
    models = [estimated(model) for model in (weights, tuned)]
    within = [overlap(*halves) for halves in models]
    again = overlap(sum(models[0]), sum(estimated(weights)))
    assert within[0] < again - 0.02
    error = ERRORS["itself"] / 100
    assert whole_overlap(within[0], within[0], share) == pytest.approx(again, abs=error)
    # Two models that rank their weights alike agree in no more than the mean of both would.
    doubled = tuned**1.5
    steeper = estimated(doubled)
    expected = whole_overlap(within[1], overlap(*steeper), share)
    assert overlap(sum(models[1]), sum(steeper)) == pytest.approx(expected, abs=error)


@pytest.mark.parametrize("form", ["normal", "scaled by gate", "with a long tail"])
def test_the_top_is_told_from_noise_whatever_the_form_of_importances(form):
    rng = np.random.default_rng(1)
    normal, tail = rng.standard_normal(20_000), rng.standard_t(3, 20_000)
    gates = 0.7 * normal + np.repeat([0, 0, 2, 0.5], 5_000)
    weights = np.exp({"normal": normal, "scaled by gate": gates, "with a long tail": 1.5 * tail}[form])
    top = weights >= np.quantile(weights, 0.95)
    shuffled = weights.copy()
    shuffled[top] = weights[rng.permutation(np.flatnonzero(weights >= np.quantile(weights, 0.75)))[: top.sum()]]

    def estimated(model):
        squares = rng.chisquare(1, (200, len(model))) * rng.lognormal(-0.5, 1, (200, len(model)))
        return [model * part.mean(0) for part in (squares[::2], squares[1::2])]

    def rows(source, *sides):
        sides = [{"unit_encoder.weight_ih_l0": torch.tensor(side)} for side in sides]
        return top_overlap(*sides, [0.05, 0.25]).assign(source=source)

    def less(other):
        own = estimated(weights)
        table = pd.concat([rows("trained", sum(own), sum(estimated(other))), rows("halves", *own)])
        places = dict.fromkeys(("model", "group", "run"), "") | {"comparison": "languages", "first": "a", "second": "b"}
        return (
            overlap_figures(table.assign(ranks="layer", seed=1, **places))["", "languages", 0.05].less["copula"].figure
        )

    assert abs(less(weights)) < ERRORS["copula"]  # by noise alone
    assert abs(less(weights * np.exp(0.5 * rng.standard_normal(len(weights))))) < ERRORS["copula"]  # all differ
    assert less(shuffled) < -10  # the very top does


def test_what_a_method_may_be_off_by_widens_the_interval():
    (study,) = (each for each in all_recorded() if each.name == "conll-800")
    figure = study.overlaps["conll", "languages", 0.05]
    for name, error in ERRORS.items():
        less = figure.less[name]
        assert 0.95 * error < less.figure - less.low < error + 2
