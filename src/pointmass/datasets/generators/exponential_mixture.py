"""Waiting times of several rates."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pointmass.datasets.dataset import Dataset
from pointmass.datasets.generators.component_rows import as_components, component_dataset

__all__ = ["exponential_mixture"]


def exponential_mixture(
    *,
    rate: ArrayLike = (1.0, 0.1),
    weights: ArrayLike = (0.4, 0.6),
    n: int = 1000,
    rng: np.random.Generator | int | None = None,
) -> Dataset:
    """Draw n rows of a mixture of exponential variables.

    Parameters
    ----------
    rate : array of shape (K,) or (K, d)
        Positive rates; a vector is one column.
    weights : array of shape (K,)
        Positive, summing to 1.
    n : int
        Number of rows.
    rng : numpy.random.Generator, int or None
        Source of randomness; a Generator is consumed.

    Returns
    -------
    Dataset
        Truth ``weights``, ``rate`` and ``labels``.

    Raises
    ------
    PointmassError
        If an option is impossible.

    Examples
    --------
    >>> data = exponential_mixture(n=50, rng=0)
    >>> data.X.shape, data.truth["rate"].shape
    ((50, 1), (2, 1))
    """
    value = as_components("rate", rate, 0.0)
    return component_dataset("exponential_mixture", "rate", value, weights, _draw, n=n, rng=rng)


def _draw(rng: np.random.Generator, rate: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(rng.standard_exponential(rate.shape) / rate, dtype=float)
