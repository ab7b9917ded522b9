"""Counts of several rates."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pointmass.datasets.dataset import Dataset
from pointmass.datasets.generators.component_rows import as_components, component_dataset

__all__ = ["poisson_mixture"]


def poisson_mixture(
    *,
    rate: ArrayLike = (1.3, 2.7),
    weights: ArrayLike = (0.36, 0.64),
    n: int = 1000,
    rng: np.random.Generator | int | None = None,
) -> Dataset:
    """Draw n rows of a mixture of Poisson variables; by default much like the deaths of women over 80.

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
    >>> data = poisson_mixture(n=50, rng=0)
    >>> data.X.shape, data.truth["rate"].shape
    ((50, 1), (2, 1))
    """
    value = as_components("rate", rate, 0.0)
    return component_dataset("poisson_mixture", "rate", value, weights, _draw, n=n, rng=rng)


def _draw(rng: np.random.Generator, rate: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(rng.poisson(rate), dtype=float)
