"""One labelling: permuted copies come back, the metric is the fit's, and a cut posterior is noticed."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointmass import VB, Dirichlet, Gaussian, Mixture, NormalInverseWishart
from pointmass.inference import relabelling
from pointmass.inference.component_features import features_of, parameter_kinds
from pointmass.inference.relabelling import Reference, relabel

DIMS = {
    "weights": ("component",),
    "mean": ("component", "feature"),
    "covariance": ("component", "feature", "feature_2"),
    "transition_matrix": ("component", "component_to"),
}
KINDS = {"weights": "simplex", "mean": "real", "covariance": "covariance", "transition_matrix": "simplex"}


def draws(size: int, k: int, d: int = 2, seed: int = 0, spread: float = 0.05) -> dict[str, np.ndarray]:
    """Draws about k distinct components, all on the same labels."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(size, k, d, d)) * spread
    return {
        "weights": rng.dirichlet(50.0 * np.arange(1, k + 1), size=size),
        "mean": 3.0 * np.arange(k)[:, None] + rng.normal(size=(size, k, d)) * spread,
        "covariance": np.eye(d) * (1.0 + np.arange(k))[:, None, None] + noise @ np.swapaxes(noise, 2, 3),
        "transition_matrix": rng.dirichlet(np.ones(k), size=(size, k)),
    }


def reordered(arrays: dict[str, np.ndarray], orders: np.ndarray) -> dict[str, np.ndarray]:
    everyone = np.arange(len(orders))[:, None]
    moved = {name: array[everyone, orders] for name, array in arrays.items()}
    matrix = np.take_along_axis(moved["transition_matrix"], orders[:, None, :], axis=2)
    return {**moved, "transition_matrix": matrix}


def random_orders(size: int, k: int, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.array([rng.permutation(k) for _ in range(size)])


@pytest.mark.parametrize("k", [1, 2, 3, 5, 7, 8])
def test_permuted_copies_come_back(k: int) -> None:
    """Both searches: one permutation at a time up to 720 of them, assignment problems above."""
    arrays = draws(200, k)
    reference = Reference.of(draws(200, k, seed=5), DIMS, KINDS, np.zeros(k, dtype=int))
    result = relabel(reordered(arrays, random_orders(200, k)), reference)
    for name, array in result.draws.items():
        assert np.array_equal(array, arrays[name]), name
    assert result.boundary_share == 0.0


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10_000), spread=st.floats(0.05, 5.0))
def test_any_labelling_of_the_draws_gives_the_same(seed: int, spread: float) -> None:
    arrays = draws(30, 3, seed=seed, spread=spread)
    reference = Reference.of(draws(50, 3, seed=seed + 1, spread=spread), DIMS, KINDS, np.zeros(3, dtype=int))
    once = relabel(arrays, reference)
    again = relabel(reordered(arrays, random_orders(30, 3, seed)), reference)
    twice = relabel(once.draws, reference)
    for name, array in once.draws.items():
        assert np.array_equal(array, again.draws[name])
        assert np.array_equal(array, twice.draws[name])
    assert np.array_equal(twice.order, np.tile(np.arange(3), (30, 1)))


def test_both_searches_find_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    arrays = draws(100, 4, spread=4.0)
    reference = Reference.of(draws(100, 4, seed=5), DIMS, KINDS, np.array([0, 0, 2, 2]))
    enumerated = relabel(arrays, reference).order
    monkeypatch.setattr(relabelling, "LARGEST_ENUMERATION", 1)
    assert np.array_equal(relabel(arrays, reference).order, enumerated)


def test_the_nearest_permutation_by_definition() -> None:
    arrays = draws(40, 3, spread=4.0)
    fit = draws(100, 3, seed=5, spread=1.0)
    reference = Reference.of(fit, DIMS, KINDS, np.zeros(3, dtype=int))
    features = features_of(arrays, DIMS, KINDS)
    for index, order in enumerate(relabel(arrays, reference).order):
        distances = {
            tried: (((features[index, list(tried)] - reference.centre) / reference.scale) ** 2).sum()
            for tried in permutations(range(3))
        }
        assert tuple(order) == min(distances, key=lambda tried: distances[tried])


def test_only_interchangeable_components_move() -> None:
    arrays = draws(50, 3)
    moved = reordered(arrays, np.tile([2, 1, 0], (50, 1)))
    reference = Reference.of(arrays, DIMS, KINDS, np.array([0, 0, 2]))
    assert (relabel(moved, reference).order[:, 2] == 2).all()
    apart = Reference.of(arrays, DIMS, KINDS, np.arange(3))
    assert relabel(moved, apart).draws is moved


def test_units_do_not_matter() -> None:
    """Scaling and shifting columns, of the fit and of the draws, changes no label."""
    arrays, fit = draws(200, 3, spread=4.0), draws(100, 3, seed=5, spread=1.0)
    scale, shift = np.array([1e-6, 1e4]), np.array([1e3, -7.0])

    def mapped(parameters: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        covariance = parameters["covariance"] * scale[:, None] * scale
        return {**parameters, "mean": parameters["mean"] * scale + shift, "covariance": covariance}

    groups = np.zeros(3, dtype=int)
    plain = relabel(arrays, Reference.of(fit, DIMS, KINDS, groups))
    other = relabel(mapped(arrays), Reference.of(mapped(fit), DIMS, KINDS, groups))
    assert np.array_equal(plain.order, other.order)
    assert plain.boundary_share == pytest.approx(other.boundary_share, abs=1e-12)


def test_the_metric_is_invariant_under_common_permutations() -> None:
    """Permuting a draw and the reference together leaves every distance as it was: the unit is the same for all."""
    fit, arrays = draws(100, 3, seed=5), draws(1, 3)
    order = np.array([[2, 0, 1]])
    one = Reference.of(fit, DIMS, KINDS, np.zeros(3, dtype=int))
    other = Reference.of(reordered(fit, np.repeat(order, 100, axis=0)), DIMS, KINDS, np.zeros(3, dtype=int))
    assert one.scale == pytest.approx(other.scale, rel=1e-12)

    def distance(parameters: dict[str, np.ndarray], reference: Reference) -> float:
        features = features_of(parameters, DIMS, KINDS)
        return float((((features - reference.centre) / reference.scale) ** 2).sum())

    assert distance(arrays, one) == pytest.approx(distance(reordered(arrays, order), other), rel=1e-12)


SEPARATIONS = [(0.0, True), (0.5, True), (1.0, True), (3.0, False), (6.0, False)]


@pytest.mark.parametrize(("separation", "ambiguous"), SEPARATIONS)
def test_the_share_near_a_boundary(separation: float, ambiguous: bool) -> None:
    """Two means whose difference is normal with sd 1: about 5 % at 1.7, nothing at 4."""
    rng = np.random.default_rng(2)
    difference = separation + rng.normal(size=4000)
    arrays = {"mean": np.stack([-difference / 2, difference / 2], axis=1)[:, :, None]}
    fit = {"mean": np.array([-1.5, 1.5])[:, None] + 0.1 * rng.normal(size=(500, 2, 1))}
    reference = Reference.of(fit, {"mean": DIMS["mean"]}, KINDS, np.zeros(2, dtype=int))
    assert (relabel(arrays, reference).boundary_share > 0.05) == ambiguous


def test_equal_components_of_the_fit_have_no_labels() -> None:
    fit = {"mean": np.zeros((10, 2, 1)), "weights": np.full((10, 2), 0.5)}
    reference = Reference.of(fit, {name: DIMS[name] for name in fit}, KINDS, np.zeros(2, dtype=int))
    assert relabel({"mean": np.ones((5, 2, 1)), "weights": np.full((5, 2), 0.5)}, reference).boundary_share == 1.0


@pytest.mark.parametrize("covariance", ["full", "tied", "diagonal", "spherical"])
def test_a_fit_labels_its_own_draws(covariance: str) -> None:
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.normal(size=(60, 2)), 6.0 + rng.normal(size=(60, 2))])
    model = Mixture(Gaussian(covariance), 2)
    vb = VB(model, rng=0).fit(X)
    own = model.public({name: belief.parameter_draws(300, rng) for name, belief in vb.belief_.items()})
    groups = model.interchangeable(vb.prior_, None)
    reference = Reference.of(own, model.dims, parameter_kinds(model.dims, vb.prior_), groups)
    shuffled = {name: np.concatenate([array[:150], array[150:, ::-1]]) for name, array in own.items()}
    result = relabel(shuffled, reference)
    assert all(np.array_equal(result.draws[name], own[name]) for name in own)


def test_components_with_priors_or_labels_of_their_own_stay() -> None:
    X = np.random.default_rng(0).normal(size=(60, 2))
    prior = NormalInverseWishart([0.0, 0.0], 0.1, 5.0, np.eye(2))
    model = Mixture(Gaussian(prior=prior), 3, Dirichlet([1.0, 1.0, 4.0]))
    assert model.interchangeable(model.prior(X, None), None).tolist() == [0, 0, 2]
    labels = np.full(60, -1)
    labels[0] = 1
    assert model.interchangeable(model.prior(X, None), labels).tolist() == [0, 1, 2]


def test_what_is_known_tells_nothing_apart() -> None:
    rng = np.random.default_rng(0)
    draws = {"mean": rng.normal(size=(5, 2, 1)), "covariance": np.ones((5, 2, 1, 1))}
    dims = {name: DIMS[name] for name in draws}
    assert np.array_equal(features_of(draws, dims, {"mean": "real", "covariance": "known"}), draws["mean"])
