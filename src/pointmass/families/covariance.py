"""Covariance structures: which quadratic features of a row a Gaussian needs, and how a precision weighs them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import lru_cache

import numpy as np

from pointmass.numerics import Array, cholesky_log_determinant, pair_products, sturdy_cholesky, symmetrise

__all__ = ["PairProducts", "SquaredNorm", "Squares", "Structure", "structure_of"]


@lru_cache(maxsize=64)
def _upper(d: int) -> tuple[Array, Array]:
    """Return the places of the upper triangle."""
    rows, columns = np.triu_indices(d)
    return rows, columns


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

    # -- some of the columns only ------------------------------------------------------------------------------

    @abstractmethod
    def matrix(self, precision: Array, d: int) -> Array:
        """Return a precision, or a covariance, as matrices (K, d, d)."""

    @abstractmethod
    def marginal(self, precision: Array, seen: Array) -> tuple[Array, Array]:
        """Return the precision of the columns ``seen``, the others integrated out, and log|Λ| (K,) of those."""

    @abstractmethod
    def quadratic_form(self, coefficients: Array, d: int) -> Array:
        """Return the symmetric G (B, d, d) with zᵀ G z = coefficients (B, size) · features of z."""

    @abstractmethod
    def lifted(self, sums: Array, lift: Array) -> Array:
        """Return summed quadratic features (K, size) of T · rows from those of rows, for maps T (K, d, o)."""

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
        i, j = _upper(second.shape[-1])
        return np.asarray(second[:, i, j])

    def coefficients(self, precision: Array) -> Array:
        """Return −½ Λ_ii and −Λ_ij."""
        i, j = _upper(precision.shape[-1])
        return np.asarray(np.where(i == j, -0.5, -1.0) * precision[:, i, j])

    def scatter(self, sums: Array, d: int) -> Array:
        """Return symmetric matrices (K, d, d)."""
        i, j = _upper(d)
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
        i, j = _upper(left.shape[1])
        return np.asarray(left[:, i] * right[:, j] + right[:, i] * left[:, j])

    def matrix(self, precision: Array, d: int) -> Array:
        """Return the precision itself."""
        return precision

    def marginal(self, precision: Array, seen: Array) -> tuple[Array, Array]:
        """Return the Schur complement Λ_oo − Λ_om Λ_mm⁻¹ Λ_mo, and log|Λ_mm|."""
        kept, hidden = np.flatnonzero(seen), np.flatnonzero(~seen)
        factor = sturdy_cholesky(precision[:, hidden[:, None], hidden])
        across = np.linalg.solve(factor, precision[:, hidden[:, None], kept])
        rest = precision[:, kept[:, None], kept] - np.swapaxes(across, -1, -2) @ across
        return symmetrise(rest), cholesky_log_determinant(factor)

    def quadratic_form(self, coefficients: Array, d: int) -> Array:
        """Return matrices with each pair's coefficient shared between its two places."""
        matrix = self.scatter(coefficients, d)
        return np.asarray(0.5 * (matrix + matrix * np.eye(d)))

    def lifted(self, sums: Array, lift: Array) -> Array:
        """Return the upper triangles of T S Tᵀ."""
        return self.moments(lift @ self.scatter(sums, lift.shape[-1]) @ np.swapaxes(lift, -1, -2))

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


_STRUCTURES: dict[int, Structure] = {3: PairProducts(), 2: Squares(), 1: SquaredNorm()}


def structure_of(axes: int) -> Structure:
    """Return the structure whose precisions have so many axes: (K, d, d), (K, d) or (K,)."""
    return _STRUCTURES[axes]
