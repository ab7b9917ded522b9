"""Heights of adults whose sex is not recorded."""

from __future__ import annotations

import numpy as np

from pointmass.datasets.dataset import Dataset
from pointmass.datasets.generators.mixture_rows import mixture_dataset

__all__ = ["heights"]


def heights(*, n: int = 1000, rng: np.random.Generator | int | None = None) -> Dataset:
    """Draw the heights in cm of n people aged 20 to 25, whose unobserved sex shifts the height.

    Half are women, N(162.8, sd 7.0), half men, N(176, sd 7.4): about 1.8 standard deviations apart, so that
    the two are there but can hardly be told apart.

    Parameters
    ----------
    n : int
        Number of people.
    rng : numpy.random.Generator, int or None
        Source of randomness; a Generator is consumed.

    Returns
    -------
    Dataset
        Column ``height``; truth ``weights``, ``mean``, ``covariance`` and ``labels`` (0 women, 1 men).

    Raises
    ------
    PointmassError
        If an option is impossible.

    Examples
    --------
    >>> data = heights(n=100, rng=0)
    >>> data.columns, data.X.shape, data.labels is None
    (('height',), (100, 1), True)
    >>> data.truth["mean"]
    array([[162.8],
           [176. ]])
    """
    mean = np.array([[162.8], [176.0]])
    covariance = np.array([[[7.0**2]], [[7.4**2]]])
    weights = np.array([0.5, 0.5])
    return mixture_dataset("heights", weights, mean, covariance, n=n, rng=rng, columns=["height"])
