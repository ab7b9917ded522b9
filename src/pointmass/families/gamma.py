"""The gamma distribution: the conjugate prior of rates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from pointmass.families.conjugate import Parameters
from pointmass.families.coordinates import Coordinates
from pointmass.families.gamma_distribution import GammaDistribution
from pointmass.numerics import Array

__all__ = ["Gamma"]


@dataclass(frozen=True, eq=False, repr=False)
class Gamma(GammaDistribution):
    r"""Gamma prior of rates, one for each column.

    .. math:: p(\lambda) = \frac{b^a}{\Gamma(a)} \lambda^{a - 1} e^{-b \lambda}

    with respect to Lebesgue measure on the rate. Shape 1 and rate 0 are flat and give the maximum likelihood; the mode
    is taken in the rate itself.

    Parameters
    ----------
    shape : float or array_like, shape (d,)
        a, positive; a scalar means each column.
    rate : float or array_like, shape (d,)
        b, at least 0, in the units of one over λ.

    Raises
    ------
    PointmassError
        If a hyperparameter is out of range.

    References
    ----------
    Gelman et al. (2013), *Bayesian Data Analysis*, section 2.6.

    Examples
    --------
    >>> from pointmass import Gamma
    >>> Gamma(shape=[6.0, 1.0], rate=2.0).parameter_mean()["rate"]
    array([3. , 0.5])
    """

    parameter: ClassVar[str] = "rate"
    parameter_constraints: ClassVar[dict[str, str]] = {"rate": "positive"}

    def update(self, events: Array, exposure: Array) -> Gamma:
        """Return the posterior of expected events (K, d) in an exposure (K, d) or (K, 1)."""
        return Gamma.trusted(shape=self.shape + events, rate=self.rate + exposure)

    def parameter_mode(self, floor: float = 0.0) -> Parameters:
        """Return (shape − 1) / rate, at least 0; NaN where no row has been seen under the flat prior.

        A ``floor`` of the variance of a waiting time is a ceiling of its rate, one over the square root.
        """
        top = np.maximum(self.shape - 1.0, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            mode = top / self.rate
            return {"rate": np.minimum(mode, 1.0 / np.sqrt(floor))} if floor > 0 else {"rate": mode}

    def mapped(self, coordinates: Coordinates) -> Gamma:
        """Return the same distribution with rates per unit of the data, given it per unit of working coordinates."""
        return Gamma.trusted(shape=self.shape, rate=self.rate * coordinates.scale)

    @classmethod
    def mapped_parameters(cls, parameters: Parameters, coordinates: Coordinates) -> Parameters:
        """Return rates per unit of the data, given them per unit of working coordinates."""
        return {"rate": parameters["rate"] / coordinates.scale}
