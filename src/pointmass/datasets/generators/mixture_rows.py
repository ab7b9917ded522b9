"""Rows of a mixture of normals, drawn in plain NumPy: a component for each row, then the row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pointmass.datasets.dataset import Dataset
from pointmass.datasets.options import as_count, as_generator, check_memory

__all__ = ["draw_rows", "mixture_dataset"]


def draw_rows(
    labels: NDArray[np.int64],
    mean: NDArray[np.float64],
    covariance: NDArray[np.float64],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Return one row of N(mean[k], covariance[k]) for each label k.

    Parameters
    ----------
    labels : array of shape (n,) of int
    mean : array of shape (K, d)
    covariance : array of shape (K, d, d)
    rng : numpy.random.Generator

    Returns
    -------
    array of shape (n, d)
        Read-only.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> draw_rows(np.array([0, 1, 0]), np.zeros((2, 3)), np.stack([np.eye(3)] * 2), rng).shape
    (3, 3)
    """
    rows = rng.standard_normal((len(labels), mean.shape[1]))
    for k, factor in enumerate(np.linalg.cholesky(covariance)):
        chosen = labels == k
        rows[chosen] = mean[k] + rows[chosen] @ factor.T
    rows.setflags(write=False)
    return rows


def mixture_dataset(
    name: str,
    weights: NDArray[np.float64],
    mean: NDArray[np.float64],
    covariance: NDArray[np.float64],
    *,
    n: object,
    rng: object,
    columns: Sequence[str] = (),
) -> Dataset:
    """Return n independent rows of the mixture; its parameters and the rows' components are the truth.

    Parameters
    ----------
    name : str
    weights : array of shape (K,)
    mean : array of shape (K, d)
    covariance : array of shape (K, d, d)
    n : int
    rng : numpy.random.Generator, int or None
    columns : sequence of d str, optional

    Returns
    -------
    Dataset

    Raises
    ------
    PointmassError
        If ``n`` or ``rng`` is impossible, or the rows would not fit into memory.

    Examples
    --------
    >>> data = mixture_dataset("one", np.ones(1), np.zeros((1, 2)), np.eye(2)[None], n=5, rng=0)
    >>> data.X.shape, data.truth["labels"]
    ((5, 2), array([0, 0, 0, 0, 0]))
    """
    size, generator = as_count("n", n), as_generator(rng)
    check_memory(n=size, dimension=mean.shape[1])
    labels = generator.choice(len(weights), size=size, p=weights)
    X = draw_rows(labels, mean, covariance, generator)
    truth = {"weights": weights, "mean": mean, "covariance": covariance, "labels": labels}
    return Dataset(X, columns=tuple(columns), truth=truth, name=name, source=f"generator {name}")
