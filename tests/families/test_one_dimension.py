"""In one dimension the normal-inverse-Wishart is the normal-inverse-gamma with dof = 2 shape and scale = 2 scale."""

from __future__ import annotations

import numpy as np
import pytest
from families.conjugate_cases import gamma_belief

from pointmass import EM, MAP, VB, Gaussian, Mixture, NormalInverseGamma, NormalInverseWishart
from pointmass.families.coordinates import Coordinates

GAMMA, OTHER = gamma_belief(3, 1, 1), gamma_belief(3, 1, 2)


def wishart(belief):
    return NormalInverseWishart.trusted(
        mean=belief.mean, kappa=belief.kappa[:, 0], dof=2.0 * belief.shape[:, 0], scale=2.0 * belief.scale[..., None]
    )


def as_wishart(parameters):
    return {"mean": parameters["mean"], "covariance": parameters["variance"][..., None]}


def test_densities_and_divergences_agree():
    for parameters in (GAMMA.parameter_mean(), OTHER.parameter_mode()):
        assert wishart(GAMMA).log_density(as_wishart(parameters)) == pytest.approx(GAMMA.log_density(parameters))
    assert wishart(GAMMA).divergence(wishart(OTHER)) == pytest.approx(GAMMA.divergence(OTHER), rel=1e-12)


@pytest.mark.parametrize("ask", ["parameter_mode", "parameter_mean", "parameter_sd"])
def test_modes_means_and_sds_agree(ask):
    gamma, other = as_wishart(getattr(GAMMA, ask)()), getattr(wishart(GAMMA), ask)()
    for name, array in gamma.items():
        np.testing.assert_allclose(other[name], array, rtol=1e-12)


@pytest.mark.parametrize("probability", [0.001, 0.025, 0.5, 0.9])
def test_quantiles_agree(probability):
    gamma = as_wishart(GAMMA.parameter_quantile(probability))
    for name, array in wishart(GAMMA).parameter_quantile(probability).items():
        np.testing.assert_allclose(array, gamma[name], rtol=1e-10)


def test_predictive_densities_agree():
    rows = np.linspace(-4.0, 4.0, 9)[None]
    np.testing.assert_allclose(wishart(GAMMA).log_predictive(rows), GAMMA.log_predictive(rows), rtol=1e-12)


def test_mapped_beliefs_agree():
    coordinates = Coordinates(np.array([3.0]), np.array([2.5]))
    mapped, other = wishart(GAMMA.mapped(coordinates)), wishart(GAMMA).mapped(coordinates)
    for name, array in mapped.hyperparameters().items():
        np.testing.assert_allclose(other.hyperparameters()[name], array, rtol=1e-13)


@pytest.mark.parametrize("covariance", ["full", "diagonal", "spherical"])
@pytest.mark.parametrize("estimator", [EM, MAP, VB])
def test_fits_agree_whatever_the_form_of_the_prior(estimator, covariance):
    x = np.concatenate([np.linspace(-1, 1, 20), np.linspace(3, 6, 30)])
    gamma = NormalInverseGamma(mean=1.0, kappa=0.5, shape=2.0, scale=3.0)
    wishart_prior = NormalInverseWishart(mean=1.0, kappa=0.5, dof=4.0, scale=6.0)
    one, other = (
        estimator(Mixture(Gaussian(covariance, prior), 2), tol=1e-9, rng=0).fit(x) for prior in (gamma, wishart_prior)
    )
    assert one.objective_history_[-1] == pytest.approx(other.objective_history_[-1], rel=1e-9)
    for name, array in one.estimate_.items():
        np.testing.assert_allclose(np.sort(other.estimate_[name], axis=0), np.sort(array, axis=0), rtol=1e-4)


def test_the_form_of_the_prior_is_kept():
    x = np.linspace(-1.0, 1.0, 20)
    assert isinstance(VB(Gaussian()).fit(x).belief_["emission"], NormalInverseGamma)
    prior = NormalInverseWishart(mean=0.0, kappa=1.0, dof=3.0, scale=1.0)
    for covariance in ("full", "tied", "diagonal", "spherical"):
        assert isinstance(VB(Gaussian(covariance, prior)).fit(x).belief_["emission"], NormalInverseWishart)
