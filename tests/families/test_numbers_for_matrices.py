"""A number where a prior has a matrix is that number times the identity, in any dimension; what is known is checked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pointmass import (
    EM,
    VB,
    Gaussian,
    LinearRegression,
    Mixture,
    NormalInverseWishart,
    PointMass,
    PointmassError,
    Poisson,
    ProbitRegression,
)
from pointmass.families import Normal, NormalCoefficients

X = np.random.default_rng(0).normal(size=(40, 3))
Y = (X[:, 0] + np.cos(9.0 * X[:, 1]) > 0).astype(float)
KNOWN_MEAN = {"mean": 0.0, "kappa": 0.5}


def wishart(scale: Any) -> Gaussian:
    return Gaussian(prior=NormalInverseWishart(**KNOWN_MEAN, dof=5.0, scale=scale))


@pytest.mark.parametrize(
    "family",
    [
        wishart,
        lambda matrix: Gaussian(PointMass(matrix)),
        lambda matrix: Gaussian(PointMass(matrix), Normal(**KNOWN_MEAN, covariance=matrix)),
    ],
    ids=["inverse wishart", "known covariance", "known covariance, prior"],
)
def test_a_number_is_that_times_the_identity(family: Any) -> None:
    number, matrix = (VB(Mixture(family(value), 2), rng=0).fit(X) for value in (0.3, 0.3 * np.eye(3)))
    assert number.objective_history_[-1] == pytest.approx(matrix.objective_history_[-1], rel=1e-12)
    np.testing.assert_allclose(number.estimate_["mean"], matrix.estimate_["mean"], rtol=1e-12)


def test_a_number_for_the_factor_of_a_precision() -> None:
    number, matrix = (
        VB(ProbitRegression(prior=NormalCoefficients(mean, factor))).fit(X, Y)
        for mean, factor in ((0.0, 0.7), (np.zeros(4), 0.7 * np.eye(4)))
    )
    assert number.objective_history_[-1] == pytest.approx(matrix.objective_history_[-1], rel=1e-12)


def test_degrees_of_freedom_must_suffice_for_the_columns() -> None:
    prior = NormalInverseWishart(mean=0.0, kappa=1.0, dof=1.5, scale=1.0)
    VB(Gaussian(prior=prior)).fit(X[:, :2])
    with pytest.raises(PointmassError, match="dof must be greater than 2"):
        VB(Gaussian(prior=prior)).fit(X)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (Mixture(Gaussian(prior=PointMass([[1.0]])), 2), r"Gaussian: .* must be mean, covariance; got mean"),
        (Mixture(Poisson(PointMass(1.0)), 2), r"Poisson: .* rate must have shape \(2, 3\), got \(\)"),
        (Mixture(Poisson(PointMass({"rate": [1.0, 2.0]})), 2), r"rate must have shape \(2, 3\), got \(2,\)"),
        (Mixture(Poisson(PointMass({"speed": [1.0, 2.0]})), 2), "must be rate; got speed"),
    ],
    ids=["bare array", "bare number", "one number too few", "another name"],
)
def test_what_is_held_known_is_checked_before_it_is_used(model: Mixture, message: str) -> None:
    with pytest.raises(PointmassError, match=message):
        EM(model).fit(np.abs(X).round())


def test_a_bare_array_is_the_only_parameter() -> None:
    rates = np.array([[1.0], [4.0]])
    bare, named = (
        EM(Mixture(Poisson(PointMass(value)), 2), rng=0).fit((np.arange(40.0) % 9.0)[:, None])
        for value in (rates, {"rate": rates})
    )
    np.testing.assert_array_equal(bare.estimate_["weights"], named.estimate_["weights"])
    with pytest.raises(PointmassError, match=r"LinearRegression: .* must be coefficients, noise_variance"):
        EM(Mixture(LinearRegression(prior=PointMass(1.0)), 2)).fit(X[:, :1], X[:, 1])
