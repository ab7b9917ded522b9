"""Two samples of 500 points: k-means can cluster the first, and not the second."""

from __future__ import annotations

import numpy as np

from pointmass.datasets.dataset import Dataset
from pointmass.datasets.generators.mixture_rows import mixture_dataset
from pointmass.datasets.options import as_choice

__all__ = ["two_samples"]

_MEAN = [[5.0, 1.0], [1.0, 4.0]]
_WEIGHTS = {"first": [0.5, 0.5], "second": [0.95, 0.05]}
_VARIANCES = {"first": [[0.5, 0.5], [0.5, 0.5]], "second": [[1.5, 0.1], [0.8, 0.8]]}


def two_samples(*, sample: str = "first", n: int = 500, rng: np.random.Generator | int | None = None) -> Dataset:
    """Draw one of two samples of two normals with means (5, 1) and (1, 4).

    In the first the clusters are round and equal (weights 1/2, covariances I/2), as k-means assumes. In the
    second they are elongated and unequal (weights 0.95 and 0.05, covariances diag(1.5, 0.1) and
    diag(0.8, 0.8)): k-means cuts the large one in two, a mixture of normals finds both.

    Parameters
    ----------
    sample : {"first", "second"}
    n : int
        Number of points.
    rng : numpy.random.Generator, int or None
        Source of randomness; a Generator is consumed.

    Returns
    -------
    Dataset
        Columns ``x1`` and ``x2``; truth ``weights``, ``mean``, ``covariance`` and ``labels``.

    Raises
    ------
    PointmassError
        If an option is impossible.

    Examples
    --------
    >>> data = two_samples(sample="second", rng=0)
    >>> data.X.shape, data.truth["weights"]
    ((500, 2), array([0.95, 0.05]))
    """
    chosen = as_choice("sample", sample, _WEIGHTS)
    weights, variances = np.array(_WEIGHTS[chosen]), np.array(_VARIANCES[chosen])
    covariance = variances[:, :, np.newaxis] * np.eye(2)
    return mixture_dataset("two_samples", weights, np.array(_MEAN), covariance, n=n, rng=rng)
