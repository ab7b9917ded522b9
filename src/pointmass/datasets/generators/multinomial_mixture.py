"""Counts of categories, of several kinds of rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pointmass.datasets.dataset import Dataset
from pointmass.datasets.generators.component_rows import as_distributions, component_dataset
from pointmass.datasets.options import as_count

__all__ = ["multinomial_mixture"]


def multinomial_mixture(
    *,
    probabilities: ArrayLike = ((0.7, 0.2, 0.1), (0.1, 0.3, 0.6)),
    weights: ArrayLike = (0.4, 0.6),
    n_trials: int = 10,
    n: int = 500,
    rng: np.random.Generator | int | None = None,
) -> Dataset:
    """Draw n rows of counts of categories, whose probabilities depend on the component.

    Parameters
    ----------
    probabilities : array of shape (K, C)
        Probability of each category in each component.
    weights : array of shape (K,)
        Positive, summing to 1.
    n_trials : int
        Total of each row.
    n : int
        Number of rows.
    rng : numpy.random.Generator, int or None
        Source of randomness; a Generator is consumed.

    Returns
    -------
    Dataset
        Truth ``weights``, ``probabilities`` and ``labels``.

    Raises
    ------
    PointmassError
        If an option is impossible.

    Examples
    --------
    >>> data = multinomial_mixture(n=50, rng=0)
    >>> data.X.shape, data.truth["probabilities"].shape
    ((50, 3), (2, 3))
    """
    value = as_distributions("probabilities", probabilities)
    trials = as_count("n_trials", n_trials)

    def draw(generator: np.random.Generator, shares: NDArray[np.float64]) -> NDArray[np.float64]:
        return generator.multinomial(trials, shares).astype(float)

    return component_dataset("multinomial_mixture", "probabilities", value, weights, draw, n=n, rng=rng)
