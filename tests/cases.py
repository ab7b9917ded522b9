"""Canonical targets that the tests of the engine share: data, models, and statistical assertions."""

from __future__ import annotations

import numpy as np

from pointmass import Gaussian, Mixture, load_dataset

COVARIANCES = ("full", "tied", "diagonal", "spherical")


def faithful() -> np.ndarray:
    return np.asarray(load_dataset("faithful").X, dtype=float)


def iris() -> np.ndarray:
    return np.asarray(load_dataset("iris").X, dtype=float)


def two_normals(n: int = 1000, separation: float = 1.5, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 1)) + separation * (rng.random((n, 1)) < 0.5)


def clusters(n: int = 60, d: int = 2, k: int = 2, seed: int = 0, spread: float = 1.5) -> np.ndarray:
    """Rows of k overlapping clusters with correlated columns."""
    rng = np.random.default_rng(seed)
    centres = spread * rng.normal(size=(k, d))
    mixing = np.eye(d) + 0.4 * rng.normal(size=(d, d))
    return centres[rng.integers(k, size=n)] + rng.normal(size=(n, d)) @ mixing


def responsibilities(n: int, k: int, seed: int = 0) -> np.ndarray:
    """A soft start (n, k): every row belongs a little to every component."""
    return np.random.default_rng(seed).dirichlet(np.ones(k), size=n)


def mixtures(k: int = 2) -> dict[str, Mixture]:
    return {covariance: Mixture(Gaussian(covariance=covariance), k) for covariance in COVARIANCES}


def assert_mean(sample: np.ndarray, expected: np.ndarray | float, errors: float = 5.0) -> None:
    """Assert that the mean of independent draws (leading axis) is ``expected`` within so many standard errors."""
    standard_error = sample.std(axis=0, ddof=1) / np.sqrt(len(sample))
    distance = np.abs(sample.mean(axis=0) - expected)
    assert (distance <= errors * standard_error + 1e-12 * (1.0 + np.abs(expected))).all(), (
        f"{np.max(distance / (standard_error + 1e-300)):.1f} standard errors away"
    )


def assert_share(hits: np.ndarray, probability: float, errors: float = 5.0) -> None:
    """Assert that the share of hits (leading axis of draws) is ``probability`` within binomial errors."""
    standard_error = np.sqrt(probability * (1.0 - probability) / len(hits))
    assert (np.abs(hits.mean(axis=0) - probability) <= errors * standard_error).all()
