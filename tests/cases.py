"""Canonical targets that the tests of the engine share: data, models, and statistical assertions."""

from __future__ import annotations

import numpy as np

from pointmass import Gaussian, HiddenMarkov, Mixture, PointMass, Poisson, load_dataset

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


def states(lengths: list[int], k: int = 2, stay: float = 0.85, seed: int = 0) -> np.ndarray:
    """States of sequences that start anywhere and stay where they are with one probability."""
    rng = np.random.default_rng(seed)
    moves = np.where(rng.random(sum(lengths)) < stay, 0, rng.integers(1, k, size=sum(lengths)))
    moves[np.cumsum(lengths) - lengths] = rng.integers(k, size=len(lengths))
    return np.cumsum(moves) % k


def chain_cases() -> dict[str, tuple[HiddenMarkov, np.ndarray, dict[str, np.ndarray]]]:
    """Hidden Markov models, their rows, and what ``fit`` is told of these: sequences, weights of them, known states."""
    one, several = [90], [12, 15, 1, 9, 14, 11, 13, 15]
    rng = np.random.default_rng(11)
    noise = rng.normal(size=(90, 2)) @ [[1.0, 0.4], [0.0, 0.8]]
    normals = 3.0 * states(one)[:, None] + noise[:, :1]
    pairs = 3.0 * states(several, seed=1)[:, None] + noise
    counts = rng.poisson(2.0 + 7.0 * states(several, seed=2)).astype(float)[:, None]
    sequences = {"lengths": np.array(several)}
    weights = {"sample_weight": np.repeat([1.0, 2.0, 1.0, 2.0, 1.0, 1.0, 2.0, 1.0], several)}
    labels = {"labels": np.where(np.arange(90) % 9 == 0, states(several, seed=2), -1)}
    return {
        "normals, known start": (HiddenMarkov(Gaussian(), 2, PointMass([0.5, 0.5])), normals, {}),
        "tied pairs, sequences": (HiddenMarkov(Gaussian("tied"), 2), pairs, sequences),
        "counts, sequences, weights": (HiddenMarkov(Poisson(), 2), counts, {**sequences, **weights}),
        "counts, sequences, labels": (HiddenMarkov(Poisson(), 2), counts, {**sequences, **labels}),
    }
