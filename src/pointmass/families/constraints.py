"""Unconstrained coordinates of constrained arrays, with the log Jacobian of the way back.

Every block of parameters or hyperparameters says of each of its arrays what it is: ``"real"``, ``"positive"``,
``"covariance"`` (symmetric positive definite, stacked), ``"simplex"`` (last axis) or ``"known"`` (no coordinate).
Acceleration, samplers and
importance weights all move in these coordinates, so that no step can leave the parameter space.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from pointmass.numerics import Array

__all__ = ["CONSTRAINTS", "Constraint", "constrain", "log_jacobian", "unconstrain"]

_TINY = 1e-300


@dataclass(frozen=True)
class Constraint:
    """One kind of constrained array.

    Attributes
    ----------
    free : callable
        Array to its free coordinates, a vector.
    bound : callable
        Vector of free coordinates and the array's shape to the array.
    log_jacobian : callable
        The array to log |d array / d coordinates| (independent entries of the array).
    size : callable
        Shape of the array to the number of free coordinates.
    """

    free: Callable[[Array], Array]
    bound: Callable[[Array, tuple[int, ...]], Array]
    log_jacobian: Callable[[Array], float]
    size: Callable[[tuple[int, ...]], int]


def _free_simplex(weights: Array) -> Array:
    logs = np.log(np.maximum(weights, _TINY))
    return np.asarray((logs[..., :-1] - logs[..., -1:]).ravel())


def _bound_simplex(vector: Array, shape: tuple[int, ...]) -> Array:
    ratios = vector.reshape(*shape[:-1], shape[-1] - 1)
    logs = np.concatenate([ratios, np.zeros((*shape[:-1], 1))], axis=-1)
    weights = np.exp(logs - logs.max(-1, keepdims=True))
    return np.asarray(weights / weights.sum(-1, keepdims=True))


def _free_covariance(matrix: Array) -> Array:
    factor = np.linalg.cholesky(matrix)
    rows, columns = np.tril_indices(matrix.shape[-1], -1)
    logs = np.log(np.diagonal(factor, axis1=-2, axis2=-1))
    return np.concatenate([logs, factor[..., rows, columns]], axis=-1).ravel()


def _bound_covariance(vector: Array, shape: tuple[int, ...]) -> Array:
    d = shape[-1]
    entries = vector.reshape(*shape[:-2], d * (d + 1) // 2)
    factor = np.zeros(shape)
    rows, columns = np.tril_indices(d, -1)
    factor[..., np.arange(d), np.arange(d)] = np.exp(entries[..., :d])
    factor[..., rows, columns] = entries[..., d:]
    return np.asarray(factor @ np.swapaxes(factor, -1, -2))


def _jacobian_covariance(matrix: Array) -> float:
    d = matrix.shape[-1]
    logs = np.log(np.diagonal(np.linalg.cholesky(matrix), axis1=-2, axis2=-1))
    # Muirhead (1982, theorem 2.1.9): dA = 2^d Π l_ii^(d+1−i) dL, and d l_ii = l_ii d log l_ii.
    return float((logs * np.arange(d + 1, 1, -1)).sum() + logs.size * np.log(2.0))


CONSTRAINTS: dict[str, Constraint] = {
    "real": Constraint(np.ravel, np.reshape, lambda array: 0.0, lambda shape: int(np.prod(shape))),
    "positive": Constraint(
        lambda array: np.log(np.maximum(array, _TINY)).ravel(),
        lambda vector, shape: np.exp(vector).reshape(shape),
        lambda array: float(np.log(array).sum()),
        lambda shape: int(np.prod(shape)),
    ),
    "known": Constraint(lambda array: np.zeros(0), np.reshape, lambda array: 0.0, lambda shape: 0),
    "simplex": Constraint(
        _free_simplex,
        _bound_simplex,
        lambda weights: float(np.log(weights).sum()),
        lambda shape: int(np.prod(shape[:-1])) * (shape[-1] - 1),
    ),
    "covariance": Constraint(
        _free_covariance,
        _bound_covariance,
        _jacobian_covariance,
        lambda shape: int(np.prod(shape[:-2])) * (shape[-1] * (shape[-1] + 1) // 2),
    ),
}


def unconstrain(arrays: Mapping[str, Array], kinds: Mapping[str, str]) -> Array:
    """Return the free coordinates of ``arrays``, one vector in the order of ``kinds``."""
    return np.concatenate([CONSTRAINTS[kind].free(np.asarray(arrays[name])) for name, kind in kinds.items()])


def constrain(vector: Array, like: Mapping[str, Array], kinds: Mapping[str, str]) -> dict[str, Array]:
    """Return the arrays whose free coordinates are ``vector``, shaped as those of ``like``."""
    arrays, start = {}, 0
    for name, kind in kinds.items():
        if kind == "known":
            arrays[name] = np.asarray(like[name])
            continue
        shape = np.shape(like[name])
        stop = start + CONSTRAINTS[kind].size(shape)
        arrays[name] = CONSTRAINTS[kind].bound(vector[start:stop], shape)
        start = stop
    return arrays


def log_jacobian(arrays: Mapping[str, Array], kinds: Mapping[str, str]) -> float:
    """Return log |d arrays / d coordinates|, with Lebesgue measure on the independent entries."""
    return sum(CONSTRAINTS[kind].log_jacobian(np.asarray(arrays[name])) for name, kind in kinds.items())
