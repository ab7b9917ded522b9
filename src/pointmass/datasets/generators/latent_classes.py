"""Yes-or-no answers of several classes of people."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pointmass.datasets.dataset import Dataset
from pointmass.datasets.generators.component_rows import as_components, component_dataset

__all__ = ["latent_classes"]


def latent_classes(
    *,
    probability: ArrayLike = ((0.9, 0.9, 0.8, 0.8, 0.7), (0.3, 0.2, 0.2, 0.1, 0.1)),
    weights: ArrayLike = (0.4, 0.6),
    n: int = 500,
    rng: np.random.Generator | int | None = None,
) -> Dataset:
    """Draw n rows of latent classes: zeros and ones that are independent within a class.

    Parameters
    ----------
    probability : array of shape (K,) or (K, d)
        Probability of a one in each class and column; a vector is one column.
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
    >>> data = latent_classes(n=50, rng=0)
    >>> data.X.shape, data.truth["probability"].shape
    ((50, 5), (2, 5))
    """
    value = as_components("probability", probability, 0.0, 1.0)
    return component_dataset("latent_classes", "probability", value, weights, _draw, n=n, rng=rng)


def _draw(rng: np.random.Generator, p: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(rng.random(p.shape) < p, dtype=float)
