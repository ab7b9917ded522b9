"""A regression's part of a sweep: residuals of each component's line, never the difference of large sums."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pointmass.families.coordinates import Coordinates
from pointmass.families.kernel import Kernel
from pointmass.families.pair_products import PAIRS
from pointmass.families.regression_moments import RegressionMoments
from pointmass.numerics import Array, pair_products

if TYPE_CHECKING:
    from pointmass.families.conjugate import Parameters
    from pointmass.families.linear_regression import LinearRegression

__all__ = ["RegressionKernel", "quadratic_coefficients"]

# The target's variance is one: beyond this precision its products with the design blur a component's residuals.
_LARGEST_PRECISION = 1e5


class RegressionKernel(Kernel):
    """Log densities of a target about K lines, and products of design and target under responsibilities."""

    def __init__(self, family: LinearRegression, expected: Parameters, offset: Array, coordinates: Coordinates) -> None:
        super().__init__(family, quadratic_coefficients(expected, family.fit_intercept), coordinates)
        self.constant = 0.5 * (expected["log_precision"] - np.log(2.0 * np.pi)) + offset
        self.coefficients[:, 0] += offset
        spread = expected["spread"]
        self.lines = _with_intercept(expected["coefficients"], family.fit_intercept)
        self.precision = expected["precision"]
        self.widening = PAIRS.coefficients(_bordered(spread, self.lines.shape[1] + 1)) if spread.any() else None
        self.origin = np.zeros_like(self.lines)
        self.tight = np.flatnonzero(~(self.precision < _LARGEST_PRECISION))
        self.origin[self.tight] = self.lines[self.tight]

    def features(self, rows: Array) -> Array:
        """Return products of each pair of (1, z, w), shape (S, n); the first are (1, z, w) themselves."""
        columns = np.empty((rows.shape[1] + 1, len(rows)))
        columns[0] = 1.0
        self.coordinates.transform(rows, out=columns[1:])
        return pair_products(columns)

    def log_density(self, features: Array, rows: Array) -> Array:
        """Return expected log densities (K, n) of the targets."""
        p = self.lines.shape[1]
        values = self.lines @ features[:p]
        np.subtract(features[p], values, out=values)
        values *= values
        values *= -0.5 * self.precision[:, None]
        values += self.constant[:, None]
        if self.widening is not None:
            values += self.widening @ features
        return values

    def statistics(self, features: Array, responsibilities: Array) -> RegressionMoments:
        """Return expected products under responsibilities (K, n)."""
        p = self.lines.shape[1]
        sums = responsibilities @ features.T
        for k in self.tight:
            columns = features[: p + 1].copy()
            columns[p] -= self.lines[k] @ columns[:p]
            sums[k] = pair_products(columns) @ responsibilities[k]
        return RegressionMoments(sums, self.origin)

    def settle_far_rows(self, features: Array, log_joint: Array) -> Array:
        """Call rows whose densities overflow impossible, in place; return which."""
        far = np.flatnonzero(np.isnan(log_joint).any(axis=0))
        log_joint[:, far] = -np.inf
        return far


def _with_intercept(coefficients: Array, fitted: bool) -> Array:
    """Return coefficients of (1, z); the first is zero where there is no intercept."""
    if fitted:
        return coefficients
    return np.concatenate([np.zeros((len(coefficients), 1)), coefficients], axis=1)


def quadratic_coefficients(expected: Parameters, fit_intercept: bool) -> Array:
    """Return η (K, S), which multiplies the products of each pair of (1, z, w) once."""
    precision = expected["precision"]
    line = _with_intercept(expected["coefficients"], fit_intercept)
    direction = np.concatenate([-line, np.ones((len(line), 1))], axis=1)
    matrix = precision[:, None, None] * direction[:, :, None] * direction[:, None, :]
    coefficients = PAIRS.coefficients(matrix + _bordered(expected["spread"], matrix.shape[-1]))
    coefficients[:, 0] += 0.5 * (expected["log_precision"] - np.log(2.0 * np.pi))
    return coefficients


def _bordered(spread: Array, size: int) -> Array:
    """Return the covariance of the coefficients (K, p, p) among zeros (K, size, size): the target has none."""
    p = spread.shape[-1]
    matrix = np.zeros((len(spread), size, size))
    matrix[:, size - 1 - p : -1, size - 1 - p : -1] = spread
    return matrix
