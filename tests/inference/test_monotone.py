"""No sweep lowers its objective, whatever the data, the family, the projection and the weighting."""

from __future__ import annotations

import numpy as np
import pytest
from cases import COVARIANCES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from pointmass import EM, MAP, VB, Gaussian, Mixture

QUIET = settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


@st.composite
def problems(draw):
    """Rows with ties, offsets and outliers; weights; labels; a start."""
    n, d, k = draw(st.integers(12, 40)), draw(st.integers(1, 3)), draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows = rng.standard_t(draw(st.sampled_from([1.5, 30.0])), size=(n, d))
    decimals = draw(st.sampled_from([0, 1, 15]))
    rows = np.round(rows, decimals) * 10.0 ** draw(st.sampled_from([-8, 0, 8])) + draw(st.sampled_from([0.0, 1e6]))
    weights = draw(st.none() | arrays.arrays(float, n, elements=st.floats(0.1, 20.0)))
    labels = draw(st.none() | arrays.arrays(np.intp, n, elements=st.integers(-1, k - 1)))
    return rows, k, weights, labels if k > 1 else None, rng.dirichlet(np.ones(k), size=n)


def histories(estimator, problem):
    rows, k, weights, labels, start = problem
    if not np.ptp(rows, axis=0).all():
        return []
    fit = estimator(Mixture(Gaussian(estimator.covariance), k), start).fit(rows, sample_weight=weights, labels=labels)
    return fit.objective_history_


class Method:
    """An estimator with its options but for the model and the start."""

    def __init__(self, kind, covariance, **options):
        self.kind, self.covariance, self.options = kind, covariance, options

    def __call__(self, model, start):
        return self.kind(model, init=start, tol=0, max_iter=60, rng=0, **self.options)


def assert_monotone(history):
    history = np.asarray(history)
    steps = np.diff(history)
    assert (steps >= -1e-10 * (1.0 + np.abs(history[:-1]))).all(), steps.min()


@pytest.mark.filterwarnings("ignore::pointmass.errors.PointmassWarning")
@pytest.mark.parametrize("covariance", COVARIANCES)
@pytest.mark.parametrize("kind", [EM, MAP, VB])
@pytest.mark.parametrize("assignments", ["soft", "hard"])
@QUIET
@given(problem=problems())
def test_plain_sweeps_never_fall(covariance, kind, assignments, problem):
    method = Method(kind, covariance, assignments=assignments, acceleration="none")
    assert_monotone(histories(method, problem))


@pytest.mark.filterwarnings("ignore::pointmass.errors.PointmassWarning")
@pytest.mark.parametrize("covariance", COVARIANCES)
@pytest.mark.parametrize("kind", [EM, MAP, VB])
@pytest.mark.parametrize("acceleration", ["anderson", "squarem"])
@QUIET
@given(problem=problems())
def test_accelerated_sweeps_never_fall(covariance, kind, acceleration, problem):
    assert_monotone(histories(Method(kind, covariance, acceleration=acceleration), problem))
