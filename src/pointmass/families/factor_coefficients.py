"""The conjugate prior of a factor analysis: each column is a regression on the factors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from pointmass.families.conjugate import Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.normal_inverse_gamma_coefficients import NormalInverseGammaCoefficients

__all__ = ["FactorCoefficients"]


@dataclass(frozen=True, eq=False, repr=False)
class FactorCoefficients(NormalInverseGammaCoefficients):
    r"""Independent priors of each column's mean, loadings and noise: σ_j² ~ IG(a, b), (μ_j, w_j) | σ_j² normal.

    All hyperparameters have a leading axis of columns, where those of regressions have one of components.
    """

    def mapped(self, coordinates: Coordinates) -> Self:
        """Return the same distribution in the data's own units, given it in units of each column's scale."""
        own = {"coefficients": self.mean, "noise_variance": self.scale}
        seen = self.mapped_parameters(own, coordinates)
        moved = {"mean": seen["coefficients"], "scale": seen["noise_variance"]}
        return self.with_hyperparameters({**self.hyperparameters(), **moved})

    def divergence(self, prior: Any) -> float:
        """Return KL(self || prior), by the prior's own account of it."""
        return float(prior.divergence_from(self))

    def divergence_from(self, belief: FactorCoefficients) -> float:
        """Return KL(belief || self)."""
        return super(FactorCoefficients, belief).divergence(self)

    @classmethod
    def mapped_parameters(cls, parameters: Parameters, coordinates: Coordinates) -> Parameters:
        """Return coefficients (..., d, p) and noise variances (..., d) in the data's own units."""
        unit = np.broadcast_to(coordinates.scale, coordinates.shift.shape)
        coefficients = parameters["coefficients"] * unit[:, None]
        coefficients[..., 0] += coordinates.shift
        return {"coefficients": coefficients, "noise_variance": parameters["noise_variance"] * unit**2}
