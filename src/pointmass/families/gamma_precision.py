"""The gamma distribution of precisions: of a noise, or of the weights of a regression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from pointmass.families.conjugate import Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.gamma_distribution import GammaDistribution
from pointmass.numerics import Array

__all__ = ["GammaPrecision", "target_unit"]


@dataclass(frozen=True, eq=False, repr=False)
class GammaPrecision(GammaDistribution):
    r"""Gamma prior of precisions in units of the target of a regression.

    .. math:: p(\tau) = \frac{b^a}{\Gamma(a)} \tau^{a-1} e^{-b \tau}

    with density and mode in τ itself, so that shape 1 and rate 0 are flat (for points only).

    Parameters
    ----------
    shape : float
        a, positive.
    rate : float
        b, at least 0, in squared units of what the precision is of.

    Raises
    ------
    PointmassError
        If a value is not finite or out of range.

    Examples
    --------
    >>> from pointmass.families import GammaPrecision
    >>> GammaPrecision(shape=2.0, rate=0.5).parameter_mean()
    {'precision': array(4.)}
    """

    parameter: ClassVar[str] = "precision"
    parameter_constraints: ClassVar[dict[str, str]] = {"precision": "positive"}

    def update(self, count: Array | float, squares: Array) -> Self:
        """Return the posterior given numbers of normal deviates and their expected sums of squares."""
        return self.trusted(shape=self.shape + 0.5 * count, rate=self.rate + 0.5 * np.maximum(squares, 0.0))

    def parameter_mode(self, floor: float = 0.0) -> Parameters:
        """Return (a − 1) / b, which a floor of the variance bounds from above."""
        top = np.maximum(self.shape - 1.0, 0.0)
        highest = 1.0 / floor if floor > 0 else np.inf
        mode = np.divide(top, self.rate, out=np.full_like(top, highest), where=self.rate > 0)
        return {"precision": np.minimum(mode, highest)}

    def mapped(self, coordinates: Coordinates) -> Self:
        """Return the same distribution in the target's own units."""
        return self.trusted(shape=self.shape, rate=self.rate * target_unit(coordinates) ** 2)

    @classmethod
    def mapped_parameters(cls, parameters: Parameters, coordinates: Coordinates) -> Parameters:
        """Return precisions in the target's own units."""
        return {"precision": parameters["precision"] / target_unit(coordinates) ** 2}


def target_unit(coordinates: Coordinates) -> float:
    """Return the unit of the last column, the target."""
    return float(np.broadcast_to(coordinates.scale, coordinates.shift.shape)[-1])
