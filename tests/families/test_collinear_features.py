"""Features that determine one another: what the prior alone tells of them, and what nothing tells."""

from __future__ import annotations

import numpy as np
import pytest

from pointmass import (
    EM,
    MAP,
    MLE,
    VB,
    LinearRegression,
    LogisticRegression,
    Mixture,
    MixtureOfExperts,
    NormalInverseGamma,
    ProbitRegression,
    StudentRegression,
)
from pointmass.families import Normal
from pointmass.families.design_basis import DesignBasis
from pointmass.families.normal_coefficients import NormalCoefficients

pytestmark = pytest.mark.filterwarnings("ignore::pointmass.PointmassWarning")

N, SD, KAPPA = 90, 3.0, 0.04
RNG = np.random.default_rng(7)
Z = RNG.normal(size=(N, 2))
TWICE = np.column_stack([Z, Z[:, 0]])
DRAWN = RNG.logistic(size=N)
LINE = Z @ [1.0, -0.5] + 0.8 * DRAWN
SIGN = (Z @ [1.0, -0.5] + DRAWN > 0) * 1.0


def priors(family, variances):
    """Return the family with independent coefficients of these prior variances, or of these in units of σ²."""
    if family in (LogisticRegression, ProbitRegression):
        return family(prior=Normal(0.0, 1.0, SD**2 * np.diag(variances)))
    return family(prior=NormalInverseGamma(0.0, KAPPA * np.diag(1.0 / np.array(variances)), 2.0, 1.0))


def pair(family, kind, method):
    """Return sds of a fit with a feature twice, and of one with it once and the prior of the sum of both."""
    y = SIGN if family in (LogisticRegression, ProbitRegression) else LINE
    twice = kind(priors(family, [1.0, 1.0, 1.0, 1.0]), tol=1e-11, rng=0).fit(TWICE, y)
    once = kind(priors(family, [1.0, 2.0, 1.0]), tol=1e-11, rng=0).fit(Z, y)
    assert twice.status_ == once.status_ == "converged"
    found, expected = twice.uncertainty(method, rng=0), once.uncertainty(method, rng=0)
    assert found.diagnostics["accepted"], found.diagnostics["reasons"]
    return twice, np.ravel(found.sd["coefficients"]), once, np.ravel(expected.sd["coefficients"])


FAMILIES = (LogisticRegression, ProbitRegression, LinearRegression, StudentRegression)
CASES = [(family, VB, "linear_response") for family in FAMILIES]
CASES += [(family, VB, "importance") for family in (ProbitRegression, StudentRegression)]
CASES += [(family, MAP, "information") for family in (LogisticRegression, ProbitRegression)]  # no σ², whose mode counts


@pytest.mark.parametrize(("family", "kind", "method"), CASES)
def test_a_feature_given_twice_is_its_sum_and_a_difference_that_the_prior_alone_tells(family, kind, method):
    """Of normal priors sum and difference are independent: b₁ = ½ (sum + difference), and the others see the sum."""
    twice, found, once, expected = pair(family, kind, method)
    of_variance = 1.0
    if family in (LinearRegression, StudentRegression):
        of_variance = float(np.ravel(twice.estimate_["noise_variance"])[0]) / KAPPA / SD**2
    difference = 2.0 * SD**2 * of_variance
    wanted = [expected[0], np.sqrt(0.25 * (expected[1] ** 2 + difference)), expected[2]]
    error = 0.12 if method == "importance" else 1e-4  # of an sd of a thousand effective draws, four standard errors
    assert found[:3] == pytest.approx(wanted, rel=error)
    assert found[3] == pytest.approx(found[1], rel=error)
    sums = twice.estimate_["coefficients"].ravel()
    assert [sums[0], sums[1] + sums[3], sums[2]] == pytest.approx(once.estimate_["coefficients"].ravel(), abs=1e-4)


@pytest.mark.parametrize("third", [Z[:, 0], Z.sum(1), np.full(N, 7.0), Z[:, 0] + 1e-7 * Z[:, 1]])
def test_map_has_the_inverse_hessian_of_the_log_posterior(third):
    """With the default prior, by the textbook's Hessian Σ p (1 − p) x xᵀ + precision; scikit-learn has no such sds."""
    features = np.column_stack([Z, third])
    fit = MAP(LogisticRegression(), tol=1e-12).fit(features, SIGN)
    design = np.column_stack([np.ones(N), features])
    chances = 1.0 / (1.0 + np.exp(-design @ fit.estimate_["coefficients"].ravel()))
    factor = fit.prior_["emission"].factor[0]
    curvature = (design.T * (chances * (1.0 - chances))) @ design + factor @ factor.T
    wanted = np.sqrt(np.diag(np.linalg.inv(curvature)))
    assert fit.status_ == "converged"
    assert fit.uncertainty("information").sd["coefficients"].ravel() == pytest.approx(wanted, rel=1e-4)


@pytest.mark.parametrize("third", [Z[:, 0], Z.sum(1), np.full(N, 7.0)])
def test_a_linear_posterior_is_exact_and_its_mode_has_the_curvature_there(third):
    features = np.column_stack([Z, third])
    design = np.column_stack([np.ones(N), features])
    fit, mode = (kind(LinearRegression(), tol=1e-12).fit(features, LINE) for kind in (VB, MAP))
    factor = fit.prior_["emission"].factor[0]
    scales = np.sqrt(np.diag(np.linalg.inv(design.T @ design + factor @ factor.T)))
    for each, method in ((fit, "linear_response"), (mode, "information")):
        found = each.uncertainty(method)
        wanted = np.sqrt(float(np.ravel(each.estimate_["noise_variance"])[0])) * scales
        assert found.diagnostics["accepted"] and found.sd["coefficients"].ravel() == pytest.approx(wanted, rel=1e-5)


def test_ten_thousand_rows_hide_no_prior():
    rng = np.random.default_rng(1)
    x = rng.normal(size=10_000)
    y = (x + rng.logistic(size=10_000) > 0) * 1.0
    fit = VB(LogisticRegression(prior=Normal(0.0, 1.0, SD**2)), tol=1e-10).fit(np.column_stack([x, x]), y)
    found = fit.uncertainty("linear_response")
    assert found.diagnostics["accepted"]
    assert found.sd["coefficients"].ravel()[1:] == pytest.approx(SD / np.sqrt(2.0), rel=1e-3)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("third", [Z[:, 0], np.full(N, 7.0), Z[:, 0] + 1e-6 * Z[:, 1]])
def test_without_a_prior_nothing_tells_and_no_standard_error_is_given(family, third):
    y = SIGN if family in (LogisticRegression, ProbitRegression) else LINE
    fit = EM(family(), tol=1e-10).fit(np.column_stack([Z, third]), y)
    found = fit.uncertainty("information")
    assert fit.status_ in ("converged", "boundary")  # Student's degrees of freedom may have no maximum
    assert np.isnan(found.sd["coefficients"]).all() and not found.diagnostics["accepted"]
    assert any("the data do not tell some direction" in reason for reason in found.diagnostics["reasons"])


def test_nor_does_the_closed_form_give_one():
    found = MLE(LinearRegression()).fit(TWICE, LINE).uncertainty("information")
    assert np.isnan(found.sd["coefficients"]).all() and not found.diagnostics["accepted"]


@pytest.mark.parametrize("make", [Mixture, MixtureOfExperts])
@pytest.mark.parametrize("kind", [MAP, VB])
def test_lines_of_a_mixture_lean_on_the_prior_too(make, kind):
    """Every other sd is that of the fit without the copy, up to how firm the default prior is."""
    if make is MixtureOfExperts and kind is VB:
        pytest.skip("a gate has no conjugate update")
    rng = np.random.default_rng(2)
    x, group = rng.normal(size=(200, 2)), rng.random(200) < 0.5
    y = np.where(group, 2.0 + 2.0 * x[:, 0], -1.0 - x[:, 0]) + 0.5 * rng.normal(size=200)
    method = "information" if kind is MAP else "linear_response"
    twice, once = (
        kind(make(LinearRegression(), 2), n_init=2, tol=1e-10, rng=0).fit(X, y)
        for X in (np.column_stack([x, x[:, 0]]), x)
    )
    found, expected = (fit.uncertainty(method) for fit in (twice, once))
    assert found.diagnostics["accepted"] and twice.status_ == "converged"
    order = [np.argsort(fit.estimate_["coefficients"][:, 0]) for fit in (twice, once)]
    here, there = (each.sd["coefficients"][own] for each, own in zip((found, expected), order, strict=True))
    assert here[:, [0, 2]] == pytest.approx(there[:, [0, 2]], rel=0.03)
    assert (here[:, [1, 3]] > 10.0 * there[:, [1]]).all()


def test_the_basis_makes_the_precision_diagonal():
    rng = np.random.default_rng(3)
    factor = np.tril(rng.normal(size=(2, 3, 3))) + 2.0 * np.eye(3)
    precision = factor @ np.swapaxes(factor, -1, -2)
    posterior = NormalCoefficients.trusted(mean=np.zeros((2, 3)), factor=factor)
    basis = DesignBasis.of(posterior, 2, 4)
    rebuilt = basis.root * basis.squares[:, None, :] @ np.swapaxes(basis.root, -1, -2)
    assert rebuilt[:, 1:, 1:] == pytest.approx(precision, rel=1e-13)
    assert (rebuilt[:, 0] == [1.0, 0.0, 0.0, 0.0]).all() and not basis.leaves_untold
    coefficients, columns = rng.normal(size=(2, 4)), rng.normal(size=4)
    turned = np.linalg.solve(basis.root[0], columns) @ basis.line(coefficients)[0]
    assert turned == pytest.approx(coefficients[0] @ columns, rel=1e-12)
