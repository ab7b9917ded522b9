"""The Gaussian's part of a sweep, with the centred form for components that the fast form would blur."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pointmass.families.coordinates import Coordinates
from pointmass.families.covariance import structure_of
from pointmass.families.kernel import Kernel
from pointmass.families.moments import Moments
from pointmass.numerics import Array

if TYPE_CHECKING:
    from pointmass.families.conjugate import Parameters
    from pointmass.families.gaussian import Gaussian

__all__ = ["GaussianKernel"]

# η · t sums terms as large as m'Λm, each with rounding error ε; 1e5 keeps a log density right to 1e-10.
_LARGEST_SQUARED_DISTANCE = 1e5

# Beyond this distance the linear terms of two components drown in the rounding of the quadratic one.
_FAR = 1e8
_LARGEST_REACH = 1e150


class GaussianKernel(Kernel):
    """Quadratic forms of K components: as one product with pairs of columns, or centred, each where it is exact."""

    def __init__(self, family: Gaussian, expected: Parameters, offset: Array, coordinates: Coordinates) -> None:
        centre, precision = expected["centre"], expected["precision"]
        d = centre.shape[1]
        structure = structure_of(precision.ndim)
        linear = structure.times(precision, centre)
        squared = (linear * centre).sum(-1)
        self.constant = 0.5 * (expected["log_determinant"] - expected["spread"] - d * np.log(2.0 * np.pi)) + offset
        coefficients = np.concatenate(
            [(self.constant - 0.5 * squared)[:, None], linear, structure.coefficients(precision)], axis=1
        )
        super().__init__(family, coefficients, coordinates)
        self.structure, self.centre, self.precision = structure, centre, precision
        self.distant = np.flatnonzero(~(squared < _LARGEST_SQUARED_DISTANCE))
        self.origin = np.zeros_like(centre)
        self.origin[self.distant] = centre[self.distant]

    def features(self, rows: Array) -> Any:
        """Return 1, z and the quadratic features of z, shape (S, n)."""
        n, d = rows.shape
        features = np.empty((1 + d + self.structure.size(d), n))
        features[0] = 1.0
        z = self.coordinates.transform(rows, out=features[1 : d + 1])
        self.structure.features(z, features[d + 1 :])
        return features

    def product(self, features: Any) -> Array:
        """Return log densities (K, n)."""
        with np.errstate(invalid="ignore"):  # −∞, the log of a zero weight, is right in every entry that is kept
            values = self.coefficients @ features
        for k in self.distant:
            step = features[1 : self.centre.shape[1] + 1] - self.centre[k][:, None]
            values[k] = self.constant[k] - 0.5 * self.structure.distances(self.precision[k], step)
        return np.asarray(values)

    def statistics(self, features: Any, responsibilities: Array) -> Moments:
        """Return expected moments under responsibilities (K, n)."""
        d = self.centre.shape[1]
        sums = responsibilities @ features.T
        for k in self.distant:
            centred = features.copy()
            centred[1 : d + 1] -= self.centre[k][:, None]
            self.structure.features(centred[1 : d + 1], centred[d + 1 :])
            sums[k] = centred @ responsibilities[k]
        return Moments(sums, self.origin, self.structure)

    def settle_far_rows(self, features: Any, log_joint: Array) -> Array:
        """Write the log ratios of the components for rows far out, where densities overflow; return which rows."""
        z = features[1 : self.centre.shape[1] + 1]
        far = np.flatnonzero(~(np.abs(z).max(axis=0) < _FAR))
        if far.size:
            log_joint[:, far] = self._log_ratios(z[:, far])
        return far

    def _log_ratios(self, z: Array) -> Array:
        """Return log densities (K, n) of far rows up to a term in common, differences taken before they grow."""
        d = len(z)
        reach = np.abs(z).max(axis=0)
        direction = z / reach
        quadratic = np.empty((self.structure.size(d), z.shape[1]))
        self.structure.features(direction, quadratic)
        curvature = self.coefficients[:, d + 1 :] @ quadratic
        curvature[np.isneginf(self.constant)] = -np.inf
        largest = curvature.max(axis=0)
        difference = curvature - largest
        difference[np.abs(difference) < 1e-12 * np.abs(largest)] = 0.0
        reach = np.minimum(reach, _LARGEST_REACH)
        linear = self.coefficients[:, 1 : d + 1] @ direction
        return np.asarray(reach**2 * difference + reach * linear + self.coefficients[:, :1])
