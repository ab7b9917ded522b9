"""What EM rests on: the decomposition of the log likelihood, Fisher's identity, and the same maximum by any road."""

from __future__ import annotations

import numpy as np
import pytest
from cases import COVARIANCES, clusters, responsibilities
from inference.naive import log_likelihood
from inference.sweeps import bench
from scipy.optimize import minimize

from pointmass import EM, Gaussian, Mixture
from pointmass.inference.vectors import pack, unpack
from pointmass.latents import ASSIGNMENTS

ROWS = clusters(40, d=2, k=2, seed=1)


def random_points(ready, seed):
    """Point beliefs at the M-step of random responsibilities, shaken in unconstrained coordinates."""
    rng = np.random.default_rng(seed)
    beliefs = ready.posterior(rng.dirichlet(np.ones(2), size=len(ready.rows)))
    vector = pack(beliefs, ready.sweep.free_blocks)
    return unpack(vector + 0.7 * rng.normal(size=vector.size), beliefs, ready.sweep.free_blocks)


def expected_complete(ready, statistics, beliefs):
    """Q(beliefs | the beliefs that gave the statistics)."""
    expected = {name: belief.expected_natural_parameters() for name, belief in beliefs.items()}
    moments = statistics.parts["emission"].about(np.zeros_like(statistics.parts["emission"].centre))
    emission = (ready.model.family.coefficients(expected["emission"]) * moments.sums).sum()
    return emission + (expected["weights"]["log_weights"] * statistics.parts["weights"]).sum()


def divergence_of_responsibilities(old, new):
    return (old * (np.log(np.maximum(old, 1e-300)) - np.log(np.maximum(new, 1e-300)))).sum()


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_log_likelihood_decomposes_at_random_pairs(covariance):
    """log p(θ') − log p(θ) = Q(θ' | θ) − Q(θ | θ) + KL(p(z | θ) ‖ p(z | θ')): 250 pairs a type, 1,000 in all."""
    ready = bench(Mixture(Gaussian(covariance), 2), ROWS)
    points = [random_points(ready, seed) for seed in range(251)]
    statistics = [ready.sweep.infer(point) for point in points]
    r = [
        ready.model.infer(point, ready.rows.coordinates).responsibilities(ready.rows, ASSIGNMENTS["soft"])[0]
        for point in points
    ]
    for a, b in zip(range(250), range(1, 251), strict=True):
        gain = statistics[b].log_normaliser - statistics[a].log_normaliser
        q = [expected_complete(ready, statistics[a], points[i]) for i in (a, b)]
        scale = 1.0 + max(abs(q[0]), abs(q[1]))
        assert abs(gain - (q[1] - q[0] + divergence_of_responsibilities(r[a], r[b]))) < 1e-9 * scale


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_gradient_of_the_expected_complete_log_likelihood_is_the_score(covariance):
    """∇Q(θ' | θ) at θ' = θ is ∇ log p(θ), by central differences in unconstrained coordinates."""
    ready = bench(Mixture(Gaussian(covariance), 2), ROWS)
    for seed in range(5):
        point = random_points(ready, seed)
        statistics = ready.sweep.infer(point)
        vector = pack(point, ready.sweep.free_blocks)
        steps = 1e-5 * np.eye(vector.size)

        def at(v, point=point):
            return unpack(v, point, ready.sweep.free_blocks)

        q = [
            (
                expected_complete(ready, statistics, at(vector + e))
                - expected_complete(ready, statistics, at(vector - e))
            )
            / 2e-5
            for e in steps
        ]
        score = [
            (ready.sweep.infer(at(vector + e)).log_normaliser - ready.sweep.infer(at(vector - e)).log_normaliser) / 2e-5
            for e in steps
        ]
        np.testing.assert_allclose(q, score, rtol=1e-6, atol=1e-6 * np.abs(score).max())


def naive_parameters(vector, covariance):
    """Two components in two columns from a free vector: softmax, means, and logarithmic Cholesky factors."""
    weights = np.exp(np.append(vector[0], 0.0) - np.logaddexp(vector[0], 0.0))
    mean, rest = vector[1:5].reshape(2, 2), vector[5:]

    def factor(entries):
        lower = np.array([[np.exp(entries[0]), 0.0], [entries[2], np.exp(entries[1])]])
        return lower @ lower.T

    matrices = {
        "full": lambda: [factor(rest[:3]), factor(rest[3:])],
        "tied": lambda: [factor(rest)] * 2,
        "diagonal": lambda: [np.diag(np.exp(rest[:2])), np.diag(np.exp(rest[2:]))],
        "spherical": lambda: [np.exp(rest[0]) * np.eye(2), np.exp(rest[1]) * np.eye(2)],
    }[covariance]()
    return {"weights": weights, "mean": mean, "covariance": np.array(matrices)}


def naive_vector(theta, covariance):
    def entries(matrix):
        lower = np.linalg.cholesky(matrix)
        return [np.log(lower[0, 0]), np.log(lower[1, 1]), lower[1, 0]]

    sigma = theta["covariance"]
    rest = {
        "full": lambda: entries(sigma[0]) + entries(sigma[1]),
        "tied": lambda: entries(sigma[0]),
        "diagonal": lambda: np.log(np.diagonal(sigma, axis1=1, axis2=2)).ravel().tolist(),
        "spherical": lambda: np.log(sigma[:, 0, 0]).tolist(),
    }[covariance]()
    return np.array([np.log(theta["weights"][0] / theta["weights"][1]), *theta["mean"].ravel(), *rest])


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_direct_maximisation_ends_where_em_ends(covariance):
    """L-BFGS on a likelihood written with SciPy alone, started off EM's optimum."""
    rows = clusters(150, d=2, k=2, seed=5, spread=2.5)
    start = EM(Mixture(Gaussian(covariance), 2), init=responsibilities(150, 2), tol=1e-11, max_iter=5000).fit(rows)
    away = naive_vector(start.estimate_, covariance) + 0.05
    found = minimize(
        lambda vector: -log_likelihood(rows, naive_parameters(vector, covariance)),
        away,
        method="L-BFGS-B",
        jac="3-point",
        options={"maxiter": 2000, "ftol": 1e-15, "gtol": 1e-7},
    )
    assert -found.fun == pytest.approx(start.log_likelihood_, abs=1e-6)
    for name, array in naive_parameters(found.x, covariance).items():
        np.testing.assert_allclose(array, start.estimate_[name], rtol=1e-5, atol=1e-5)
