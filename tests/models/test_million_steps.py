"""A chain of a million steps: nothing underflows, and a sweep holds no more than the working set that is stated."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from cases import states

from pointmass import EM, Gaussian, HiddenMarkov, Mixture, PointMass, Poisson
from pointmass.estimators.memory import required_bytes

N = 1_000_000

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.filterwarnings("ignore::pointmass.PointmassWarning"),  # it stops before it has converged
]


def start(k: int) -> dict[str, np.ndarray]:
    return {"initial": np.full(k, 1.0 / k), "transition_matrix": 0.85 * np.eye(k) + 0.15 / k}


@pytest.mark.parametrize("k", [3, 8])
@pytest.mark.parametrize("name", ["normals", "counts"])
def test_a_fit_holds_what_it_says(name: str, k: int) -> None:
    rng, path = np.random.default_rng(0), states([N], k)
    if name == "normals":
        model, rows = HiddenMarkov(Gaussian(), k), (3.0 * path + rng.normal(size=N))[:, None]
        init = {"mean": 3.0 * np.arange(k)[:, None] + 0.3, "covariance": np.full((k, 1, 1), 1.5)}
    else:
        model, rows = HiddenMarkov(Poisson(), k), rng.poisson(2.0 + 6.0 * path).astype(float)[:, None]
        init = {"rate": 2.3 + 6.0 * np.arange(k)[:, None]}
    plain = EM(model, init={**start(k), **init}, acceleration="none", tol=0.0, max_iter=3)
    plain.fit(rows[:1000])  # what is imported and compiled once is no part of it
    tracemalloc.start()
    fit = plain.fit(rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak <= required_bytes(model, N, 1, longest=N)
    assert np.isfinite(fit.objective_history_).all() and (np.diff(fit.objective_history_) > 0).all()
    for array in fit.estimate_.values():
        assert np.isfinite(array).all()


def test_no_digit_of_the_likelihood_is_lost() -> None:
    """A chain whose rows of transitions are equal is a mixture, whose rows are added one by one."""
    rows = (3.0 * states([N]) + np.random.default_rng(0).normal(size=N))[:, None]
    shares = np.array([0.6, 0.4])
    emission = Gaussian(prior=PointMass({"mean": [[0.1], [2.9]], "covariance": [[[1.1]], [[0.9]]]}))
    chain = HiddenMarkov(emission, 2, PointMass(shares), PointMass(np.tile(shares, (2, 1))))
    one, other = EM(chain).fit(rows), EM(Mixture(emission, 2, PointMass(shares))).fit(rows)
    assert one.log_likelihood_ == pytest.approx(other.log_likelihood_, rel=1e-13)
