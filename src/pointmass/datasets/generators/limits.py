"""Values known by halves: waiting times censored when watching ends, normal values in groups or with errors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pointmass.datasets.dataset import Dataset
from pointmass.datasets.options import as_count, as_generator, as_number, check_memory
from pointmass.errors import PointmassError

__all__ = ["censored_exponential", "grouped_normal", "measured_normal"]

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


def measured_normal(
    *,
    mean: float = 0.0,
    sd: float = 1.0,
    error: float = 1.0,
    n: int = 200,
    rng: np.random.Generator | int | None = None,
) -> Dataset:
    """Draw n normal values and measure each with an error.

    Parameters
    ----------
    mean, sd : float
        Of the true values; the standard deviation is positive.
    error : float
        Mean standard deviation of the errors, each of which has one between half and one and a half of it; positive.
    n : int
        Number of rows.
    rng : numpy.random.Generator, int or None
        Source of randomness; a Generator is consumed.

    Returns
    -------
    Dataset
        Measured ``value`` and ``error``; truth ``mean`` (1,) and ``covariance`` (1, 1) of the true values.

    Raises
    ------
    PointmassError
        If an option is impossible.

    Examples
    --------
    >>> measured_normal(n=2, rng=0).X.shape
    (2, 2)
    """
    centre, spread, size = as_number("mean", mean), _positive("sd", sd), _positive("error", error)
    count, generator = as_count("n", n), as_generator(rng)
    check_memory(n=count, columns=2)
    errors = size * generator.uniform(0.5, 1.5, count)
    values = generator.normal(centre, np.sqrt(spread**2 + errors**2))
    truth = {"mean": np.array([centre]), "covariance": np.array([[spread**2]])}
    return _limits("measured_normal", np.column_stack([values, errors]), truth, ("value", "error"))


def _positive(name: str, value: object) -> float:
    number = as_number(name, value, 0.0)
    if number == 0.0:
        raise PointmassError(f"{name} must be positive, got {value!r}", path=(name,))
    return number


def _limits(
    name: str, rows: NDArray[np.float64], truth: dict[str, NDArray[np.float64]], columns: tuple[str, str] = _COLUMNS
) -> Dataset:
    return Dataset(rows, columns=columns, truth=truth, name=name, source=f"generator {name}")
