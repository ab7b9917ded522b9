"""Old Faithful by maximum likelihood: waiting times alone, and both columns."""

from __future__ import annotations

import numpy as np
import pytest
from cases import faithful
from scipy.cluster.hierarchy import fcluster, linkage
from truths.observed_information import parameters, standard_errors

from pointmass import EM, Gaussian, Mixture

X = faithful()
WAITING = X[:, 1]

# mclust's published best model by BIC. It stops at a relative gain of 1e-5 a sweep, short of the optimum.
PUBLISHED_TIED = -1126.326236
OUR_TIED = -1126.315928


@pytest.fixture(scope="module")
def waiting():
    return EM(Mixture(Gaussian(), 2), tol=1e-10, rng=0).fit(WAITING)


def test_waiting_two_normals(waiting):
    assert waiting.log_likelihood_ == pytest.approx(-1034.00175, abs=5e-6)
    published = [0.360886, 54.614856, 80.091069, 5.871219, 5.867734]
    np.testing.assert_allclose(parameters(waiting), published, atol=1e-6)


def test_waiting_standard_errors_of_the_observed_information(waiting):
    published = [0.031165, 0.699675, 0.504595, 0.537322, 0.400962]
    np.testing.assert_allclose(standard_errors(waiting, WAITING), published, atol=1e-6)


def test_waiting_equal_sds(waiting):
    tied = EM(Mixture(Gaussian("tied"), 2), tol=1e-10, rng=0).fit(WAITING)
    assert tied.log_likelihood_ == pytest.approx(-1034.001760, abs=1e-6)
    assert waiting.log_likelihood_ > tied.log_likelihood_  # the wider model contains the nested one


def test_both_columns_two_full_covariances():
    fit = EM(Mixture(Gaussian(), 2), tol=1e-10, rng=0).fit(X)
    order = np.argsort(fit.estimate_["mean"][:, 0])
    assert fit.log_likelihood_ == pytest.approx(-1130.263960, abs=1e-6)
    np.testing.assert_allclose(fit.estimate_["weights"][order], [0.355873, 0.644127], atol=1e-6)
    means = [[2.036388, 54.478516], [4.289662, 79.968115]]
    np.testing.assert_allclose(fit.estimate_["mean"][order], means, atol=1e-6)
    entries = fit.estimate_["covariance"][order][:, [0, 0, 1], [0, 1, 1]]
    published = [[0.069168, 0.435168, 33.697282], [0.169968, 0.940609, 36.046210]]
    np.testing.assert_allclose(entries, published, atol=2e-6)


def hierarchical(method: str, cut: int = 3) -> np.ndarray:
    z = (X - X.mean(0)) / X.std(0)
    return np.eye(cut)[fcluster(linkage(z, method), cut, "maxclust") - 1]


def test_tied_three_components_is_at_least_as_good_as_published():
    fit = EM(Mixture(Gaussian("tied"), 3), rng=0).fit(X)
    assert fit.log_likelihood_ == pytest.approx(OUR_TIED, abs=1e-6)
    assert fit.log_likelihood_ > PUBLISHED_TIED
    bic = 2.0 * fit.log_likelihood_ - 11 * np.log(len(X))
    assert bic == pytest.approx(-2314.316296, abs=0.03)
    assert 2.0 * PUBLISHED_TIED - 11 * np.log(len(X)) == pytest.approx(-2314.316296, abs=3e-6)


@pytest.mark.parametrize("method", ["ward", "average"])
def test_published_tied_value_lies_on_the_way_and_is_no_optimum(method):
    """From hierarchical starts, such as mclust's, plain sweeps pass the published value and go on to ours.

    Where they pass it a sweep gains less than 1e-5 of the log-likelihood, mclust's rule for stopping.
    """
    fit = EM(Mixture(Gaussian("tied"), 3), init=hierarchical(method), acceleration="none", tol=1e-9).fit(X)
    trace = fit.objective_history_
    passed = np.flatnonzero(trace > PUBLISHED_TIED)[0]
    gain = trace[passed] - trace[passed - 1]
    assert 1e-4 < gain < 1e-5 * abs(PUBLISHED_TIED)
    assert trace[-1] == pytest.approx(OUR_TIED, abs=1e-6)


@pytest.mark.slow
def test_no_optimum_of_the_tied_model_has_the_published_value():
    fit = EM(Mixture(Gaussian("tied"), 3), n_init=200, init="random_rows", rng=1).fit(X)
    optima = np.array([r["objective"] for r in fit.restarts_ if r["status"] == "converged"])
    assert len(optima) > 150
    assert fit.log_likelihood_ == pytest.approx(OUR_TIED, abs=1e-6)
    assert np.abs(optima - PUBLISHED_TIED).min() > 5e-3
