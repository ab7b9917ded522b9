"""Eight schools (Rubin 1981): the maximum on the boundary, and the posterior that it misleads about."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from pointmass import EM, VB, Gibbs, MeasuredGaussian, NormalInverseGamma, load_dataset
from pointmass.families.blurred_normal import BlurredNormal
from pointmass.families.coordinates import Coordinates
from pointmass.models import Rows, as_model

PRIOR = NormalInverseGamma(mean=8.0, kappa=0.05, shape=1.0, scale=10.0)


def rows() -> np.ndarray:
    return np.asarray(load_dataset("schools").X)


def test_the_maximum_is_on_the_boundary_and_says_so() -> None:
    with pytest.warns(UserWarning, match="edge of its range"):
        fit = EM(MeasuredGaussian(), tol=1e-8).fit(rows())
    effects, errors = rows().T
    assert fit.status_ == "boundary"
    assert fit.converged_
    assert fit.estimate_["covariance"][0, 0] < 1e-4
    assert fit.estimate_["mean"][0] == pytest.approx(7.6856, abs=2e-4)
    assert fit.log_likelihood_ == pytest.approx(norm.logpdf(effects, 7.685616725, errors).sum(), abs=1e-6)


def test_the_curvature_at_the_boundary_is_that_of_the_weighted_mean() -> None:
    """The standard error of μ at τ = 0 is 4.072; information at the boundary is not accepted, and says why."""
    model, data = as_model(MeasuredGaussian()), Rows(rows(), Coordinates.identity(1))
    step = 0.1
    means = 7.6856 + step * np.array([-1.0, 0.0, 1.0])
    logs = model.log_likelihood({"mean": means[:, None], "covariance": np.full((3, 1, 1), 1e-8)}, data)
    assert (-(logs[0] - 2.0 * logs[1] + logs[2]) / step**2) ** -0.5 == pytest.approx(4.072, abs=1e-3)
    with pytest.warns(UserWarning, match="edge of its range"):
        found = EM(MeasuredGaussian(), tol=1e-8).fit(rows()).uncertainty("information")
    assert not found.diagnostics["accepted"]
    assert np.isnan(found.sd["covariance"]).all()
    assert np.isnan(found.sd["mean"]).all()  # of 1 − the missing share no digit is left
    assert any("covariance" in reason for reason in found.diagnostics["reasons"])


def test_the_flat_posterior_by_quadrature_of_our_likelihood() -> None:
    """Flat in (μ, τ): the published figures, from `Model.log_likelihood` and what rows say of their hidden values."""
    model = as_model(MeasuredGaussian())
    data = Rows(rows(), Coordinates.identity(1))
    tau, mean = np.linspace(0.0, 150.0, 3001)[1:], np.linspace(-60.0, 76.0, 171)
    grid = np.stack([axis.ravel() for axis in np.meshgrid(tau, mean, indexing="ij")])
    parameters = {"mean": grid[1][:, None], "covariance": (grid[0] ** 2)[:, None, None]}
    logs = model.log_likelihood(parameters, data)
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    of_tau = weights.reshape(len(tau), -1).sum(1)
    spread = (weights * grid[1]).sum()
    assert spread == pytest.approx(7.93, abs=0.02)
    assert np.sqrt((weights * (grid[1] - spread) ** 2).sum()) == pytest.approx(5.18, abs=0.02)
    assert (of_tau * tau).sum() == pytest.approx(6.58, abs=0.02)
    assert np.interp([0.025, 0.5, 0.975], of_tau.cumsum(), tau) == pytest.approx([0.24, 5.24, 20.75], abs=0.05)
    effects, errors = rows().T
    hidden = BlurredNormal(grid[1], 1.0 / grid[0] ** 2, np.zeros(grid.shape[1]))
    means = [
        hidden.posterior(y, s**2, np.arange(grid.shape[1]))[0] @ weights for y, s in zip(effects, errors, strict=True)
    ]
    assert means == pytest.approx([11.40, 7.89, 6.13, 7.64, 5.13, 6.14, 10.67, 8.46], abs=0.02)


@pytest.mark.slow
def test_mean_field_is_three_times_too_narrow_and_is_mended() -> None:
    vb = VB(MeasuredGaussian(prior=PRIOR), tol=1e-9).fit(rows())
    gibbs = Gibbs(MeasuredGaussian(prior=PRIOR), draws=2000, rng=0).fit(rows())
    right = gibbs.draws_["mean"].std()
    corrected = vb.uncertainty("importance", rng=0)
    assert vb.uncertainty("mean_field").sd["mean"][0] < 0.35 * right
    assert vb.uncertainty("linear_response").sd["mean"][0] == pytest.approx(right, rel=0.08)
    assert corrected.sd["mean"][0] == pytest.approx(right, rel=0.08)
    error = gibbs.draws_["mean"].std() / np.sqrt(gibbs.diagnostics_["min_ess_bulk"])
    assert corrected.draws["mean"].mean() == pytest.approx(gibbs.draws_["mean"].mean(), abs=5 * error)


def test_the_predictive_of_a_measured_value_is_an_integral() -> None:
    """E[N(y | μ, σ² + s²)] by adaptive quadrature over the precision, for values near and far."""
    family = MeasuredGaussian(prior=PRIOR)
    posterior = family.broadcast_prior(PRIOR, 1, 2)
    for value, error in ((8.0, 3.0), (30.0, 10.0), (-40.0, 1.0)):

        def integrand(tau: float, value: float = value, error: float = error) -> float:
            sd = np.sqrt((1.0 + 1.0 / 0.05) / tau + error**2)
            return float(10.0 * np.exp(-10.0 * tau) * norm.pdf(value, 8.0, sd))

        expected = quad(integrand, 0.0, 5.0, points=[0.01, 0.1, 1.0], epsabs=0.0, epsrel=1e-10)[0]
        found = np.exp(family.log_predictive(posterior, np.array([[value], [error]]))[0, 0])
        assert found == pytest.approx(expected, rel=1e-5)
