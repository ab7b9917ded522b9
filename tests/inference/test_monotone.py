"""No sweep lowers its objective, whatever the data, the family, the projection and the weighting."""

from __future__ import annotations

import numpy as np
import pytest
from cases import COVARIANCES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from inference.hidden_rows import SMALL

from pointmass import EM, MAP, VB, Gaussian, Mixture
from pointmass.inference.accelerations import ACCELERATIONS
from pointmass.inference.coordinate_ascent import ascend
from pointmass.inference.vectors import pack, unpack

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


# -- rows that hide something beside components ------------------------------------------------------------------


def started(kind, make, seed):
    """Return a sweep and a belief three sweeps after the start."""
    model, *data = make(np.random.default_rng(seed))
    return kind(model, max_iter=3, tol=0.0, acceleration="none").fit(*data).sweep_at_fit()


def unguarded(sweep, beliefs, stretch=1.0):
    """Return the objectives of sweeps whose every step is stretched, whatever comes of it; NaN is the end."""
    found = []
    for _ in range(20):
        try:
            step = sweep(beliefs)
            found.append(step.objective)
            vector, image = pack(beliefs, sweep.free_blocks), pack(step.beliefs, sweep.free_blocks)
            beliefs = step.beliefs
            if stretch != 1.0:
                beliefs = unpack(vector + stretch * (image - vector), beliefs, sweep.free_blocks)
        except np.linalg.LinAlgError:
            return np.array([*found, np.nan])
    return np.array(found)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.filterwarnings("ignore::pointmass.errors.PointmassWarning")
@pytest.mark.parametrize("kind", [EM, VB])
@pytest.mark.parametrize("name", SMALL)
def test_no_step_falls_on_a_hundred_data_sets(name, kind):
    """Plain sweeps without any guard, and guarded extrapolation, to 1e-8; unguarded steps of other lengths do fall."""
    falls = 0
    for seed in range(100):
        sweep, start = started(kind, SMALL[name], seed)
        with np.errstate(all="ignore"):
            assert np.diff(unguarded(sweep, start)).min() > -1e-8
            for acceleration in ("anderson", "squarem"):
                accelerator = ACCELERATIONS[acceleration](sweep, start)
                history = ascend(sweep, start, accelerator, tol=0.0, max_iter=25).history
                assert np.diff(history).min(initial=0.0) > -1e-8
            for stretch in (3.0, 30.0) if seed < 20 else ():
                falls += (np.diff(unguarded(sweep, start, stretch)) < -1e-8).any()
    assert falls > 0
