"""Iris, full covariances: the optima, the groups they find, and naive starts that are labelled and never abort."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from cases import iris
from sklearn.metrics import adjusted_rand_score

from pointmass import EM, Gaussian, Mixture, load_dataset
from pointmass.comparison.metrics.misassigned import share_misassigned

X = iris()
SPECIES = load_dataset("iris").labels
BEST_OF_THREE = -180.185477


def test_two_components():
    assert EM(Mixture(Gaussian(), 2), rng=0).fit(X).log_likelihood_ == pytest.approx(-214.354704, abs=1e-6)


def test_three_components_find_the_species():
    fit = EM(Mixture(Gaussian(), 3), rng=0).fit(X)
    found = fit.predict(X)
    assert fit.log_likelihood_ == pytest.approx(BEST_OF_THREE, abs=1e-6)
    assert round(150 * share_misassigned(found, SPECIES)) == 5
    assert adjusted_rand_score(SPECIES, found) == pytest.approx(0.9039, abs=5e-5)


def naive_starts(number: int) -> list:
    """Three distinct rows as means and identity covariances, one fit a start."""
    rng = np.random.default_rng(2)
    fits = []
    for _ in range(number):
        rows = rng.choice(len(X), 3, replace=False)
        start = {"weights": np.full(3, 1 / 3), "mean": X[rows], "covariance": np.tile(np.eye(4), (3, 1, 1))}
        fits.append(EM(Mixture(Gaussian(), 3), init=start).fit(X))
    return fits


@pytest.mark.filterwarnings("ignore::pointmass.errors.PointmassWarning")
@pytest.mark.parametrize("number", [40, pytest.param(1000, marks=[pytest.mark.slow, pytest.mark.timeout(600)])])
def test_naive_starts_are_labelled_and_none_aborts(number):
    """About 43 % reach the optimum and about 5 % collapse: each collapse is called degenerate."""
    fits = naive_starts(number)
    counts = Counter(fit.status_ for fit in fits)
    assert set(counts) <= {"converged", "degenerate", "max_iter"}
    assert all(np.isfinite(fit.log_likelihood_) for fit in fits)
    best = np.mean([abs(fit.log_likelihood_ - BEST_OF_THREE) < 1e-4 for fit in fits])
    spread = 5.0 * np.sqrt(0.43 * 0.57 / number)
    assert abs(best - 0.43) < spread
    assert counts["degenerate"] / number < 0.05 + 5.0 * np.sqrt(0.05 * 0.95 / number)
    above = [fit for fit in fits if fit.log_likelihood_ > BEST_OF_THREE + 1e-4 and fit.status_ != "degenerate"]
    assert all(fit.log_likelihood_ < 0.0 for fit in above)


@pytest.mark.filterwarnings("ignore::pointmass.errors.PointmassWarning")
def test_random_rows_are_labelled_and_a_proper_optimum_wins():
    fit = EM(Mixture(Gaussian(), 3), init="random_rows", n_init=30, rng=3).fit(X)
    assert len(fit.restarts_) == 30
    assert {start["status"] for start in fit.restarts_} <= {"converged", "degenerate", "max_iter"}
    assert fit.status_ == "converged"
    assert fit.log_likelihood_ == pytest.approx(BEST_OF_THREE, abs=1e-4)
