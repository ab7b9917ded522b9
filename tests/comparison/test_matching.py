"""Components have no names: a relabelled fit is the same fit."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from comparison.standins import StandIn

from pointmass.comparison import match_fits
from pointmass.comparison.matching import assign, parameter_cost, permute_components, responsibility_cost

RNG = np.random.default_rng(7)
THREE = {
    "weights": np.array([0.2, 0.3, 0.5]),
    "mean": np.array([[0.0, 1.0], [4.0, 0.0], [0.0, 5.0]]),
    "covariance": np.stack([np.eye(2), 2.0 * np.eye(2), np.array([[1.0, 0.5], [0.5, 1.0]])]),
}


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("with_data", [False, True])
def test_a_relabelled_copy_has_distance_zero(order, with_data):
    copy = StandIn("VB", "posterior", THREE, order=list(order))
    data = RNG.normal(size=(200, 2)) * 3 if with_data else None
    matched = match_fits([StandIn("EM", estimate=THREE), copy], data=data)
    match = matched.fits[1].match
    assert match.distance == pytest.approx(0.0, abs=1e-12)
    assert match.basis == ("responsibilities" if with_data else "parameters")
    for name, array in THREE.items():
        np.testing.assert_array_equal(matched.fits[1].estimate[name], array)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_draws_and_intervals_follow_the_estimate(order):
    fit = StandIn("VB", "posterior", THREE, spread=0.01, order=list(order))
    spread = match_fits([StandIn("EM", estimate=THREE), fit]).fits[1].spreads[0]
    np.testing.assert_allclose(spread.draws["mean"].mean(0), THREE["mean"], atol=0.005)
    assert np.all(spread.lower["mean"] < THREE["mean"])
    assert np.all(spread.upper["mean"] > THREE["mean"])


def test_a_transition_matrix_is_permuted_on_both_axes():
    matrix = np.arange(9.0).reshape(3, 3)
    permuted = permute_components({"transition_matrix": matrix, "rate": matrix}, (2, 0, 1))
    np.testing.assert_array_equal(permuted["transition_matrix"], matrix[np.ix_([2, 0, 1], [2, 0, 1])])
    np.testing.assert_array_equal(permuted["rate"], matrix[[2, 0, 1]])


def test_draws_of_a_transition_matrix_are_permuted_behind_the_samples():
    draws = RNG.random((5, 3, 3))
    permuted = permute_components({"transition_matrix": draws}, (1, 2, 0), leading=1)["transition_matrix"]
    np.testing.assert_array_equal(permuted[3], draws[3][np.ix_([1, 2, 0], [1, 2, 0])])


def test_well_separated_means_outvote_noise_in_everything_else():
    """A metric that weighs all parameters alike would follow two noisy ones against one clear one."""
    target = {"weights": np.array([0.5, 0.5]), "mean": np.array([[0.0], [10.0]]), "rate": np.array([1.0, 1.02])}
    other = {"weights": np.array([0.45, 0.55]), "mean": np.array([[10.1], [0.1]]), "rate": np.array([0.97, 1.06])}
    assert assign(parameter_cost(target, other)[0], "parameters").order == (1, 0)


def test_the_match_is_the_cheapest_of_all():
    cost = RNG.random((4, 4))
    order = assign(cost, "parameters").order
    best = min(sum(cost[k, p[k]] for k in range(4)) for p in permutations(range(4)))
    assert sum(cost[k, order[k]] for k in range(4)) == pytest.approx(best, rel=1e-12)


def test_ties_are_named():
    cost = np.array([[0.0, 0.0, 1.0], [0.0, 0.0, 1.0], [1.0, 1.0, 0.0]])
    assert assign(cost, "parameters").tied == (0, 1)


def test_distinct_components_are_not_tied():
    cost = parameter_cost(THREE, THREE)[0]
    assert assign(cost, "parameters").tied == ()


def test_equal_components_are_tied_and_the_verdict_says_so():
    twins = {name: array[[0, 0, 2]] for name, array in THREE.items()}
    matched = match_fits([StandIn("EM", estimate=twins), StandIn("MAP", estimate=twins)])
    assert matched.fits[1].match.tied == (0, 1)


def test_responsibility_distance_is_total_variation():
    target, other = RNG.dirichlet(np.ones(3), 50), RNG.dirichlet(np.ones(3), 50)
    total = responsibility_cost(target, other).diagonal().sum()
    assert total == pytest.approx(0.5 * np.abs(target - other).sum(1).mean(), rel=1e-12)


def test_truth_is_matched_too_and_what_does_not_fit_is_left_out():
    truth = {"mean": THREE["mean"][[2, 0, 1]], "weights": THREE["weights"][[2, 0, 1]], "labels": np.zeros(9)}
    matched = match_fits([StandIn("EM", estimate=THREE)], truth=truth)
    np.testing.assert_array_equal(matched.truth["mean"], THREE["mean"])
    assert set(matched.truth) == {"mean", "weights"}


def test_fits_with_other_numbers_of_components_keep_their_order():
    two = StandIn("VB", "posterior", {name: array[:2] for name, array in THREE.items()})
    matched = match_fits([StandIn("EM", estimate=THREE), two])
    assert matched.fits[1].match.basis == "none"
    np.testing.assert_array_equal(matched.fits[1].estimate["mean"], THREE["mean"][:2])
