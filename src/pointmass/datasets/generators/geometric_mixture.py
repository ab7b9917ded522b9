"""Failures before a success, of several probabilities."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pointmass.datasets.dataset import Dataset
from pointmass.datasets.generators.component_rows import as_components, component_dataset

__all__ = ["geometric_mixture"]


def geometric_mixture(
    *,
    probability: ArrayLike = (0.6, 0.1),
    weights: ArrayLike = (0.4, 0.6),
    n: int = 1000,
    rng: np.random.Generator | int | None = None,
) -> Dataset:
    """Draw n rows of a mixture of geometric variables: failures before the first success.

    Parameters
    ----------
    probability : array of shape (K,) or (K, d)
        Probabilities of success; a vector is one column.
    weights : array of shape (K,)
        Positive, summing to 1.
    n : int
        Number of rows.
    rng : numpy.random.Generator, int or None
        Source of randomness; a Generator is consumed.

    Returns
    -------
    Dataset
        Truth ``weights``, ``probability`` and ``labels``.

    Raises
    ------
    PointmassError
        If an option is impossible.

    Examples
    --------
    >>> data = geometric_mixture(n=50, rng=0)
    >>> data.X.shape, data.truth["probability"].shape
    ((50, 1), (2, 1))
    """
    value = as_components("probability", probability, 0.0, 1.0)
    return component_dataset("geometric_mixture", "probability", value, weights, _draw, n=n, rng=rng)


def _draw(rng: np.random.Generator, p: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(rng.geometric(p) - 1, dtype=float)
