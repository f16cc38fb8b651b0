"""Conflicting gradients, against projections and least norms that are known or found in another way."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from polyner.training.gradients import inner_products, least_norm, projected

numbers = st.floats(-10, 10, allow_nan=False, width=32)


def vectors(least=2, most=5, size=4):
    """(L, size) vectors."""
    row = st.lists(numbers, min_size=size, max_size=size)
    return st.lists(row, min_size=least, max_size=most).map(lambda rows: torch.tensor(rows, dtype=torch.double))


def surgery(given_vectors, shares=None, order=None):
    """PCGrad's gradient."""
    count = len(given_vectors)
    shares = torch.ones(count, dtype=torch.double) if shares is None else torch.tensor(shares, dtype=torch.double)
    order = torch.rand(count, count).argsort(dim=1) if order is None else torch.tensor(order)
    return projected(inner_products(given_vectors), shares, order) @ given_vectors


def by_definition(given_vectors, order):
    """Algorithm 1 of Yu et al., line by line."""
    result = []
    for i, gradient in enumerate(given_vectors):
        gradient = gradient.clone()
        for j in order[i]:
            other = given_vectors[j]
            if j != i and gradient @ other < 0:
                gradient -= (gradient @ other) / (other @ other) * other
        result.append(gradient)
    return torch.stack(result)


def test_without_conflicts_the_gradient_is_the_plain_one():
    agreeing = torch.tensor([[1.0, 0.0], [1.0, 2.0], [0.0, 3.0]], dtype=torch.double)
    assert surgery(agreeing, [0.5, 0.3, 0.2]).tolist() == pytest.approx([0.8, 1.2])


def test_two_conflicting_gradients_lose_their_projections_on_each_other():
    # (−1, 1) has −1/√2 of its length along (1, 0): its projection is (−1, 0); that of (1, 0) on it is (1/2, −1/2).
    found = surgery(torch.tensor([[1.0, 0.0], [-1.0, 1.0]], dtype=torch.double))
    assert found.tolist() == pytest.approx([1 - 0.5, 0.5 + 1])
    weighed = surgery(torch.tensor([[1.0, 0.0], [-1.0, 1.0]], dtype=torch.double), [0.75, 0.25])
    assert weighed.tolist() == pytest.approx([0.75 * 0.5, 0.75 * 0.5 + 0.25])


def test_opposite_gradients_cancel_and_a_zero_gradient_changes_nothing():
    assert surgery(torch.tensor([[2.0, 0.0], [-1.0, 0.0]], dtype=torch.double)).tolist() == pytest.approx([0, 0])
    assert surgery(torch.tensor([[2.0, 1.0], [0.0, 0.0]], dtype=torch.double)).tolist() == pytest.approx([2, 1])


@given(vectors(most=2))
def test_of_two_projected_gradients_none_opposes_either_language(two):
    for projection in by_definition(two, [[0, 1], [0, 1]]):
        assert (two @ projection >= -1e-6).all()
    assert (two @ surgery(two) >= -1e-6).all()


@given(vectors(), st.randoms(use_true_random=False))
def test_many_gradients_are_projected_in_the_order_that_is_given(several, random):
    order = [random.sample(range(len(several)), len(several)) for _ in several]
    expected = by_definition(several, order).sum(dim=0)
    # Where an inner product is 0 but for rounding, either way is right.
    torch.testing.assert_close(surgery(several, order=order), expected, atol=1e-4, rtol=1e-4)


def smallest(given_vectors):
    """The least norm of all convex combinations, by the affine hull of each subset."""
    found = []
    for size in range(1, len(given_vectors) + 1):
        for chosen in itertools.combinations(range(len(given_vectors)), size):
            own = given_vectors[list(chosen)].numpy()
            system = np.block([[own @ own.T, np.ones((size, 1))], [np.ones((1, size)), np.zeros((1, 1))]])
            weights = np.linalg.lstsq(system, np.append(np.zeros(size), 1.0), rcond=None)[0][:size]
            if (weights >= -1e-9).all() and abs(weights.sum() - 1) < 1e-6:
                found.append(float(np.linalg.norm(weights @ own)))
    return min(found)


@pytest.mark.parametrize(
    ("first", "second", "share"),
    [
        ([1, 0], [0, 1], 0.5),
        ([2, 0], [0, 1], 0.2),  # (g₂ − g₁)·g₂ / ‖g₁ − g₂‖² = 1/5
        ([3, 0], [1, 0], 0.0),
        ([1, 0], [3, 1], 1.0),
        ([1, 0], [-1, 0], 0.5),
        ([1, 2], [1, 2], 0.5),
        ([0, 0], [1, 0], 1.0),
    ],
)
def test_the_least_norm_of_two_gradients_is_that_of_the_closed_form(first, second, share):
    products = inner_products(torch.tensor([first, second]))
    assert least_norm(products).tolist() == pytest.approx([share, 1 - share])


@given(vectors(least=3, most=3))
def test_the_least_norm_of_three_gradients_is_that_of_every_face_tried(three):
    weights = least_norm(inner_products(three))
    assert float((weights @ three).norm()) == pytest.approx(smallest(three), abs=1e-3)


def test_the_least_norm_of_gradients_is_that_of_a_quadratic_program():
    generator = torch.Generator().manual_seed(0)
    for _ in range(10):
        three = torch.randn(3, 6, generator=generator, dtype=torch.double) + torch.tensor(0.3)
        products = inner_products(three).numpy()
        solved = minimize(
            lambda weights, products=products: weights @ products @ weights,
            np.full(3, 1 / 3),
            method="SLSQP",
            bounds=[(0, 1)] * 3,
            constraints={"type": "eq", "fun": lambda weights: weights.sum() - 1},
            options={"ftol": 1e-14},
        )
        assert least_norm(torch.from_numpy(products)).numpy() == pytest.approx(solved.x, abs=1e-4)


@given(vectors(most=8, size=5))
def test_at_the_least_norm_no_gradient_has_less_along_it_than_those_in_use(several):
    """The conditions of Karush, Kuhn and Tucker: g·gᵢ ≥ g·g for all i, with equality where the weight is positive."""
    weights = least_norm(inner_products(several))
    assert (weights >= 0).all()
    assert float(weights.sum()) == pytest.approx(1.0)
    combined = weights @ several
    along = several @ combined - combined @ combined
    tolerance = 1e-8 * float(several.square().sum(dim=1).max()) + 1e-12
    assert (along >= -tolerance).all()
    assert float((weights * along).abs().max()) <= tolerance


def test_one_gradient_is_its_own_least_norm():
    assert least_norm(torch.tensor([[4.0]])).tolist() == [1.0]


@pytest.mark.parametrize("count", [2, 3, 5])
def test_a_gradient_that_overflowed_leaves_no_finite_number(count):
    """The scaler then skips the update."""
    several = torch.rand(count, 4)
    several[-1, 2] = torch.inf
    for coefficients in (
        least_norm(inner_products(several)),
        projected(inner_products(several), torch.ones(count).double(), torch.rand(count, count).argsort(dim=1)),
    ):
        assert not (coefficients @ several.double()).isfinite().all()
