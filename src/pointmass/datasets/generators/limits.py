"""Values known by limits: waiting times censored when watching ends, normal values in groups."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pointmass.datasets.dataset import Dataset
from pointmass.datasets.options import as_count, as_generator, as_number, check_memory
from pointmass.errors import PointmassError

__all__ = ["censored_exponential", "grouped_normal"]

_COLUMNS = ("lower", "upper")


def censored_exponential(
    *, rate: float = 0.1, limit: float = 10.0, n: int = 200, rng: np.random.Generator | int | None = None
) -> Dataset:
    """Draw n waiting times and stop watching after a while.

    Parameters
    ----------
    rate : float
        Positive.
    limit : float
        Positive: a time beyond it is known to be longer, no more.
    n : int
        Number of rows.
    rng : numpy.random.Generator, int or None
        Source of randomness; a Generator is consumed.

    Returns
    -------
    Dataset
        Limits ``lower`` and ``upper``, equal where the time is known, the upper one NaN where it is censored; truth
        ``rate`` (1,).

    Raises
    ------
    PointmassError
        If an option is impossible.

    Examples
    --------
    >>> censored_exponential(n=3, rng=0).X.round(1)
    array([[ 6.8,  6.8],
           [10. ,  nan],
           [ 0.2,  0.2]])
    """
    value, end = _positive("rate", rate), _positive("limit", limit)
    count = as_count("n", n)
    check_memory(n=count, columns=2)
    times = as_generator(rng).exponential(1.0 / value, count)
    rows = np.column_stack([np.minimum(times, end), np.where(times > end, np.nan, times)])
    return _limits("censored_exponential", rows, {"rate": np.array([value])})


def grouped_normal(
    *,
    mean: float = 0.0,
    sd: float = 1.0,
    width: float = 1.0,
    n: int = 200,
    rng: np.random.Generator | int | None = None,
) -> Dataset:
    """Draw n normal values and keep of each only the group that it lies in.

    Parameters
    ----------
    mean, sd : float
        Of the values; the standard deviation is positive.
    width : float
        Of the groups, which begin at multiples of it; positive.
    n : int
        Number of rows.
    rng : numpy.random.Generator, int or None
        Source of randomness; a Generator is consumed.

    Returns
    -------
    Dataset
        Limits ``lower`` and ``upper``; truth ``mean`` (1,) and ``covariance`` (1, 1).

    Raises
    ------
    PointmassError
        If an option is impossible.

    Examples
    --------
    >>> grouped_normal(n=3, rng=0).X
    array([[ 0.,  1.],
           [-1.,  0.],
           [ 0.,  1.]])
    """
    centre, spread, size = as_number("mean", mean), _positive("sd", sd), _positive("width", width)
    count = as_count("n", n)
    check_memory(n=count, columns=2)
    first = np.floor(as_generator(rng).normal(centre, spread, count) / size)
    truth = {"mean": np.array([centre]), "covariance": np.array([[spread**2]])}
    return _limits("grouped_normal", np.column_stack([first, first + 1.0]) * size, truth)


def _positive(name: str, value: object) -> float:
    number = as_number(name, value, 0.0)
    if number == 0.0:
        raise PointmassError(f"{name} must be positive, got {value!r}", path=(name,))
    return number


def _limits(name: str, rows: NDArray[np.float64], truth: dict[str, NDArray[np.float64]]) -> Dataset:
    return Dataset(rows, columns=_COLUMNS, truth=truth, name=name, source=f"generator {name}")
