"""Targets 0 and 1 that say on which side of zero a line with noise lies: probit and logistic regressions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pointmass.datasets.dataset import Dataset
from pointmass.datasets.options import as_count, as_generator, as_real_array, check_memory
from pointmass.errors import PointmassError

__all__ = ["logistic_regression", "probit_regression"]


def logistic_regression(
    *, coefficients: ArrayLike = (0.5, 1.5), n: int = 200, rng: np.random.Generator | int | None = None
) -> Dataset:
    """Draw n targets with P(y = 1) = 1 / (1 + exp −(1, x) · coefficients), x independent standard normal features.

    Parameters
    ----------
    coefficients : array of shape (d + 1,)
        The intercept, then the slopes.
    n : int
        Number of rows.
    rng : numpy.random.Generator, int or None
        Source of randomness; a Generator is consumed.

    Returns
    -------
    Dataset
        Features in ``X``, targets 0 and 1 in ``y``; truth ``coefficients`` (d + 1,).

    Raises
    ------
    PointmassError
        If an option is impossible.

    Examples
    --------
    >>> data = logistic_regression(n=5, rng=0)
    >>> data.X.shape, data.y.tolist()
    ((5, 1), [1.0, 1.0, 1.0, 1.0, 1.0])
    """
    return _drawn("logistic_regression", coefficients, n, rng, lambda generator, size: generator.logistic(size=size))


def probit_regression(
    *, coefficients: ArrayLike = (0.5, 1.0), n: int = 200, rng: np.random.Generator | int | None = None
) -> Dataset:
    """Draw n targets with P(y = 1) = Φ((1, x) · coefficients), x independent standard normal features.

    Parameters
    ----------
    coefficients : array of shape (d + 1,)
        The intercept, then the slopes.
    n : int
        Number of rows.
    rng : numpy.random.Generator, int or None
        Source of randomness; a Generator is consumed.

    Returns
    -------
    Dataset
        Features in ``X``, targets 0 and 1 in ``y``; truth ``coefficients`` (d + 1,).

    Raises
    ------
    PointmassError
        If an option is impossible.

    Examples
    --------
    >>> probit_regression(coefficients=[0.0, 1.0, -1.0], n=50, rng=0).X.shape
    (50, 2)
    """
    return _drawn("probit_regression", coefficients, n, rng, lambda generator, size: generator.standard_normal(size))


def _drawn(
    name: str,
    coefficients: ArrayLike,
    n: object,
    rng: object,
    noise: Callable[[np.random.Generator, int], NDArray[np.float64]],
) -> Dataset:
    line = as_real_array("coefficients", coefficients, (1,))
    if line.size < 2:
        raise PointmassError(
            f"coefficients have shape {line.shape}: give an intercept and at least one slope", path=("coefficients",)
        )
    size, generator = as_count("n", n), as_generator(rng)
    check_memory(n=size, dimension=line.size)
    features = generator.standard_normal((size, line.size - 1))
    hidden = line[0] + features @ line[1:] + noise(generator, size)
    return Dataset(
        features, (hidden > 0).astype(float), truth={"coefficients": line}, name=name, source=f"generator {name}"
    )
