"""Checks of hyperparameters and rows that families share: one sentence that names the class, the value, the remedy."""

from __future__ import annotations

from typing import Any

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.point_mass import PointMass
from pointmass.numerics import Array, symmetrise

__all__ = [
    "at_least",
    "check_prior",
    "check_whole_numbers",
    "column_means",
    "component_copies",
    "covariance_matrix",
    "matrix_copies",
    "numbers",
]


def numbers(owner: str, name: str, value: Any) -> Array:
    """Return ``value`` as a read-only float array, or say which hyperparameter is not made of finite numbers."""
    try:
        if isinstance(value, bool | str):
            raise TypeError
        array = np.array(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise PointmassError(
            f"{owner}: {name} must be a number or an array of numbers, got {value!r}", path=(name,)
        ) from error
    if not np.isfinite(array).all():
        raise PointmassError(f"{owner}: {name} must be finite, got {value!r}", path=(name,))
    array.flags.writeable = False
    return array


def at_least(owner: str, name: str, value: Any, bound: float, *, strict: bool = True) -> Array:
    """Return ``value`` as an array whose entries all exceed ``bound`` (or reach it, when not strict)."""
    array = numbers(owner, name, value)
    if (array <= bound).any() if strict else (array < bound).any():
        relation = "greater than" if strict else "at least"
        raise PointmassError(f"{owner}: {name} must be {relation} {bound:g}, got {value!r}", path=(name,))
    return array


def covariance_matrix(owner: str, name: str, value: Any) -> Array:
    """Return a symmetric positive definite matrix; a scalar is one of 1 × 1, all zeros mean flat."""
    array = np.atleast_2d(numbers(owner, name, value))
    if array.shape[-1] != array.shape[-2]:
        raise PointmassError(f"{owner}: {name} must be a square matrix, got shape {array.shape}", path=(name,))
    if np.abs(array - np.swapaxes(array, -1, -2)).max() > 1e-8 * np.abs(array).max():
        raise PointmassError(
            f"{owner}: {name} must be symmetric; entries differ from their mirror images by more than rounding",
            path=(name,),
        )
    array = symmetrise(array)
    smallest = float(np.linalg.eigvalsh(array).min())
    if smallest <= 0 and array.any():
        raise PointmassError(
            f"{owner}: {name} must be positive definite; its smallest eigenvalue is {smallest:.3g}",
            path=(name,),
        )
    array.flags.writeable = False
    return array


def component_copies(owner: str, name: str, value: Array, shape: tuple[int, ...]) -> Array:
    """Return a fresh copy of ``value`` broadcast to ``shape``, or say that it does not fit the data."""
    try:
        return np.array(np.broadcast_to(value, shape))
    except ValueError as error:
        raise PointmassError(
            f"{owner}: {name} has shape {np.shape(value)}, which does not fit data and components that need {shape}",
            path=(name,),
        ) from error


def matrix_copies(owner: str, name: str, value: Array, shape: tuple[int, ...]) -> Array:
    """Return copies of a square matrix as `component_copies` does; one of 1 × 1 is that number times the identity."""
    return component_copies(owner, name, value * np.eye(shape[-1]) if value.shape[-1] == 1 else value, shape)


def check_prior(owner: str, prior: Any, conjugate: type) -> None:
    """Raise `PointmassError` unless ``prior`` is of the family's conjugate class, known, or left to the data."""
    if not isinstance(prior, conjugate | PointMass | None):
        raise PointmassError(
            f"{owner}: prior must be {conjugate.__name__}, PointMass or None, got {prior!r}", path=("prior",)
        )


def check_whole_numbers(owner: str, rows: Array, highest: int | None = None) -> None:
    """Raise `PointmassError` where rows (n, d) hold anything but whole numbers from 0 (to ``highest``)."""
    wrong = (rows < 0) | (rows != np.floor(rows))
    if highest is not None:
        wrong |= rows > highest
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        wanted = "of at least 0" if highest is None else f"from 0 to {highest}"
        raise PointmassError(
            f"{owner} needs whole numbers {wanted}, got {rows[row, column]:g} at row {row}, column {column}"
        )


def column_means(rows: Array, weights: Array | None) -> Array:
    """Return the mean of each column of values of at least 0; one where all are zero."""
    mean = np.average(rows, axis=0, weights=weights)
    return np.where(mean > 0, mean, 1.0)
