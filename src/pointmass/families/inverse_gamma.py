"""The inverse gamma distribution of variances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from pointmass.families.conjugate import Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.gamma_precision import GammaPrecision, target_unit
from pointmass.numerics import Array, summed

__all__ = ["InverseGamma"]


@dataclass(frozen=True, eq=False, repr=False)
class InverseGamma(GammaPrecision):
    r"""Variances whose inverses are gamma: :math:`\sigma^2 \sim \mathrm{IG}(a, b)`, 1/σ² of shape a and rate b.

    Density and mode are those of the precision 1/σ², so that shape 1 and rate 0 are flat there (for points only), and
    the mode under them is the maximum likelihood estimate.

    Parameters
    ----------
    shape : float
        a, positive.
    rate : float
        b, at least 0, in squared units of what the variance is of.

    Raises
    ------
    PointmassError
        If a value is not finite or out of range.

    Examples
    --------
    >>> from pointmass.families import InverseGamma
    >>> InverseGamma(shape=3.0, rate=4.0).parameter_mean()
    {'variance': array(2.)}
    """

    parameter_constraints: ClassVar[dict[str, str]] = {"variance": "positive"}

    @classmethod
    def natural_parameters_at(cls, parameters: Parameters) -> Parameters:
        """Return τ = 1/σ² and its logarithm."""
        return super().natural_parameters_at(_inverted(parameters, "variance", "precision"))

    def log_density(self, parameters: Parameters) -> Array:
        """Return the log density of 1/σ²; without its constant where the prior is improper."""
        return super().log_density(_inverted(parameters, "variance", "precision"))

    @classmethod
    def log_volume(cls, parameters: Parameters) -> Array:
        """Return Σ log |dτ / dσ²| = −2 Σ log σ², over components and columns."""
        return -2.0 * summed(np.log(parameters["variance"]), 2)

    def parameter_mode(self, floor: float = 0.0) -> Parameters:
        """Return the variance at the mode of the precision, at least ``floor``."""
        return _inverted(super().parameter_mode(floor), "precision", "variance")

    def parameter_mean(self) -> Parameters:
        """Return b / (a − 1); infinite for a ≤ 1."""
        above = np.where(self.shape > 1.0, self.shape - 1.0, 0.0)
        return {"variance": np.divide(self.rate, above, out=np.full_like(above, np.inf), where=above > 0)}

    def parameter_sd(self) -> Parameters:
        """Return the mean over √(a − 2); infinite for a ≤ 2."""
        above = np.sqrt(np.where(self.shape > 2.0, self.shape - 2.0, 0.0))
        mean = self.parameter_mean()["variance"]
        return {"variance": np.divide(mean, above, out=np.full_like(above, np.inf), where=above > 0)}

    def parameter_quantile(self, probability: Array | float) -> Parameters:
        """Return the quantile."""
        return _inverted(super().parameter_quantile(1.0 - probability), "precision", "variance")

    def parameter_draws(self, size: int, rng: np.random.Generator) -> Parameters:
        """Return draws with a leading axis."""
        return _inverted(super().parameter_draws(size, rng), "precision", "variance")

    @classmethod
    def mapped_parameters(cls, parameters: Parameters, coordinates: Coordinates) -> Parameters:
        """Return variances in the target's own units."""
        return {"variance": parameters["variance"] * target_unit(coordinates) ** 2}


def _inverted(parameters: Parameters, name: str, other: str) -> Parameters:
    with np.errstate(divide="ignore"):
        return {other: np.asarray(1.0 / np.asarray(parameters[name]))}
