"""The predictive density of rows whose scales are hidden: one average over the scale of a new row."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

import numpy as np
from scipy.special import gammaln

from pointmass.families.degrees_of_freedom import DegreesOfFreedom
from pointmass.families.log_grid import LogGrid
from pointmass.families.point_mass import PointMass
from pointmass.numerics import Array

__all__ = ["log_predictive"]

_NEGLIGIBLE = 1e-20


def log_predictive(density: Callable[[Array], Array], freedom: DegreesOfFreedom | PointMass) -> Array:
    """Return the log predictive density (K, n) of n rows.

    Given a new row's scale its density is in closed form; the scale's own distribution, the degrees of freedom
    averaged over their posterior, is on a grid of 801 points.

    Parameters
    ----------
    density : callable
        A scale for each component (K,) to the log predictive densities (K, n) of the rows given these scales.
    freedom : DegreesOfFreedom or PointMass
        What stands for the degrees of freedom.
    """
    grids = [LogGrid.of(density, 0.0) for density in _scale_densities(freedom)]
    nodes = np.exp([grid.logs for grid in grids])
    with np.errstate(divide="ignore"):
        log_weights = np.log([grid.probabilities for grid in grids])
    places = np.flatnonzero((log_weights > np.log(_NEGLIGIBLE)).any(axis=0))
    terms = (density(nodes[:, place]) + log_weights[:, place, None] for place in places)
    return reduce(np.logaddexp, terms)


def _scale_densities(freedom: DegreesOfFreedom | PointMass) -> list[Callable[[Array], Array]]:
    """Return the log density of the log scale of a row of each component."""
    if isinstance(freedom, PointMass):
        return [_mixed(np.ones(1), dof[None]) for dof in freedom.parameters["dof"]]
    return [_mixed(*_kept(grid)) for grid in freedom.grids]


def _kept(grid: LogGrid) -> tuple[Array, Array]:
    kept = grid.probabilities > _NEGLIGIBLE
    return grid.probabilities[kept], np.exp(grid.logs[kept])


def _mixed(weights: Array, dof: Array) -> Callable[[Array], Array]:
    """Return the log density of log u for u ~ Gamma(ν/2, ν/2), averaged over values of ν."""
    half = 0.5 * dof
    largest = np.log(weights) + half * np.log(half) - gammaln(half)

    def log_density(logs: Array) -> Array:
        each = largest + half * (logs[..., None] - np.exp(logs[..., None]))
        return np.asarray(np.logaddexp.reduce(each, axis=-1))

    return log_density
