"""Independent rows of one normal distribution."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pointmass.datasets.dataset import Dataset
from pointmass.datasets.generators.mixture_rows import draw_rows
from pointmass.datasets.generators.sizes import agreed_size
from pointmass.datasets.options import as_count, as_covariance, as_generator, as_real_array, check_memory
from pointmass.errors import PointmassError

__all__ = ["gaussian"]


def gaussian(
    *,
    n: int = 500,
    mean: ArrayLike | None = None,
    covariance: ArrayLike | None = None,
    dimension: int | None = None,
    rng: np.random.Generator | int | None = None,
) -> Dataset:
    """Draw n rows of N(mean, covariance).

    Parameters
    ----------
    n : int
        Number of rows.
    mean : float or array of shape (d,), optional
        A scalar is every column's mean; 0 by default.
    covariance : float or array of shape (d,) or (d, d), optional
        A scalar is every column's variance, a vector the variances of independent columns; 1 by default.
    dimension : int, optional
        Number of columns d; taken from the mean and the covariance if they have it, else 1.
    rng : numpy.random.Generator, int or None
        Source of randomness; a Generator is consumed.

    Returns
    -------
    Dataset
        With truth ``mean`` (d,) and ``covariance`` (d, d): a family alone, so no component axis.

    Raises
    ------
    PointmassError
        If an option is impossible or the options disagree.

    Examples
    --------
    >>> data = gaussian(n=100, mean=[5.0, 1.0], covariance=[1.0, 4.0], rng=0)
    >>> data.X.shape
    (100, 2)
    >>> data.truth["covariance"]
    array([[1., 0.],
           [0., 4.]])
    """
    centre = as_real_array("mean", 0.0 if mean is None else mean, (0, 1))
    spread = as_real_array("covariance", 1.0 if covariance is None else covariance, (0, 1, 2))
    d = agreed_size("dimension", dimension, {"mean": _width(centre), "covariance": _width(spread)}, default=1)
    check_memory(n=as_count("n", n), dimension=d)
    check_memory(dimension=d, columns=d)
    centre, spread = np.broadcast_to(centre, (d,)), _square(spread, d)
    X = draw_rows(np.zeros(n, dtype=np.int64), centre[np.newaxis], spread[np.newaxis], as_generator(rng))
    truth = {"mean": centre, "covariance": spread}
    return Dataset(X, truth=truth, name="gaussian", source="generator gaussian")


def _width(array: NDArray[np.float64]) -> int | None:
    return array.shape[-1] if array.ndim else None


def _square(spread: NDArray[np.float64], d: int) -> NDArray[np.float64]:
    if spread.ndim < 2 and (spread <= 0).any():
        raise PointmassError("covariance must have positive variances: raise them", path=("covariance",))
    return as_covariance("covariance", spread if spread.ndim == 2 else np.diag(np.broadcast_to(spread, (d,))))
