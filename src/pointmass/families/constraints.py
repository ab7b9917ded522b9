"""Unconstrained coordinates of constrained arrays, with the log Jacobian of the way back.

Every block of parameters or hyperparameters says of each of its arrays what it is: ``"real"``, ``"positive"``,
``"covariance"`` (symmetric positive definite, stacked), ``"triangular"`` (the Cholesky factor of one), ``"simplex"``
(last axis), ``"zero_sum"`` (rows of a matrix that sum to zero, as orthonormal contrasts), ``"unit"`` (between 0 and 1)
or ``"known"`` (no coordinate).
Acceleration, samplers and
importance weights all move in these coordinates, so that no step can leave the parameter space.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from pointmass.numerics import Array, zero_sum_basis

__all__ = ["CONSTRAINTS", "Constraint", "constrain", "log_jacobian", "unconstrain"]

_TINY = 1e-300


@dataclass(frozen=True)
class Constraint:
    """One kind of constrained array; all four keep leading axes, those of draws.

    Attributes
    ----------
    free : callable
        Array and its number of leading axes to its free coordinates, one vector (last axis) a draw.
    bound : callable
        Free coordinates (..., size) and the shape of one array to the arrays.
    log_jacobian : callable
        Array and its number of leading axes to log |d array / d coordinates| (independent entries of the array).
    size : callable
        Shape of one array to its number of free coordinates.
    """

    free: Callable[[Array, int], Array]
    bound: Callable[[Array, tuple[int, ...]], Array]
    log_jacobian: Callable[[Array, int], Array]
    size: Callable[[tuple[int, ...]], int]


def _flat(array: Array, leading: int) -> Array:
    """Return the array with all but the leading axes made one."""
    shape = array.shape[:leading]
    return array.reshape((*shape, int(np.prod(array.shape[leading:]))))


def _shaped(vector: Array, shape: tuple[int, ...]) -> Array:
    return vector.reshape((*vector.shape[:-1], *shape))


def _nothing(array: Array, leading: int) -> Array:
    return np.zeros(array.shape[:leading])


def _sum_of_logs(array: Array, leading: int) -> Array:
    with np.errstate(divide="ignore"):
        return np.asarray(_flat(np.log(array), leading).sum(-1))


def _product(shape: tuple[int, ...]) -> int:
    return int(np.prod(shape))


def _free_unit(array: Array, leading: int) -> Array:
    return _flat(np.log(np.maximum(array, _TINY)) - np.log(np.maximum(1.0 - array, _TINY)), leading)


def _jacobian_unit(array: Array, leading: int) -> Array:
    return _sum_of_logs(array, leading) + _sum_of_logs(1.0 - array, leading)


def _free_simplex(weights: Array, leading: int) -> Array:
    logs = np.log(np.maximum(weights, _TINY))
    return _flat(logs[..., :-1] - logs[..., -1:], leading)


def _bound_simplex(vector: Array, shape: tuple[int, ...]) -> Array:
    ratios = _shaped(vector, (*shape[:-1], shape[-1] - 1))
    logs = np.concatenate([ratios, np.zeros((*ratios.shape[:-1], 1))], axis=-1)
    weights = np.exp(logs - logs.max(-1, keepdims=True))
    return np.asarray(weights / weights.sum(-1, keepdims=True))


def _free_zero_sum(rows: Array, leading: int) -> Array:
    return _flat(zero_sum_basis(rows.shape[-2]).T @ rows, leading)


def _bound_zero_sum(vector: Array, shape: tuple[int, ...]) -> Array:
    basis = zero_sum_basis(shape[-2])
    return np.asarray(basis @ _shaped(vector, (*shape[:-2], shape[-2] - 1, shape[-1])))


def _free_triangular(factor: Array, leading: int) -> Array:
    rows, columns = np.tril_indices(factor.shape[-1], -1)
    logs = np.log(np.diagonal(factor, axis1=-2, axis2=-1))
    return _flat(np.concatenate([logs, factor[..., rows, columns]], axis=-1), leading)


def _bound_triangular(vector: Array, shape: tuple[int, ...]) -> Array:
    d = shape[-1]
    entries = _shaped(vector, (*shape[:-2], d * (d + 1) // 2))
    factor = np.zeros((*entries.shape[:-1], d, d))
    rows, columns = np.tril_indices(d, -1)
    factor[..., np.arange(d), np.arange(d)] = np.exp(entries[..., :d])
    factor[..., rows, columns] = entries[..., d:]
    return factor


def _jacobian_triangular(factor: Array, leading: int) -> Array:
    return np.asarray(_flat(np.log(np.diagonal(factor, axis1=-2, axis2=-1)), leading).sum(-1))


def _free_covariance(matrix: Array, leading: int) -> Array:
    return _free_triangular(np.linalg.cholesky(matrix), leading)


def _bound_covariance(vector: Array, shape: tuple[int, ...]) -> Array:
    factor = _bound_triangular(vector, shape)
    return np.asarray(factor @ np.swapaxes(factor, -1, -2))


def _jacobian_covariance(matrix: Array, leading: int) -> Array:
    d = matrix.shape[-1]
    logs = np.log(np.diagonal(np.linalg.cholesky(matrix), axis1=-2, axis2=-1))
    # Muirhead (1982, theorem 2.1.9): dA = 2^d Π l_ii^(d+1−i) dL, and d l_ii = l_ii d log l_ii.
    return np.asarray(_flat(logs * np.arange(d + 1, 1, -1) + np.log(2.0), leading).sum(-1))


def _triangle(shape: tuple[int, ...]) -> int:
    return int(np.prod(shape[:-2])) * (shape[-1] * (shape[-1] + 1) // 2)


CONSTRAINTS: dict[str, Constraint] = {
    "real": Constraint(_flat, _shaped, _nothing, _product),
    "positive": Constraint(
        lambda array, leading: np.log(np.maximum(_flat(array, leading), _TINY)),
        lambda vector, shape: np.exp(_shaped(vector, shape)),
        _sum_of_logs,
        _product,
    ),
    "unit": Constraint(_free_unit, lambda vector, shape: expit(_shaped(vector, shape)), _jacobian_unit, _product),
    "known": Constraint(
        lambda array, leading: np.zeros((*array.shape[:leading], 0)), _shaped, _nothing, lambda shape: 0
    ),
    "simplex": Constraint(
        _free_simplex,
        _bound_simplex,
        _sum_of_logs,
        lambda shape: int(np.prod(shape[:-1])) * (shape[-1] - 1),
    ),
    "zero_sum": Constraint(
        _free_zero_sum,
        _bound_zero_sum,
        _nothing,
        lambda shape: int(np.prod(shape[:-2])) * (shape[-2] - 1) * shape[-1],
    ),
    "covariance": Constraint(
        _free_covariance,
        _bound_covariance,
        _jacobian_covariance,
        _triangle,
    ),
    "triangular": Constraint(_free_triangular, _bound_triangular, _jacobian_triangular, _triangle),
}


def unconstrain(arrays: Mapping[str, Array], kinds: Mapping[str, str], leading: int = 0) -> Array:
    """Return the free coordinates of ``arrays``, one vector in the order of ``kinds``, for each draw one.

    Parameters
    ----------
    arrays : dict of str to ndarray
        Arrays with ``leading`` axes of draws.
    kinds : dict of str to str
        Kind of each array.
    leading : int
        Number of leading axes, which are kept.
    """
    return np.concatenate(
        [CONSTRAINTS[kind].free(np.asarray(arrays[name]), leading) for name, kind in kinds.items()], axis=-1
    )


def constrain(vector: Array, like: Mapping[str, Array], kinds: Mapping[str, str]) -> dict[str, Array]:
    """Return the arrays whose free coordinates are ``vector`` (..., size), each one shaped as those of ``like``."""
    arrays, start = {}, 0
    for name, kind in kinds.items():
        shape = np.shape(like[name])
        if kind == "known":
            arrays[name] = np.broadcast_to(np.asarray(like[name]), (*vector.shape[:-1], *shape))
            continue
        stop = start + CONSTRAINTS[kind].size(shape)
        arrays[name] = CONSTRAINTS[kind].bound(vector[..., start:stop], shape)
        start = stop
    return arrays


def log_jacobian(arrays: Mapping[str, Array], kinds: Mapping[str, str], leading: int = 0) -> Array:
    """Return log |d arrays / d coordinates| of each draw, with Lebesgue measure on the independent entries."""
    parts = [CONSTRAINTS[kind].log_jacobian(np.asarray(arrays[name]), leading) for name, kind in kinds.items()]
    return np.asarray(sum(parts))
