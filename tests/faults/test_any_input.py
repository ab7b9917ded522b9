"""Whatever comes in: a finite result with its invariants, or one `PointmassError`, never a traceback from below."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from faults.promises import COVARIANCES, assert_distributions, em, fitted, gibbs, map_, mle, vb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from pointmass import Dirichlet, Gaussian, Mixture, NormalInverseGamma, NormalInverseWishart, PointmassError
from pointmass.uncertainty import quick

QUICK = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
THOROUGH = settings(QUICK, max_examples=1500)
EXACT = [mle, em, map_, vb]
seeds = st.integers(0, 2**32 - 1)
powers = st.floats(-8.0, 8.0)


@st.composite
def tables(draw: Any) -> tuple[np.ndarray, np.ndarray | None]:
    """Rows of any shape and scale with copies, ties, constant and dependent columns; weights with zeros."""
    rng = np.random.default_rng(draw(seeds))
    n, d = draw(st.integers(1, 40)), draw(st.integers(1, 5))
    x = rng.normal(size=(n, d)) + draw(st.sampled_from([0.0, 3.0, 1e4])) * (rng.random((n, 1)) < 0.4)
    if draw(st.booleans()):
        x = x[rng.integers(0, n, n)]
    if draw(st.booleans()):
        x[:, 0] = np.round(x[:, 0])
    if draw(st.integers(0, 3)) == 0:
        x[:, -1] = draw(st.sampled_from([0.0, 7.0])) + 2.0 * x[:, 0] * draw(st.booleans())
    x = x * 10.0 ** np.array([draw(powers) for _ in range(d)]) + draw(st.sampled_from([0.0, 0.0, 1e6]))
    weights = rng.choice([0.0, 0.5, 1.0, 3.0], n) if draw(st.booleans()) else None
    return x, weights


def check(estimator: Any, x: np.ndarray, weights: np.ndarray | None) -> None:
    try:
        fit = fitted(estimator, x, sample_weight=weights)
    except PointmassError as error:
        assert str(error)
        assert "internal error" not in str(error), error
        return
    assert_invariants(fit, x)


def assert_invariants(fit: Any, x: np.ndarray) -> None:
    assert fit.status_ in ("converged", "max_iter", "degenerate", "boundary", "saddle")
    assert not any(np.isnan(array).any() for array in fit.estimate_.values())
    if np.isinf(fit.estimate_["covariance"]).any():
        assert any("infinite" in message for message in fit.warnings_)
    else:
        assert_distributions(fit)
        assert np.isfinite(fit.log_likelihood_)
    assert np.isfinite(getattr(fit, "elbo_", 0.0))
    assert fit.n_iter_ <= getattr(fit, "max_iter", np.inf)
    assert_uncertainty(fit)
    probabilities = fit.predict_proba(x)
    np.testing.assert_allclose(probabilities.sum(1), 1.0, atol=1e-9)
    assert not np.isnan(fit.score_samples(x)).any()
    if fit.kind != "draws" and fit.status_ != "degenerate":
        assert (fit.estimate_["mean"] >= x.min(0) - 1e-6 * np.abs(x).max(0) - 1e-12).all()


def assert_uncertainty(fit: Any) -> None:
    """Every method answers, or says in words why not; what it accepts has no NaN."""
    for method in quick(fit):
        found = fit.uncertainty(method, rng=0)
        found.interval()
        if found.diagnostics.get("accepted"):
            assert not any(np.isnan(array).any() for array in found.sd.values())
        elif "reasons" in found.diagnostics:
            assert found.diagnostics["reasons"]


def models(covariance: str, k: int) -> Any:
    return Gaussian(covariance) if k == 0 else Mixture(Gaussian(covariance), k)


ANY = (tables(), st.sampled_from(COVARIANCES), st.integers(0, 4), st.sampled_from(EXACT))


@QUICK
@given(*ANY)
def test_any_table(table, covariance, k, backend):
    check(backend(models(covariance, k)), *table)


@pytest.mark.slow
@pytest.mark.timeout(900)
@THOROUGH
@given(*ANY)
def test_any_table_thoroughly(table, covariance, k, backend):
    check(backend(models(covariance, k)), *table)


@pytest.mark.slow
@pytest.mark.timeout(900)
@settings(QUICK, max_examples=150)
@given(tables(), st.sampled_from(COVARIANCES), st.integers(0, 3))
def test_any_table_sampled(table, covariance, k):
    check(gibbs(models(covariance, k), tune=20), *table)


FLOATS = (
    arrays(np.float64, array_shapes(min_dims=1, max_dims=3, max_side=8), elements=st.floats(width=64)),
    st.sampled_from(COVARIANCES),
    st.integers(0, 3),
    st.sampled_from(EXACT),
)


@QUICK
@given(*FLOATS)
def test_any_floats(x, covariance, k, backend):
    check_any_floats(x, covariance, k, backend)


@pytest.mark.slow
@pytest.mark.timeout(900)
@THOROUGH
@given(*FLOATS)
def test_any_floats_thoroughly(x, covariance, k, backend):
    check_any_floats(x, covariance, k, backend)


def check_any_floats(x: np.ndarray, covariance: str, k: int, backend: Any) -> None:
    estimator = backend(models(covariance, k))
    try:
        fit = fitted(estimator, x)
    except PointmassError as error:
        assert "internal error" not in str(error), error
        return
    assert not any(np.isnan(array).any() for array in fit.estimate_.values())
    np.testing.assert_allclose(fit.predict_proba(x).sum(1), 1.0, atol=1e-9)


@st.composite
def priors(draw: Any, d: int = 2) -> Any:
    """A proper prior whose hyperparameters may be of any size."""
    rng = np.random.default_rng(draw(seeds))
    mean = rng.normal(size=d) * 10.0 ** draw(st.floats(-3.0, 3.0))
    kappa, dof = 10.0 ** draw(powers), 10.0 ** draw(powers)
    matrix = rng.normal(size=(d, d))
    scale = (matrix @ matrix.T + 0.01 * np.eye(d)) * 10.0 ** draw(powers)
    covariance = draw(st.sampled_from(COVARIANCES))
    if covariance in ("full", "tied"):
        return Gaussian(covariance, NormalInverseWishart(mean, kappa, d - 1.0 + dof, scale))
    variance = scale[0, 0] if covariance == "spherical" else np.diag(scale)
    return Gaussian(covariance, NormalInverseGamma(mean, kappa, dof, variance))


PRIORS = (priors(), powers, st.integers(0, 3), st.sampled_from([map_, vb]), seeds)


@QUICK
@given(*PRIORS)
def test_any_prior(family, power, k, backend, seed):
    check_any_prior(family, power, k, backend, seed)


@pytest.mark.slow
@pytest.mark.timeout(900)
@THOROUGH
@given(*PRIORS)
def test_any_prior_thoroughly(family, power, k, backend, seed):
    check_any_prior(family, power, k, backend, seed)


def check_any_prior(family: Gaussian, power: float, k: int, backend: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(30, 2)) + 3.0 * (rng.random((30, 1)) < 0.5)
    model = Mixture(family, k, Dirichlet(10.0**power)) if k else family
    try:
        fit = fitted(backend(model), x)
    except PointmassError as error:
        assert "internal error" not in str(error), error
        return
    assert not any(np.isnan(array).any() for array in fit.estimate_.values())
    assert np.isfinite(fit.objective_history_).all()
    np.testing.assert_allclose(fit.predict_proba(x).sum(1), 1.0, atol=1e-9)
    assert not np.isnan(fit.score_samples(x)).any()
