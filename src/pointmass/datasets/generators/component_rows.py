"""Rows of components that are told apart by one array of parameters each, drawn in plain NumPy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pointmass.datasets.dataset import Dataset
from pointmass.datasets.options import as_count, as_generator, as_real_array, as_weights, check_memory
from pointmass.errors import PointmassError

__all__ = ["as_components", "as_distributions", "component_dataset"]

type Draw = Callable[[np.random.Generator, NDArray[np.float64]], NDArray[np.float64]]


def as_components(name: str, value: ArrayLike, low: float, high: float = np.inf) -> NDArray[np.float64]:
    """Return parameters (K, d) strictly between two bounds; a vector is one column.

    Examples
    --------
    >>> as_components("rate", [1.0, 2.0], 0.0).shape
    (2, 1)
    """
    array = as_real_array(name, value, (1, 2))
    if not ((array > low) & (array < high)).all():
        raise PointmassError(f"{name} must lie between {low:g} and {high:g}, got {array.tolist()}", path=(name,))
    return array[:, None] if array.ndim == 1 else array


def as_distributions(name: str, value: ArrayLike) -> NDArray[np.float64]:
    """Return probabilities (K, C) of at least 0 whose rows sum to one.

    Examples
    --------
    >>> as_distributions("probabilities", [[0.5, 0.5]])
    array([[0.5, 0.5]])
    """
    array = as_real_array(name, value, (2,))
    if (array < 0).any() or (np.abs(array.sum(axis=1) - 1.0) > 1e-8).any():
        raise PointmassError(
            f"{name} must be at least 0 and each row must sum to 1, got {array.tolist()}", path=(name,)
        )
    return array / array.sum(axis=1, keepdims=True)


def component_dataset(
    name: str,
    parameter: str,
    value: NDArray[np.float64],
    weights: ArrayLike,
    draw: Draw,
    *,
    n: object,
    rng: object,
) -> Dataset:
    """Return n rows drawn with the parameters of a component each; parameters and components are the truth.

    Parameters
    ----------
    name : str
    parameter : str
        Public name of the parameters.
    value : array of shape (K, d)
    weights : array of shape (K,)
    draw : callable
        A generator and the parameters (n, d) of each row to the rows.
    n : int
    rng : numpy.random.Generator, int or None

    Raises
    ------
    PointmassError
        If an option is impossible, or the rows would not fit into memory.

    Examples
    --------
    >>> draw = lambda rng, rate: rng.poisson(rate)
    >>> component_dataset("counts", "rate", np.array([[2.0]]), [1.0], draw, n=5, rng=0).X.shape
    (5, 1)
    """
    size, generator, shares = as_count("n", n), as_generator(rng), as_weights("weights", weights)
    if len(shares) != len(value):
        raise PointmassError(
            f"the options disagree on components: weights gives {len(shares)}, {parameter} gives {len(value)}; "
            "make them agree",
            path=("weights",),
        )
    check_memory(n=size, dimension=value.shape[1])
    labels = generator.choice(len(shares), size=size, p=shares)
    rows = np.asarray(draw(generator, value[labels]), dtype=float)
    rows.setflags(write=False)
    truth = {"weights": shares, parameter: value, "labels": labels}
    return Dataset(rows, truth=truth, name=name, source=f"generator {name}")
