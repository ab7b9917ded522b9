"""No default start may end at an uninformative fixed point."""

from __future__ import annotations

import numpy as np
import pytest
from cases import faithful, iris

from pointmass import EM, Gaussian, Mixture

QUICK, ALL = 10, 100


@pytest.mark.parametrize("seeds", [QUICK, pytest.param(ALL, marks=[pytest.mark.slow, pytest.mark.timeout(600)])])
@pytest.mark.parametrize(
    ("data", "k", "best"),
    [
        (faithful, 2, -1130.263960),
        (iris, 2, -214.354704),
        (iris, 3, -180.185477),
    ],
)
def test_at_least_95_of_100_seeds_reach_the_best_known_optimum(data, k, best, seeds):
    x = data()
    reached = [EM(Mixture(Gaussian(), k), rng=seed).fit(x).log_likelihood_ > best - 1e-4 for seed in range(seeds)]
    assert np.mean(reached) >= 0.95
