"""Posteriors of two coordinates by quadrature, beside closed forms, SciPy's quadrature, and every approximation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import dblquad
from scipy.special import log_expit, log_ndtr

from pointmass import (
    EM,
    NUTS,
    VB,
    CensoredGaussian,
    Enumeration,
    Gaussian,
    Gibbs,
    LogisticRegression,
    NormalInverseGamma,
    PointmassError,
    ProbitRegression,
)
from pointmass.families import Normal
from pointmass.inference.plane_quadrature import integrate_plane

FAMILIES = pytest.mark.parametrize("family", [ProbitRegression, LogisticRegression])
PRIOR = Normal([0.2, -0.1], 1.0, [[2.0, 0.3], [0.3, 1.0]])
LOG_CHANCE = {ProbitRegression: log_ndtr, LogisticRegression: log_expit}

RNG = np.random.default_rng(12)
X = RNG.standard_normal(30)
Y = (0.5 + 2.0 * X + RNG.logistic(size=30) > 0).astype(float)
WEIGHTS = RNG.integers(1, 4, 30).astype(float)
LAW = stats.multivariate_normal(PRIOR.mean, PRIOR.covariance)


def density(family: type, intercept: float, slope: float) -> float:
    """Return prior times likelihood."""
    logs = float(LAW.logpdf([intercept, slope]))
    return float(np.exp(logs + (WEIGHTS * LOG_CHANCE[family]((2.0 * Y - 1.0) * (intercept + slope * X))).sum()))


@pytest.mark.parametrize("family", [pytest.param(ProbitRegression, marks=pytest.mark.slow), LogisticRegression])
def test_the_evidence_is_that_of_scipys_quadrature(family: type) -> None:
    exact = Enumeration(family(prior=PRIOR), draws=500, rng=0).fit(X, Y, sample_weight=WEIGHTS)
    centre, reach = exact.estimate_["coefficients"], 8.0 * exact.uncertainty().sd["coefficients"]
    low, high = centre - reach, centre + reach
    total = dblquad(lambda b, a: density(family, a, b), low[0], high[0], low[1], high[1], epsabs=0.0, epsrel=1e-5)[0]
    assert exact.log_evidence_ == pytest.approx(np.log(total), abs=1e-5)
    assert exact.diagnostics_["log_evidence_error"] < 1e-10


@FAMILIES
def test_every_approximation_stands_beside_the_exact_posterior(family: type) -> None:
    """Mean field is too narrow by √(1 − what is missing), linear response nearly right, importance right."""
    fit = VB(family(prior=PRIOR), tol=1e-12).fit(X, Y, sample_weight=WEIGHTS)
    exact = integrate_plane(fit.log_joint())
    mean = exact.expectation(lambda draws: draws["coefficients"])
    sd = np.sqrt(exact.expectation(lambda draws: draws["coefficients"] ** 2) - mean**2)
    field, linear, corrected = (
        fit.uncertainty(name, rng=0) for name in ("mean_field", "linear_response", "importance")
    )
    told = 1.0 - linear.diagnostics["missing_information"]["coefficients"]
    assert field.sd["coefficients"] / sd == pytest.approx(np.sqrt(told), rel=0.05)
    assert (field.sd["coefficients"] < 0.8 * sd).all()
    assert linear.sd["coefficients"] == pytest.approx(sd, rel=0.05)
    assert corrected.sd["coefficients"] == pytest.approx(sd, rel=0.03)
    assert corrected.diagnostics["accepted"]
    estimate = next(each for each in fit.evidence(rng=0) if each.kind == "estimate")
    assert estimate.value == pytest.approx(exact.log_evidence, abs=5.0 * estimate.mc_error)
    assert exact.log_evidence - 5.0 < fit.elbo_ < exact.log_evidence


def test_a_gaussian_has_its_closed_form() -> None:
    """Mean and log variance: another prior, another Jacobian."""
    fit = VB(Gaussian(prior=NormalInverseGamma(0.3, 0.7, 1.7, 0.9))).fit(X)
    found = integrate_plane(fit.log_joint())
    assert found.log_evidence == pytest.approx(fit.elbo_, abs=1e-9)
    assert found.expectation(lambda draws: draws["mean"]) == pytest.approx(fit.estimate_["mean"], abs=1e-9)
    covariance = found.expectation(lambda draws: draws["covariance"])
    assert covariance == pytest.approx(fit.estimate_["covariance"], abs=1e-9)
    belief = fit.belief_["emission"]
    width = np.sqrt(belief.scale / (belief.shape * belief.kappa))
    marginal = stats.t(2.0 * belief.shape.item(), belief.mean.item(), width.item())
    draws = found.draws(20_000, np.random.default_rng(0))["mean"][:, 0]
    assert stats.kstest(draws, marginal.cdf).pvalue > 1e-3


def test_censored_values_have_an_exact_posterior_too() -> None:
    rows = np.column_stack([np.minimum(X, 1.0), np.where(X > 1.0, np.nan, X)])
    exact, fit = Enumeration(CensoredGaussian(), draws=500, rng=0).fit(rows), VB(CensoredGaussian()).fit(rows)
    assert 0.0 < exact.log_evidence_ - fit.elbo_ < 1.0
    assert fit.estimate_["mean"] == pytest.approx(exact.estimate_["mean"], abs=0.05)


def test_a_posterior_far_from_the_start_and_very_narrow_is_found() -> None:
    """A thousand copies of each row: the posterior is that of a normal, whose evidence is Laplace's."""
    model = LogisticRegression(prior=Normal([0.0, 0.0], 1.0, 1e4 * np.eye(2)))
    fit = VB(model, tol=1e-12).fit(X, Y, sample_weight=1000.0 * WEIGHTS)
    found = integrate_plane(fit.log_joint())
    point = EM(model, tol=1e-13).fit(X, Y, sample_weight=1000.0 * WEIGHTS)
    mean = found.expectation(lambda draws: draws["coefficients"])
    assert mean == pytest.approx(point.estimate_["coefficients"], abs=2e-3)
    sd = np.sqrt(found.expectation(lambda draws: (draws["coefficients"] - mean) ** 2))
    assert sd == pytest.approx(point.uncertainty("information").sd["coefficients"], rel=1e-3)


def test_what_is_too_large_is_refused() -> None:
    with pytest.raises(PointmassError, match="values are hidden beside them"):
        Enumeration(ProbitRegression()).fit(np.column_stack([X, X**2]), Y)
    with pytest.raises(PointmassError, match="at most 5,000 rows"):
        Enumeration(ProbitRegression()).fit(np.tile(X, 200), np.tile(Y, 200))


@pytest.mark.slow
@pytest.mark.timeout(900)
@FAMILIES
@pytest.mark.parametrize("sampler", [Gibbs, NUTS])
def test_samplers_agree_with_quadrature(family: type, sampler: type) -> None:
    from sampling.test_nuts_compiled import mcse

    fit = sampler(family(prior=PRIOR), rng=1).fit(X, Y, sample_weight=WEIGHTS)
    exact = integrate_plane(fit.log_joint())
    for power in (1, 2):
        expected = exact.expectation(lambda draws, power=power: draws["coefficients"] ** power)
        sample = fit.draws_["coefficients"] ** power
        assert (np.abs(sample.mean((0, 1)) - expected) < 4.5 * mcse(sample)).all()
