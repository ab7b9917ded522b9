"""The affine map between the data's own units and the coordinates that a sweep works in."""

from __future__ import annotations

from collections.abc import Sequence
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

    @classmethod
    def joined(cls, parts: Sequence[Coordinates], columns: Sequence[Sequence[int]]) -> Self:
        """Return maps of groups of columns as one map of all columns.

        Parameters
        ----------
        parts : sequence of Coordinates
            The map of each group.
        columns : sequence of sequence of int
            The columns of each group.
        """
        d = sum(len(part.shift) for part in parts)
        shift, scale = np.empty(d), np.zeros((d, d))
        for part, own in zip(parts, columns, strict=True):
            block = part.scale if part.scale.ndim == 2 else np.diag(np.broadcast_to(part.scale, part.shift.shape))
            shift[list(own)], scale[np.ix_(own, own)] = part.shift, block
        return cls(shift, _simplest(scale))

    def of(self, columns: Sequence[int]) -> Coordinates:
        """Return the map of some of the columns, which others are not mixed with."""
        own = list(columns)
        scale = self.scale if self.scale.ndim == 0 else self.scale[np.ix_(own, own) if self.scale.ndim == 2 else own]
        return Coordinates(self.shift[own], _simplest(scale))

    @property
    def with_target_as_it_is(self) -> Coordinates:
        """The map of all columns but the last, a target that stays in its units."""
        scale = self.scale if self.scale.ndim == 2 else np.diag(np.broadcast_to(self.scale, self.shift.shape))
        shift, scale = self.shift.copy(), scale.copy()
        shift[-1], scale[-1, -1] = 0.0, 1.0
        return Coordinates(shift, scale, self.given)

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


def _simplest(scale: Array) -> Array:
    """Return the same scale with as few numbers as it has: a diagonal for a matrix, one factor for equal ones."""
    if scale.ndim == 2 and not (scale - np.diag(np.diagonal(scale))).any():
        scale = np.diagonal(scale)
    if scale.ndim == 1 and (scale == scale[0]).all():
        return np.asarray(scale[0])
    return scale
