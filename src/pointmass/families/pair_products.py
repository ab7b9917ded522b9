"""Full and tied covariances: every pair of columns has a feature."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from pointmass.families.structure import Structure
from pointmass.numerics import Array, cholesky_log_determinant, pair_products, sturdy_cholesky, symmetrise

__all__ = ["PAIRS", "PairProducts"]


@lru_cache(maxsize=64)
def _upper(d: int) -> tuple[Array, Array]:
    """Return the places of the upper triangle."""
    rows, columns = np.triu_indices(d)
    return rows, columns


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


PAIRS = PairProducts()
"""It holds nothing, so one serves all."""
