"""Targets on one of several lines, which line not recorded."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from pointmass.datasets.dataset import Dataset
from pointmass.datasets.generators.line_targets import line_dataset
from pointmass.datasets.options import as_real_array, as_weights

__all__ = ["mixture_of_regressions"]


def mixture_of_regressions(
    *,
    weights: ArrayLike = (0.5, 0.5),
    coefficients: ArrayLike = ((0.0, 2.0), (1.0, -1.0)),
    noise_sd: ArrayLike = (0.5, 1.0),
    n: int = 400,
    rng: np.random.Generator | int | None = None,
) -> Dataset:
    """Draw n targets of independent standard normal features, each on one of K crossing lines.

    Parameters
    ----------
    weights : array of shape (K,)
        Share of each line.
    coefficients : array of shape (K, d + 1)
        Intercept and slopes of each line.
    noise_sd : array of shape (K,)
        Standard deviation of the noise about each line.
    n : int
        Number of rows.
    rng : numpy.random.Generator, int or None
        Source of randomness; a Generator is consumed.

    Returns
    -------
    Dataset
        Features in ``X``, targets in ``y``; truth ``weights``, ``coefficients``, ``noise_variance`` and ``labels``.

    Raises
    ------
    PointmassError
        If an option is impossible.

    Examples
    --------
    >>> data = mixture_of_regressions(n=100, rng=0)
    >>> data.X.shape, data.truth["coefficients"].shape, data.labels is None
    ((100, 1), (2, 2), True)
    """
    shares = as_weights("weights", weights)
    lines, noise = as_real_array("coefficients", coefficients, (2,)), as_real_array("noise_sd", noise_sd, (1,))
    return line_dataset("mixture_of_regressions", shares, lines, noise, n=n, rng=rng)
