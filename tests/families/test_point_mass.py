"""A point is a distribution: it answers what posteriors answer, with no spread."""

from __future__ import annotations

import numpy as np
import pytest
from families.conjugate_cases import CASES

from pointmass import Dirichlet, NormalInverseGamma, PointMass, PointmassError

every_prior = pytest.mark.parametrize("case", CASES, ids=str)


@every_prior
def test_every_summary_of_a_point_is_the_point(case):
    point = case.belief.mode()
    assert point.is_proper
    assert point.mode() is point
    assert point.draw(np.random.default_rng(0)) is point
    draws = point.parameter_draws(3, np.random.default_rng(0))
    for name, array in point.parameters.items():
        assert not point.parameter_sd()[name].any()
        for other in (point.parameter_mean()[name], point.parameter_quantile(0.025)[name], *draws[name]):
            np.testing.assert_array_equal(other, array)


@every_prior
def test_a_posterior_without_spread_is_a_point(case):
    """As rows of weight c about the same moments pile up, expectations go to the values at the mean like 1/c."""
    r = case.responsibilities()
    gaps = []
    for weight in (1e4, 1e5, 1e6):
        posterior = case.belief.update(case.statistics(case.rows, r * weight))
        point = case.belief.at(posterior.parameter_mean())
        gaps.append(
            abs(
                case.expected_log_likelihood(posterior, case.rows, r)
                - case.expected_log_likelihood(point, case.rows, r)
            )
        )
    np.testing.assert_allclose(np.array(gaps[:-1]) / np.array(gaps[1:]), 10.0, rtol=0.02)


def test_two_points_do_not_diverge():
    point = Dirichlet([2.0, 3.0]).mode()
    assert point.divergence(PointMass({"weights": [0.5, 0.5]})) == 0.0


def test_a_bare_array_is_the_value_of_the_only_parameter():
    point = PointMass([0.25, 0.75]).resolved(Dirichlet, only="weights")
    np.testing.assert_array_equal(point.parameters["weights"], [0.25, 0.75])
    with pytest.raises(PointmassError, match="needs a dict with mean, variance"):
        PointMass([1.0]).resolved(NormalInverseGamma)
    with pytest.raises(PointmassError, match="needs the parameters weights"):
        PointMass({"mean": 1.0}).resolved(Dirichlet)


@pytest.mark.parametrize("value", ["a", [np.nan], {"mean": [np.inf]}, [[1.0], [1.0, 2.0]]])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(PointmassError, match="PointMass needs"):
        PointMass(value)


def test_a_point_without_block_says_so():
    with pytest.raises(PointmassError, match="does not know its block"):
        PointMass([0.5, 0.5]).expected_natural_parameters()
