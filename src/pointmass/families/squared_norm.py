"""Spherical covariances: a row has one feature."""

from __future__ import annotations

import numpy as np

from pointmass.families.structure import Structure
from pointmass.numerics import Array

__all__ = ["SquaredNorm"]


class SquaredNorm(Structure):
    """The squared length of a row: spherical covariances."""

    def size(self, d: int) -> int:
        """Return 1."""
        return 1

    def features(self, rows: Array, out: Array) -> None:
        """Write |z|²."""
        np.einsum("ij,ij->j", rows, rows, out=out[0])

    def moments(self, second: Array) -> Array:
        """Return the trace."""
        return np.asarray(np.trace(second, axis1=1, axis2=2)[:, None])

    def coefficients(self, precision: Array) -> Array:
        """Return −½ τ."""
        return -0.5 * precision[:, None]

    def scatter(self, sums: Array, d: int) -> Array:
        """Return the sums themselves (K,)."""
        return sums[:, 0]

    def times(self, precision: Array, points: Array) -> Array:
        """Return τ · points."""
        return precision[:, None] * points

    def distances(self, precision: Array, rows: Array) -> Array:
        """Return τ |row|²."""
        return np.asarray(precision * np.einsum("ij,ij->j", rows, rows))

    def outer(self, points: Array, weights: Array) -> Array:
        """Return numbers (K,)."""
        return np.asarray(weights * (points**2).sum(-1))

    def cross(self, left: Array, right: Array) -> Array:
        """Return 2 lᵀ r."""
        return 2.0 * (left * right).sum(-1, keepdims=True)

    def matrix(self, precision: Array, d: int) -> Array:
        """Return multiples of the identity."""
        return np.asarray(precision[:, None, None] * np.eye(d))

    def marginal(self, precision: Array, seen: Array) -> tuple[Array, Array]:
        """Return the common precision, and its logarithm for each of the other columns."""
        return precision, np.log(precision) * (~seen).sum()

    def quadratic_form(self, coefficients: Array, d: int) -> Array:
        """Return multiples of the identity."""
        return self.matrix(coefficients[:, 0], d)

    def lifted(self, sums: Array, lift: Array) -> Array:
        """Return the sums: columns are independent, and T adds none."""
        return sums

    def move(self, factor: Array, points: Array) -> Array:
        """Return F · points."""
        return factor[:, None] * points

    def move_rows(self, factor: Array, rows: Array) -> Array:
        """Return F · rows."""
        return factor * rows
