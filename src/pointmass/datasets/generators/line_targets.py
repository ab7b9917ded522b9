"""Targets on lines, drawn in plain NumPy: a feature and a line for each row, then the target."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pointmass.datasets.dataset import Dataset
from pointmass.datasets.options import as_count, as_generator, check_memory
from pointmass.errors import PointmassError

__all__ = ["check_lines", "line_dataset", "line_targets"]


def line_dataset(
    name: str,
    weights: NDArray[np.float64],
    coefficients: NDArray[np.float64],
    noise_sd: NDArray[np.float64],
    *,
    n: object,
    rng: object,
) -> Dataset:
    """Return n targets about K lines of standard normal features; lines, noise and each row's line are the truth.

    Parameters
    ----------
    name : str
    weights : array of shape (K,)
    coefficients : array of shape (K, d + 1)
    noise_sd : array of shape (K,)
    n : int
    rng : numpy.random.Generator, int or None

    Returns
    -------
    Dataset

    Raises
    ------
    PointmassError
        If an option is impossible, or the rows would not fit into memory.

    Examples
    --------
    >>> data = line_dataset("one", np.ones(1), np.array([[0.0, 1.0]]), np.ones(1), n=5, rng=0)
    >>> data.X.shape, data.y.shape
    ((5, 1), (5,))
    """
    size, generator = as_count("n", n), as_generator(rng)
    check_lines(len(weights), coefficients, noise_sd)
    check_memory(n=size, dimension=coefficients.shape[1])
    labels = generator.choice(len(weights), size=size, p=weights)
    features = generator.standard_normal((size, coefficients.shape[1] - 1))
    target = line_targets(features, coefficients[labels], noise_sd[labels], generator)
    truth = {"weights": weights, "coefficients": coefficients, "noise_variance": noise_sd**2, "labels": labels}
    return Dataset(features, target, truth=truth, name=name, source=f"generator {name}")


def check_lines(k: int, coefficients: NDArray[np.float64], noise_sd: NDArray[np.float64]) -> None:
    """Raise `PointmassError` unless there are k lines of an intercept and slopes, and a noise for each."""
    if len(coefficients) != k or coefficients.shape[1] < 2:
        raise PointmassError(
            f"coefficients have shape {coefficients.shape}: give {k} row(s) of an intercept and at least one slope",
            path=("coefficients",),
        )
    if noise_sd.shape != (k,) or (noise_sd <= 0).any():
        raise PointmassError(f"noise_sd is {noise_sd.tolist()}: give {k} positive number(s)", path=("noise_sd",))


def line_targets(
    features: NDArray[np.float64],
    coefficients: NDArray[np.float64],
    noise_sd: NDArray[np.float64],
    generator: np.random.Generator,
) -> NDArray[np.float64]:
    """Return a target for each row of features (n, d), about its own line (n, d + 1) with its own noise (n,)."""
    mean = coefficients[:, 0] + (features * coefficients[:, 1:]).sum(axis=1)
    return np.asarray(mean + noise_sd * generator.standard_normal(len(features)))
