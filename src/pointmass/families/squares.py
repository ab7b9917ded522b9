"""Diagonal covariances: every column has a feature."""

from __future__ import annotations

import numpy as np

from pointmass.families.structure import Structure
from pointmass.numerics import Array

__all__ = ["Squares"]


class Squares(Structure):
    """The square of each column: diagonal covariances."""

    def size(self, d: int) -> int:
        """Return d."""
        return d

    def features(self, rows: Array, out: Array) -> None:
        """Write z_i²."""
        np.multiply(rows, rows, out=out)

    def moments(self, second: Array) -> Array:
        """Return the diagonal."""
        return np.diagonal(second, axis1=1, axis2=2)

    def coefficients(self, precision: Array) -> Array:
        """Return −½ τ."""
        return -0.5 * precision

    def scatter(self, sums: Array, d: int) -> Array:
        """Return the sums themselves (K, d)."""
        return sums

    def times(self, precision: Array, points: Array) -> Array:
        """Return τ · points."""
        return precision * points

    def distances(self, precision: Array, rows: Array) -> Array:
        """Return Σ τ_i row_i²."""
        return np.asarray(precision @ rows**2)

    def outer(self, points: Array, weights: Array) -> Array:
        """Return vectors (K, d)."""
        return np.asarray(weights[:, None] * points**2)

    def cross(self, left: Array, right: Array) -> Array:
        """Return 2 l_i r_i."""
        return 2.0 * left * right

    def matrix(self, precision: Array, d: int) -> Array:
        """Return diagonal matrices."""
        return np.asarray(precision[:, :, None] * np.eye(d))

    def marginal(self, precision: Array, seen: Array) -> tuple[Array, Array]:
        """Return the precisions of the columns, and the logarithms of the others."""
        return precision[:, seen], np.log(precision[:, ~seen]).sum(-1)

    def quadratic_form(self, coefficients: Array, d: int) -> Array:
        """Return diagonal matrices."""
        return self.matrix(coefficients, d)

    def lifted(self, sums: Array, lift: Array) -> Array:
        """Return the sums in their places: columns are independent, T puts them there."""
        return np.asarray((lift**2 @ sums[..., None])[..., 0])

    def move(self, factor: Array, points: Array) -> Array:
        """Return F · points."""
        return factor * points

    def move_rows(self, factor: Array, rows: Array) -> Array:
        """Return F · rows."""
        return factor[:, None] * rows
