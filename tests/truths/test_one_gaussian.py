"""One Gaussian: which point of a posterior is meant by "the" variance, and evidences in closed form."""

from __future__ import annotations

import numpy as np
import pytest
from cases import faithful
from scipy.optimize import minimize_scalar

from pointmass import EM, MAP, MLE, VB, Gaussian, NormalInverseGamma, NormalInverseWishart

# A posterior with shape 3.5 and scale 8.652: as a prior that no data has touched.
POSTERIOR = NormalInverseGamma(mean=0.0, kappa=1.0, shape=3.5, scale=8.652).broadcast(1, 1)


def joint_mode(log_jacobian):
    """Return the variance of the joint mode in other coordinates; ``log_jacobian`` is log |dτ / d coordinate|."""

    def negative(log_variance: float) -> float:
        variance = np.exp(log_variance)
        point = {"mean": np.zeros((1, 1)), "variance": np.full((1, 1), variance)}
        return -POSTERIOR.log_density(point) - log_jacobian(variance)

    return np.exp(minimize_scalar(negative, bounds=(-3.0, 4.0), method="bounded", options={"xatol": 1e-10}).x)


@pytest.mark.parametrize(
    ("coordinate", "log_jacobian", "variance"),
    [
        ("variance", lambda variance: -2.0 * np.log(variance), 1.730),
        ("log variance", lambda variance: -np.log(variance), 2.163),
        ("precision", lambda variance: 0.0, 2.884),
    ],
)
def test_point_called_sigma_squared_depends_on_the_coordinate(coordinate, log_jacobian, variance):
    assert joint_mode(log_jacobian) == pytest.approx(variance, abs=6e-4)


def test_our_mode_is_taken_in_the_precision_and_our_mean_is_the_mean():
    assert POSTERIOR.parameter_mode()["variance"].item() == pytest.approx(2.884, abs=5e-4)
    assert POSTERIOR.parameter_mean()["variance"].item() == pytest.approx(3.461, abs=5e-4)


def test_estimates_of_map_and_vb_are_that_mode_and_that_mean():
    x = [1.0, 2.0, 3.0]
    model = Gaussian(prior=NormalInverseGamma(mean=2.0, kappa=1.0, shape=2.0, scale=7.652))  # posterior (3.5, 8.652)
    assert MAP(model).fit(x).estimate_["covariance"].item() == pytest.approx(2.884, abs=5e-4)
    assert VB(model).fit(x).estimate_["covariance"].item() == pytest.approx(3.461, abs=5e-4)


def test_posterior_sd_of_the_precision():
    """The exact posterior's E[τ] = a/b, which a factorised q would share; its own spread is √a / b."""
    rng = np.random.default_rng(0)
    precision = 1.0 / POSTERIOR.parameter_draws(200_000, rng)["variance"].ravel()
    error = np.sqrt(3.5) / 8.652 / np.sqrt(200_000)
    assert precision.mean() == pytest.approx(3.5 / 8.652, abs=5 * error)
    assert precision.std() == pytest.approx(np.sqrt(3.5) / 8.652, rel=0.02)


@pytest.mark.parametrize("estimator", [MLE, EM])
def test_faithful_one_component(estimator):
    assert estimator(Gaussian()).fit(faithful()).log_likelihood_ == pytest.approx(-1289.796745, abs=1e-6)


def test_standardised_faithful_log_evidence():
    x = faithful()
    prior = NormalInverseWishart(np.zeros(2), 1.0, 5.0, np.eye(2))
    fit = VB(Gaussian(prior=prior)).fit((x - x.mean(0)) / x.std(0))
    assert fit.elbo_ == pytest.approx(-560.9994070, abs=1e-7)


def test_raw_faithful_log_evidence():
    x = faithful()
    prior = NormalInverseWishart(x.mean(0), 1.0, 2.0, np.cov(x.T))
    assert VB(Gaussian(prior=prior)).fit(x).elbo_ == pytest.approx(-1303.897517794859, abs=1e-9)
