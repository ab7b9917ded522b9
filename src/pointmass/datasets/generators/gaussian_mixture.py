"""Mixtures of normals by weights, separation, dimension and kind of covariance."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pointmass.datasets.dataset import Dataset
from pointmass.datasets.generators.mixture_rows import mixture_dataset
from pointmass.datasets.generators.sizes import agreed_size
from pointmass.datasets.options import (
    as_choice,
    as_covariance,
    as_number,
    as_real_array,
    as_weights,
    check_memory,
)
from pointmass.errors import PointmassError

__all__ = ["gaussian_mixture"]

_SEPARATION = 3.0
_CORRELATION = 0.6  # of neighbouring columns, where they are correlated


def gaussian_mixture(
    *,
    n: int = 500,
    weights: ArrayLike | None = None,
    separation: float | None = None,
    dimension: int | None = None,
    n_components: int | None = None,
    covariance: str | None = None,
    means: ArrayLike | None = None,
    covariances: ArrayLike | None = None,
    rng: np.random.Generator | int | None = None,
) -> Dataset:
    """Draw n rows of a mixture of normals; the truth depends on the options alone, never on ``rng``.

    Parameters
    ----------
    n : int
        Number of rows.
    weights : array of shape (K,), optional
        Positive, summing to 1; equal by default.
    separation : float, optional
        Distance of neighbouring means, which lie along the first axis around 0, in standard deviations of
        that axis (1 in every kind of covariance); 3 by default. Not together with ``means``.
    dimension : int, optional
        Number of columns d; 2 by default.
    n_components : int, optional
        Number of components K; 2 by default.
    covariance : {"spherical", "diagonal", "full", "tied"}, optional
        ``spherical`` (the default): the identity. ``diagonal``: variances that grow along the columns from 1
        to 2 in even components and fall to 1/2 in odd ones. ``full``: those, with correlation r^j between
        columns j apart, r = 0.6 in even components and -0.6 in odd ones. ``tied``: variance 1 and r = 0.6 in
        all. Not together with ``covariances``.
    means : array of shape (K, d), or (K,) for d = 1, optional
        The means themselves.
    covariances : array of shape (K, d, d), or (K,) variances of spherical components, optional
        The covariances themselves.
    rng : numpy.random.Generator, int or None
        Source of randomness; a Generator is consumed.

    Returns
    -------
    Dataset
        With truth ``weights`` (K,), ``mean`` (K, d), ``covariance`` (K, d, d) and ``labels`` (n,).

    Raises
    ------
    PointmassError
        If an option is impossible or the options disagree.

    Examples
    --------
    >>> data = gaussian_mixture(n=100, weights=[0.4, 0.6], separation=2.0, dimension=1, rng=0)
    >>> data.truth["mean"]
    array([[-1.],
           [ 1.]])
    """
    _exclusive("means", means, "separation", separation)
    _exclusive("covariances", covariances, "covariance", covariance)
    share = None if weights is None else as_weights("weights", weights)
    centres = None if means is None else _columns_of(as_real_array("means", means, (1, 2)))
    spreads = None if covariances is None else as_real_array("covariances", covariances, (1, 3))
    rows = _axis(0, weights=share, means=centres, covariances=spreads)
    columns = _axis(-1, means=centres, covariances=_matrices(spreads))
    K = agreed_size("n_components", n_components, rows, default=2)
    d = agreed_size("dimension", dimension, columns, default=2)
    check_memory(n_components=K, dimension=d, columns=d)
    share = np.full(K, 1 / K) if share is None else share
    centres = _along_first_axis(K, d, separation) if centres is None else centres
    spreads = _covariances(K, d, covariance) if spreads is None else _explicit(spreads, d)
    return mixture_dataset("gaussian_mixture", share, centres, spreads, n=n, rng=rng)


def _exclusive(name: str, value: object, other: str, other_value: object) -> None:
    if value is not None and other_value is not None:
        raise PointmassError(f"{name} and {other} exclude each other: give one of them", path=(other,))


def _columns_of(means: NDArray[np.float64]) -> NDArray[np.float64]:
    return means[:, np.newaxis] if means.ndim == 1 else means


def _axis(axis: int, **arrays: NDArray[np.float64] | None) -> dict[str, int | None]:
    return {name: None if array is None else array.shape[axis] for name, array in arrays.items()}


def _matrices(spreads: NDArray[np.float64] | None) -> NDArray[np.float64] | None:
    return spreads if spreads is not None and spreads.ndim == 3 else None


def _along_first_axis(K: int, d: int, separation: float | None) -> NDArray[np.float64]:
    distance = as_number("separation", _SEPARATION if separation is None else separation, minimum=0.0)
    means = np.zeros((K, d))
    means[:, 0] = distance * (np.arange(K) - (K - 1) / 2)
    return means


def _explicit(spreads: NDArray[np.float64], d: int) -> NDArray[np.float64]:
    if spreads.ndim == 1:
        spreads = spreads[:, np.newaxis, np.newaxis] * np.eye(d)
    return np.stack([as_covariance(f"covariances[{k}]", matrix) for k, matrix in enumerate(spreads)])


def _covariances(K: int, d: int, kind: str | None) -> NDArray[np.float64]:
    of_component = _KINDS[as_choice("covariance", "spherical" if kind is None else kind, _KINDS)]
    return np.stack([of_component(k, d) for k in range(K)])


def _spherical(k: int, d: int) -> NDArray[np.float64]:
    return np.eye(d)


def _diagonal(k: int, d: int) -> NDArray[np.float64]:
    return np.diag(np.exp2(_sign(k) * np.arange(d) / max(d - 1, 1)))


def _full(k: int, d: int) -> NDArray[np.float64]:
    sd = np.sqrt(_diagonal(k, d).diagonal())
    return sd[:, np.newaxis] * _correlations(_sign(k) * _CORRELATION, d) * sd


def _tied(k: int, d: int) -> NDArray[np.float64]:
    return _correlations(_CORRELATION, d)


def _sign(k: int) -> int:
    return 1 if k % 2 == 0 else -1


def _correlations(neighbouring: float, d: int) -> NDArray[np.float64]:
    columns = np.arange(d)
    return np.asarray(neighbouring ** np.abs(columns[:, np.newaxis] - columns), dtype=np.float64)


_KINDS: dict[str, Callable[[int, int], NDArray[np.float64]]] = {
    "spherical": _spherical,
    "diagonal": _diagonal,
    "full": _full,
    "tied": _tied,
}
