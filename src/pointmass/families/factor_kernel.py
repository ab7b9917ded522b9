"""The part of a sweep of rows that hidden factors explain: the factors integrated out, and their moments."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from pointmass.families.coordinates import Coordinates
from pointmass.families.kernel import Kernel
from pointmass.families.regression_moments import RegressionMoments
from pointmass.numerics import Array, cholesky_log_determinant

if TYPE_CHECKING:
    from pointmass.families.conjugate import Parameters
    from pointmass.families.factor_analysis import FactorAnalysis

__all__ = ["FactorKernel", "FactorRows"]


@dataclass(frozen=True, eq=False)
class FactorRows:
    """Features of rows whose factors are hidden.

    Parameters
    ----------
    rows : ndarray, shape (d, n)
        Rows in working coordinates.
    drawn : ndarray, shape (q, n), optional
        The factors, where they are drawn.
    """

    rows: Array
    drawn: Array | None = None


class FactorKernel(Kernel):
    r"""Log densities of rows, their factors z integrated out, and expected products of factors and columns.

    Given q(θ) the factors of a row are N(M⁻¹ b, M⁻¹) with M = I + Σ_j (τ_j w_j w_jᵀ + V_j) and
    b = Σ_j τ_j w_j (x_j − μ_j) − v_j, where V_j and v_j are what is not known of the loadings,
    and of them with the mean.

    Parameters
    ----------
    family : FactorAnalysis
        Whose kernel this is.
    expected : dict of str to ndarray
        Expected natural parameters, columns first and behind them K sets of parameters.
    offset : ndarray, shape (K,)
        What is added to the log densities of each set.
    coordinates : Coordinates
        Working coordinates of the rows.
    """

    def __init__(self, family: FactorAnalysis, expected: Parameters, offset: Array, coordinates: Coordinates) -> None:
        k = len(offset)
        sets = {name: np.moveaxis(a.reshape(-1, k, *a.shape[1:]), 1, 0) for name, a in expected.items()}
        line, self.precision, spread = sets["coefficients"], sets["precision"], sets["spread"]
        self.mean, self.loadings, self.spread = line[..., 0], line[..., 1:], spread
        self.across = spread[:, :, 1:, 0].sum(1)
        weighted = self.precision[..., None] * self.loadings
        q = self.loadings.shape[-1]
        inverse = np.eye(q) + np.swapaxes(weighted, -1, -2) @ self.loadings + spread[:, :, 1:, 1:].sum(1)
        self.weighted, self.root = weighted, np.linalg.cholesky(inverse)
        half = np.linalg.solve(self.root, np.broadcast_to(np.eye(q), inverse.shape))
        self.covariance = np.swapaxes(half, -1, -2) @ half
        constant = 0.5 * (sets["log_precision"] - np.log(2.0 * np.pi)).sum(-1) - 0.5 * spread[:, :, 0, 0].sum(-1)
        self.constant = constant - 0.5 * cholesky_log_determinant(self.root) + offset
        super().__init__(family, self.constant[:, None], coordinates)

    def features(self, rows: Array) -> FactorRows:
        """Return the rows (n, d) in working coordinates."""
        return FactorRows(self.coordinates.transform(rows))

    def _pull(self, rows: Array) -> tuple[Array, Array]:
        """Return b (K, q, n), and Σ_j τ_j (x_j − μ_j)² (K, n)."""
        steps = rows - self.mean[..., None]
        pull = np.swapaxes(self.weighted, -1, -2) @ steps - self.across[..., None]
        return pull, np.einsum("kd,kdn->kn", self.precision, steps**2)

    def product(self, features: FactorRows) -> Array:
        """Return log densities (K, n)."""
        pull, squares = self._pull(features.rows)
        explained = (np.linalg.solve(self.root, pull) ** 2).sum(
            1
        )  # by the inverse it would be lost where noise is small
        return np.asarray(self.constant[:, None] - 0.5 * squares + 0.5 * explained)

    def log_density(self, features: FactorRows, rows: Array) -> Array:
        """Return log densities (K, n)."""
        return self.product(features)

    @cached_property
    def nothing(self) -> Array:
        """The covariance of factors that are drawn: zeros."""
        return np.zeros_like(self.covariance[0])

    def factors(self, features: FactorRows) -> tuple[Array, Array]:
        """Return the factors' means (q, n) and covariance (q, q) under the one set of parameters."""
        if features.drawn is not None:
            return features.drawn, self.nothing
        root = self.root[0]
        return np.linalg.solve(root.T, np.linalg.solve(root, self._pull(features.rows)[0][0])), self.covariance[0]

    def statistics(self, features: FactorRows, responsibilities: Array) -> RegressionMoments:
        """Return expected products of (1, factors, column), one regression a column."""
        weights = responsibilities[0]
        means, covariance = self.factors(features)
        design = np.concatenate([np.ones((1, means.shape[1])), means])
        square = (design * weights) @ design.T
        square[1:, 1:] += weights.sum() * covariance
        cross = (features.rows * weights) @ design.T
        gram = grams(square, cross, np.einsum("dn,dn,n->d", features.rows, features.rows, weights))
        return RegressionMoments(pairs(gram), np.zeros((len(gram), gram.shape[-1] - 1)))

    def filled(self, features: FactorRows, assigned: Array, rng: np.random.Generator | None) -> FactorRows:
        """Return the features of rows whose factors are drawn."""
        if rng is None:
            raise ValueError("drawn factors need an rng")
        means, covariance = self.factors(features)
        noise = np.linalg.cholesky(covariance) @ rng.standard_normal(means.shape)
        return FactorRows(features.rows, means + noise)

    def settle_far_rows(self, features: Any, log_joint: Array) -> Array:
        """Call rows whose densities overflow impossible, in place; return which."""
        far = np.flatnonzero(~np.isfinite(log_joint).all(axis=0))
        log_joint[:, far] = -np.inf
        return far


def grams(square: Array, cross: Array, own: Array) -> Array:
    """Return matrices (d, p + 1, p + 1) of products of (design, column) from those of the parts.

    Parameters
    ----------
    square : ndarray, shape (p, p)
        Of the design with itself.
    cross : ndarray, shape (d, p)
        Of each column with the design.
    own : ndarray, shape (d,)
        Of each column with itself.
    """
    d, p = cross.shape
    matrix = np.empty((d, p + 1, p + 1))
    matrix[:, :p, :p] = square
    matrix[:, p, :p] = matrix[:, :p, p] = cross
    matrix[:, p, p] = own
    return matrix


def pairs(matrices: Array) -> Array:
    """Return the upper triangles (..., S) of matrices (..., p + 1, p + 1)."""
    i, j = np.triu_indices(matrices.shape[-1])
    return np.asarray(matrices[..., i, j])
