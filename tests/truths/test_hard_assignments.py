"""Hard assignments are biased: the centres of half N(-1, 1) and half N(1, 1) move apart."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from pointmass import EM, Gaussian, Mixture, PointMass

MODEL = Mixture(Gaussian(covariance=PointMass([[1.0]])), 2, weights_prior=PointMass([0.5, 0.5]))
START = {"weights": [0.5, 0.5], "mean": [[-0.4], [0.6]], "covariance": np.ones((2, 1, 1))}
LIMIT = np.sqrt(2.0 / np.pi) * np.exp(-0.5) + 1.0 - 2.0 * norm.cdf(-1.0)


def population(size: int = 200_000) -> np.ndarray:
    """Return evenly spaced quantiles of the mixture: n → ∞ without its noise, centres to the spacing of the middle."""
    grid = np.linspace(-9.0, 9.0, 400_001)
    below = 0.5 * norm.cdf(grid + 1.0) + 0.5 * norm.cdf(grid - 1.0)
    return np.interp((np.arange(size) + 0.5) / size, below, grid)


def test_limit_is_the_published_one():
    assert pytest.approx(1.16663, abs=5e-6) == LIMIT


@pytest.mark.parametrize(("assignments", "centre"), [("hard", LIMIT), ("soft", 1.0)])
def test_centres(assignments, centre):
    fit = EM(MODEL, assignments=assignments, init=START, tol=1e-10).fit(population())
    np.testing.assert_allclose(np.sort(fit.estimate_["mean"].ravel()), [-centre, centre], atol=5e-5)
    assert (fit.estimate_["covariance"] == 1.0).all()
    assert (fit.estimate_["weights"] == 0.5).all()
