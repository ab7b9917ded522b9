"""Censored and grouped data: closed forms, direct maximisation, and the exact posterior of a rate."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import gamma, norm

from pointmass import EM, VB, CensoredExponential, CensoredGaussian, Enumeration, Gamma, Gibbs, load_dataset
from pointmass.inference.quadrature import integrate

PRIOR = Gamma(1.0, 10.0)


def remissions() -> np.ndarray:
    return np.asarray(load_dataset("remissions").X)


def grouped() -> np.ndarray:
    """Rows in groups of four units, some exact, the largest censored."""
    values = np.random.default_rng(0).normal(100.0, 5.0, 300)
    lower = np.floor(values / 4.0) * 4.0
    rows = np.column_stack([lower, lower + 4.0])
    rows[values > 108.0] = [108.0, np.nan]
    rows[values < 92.0] = [np.nan, 92.0]
    rows[:20] = values[:20, None]
    return rows


def minus_log_likelihood(vector: np.ndarray, rows: np.ndarray) -> float:
    mean, sd = vector[0], np.exp(vector[1])
    lower, upper = (
        np.where(np.isnan(rows[:, 0]), -np.inf, rows[:, 0]),
        np.where(np.isnan(rows[:, 1]), np.inf, rows[:, 1]),
    )
    exact = lower == upper
    masses = norm.cdf(upper[~exact], mean, sd) - norm.cdf(lower[~exact], mean, sd)
    return -float(norm.logpdf(rows[exact, 0], mean, sd).sum() + np.log(masses).sum())


def test_the_fixed_point_is_events_over_total_time() -> None:
    """Nine relapses in 359 weeks (Gehan 1965): the rate, its log likelihood and its standard error."""
    fit = EM(CensoredExponential(), tol=1e-13).fit(remissions())
    assert fit.estimate_["rate"][0] == pytest.approx(9.0 / 359.0, rel=1e-10)
    assert fit.log_likelihood_ == pytest.approx(9.0 * np.log(9.0 / 359.0) - 9.0, abs=1e-10)
    assert fit.uncertainty("information").sd["rate"][0] == pytest.approx(3.0 / 359.0, rel=1e-8)
    assert fit.status_ == "converged"


def test_the_rate_of_convergence_is_the_share_that_is_censored() -> None:
    fit = EM(CensoredExponential(), tol=1e-13).fit(remissions())
    assert fit.uncertainty("information").diagnostics["spectral_radius"] == pytest.approx(12.0 / 21.0, abs=1e-9)
    start = {"rate": [0.05]}
    plain = EM(CensoredExponential(), init=start, acceleration="none", tol=1e-14, max_iter=200).fit(remissions())
    gains = np.diff(plain.objective_history_)[8:14]
    assert gains[1:] / gains[:-1] == pytest.approx((12.0 / 21.0) ** 2, rel=2e-2)


def test_the_posterior_of_a_censored_rate_is_a_gamma() -> None:
    """Gamma(a + events, b + total time), whatever was censored; quadrature, Gibbs and the corrections agree."""
    exact = gamma(10.0, scale=1.0 / 369.0)
    model = CensoredExponential(PRIOR)
    fit = Enumeration(model, rng=0).fit(remissions())
    found = integrate(fit.log_joint())
    assert fit.estimate_["rate"][0] == pytest.approx(exact.mean(), rel=1e-8)
    assert found.quantile(np.array([0.025, 0.975]))["rate"][:, 0] == pytest.approx(exact.ppf([0.025, 0.975]), rel=1e-5)
    gibbs = Gibbs(model, draws=2500, rng=1).fit(remissions())
    draws = gibbs.draws_["rate"].ravel()
    error = exact.std() / np.sqrt(gibbs.diagnostics_["min_ess_bulk"])
    assert draws.mean() == pytest.approx(exact.mean(), abs=4 * error)
    assert draws.std() == pytest.approx(exact.std(), rel=0.08)
    vb = VB(model, tol=1e-12).fit(remissions())
    assert vb.uncertainty("linear_response").sd["rate"][0] == pytest.approx(exact.std(), rel=0.02)
    assert vb.uncertainty("importance", rng=0).sd["rate"][0] == pytest.approx(exact.std(), rel=0.04)


def test_mean_field_counts_what_was_censored_as_if_it_had_been_seen() -> None:
    """VB's shape is that of 21 events, nine were seen: its sd is √(9/21) of the right one, up to the prior's share."""
    vb = VB(CensoredExponential(PRIOR), tol=1e-12).fit(remissions())
    assert vb.belief_["emission"].shape[0, 0] == pytest.approx(22.0, rel=1e-12)
    narrow = vb.uncertainty("mean_field").sd["rate"][0]
    assert narrow / gamma(10.0, scale=1.0 / 369.0).std() == pytest.approx(np.sqrt(10.0 / 22.0), rel=1e-6)


def test_grouped_normal_rows_have_the_maximum_of_direct_search() -> None:
    rows = grouped()
    fit = EM(CensoredGaussian(), tol=1e-11).fit(rows)
    best = minimize(
        minus_log_likelihood,
        [100.0, 1.5],
        args=(rows,),
        method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 4000},
    )
    assert fit.log_likelihood_ == pytest.approx(-best.fun, abs=1e-8)
    assert fit.estimate_["mean"][0] == pytest.approx(best.x[0], abs=1e-5)
    assert fit.estimate_["covariance"][0, 0] == pytest.approx(np.exp(2.0 * best.x[1]), rel=1e-5)


def test_the_standard_errors_are_those_of_numerical_differentiation() -> None:
    rows = grouped()
    fit = EM(CensoredGaussian(), tol=1e-11).fit(rows)
    place = np.array([fit.estimate_["mean"][0], 0.5 * np.log(fit.estimate_["covariance"][0, 0])])
    h = 1e-3

    def value(i: float, j: float) -> float:
        return minus_log_likelihood(place + h * np.array([i, j]), rows)

    hessian = (
        np.array(
            [
                [
                    value(1, 0) - 2 * value(0, 0) + value(-1, 0),
                    0.25 * (value(1, 1) - value(1, -1) - value(-1, 1) + value(-1, -1)),
                ],
                [0.0, value(0, 1) - 2 * value(0, 0) + value(0, -1)],
            ]
        )
        / h**2
    )
    hessian[1, 0] = hessian[0, 1]
    sd = np.sqrt(np.diag(np.linalg.inv(hessian)))
    found = fit.uncertainty("information").sd
    assert found["mean"][0] == pytest.approx(sd[0], rel=1e-4)
    assert found["covariance"][0, 0] == pytest.approx(2.0 * sd[1] * fit.estimate_["covariance"][0, 0], rel=1e-3)


def test_gibbs_and_importance_agree_on_grouped_rows() -> None:
    rows = grouped()[:80]
    gibbs = Gibbs(CensoredGaussian(), draws=1500, tune=300, rng=0).fit(rows)
    corrected = VB(CensoredGaussian(), tol=1e-9).fit(rows).uncertainty("importance", rng=0)
    for name in ("mean", "covariance"):
        draws, other = (
            gibbs.draws_[name].reshape(6000, -1),
            corrected.draws[name].reshape(len(corrected.draws[name]), -1),
        )
        assert abs(draws.mean() - other.mean()) < 5 * draws.std() / np.sqrt(1000.0)
        assert draws.std() == pytest.approx(other.std(), rel=0.12)
