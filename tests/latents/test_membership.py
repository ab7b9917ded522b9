"""Latents: their blocks, their part of a sweep, their samples."""

from __future__ import annotations

import numpy as np
import pytest
from cases import assert_mean

from pointmass import Dirichlet, PointMass, PointmassError
from pointmass.latents import ASSIGNMENTS, Independent, Inferred, Membership


def test_offset_is_the_expected_log_weight():
    membership, belief = Membership(2, Dirichlet(1.0)), Dirichlet(np.array([3.0, 5.0]))
    draws = belief.parameter_draws(20_000, np.random.default_rng(0))["weights"]
    assert_mean(np.log(draws), membership.offset({"weights": belief}))
    point = Dirichlet([1.0, 1.0]).at({"weights": np.array([0.25, 0.75])})
    np.testing.assert_allclose(membership.offset({"weights": point}), np.log([0.25, 0.75]))


def test_update_counts_the_rows():
    membership = Membership(2, Dirichlet([1.0, 2.0]))
    responsibilities = np.array([[1.0, 0.25, 0.0], [0.0, 0.75, 1.0]])
    statistics = membership.statistics(Inferred(responsibilities, np.zeros(3)))["weights"]
    posterior = membership.update("weights", membership.priors()["weights"], statistics, {})
    np.testing.assert_allclose(posterior.concentration, [2.25, 3.75])


def test_flat_prior_is_flat_and_known_weights_stay_known():
    flat = Membership(3, Dirichlet(0.1)).flat_priors(2)["weights"]
    assert flat.log_density({"weights": np.array([0.2, 0.3, 0.5])}) == pytest.approx(
        flat.log_density({"weights": np.array([0.8, 0.1, 0.1])})
    )
    known = Membership(2, PointMass([0.5, 0.5]))
    assert isinstance(known.priors()["weights"], PointMass)
    assert known.flat_priors(2) == known.priors()


@pytest.mark.parametrize("weights", [[0.5, 0.6], [0.5, 0.25, 0.25], [-0.5, 1.5]])
def test_known_weights_that_are_none_are_refused(weights):
    with pytest.raises(PointmassError, match="known weights must be 2 numbers"):
        Membership(2, PointMass(weights)).priors()


def test_samples_have_the_weights():
    labels = Membership(3, Dirichlet(1.0)).sample(
        {"weights": np.array([0.2, 0.5, 0.3])}, 20_000, np.random.default_rng(1)
    )
    assert_mean(labels[:, None] == np.arange(3), np.array([0.2, 0.5, 0.3]))


def test_independent_rows_have_one_component_and_nothing_to_learn():
    independent, values = Independent(), np.random.default_rng(2).normal(size=(1, 5))
    inferred = independent.infer(values.copy(), {}, ASSIGNMENTS["soft"], None)
    np.testing.assert_array_equal(inferred.responsibilities, 1.0)
    np.testing.assert_array_equal(inferred.log_normaliser, values[0])
    assert independent.priors() == independent.flat_priors(2) == independent.statistics(inferred) == {}
    assert not independent.sample({}, 4, np.random.default_rng(0)).any()
    with pytest.raises(KeyError):
        independent.update("weights", None, np.zeros(1), {})
