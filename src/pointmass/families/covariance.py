"""Covariance structures: which quadratic features of a row a Gaussian needs, and how a precision weighs them."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from pointmass.numerics import Array, pair_products, sturdy_cholesky

__all__ = ["PairProducts", "SquaredNorm", "Squares", "Structure", "structure_of"]


class Structure(ABC):
    """Quadratic features of rows and the arrays that go with them.

    A precision, a scatter or a covariance has the structure's own shape: (K, d, d), (K, d) or (K,).
    """

    @abstractmethod
    def size(self, d: int) -> int:
        """Return the number of quadratic features of a row with ``d`` columns."""

    @abstractmethod
    def features(self, rows: Array, out: Array) -> None:
        """Write the quadratic features of rows (d, n) to ``out`` (size, n)."""

    @abstractmethod
    def moments(self, second: Array) -> Array:
        """Return the expected quadratic features (K, size) from second moments E[z zᵀ] (K, d, d)."""

    @abstractmethod
    def coefficients(self, precision: Array) -> Array:
        """Return the weights (K, size) with which the features give −½ zᵀ Λ z."""

    @abstractmethod
    def scatter(self, sums: Array, d: int) -> Array:
        """Return the scatter of K components from summed features (K, size)."""

    @abstractmethod
    def times(self, precision: Array, points: Array) -> Array:
        """Return Λ · points, shape (K, d)."""

    @abstractmethod
    def distances(self, precision: Array, rows: Array) -> Array:
        """Return rowᵀ Λ row for rows (d, n) under one component's precision, shape (n,)."""

    @abstractmethod
    def outer(self, points: Array, weights: Array) -> Array:
        """Return weight · point pointᵀ in the structure's shape; points (K, d), weights (K,)."""

    @abstractmethod
    def cross(self, left: Array, right: Array) -> Array:
        """Return the quadratic features of left rightᵀ + right leftᵀ, shape (K, size)."""

    # -- changes of units, one linear map F for each component, shaped as a precision -------------------------

    def root(self, precision: Array) -> Array:
        """Return the F with Λ = Fᵀ F, which makes rows of the component standard."""
        return np.asarray(np.sqrt(precision))

    def inverse(self, factor: Array) -> Array:
        """Return F⁻¹."""
        return np.asarray(1.0 / factor)

    @abstractmethod
    def move(self, factor: Array, points: Array) -> Array:
        """Return F · points, shape (K, d)."""

    @abstractmethod
    def move_rows(self, factor: Array, rows: Array) -> Array:
        """Return F · rows for rows (d, n) and the F of one component."""

    def move_sums(self, factor: Array, sums: Array) -> Array:
        """Return summed quadratic features (K, size) of F · rows from those of rows."""
        return np.asarray(sums * (factor**2).reshape(sums.shape))

    def congruent(self, factor: Array, precision: Array) -> Array:
        """Return Fᵀ Λ F."""
        return np.asarray(precision * factor**2)


class PairProducts(Structure):
    """Every pair of columns once: full and tied covariances."""

    def size(self, d: int) -> int:
        """Return d (d + 1) / 2."""
        return d * (d + 1) // 2

    def features(self, rows: Array, out: Array) -> None:
        """Write z_i z_j for i ≤ j, row by row of the upper triangle."""
        pair_products(rows, out)

    def moments(self, second: Array) -> Array:
        """Return the upper triangle."""
        i, j = np.triu_indices(second.shape[-1])
        return np.asarray(second[:, i, j])

    def coefficients(self, precision: Array) -> Array:
        """Return −½ Λ_ii and −Λ_ij."""
        i, j = np.triu_indices(precision.shape[-1])
        return np.asarray(np.where(i == j, -0.5, -1.0) * precision[:, i, j])

    def scatter(self, sums: Array, d: int) -> Array:
        """Return symmetric matrices (K, d, d)."""
        i, j = np.triu_indices(d)
        matrix = np.empty((len(sums), d, d))
        matrix[:, i, j] = sums
        matrix[:, j, i] = sums
        return matrix

    def times(self, precision: Array, points: Array) -> Array:
        """Return Λ points."""
        return np.asarray((precision @ points[..., None])[..., 0])

    def distances(self, precision: Array, rows: Array) -> Array:
        """Return |Lᵀ row|² with Λ = L Lᵀ."""
        white = sturdy_cholesky(precision).T @ rows
        return np.asarray(np.einsum("ij,ij->j", white, white))

    def outer(self, points: Array, weights: Array) -> Array:
        """Return matrices (K, d, d)."""
        return np.asarray((weights[:, None] * points)[:, :, None] * points[:, None, :])

    def cross(self, left: Array, right: Array) -> Array:
        """Return l_i r_j + r_i l_j for i ≤ j."""
        i, j = np.triu_indices(left.shape[1])
        return np.asarray(left[:, i] * right[:, j] + right[:, i] * left[:, j])

    def root(self, precision: Array) -> Array:
        """Return the transposed Cholesky factor of Λ."""
        return np.swapaxes(np.linalg.cholesky(precision), -1, -2)

    def inverse(self, factor: Array) -> Array:
        """Return F⁻¹."""
        return np.linalg.inv(factor)

    def move(self, factor: Array, points: Array) -> Array:
        """Return F · points."""
        return self.times(factor, points)

    def move_rows(self, factor: Array, rows: Array) -> Array:
        """Return F · rows."""
        return np.asarray(factor @ rows)

    def move_sums(self, factor: Array, sums: Array) -> Array:
        """Return the upper triangles of F S Fᵀ."""
        return self.moments(factor @ self.scatter(sums, factor.shape[-1]) @ np.swapaxes(factor, -1, -2))

    def congruent(self, factor: Array, precision: Array) -> Array:
        """Return Fᵀ Λ F."""
        return np.asarray(np.swapaxes(factor, -1, -2) @ precision @ factor)


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

    def move(self, factor: Array, points: Array) -> Array:
        """Return F · points."""
        return factor * points

    def move_rows(self, factor: Array, rows: Array) -> Array:
        """Return F · rows."""
        return factor[:, None] * rows


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

    def move(self, factor: Array, points: Array) -> Array:
        """Return F · points."""
        return factor[:, None] * points

    def move_rows(self, factor: Array, rows: Array) -> Array:
        """Return F · rows."""
        return factor * rows


_STRUCTURES: dict[int, Structure] = {3: PairProducts(), 2: Squares(), 1: SquaredNorm()}


def structure_of(axes: int) -> Structure:
    """Return the structure whose precisions have so many axes: (K, d, d), (K, d) or (K,)."""
    return _STRUCTURES[axes]
