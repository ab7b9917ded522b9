"""Classification EM: k-means in disguise, biased by theorem, and faithful to its own objective."""

from __future__ import annotations

import numpy as np
import pytest
from cases import clusters
from scipy.stats import norm
from sklearn.cluster import KMeans

from pointmass import EM, VB, Gaussian, Mixture, PointMass


def known(d, k, width=1.0):
    """Equal weights and one spherical covariance that all share, both held known."""
    return Mixture(Gaussian(PointMass(width**2 * np.eye(d))), k, PointMass(np.full(k, 1.0 / k)))


@pytest.mark.parametrize("width", [0.1, 1.0, 30.0])
@pytest.mark.parametrize("d", [1, 3])
def test_with_equal_weights_and_one_spherical_covariance_it_is_k_means(width, d):
    """Lloyd's iterations from the same centres, whatever the common variance."""
    rows = clusters(200, d=d, k=4, seed=5, spread=3.0)
    centres = rows[[0, 50, 100, 150]]
    lloyd = KMeans(4, init=centres, n_init=1, algorithm="lloyd", tol=0.0, max_iter=300).fit(rows)
    theta = {"weights": np.full(4, 0.25), "mean": centres, "covariance": np.repeat(width**2 * np.eye(d)[None], 4, 0)}
    em = EM(known(d, 4, width), init=theta, assignments="hard").fit(rows)
    np.testing.assert_array_equal(em.predict(rows), lloyd.labels_)
    np.testing.assert_allclose(em.estimate_["mean"], lloyd.cluster_centers_, rtol=1e-9)
    constant = -200 * (np.log(4) + 0.5 * d * np.log(2 * np.pi * width**2))
    assert em.objective_history_[-1] == pytest.approx(constant - 0.5 * lloyd.inertia_ / width**2, rel=1e-10)


def test_a_tied_covariance_at_one_column_is_spherical():
    """Equal weights held known, one variance that is learned: still nearest centre, so still k-means."""
    rows = clusters(200, d=1, k=3, seed=8, spread=4.0)
    model = Mixture(Gaussian("tied"), 3, PointMass(np.full(3, 1.0 / 3.0)))
    centres = np.quantile(rows, [0.2, 0.5, 0.8])[:, None]
    lloyd = KMeans(3, init=centres, n_init=1, algorithm="lloyd", tol=0.0, max_iter=300).fit(rows)
    theta = {"weights": np.full(3, 1.0 / 3.0), "mean": centres, "covariance": np.ones((3, 1, 1))}
    em = EM(model, init=theta, assignments="hard").fit(rows)
    np.testing.assert_array_equal(em.predict(rows), lloyd.labels_)


def grid(n=200_001):
    """Weighted rows that stand for ½ N(−1, 1) + ½ N(1, 1) itself."""
    x = np.linspace(-10.0, 10.0, n)
    return x[:, None], (norm.pdf(x, -1.0) + norm.pdf(x, 1.0)) * 0.5 * n


def test_hard_em_is_biased_by_the_known_amount_and_soft_em_is_not():
    """Centres go to ±(√(2/π) e^(−½) + 1 − 2Φ(−1)) = ±1.16663, with unit variances and equal weights held known."""
    rows, weights = grid()
    theta = {"weights": [0.5, 0.5], "mean": [[-0.5], [0.7]], "covariance": np.ones((2, 1, 1))}
    biased = np.sqrt(2.0 / np.pi) * np.exp(-0.5) + 1.0 - 2.0 * norm.cdf(-1.0)
    for assignments, expected, digits in (("hard", biased, 1e-4), ("soft", 1.0, 1e-4)):
        em = EM(known(1, 2), init=theta, assignments=assignments, tol=1e-9).fit(rows, sample_weight=weights)
        np.testing.assert_allclose(em.estimate_["mean"].ravel(), [-expected, expected], atol=digits)
    assert biased == pytest.approx(1.16663, abs=5e-6)


@pytest.mark.parametrize("covariance", ["full", "tied", "diagonal", "spherical"])
@pytest.mark.parametrize("kind", [EM, VB])
def test_it_stops_by_itself_and_its_objective_is_never_above_the_soft_one(kind, covariance):
    rows = clusters(120, d=2, k=2, seed=4, spread=2.5)
    model = Mixture(Gaussian(covariance), 2)
    hard = kind(model, assignments="hard", n_init=3, rng=0).fit(rows)
    assert hard.status_ == "converged"
    soft = kind(model, init=hard, max_iter=1, tol=0).fit(rows)
    assert hard.objective_history_[-1] <= soft.objective_history_[0] + 1e-9
