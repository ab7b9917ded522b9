"""The Gaussian's part of a sweep, with the centred form for components that the fast form would blur."""

from __future__ import annotations

from typing import TYPE_CHECKING

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

    def features(self, rows: Array) -> Array:
        """Return 1, z and the quadratic features of z, shape (S, n)."""
        n, d = rows.shape
        features = np.empty((1 + d + self.structure.size(d), n))
        features[0] = 1.0
        z = self.coordinates.transform(rows, out=features[1 : d + 1])
        self.structure.features(z, features[d + 1 :])
        return features

    def log_density(self, features: Array, rows: Array) -> Array:
        """Return log densities (K, n)."""
        with np.errstate(invalid="ignore"):  # −∞, the log of a zero weight, is right in every entry that is kept
            values = self.coefficients @ features
        for k in self.distant:
            step = features[1 : self.centre.shape[1] + 1] - self.centre[k][:, None]
            values[k] = self.constant[k] - 0.5 * self.structure.distances(self.precision[k], step)
        return values

    def statistics(self, features: Array, responsibilities: Array) -> Moments:
        """Return expected moments under responsibilities (K, n)."""
        d = self.centre.shape[1]
        sums = responsibilities @ features.T
        for k in self.distant:
            centred = features.copy()
            centred[1 : d + 1] -= self.centre[k][:, None]
            self.structure.features(centred[1 : d + 1], centred[d + 1 :])
            sums[k] = centred @ responsibilities[k]
        return Moments(sums, self.origin, self.structure)
