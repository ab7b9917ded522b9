"""The normal equations of regressions, solved by Cholesky factors; of least norm where they are singular."""

from __future__ import annotations

import numpy as np

from pointmass.numerics import Array

__all__ = ["solved"]

# Beyond this ratio of the extreme pivots of a Cholesky factor, directions that the data do not determine are rounding.
_SMALLEST_PIVOT = 1e-7
_SMALLEST_EIGENVALUE = 1e-13


def solved(precision: Array, right: Array) -> tuple[Array, Array]:
    """Return Cholesky factors (K, p, p) of precisions and their solutions (K, p); of least norm where singular."""
    parts = [_solved_one(matrix, vector) for matrix, vector in zip(precision, right, strict=True)]
    return np.stack([part[0] for part in parts]), np.stack([part[1] for part in parts])


def _solved_one(matrix: Array, vector: Array) -> tuple[Array, Array]:
    try:
        factor = np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return _least_norm(matrix, vector)
    pivots = np.diag(factor)
    if not pivots.min() > _SMALLEST_PIVOT * pivots.max():
        return _least_norm(matrix, vector)
    return factor, np.linalg.solve(factor.T, np.linalg.solve(factor, vector))


def _least_norm(matrix: Array, vector: Array) -> tuple[Array, Array]:
    """Return a factor of a singular precision, and the solution of least norm."""
    if not np.isfinite(matrix).all():
        raise np.linalg.LinAlgError("a precision is not finite")
    values, vectors = np.linalg.eigh(matrix)
    values = np.maximum(values, 0.0)
    kept = values > _SMALLEST_EIGENVALUE * values.max(initial=0.0)
    inverse = np.divide(1.0, values, out=np.zeros_like(values), where=kept)
    upper = np.linalg.qr(np.sqrt(values)[:, None] * vectors.T, mode="r")
    sign = np.where(np.diag(upper) < 0, -1.0, 1.0)
    return (sign[:, None] * upper).T, vectors @ (inverse * (vectors.T @ vector))
