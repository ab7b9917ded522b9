"""A posterior of one or two free coordinates by quadrature: its evidence, moments and independent draws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.integrate import cumulative_simpson, quad, simpson

from pointmass.errors import PointmassError
from pointmass.families.conjugate import Parameters
from pointmass.inference.log_joint import LogJoint
from pointmass.inference.plane_quadrature import FARTHEST, PlaneQuadrature, integrate_plane
from pointmass.numerics import Array

__all__ = ["Quadrature", "integrate", "integrate_line"]

_SCAN = np.sinh(np.linspace(-12.0, 12.0, 4001))  # coordinates of order one, and far beyond
_NEGLIGIBLE = 60.0
_CUT_OFF = 25.0
_GRID = 20_001


@dataclass(frozen=True, eq=False)
class Quadrature:
    """The exact posterior along one unconstrained coordinate.

    Parameters
    ----------
    log_joint : LogJoint
        The log joint density, of one coordinate.
    log_evidence : float
        log p(y), by adaptive quadrature.
    error : float
        Estimated absolute error of the log evidence (nats).
    grid : ndarray
        Coordinates from end to end of where the density is not negligible.
    density : ndarray
        Posterior density of the coordinate there.
    """

    log_joint: LogJoint
    log_evidence: float
    error: float
    grid: Array
    density: Array

    def expectation(self, function: Callable[[Parameters], Array]) -> Array:
        """Return E[function], entry by entry, by Simpson's rule on the grid.

        Parameters
        ----------
        function : callable
            Public parameters with a leading axis to an array with that axis.
        """
        values = np.asarray(function(self.log_joint.constrain(self.grid[:, None])))
        weights = self.density.reshape(-1, *(1,) * (values.ndim - 1))
        return np.asarray(simpson(values * weights, x=self.grid, axis=0))

    def quantile(self, probability: Array | float) -> Parameters:
        """Return the public parameters at quantiles of the coordinate, of which each one is a monotone function.

        The axes of ``probability`` stand in front of the parameters' own.
        """
        cumulative = np.maximum.accumulate(cumulative_simpson(self.density, x=self.grid, initial=0.0))
        rising = np.concatenate([[True], np.diff(cumulative) > 0])
        wanted = np.ravel(probability) * cumulative[-1]
        coordinates = np.interp(wanted, cumulative[rising], self.grid[rising])
        found = self.log_joint.constrain(coordinates[:, None])
        return {name: array.reshape(*np.shape(probability), *array.shape[1:]) for name, array in found.items()}

    def draws(self, size: int, rng: np.random.Generator) -> Parameters:
        """Return independent draws of the public parameters, through the inverse distribution function."""
        return self.quantile(rng.random(size))


def integrate(log_joint: LogJoint) -> Quadrature | PlaneQuadrature:
    """Return the posterior of a model with one or two free coordinates.

    Raises
    ------
    PointmassError
        If there are more coordinates, or the posterior reaches beyond the numbers that parameters can have.
    """
    return integrate_plane(log_joint) if log_joint.size == 2 else integrate_line(log_joint)


def integrate_line(log_joint: LogJoint) -> Quadrature:
    """Return the posterior of a model with one free coordinate.

    The evidence is an adaptive Gauss-Kronrod quadrature (`scipy.integrate.quad`) of prior times likelihood where it
    is more than e⁻⁶⁰ of its largest value.

    Parameters
    ----------
    log_joint : LogJoint
        The log joint density.

    Raises
    ------
    PointmassError
        If there is more than one coordinate, or the posterior reaches beyond the numbers that parameters can have.

    References
    ----------
    Piessens, de Doncker-Kapenga, Überhuber and Kahaner (1983), *QUADPACK*.
    """
    if log_joint.size != 1:
        raise PointmassError(f"quadrature needs one or two free coordinates, and this model has {log_joint.size}")
    lower, upper, top = _range(log_joint)

    def scaled(coordinate: float) -> float:
        return float(np.exp(log_joint(np.array([[coordinate]]))[0] - top))

    places = np.linspace(lower, upper, 33)[1:-1]
    value, error = quad(scaled, lower, upper, epsabs=0.0, epsrel=1e-11, limit=400, points=places)[:2]
    log_evidence = float(np.log(value)) + top
    grid = np.linspace(lower, upper, _GRID)
    return Quadrature(log_joint, log_evidence, error / value, grid, np.exp(log_joint(grid[:, None]) - log_evidence))


def _range(log_joint: LogJoint) -> tuple[float, float, float]:
    """Return where the density is not negligible, and its largest logarithm: a look from afar, then closer ones."""
    grid = _SCAN
    for _ in range(4):
        values = log_joint(grid[:, None])
        top = float(values.max())
        kept = np.flatnonzero(values > top - _NEGLIGIBLE)
        reach = np.abs(grid[values > top - _CUT_OFF]).max()
        lower, upper = grid[max(kept[0] - 1, 0)], grid[min(kept[-1] + 1, len(grid) - 1)]
        grid = np.linspace(lower, upper, 1001)
    if reach > FARTHEST:
        raise PointmassError(
            "the posterior reaches beyond the numbers that its parameter can have; give a prior that leaves less at "
            "the boundary"
        )
    return float(lower), float(upper), top
