"""The affine map between the data's own units and the coordinates that a sweep works in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from pointmass.numerics import Array

__all__ = ["Coordinates"]


@dataclass(frozen=True, eq=False)
class Coordinates:
    """The map ``x = shift + scale · z`` from working coordinates ``z`` to the data's units ``x``.

    Parameters
    ----------
    shift : ndarray, shape (d,)
        What ``z = 0`` stands for.
    scale : ndarray, shape (d, d), (d,) or ()
        A lower triangular matrix, one factor for each column, or one factor for all.
    given : int
        Number of leading columns that a density is conditioned on: it is per unit of the others alone, which the
        scale must not mix with these.
    """

    shift: Array
    scale: Array
    given: int = 0

    @classmethod
    def identity(cls, n_columns: int) -> Self:
        """Return the map that changes nothing."""
        return cls(np.zeros(n_columns), np.ones(()))

    @property
    def inverse(self) -> Coordinates:
        """The map back, from the data's units to working coordinates."""
        if self.scale.ndim < 2:
            return Coordinates(-self.shift / self.scale, 1.0 / self.scale, self.given)
        return Coordinates(-np.linalg.solve(self.scale, self.shift), np.linalg.inv(self.scale), self.given)

    @cached_property
    def _unscale(self) -> Array:
        """The inverse of the scale, ready to multiply rows of shape (d, n)."""
        if self.scale.ndim < 2:
            return np.asarray(1.0 / (self.scale if self.scale.ndim == 0 else self.scale[:, None]))
        return np.linalg.inv(self.scale)

    def transform(self, rows: Array, out: Array | None = None) -> Array:
        """Return rows (n, d) as working coordinates, one column of the result a row: shape (d, n).

        Parameters
        ----------
        rows : ndarray, shape (n, d)
            Rows in the data's units.
        out : ndarray, shape (d, n), optional
            Where to write the result.
        """
        if out is None:
            out = np.empty(rows.shape[::-1])
        if self.scale.ndim < 2:
            np.subtract(rows.T, self.shift[:, None], out=out)
            out *= self._unscale
            return out
        return np.matmul(self._unscale, np.subtract(rows.T, self.shift[:, None], order="C"), out=out)

    def apply(self, points: Array) -> Array:
        """Return ``points`` (..., d) of working coordinates in the data's units."""
        return np.asarray(self.shift + (points * self.scale if self.scale.ndim < 2 else points @ self.scale.T))

    def apply_covariance(self, matrices: Array) -> Array:
        """Return covariances (..., d, d) of working coordinates in the data's units."""
        if self.scale.ndim < 2:
            scale = np.broadcast_to(self.scale, self.shift.shape)
            return np.asarray(matrices * scale[:, None] * scale)
        return self.scale @ matrices @ self.scale.T

    def apply_variances(self, variances: Array) -> Array:
        """Return variances (..., d), or (...) under one common factor, in the data's units.

        A full matrix has no meaning for variances alone, except at d = 1 where it is one factor.
        """
        return np.asarray(variances * (self.scale.ravel() if self.scale.ndim == 2 else self.scale) ** 2)

    @property
    def log_determinant(self) -> float:
        """Log |dx / dz|, which a density per unit of z loses when it becomes one per unit of x."""
        d = self.shift.size
        if self.scale.ndim == 2:
            return float(np.log(np.abs(np.diag(self.scale)[self.given :])).sum())
        return float(np.log(np.abs(np.broadcast_to(self.scale, (d,))[self.given :])).sum())
