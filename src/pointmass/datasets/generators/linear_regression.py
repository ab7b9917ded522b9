"""Targets that are linear in normal features, with normal noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from pointmass.datasets.dataset import Dataset
from pointmass.datasets.generators.line_targets import line_dataset
from pointmass.datasets.options import as_real_array

__all__ = ["linear_regression"]


def linear_regression(
    *,
    coefficients: ArrayLike = (1.0, 2.0),
    noise_sd: float = 1.0,
    n: int = 200,
    rng: np.random.Generator | int | None = None,
) -> Dataset:
    """Draw n targets y = (1, x) · coefficients + noise of independent standard normal features.

    Parameters
    ----------
    coefficients : array of shape (d + 1,)
        The intercept, then the slopes.
    noise_sd : float
        Standard deviation of the noise.
    n : int
        Number of rows.
    rng : numpy.random.Generator, int or None
        Source of randomness; a Generator is consumed.

    Returns
    -------
    Dataset
        Features in ``X``, targets in ``y``; truth ``coefficients`` (d + 1,) and ``noise_variance``.

    Raises
    ------
    PointmassError
        If an option is impossible.

    Examples
    --------
    >>> data = linear_regression(coefficients=[0.0, 1.0, -1.0], n=50, rng=0)
    >>> data.X.shape, data.y.shape, data.truth["noise_variance"]
    ((50, 2), (50,), array(1.))
    """
    lines = as_real_array("coefficients", coefficients, (1,))
    noise = as_real_array("noise_sd", noise_sd, (0,)).reshape(1)
    data = line_dataset("linear_regression", np.ones(1), lines[None], noise, n=n, rng=rng)
    assert data.truth is not None
    truth = {name: data.truth[name][0] for name in ("coefficients", "noise_variance")}
    return Dataset(data.X, data.y, columns=data.columns, truth=truth, name=data.name, source=data.source)
