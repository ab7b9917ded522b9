"""A posterior of two free coordinates by quadrature: its evidence, moments and independent draws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from pointmass.errors import PointmassError
from pointmass.families.conjugate import Parameters
from pointmass.inference.log_joint import LogJoint
from pointmass.numerics import Array

__all__ = ["FARTHEST", "PlaneQuadrature", "integrate_plane"]

FARTHEST = 600.0
"""The exponential of a coordinate must be a number, and so must its inverse."""

_SCAN = np.sinh(np.linspace(-6.0, 6.0, 49))  # coordinates of order one, and far beyond
_NEGLIGIBLE, _CUT_OFF = 50.0, 25.0
_CLOSER, _LOOK = 6, 41
_SIZES = (41, 81, 161, 321, 641)
_FINE = 161  # for the draws, whose density is linear between grid points
_ACCURATE = 1e-11
_STEP = 1e-4


@dataclass(frozen=True, eq=False)
class PlaneQuadrature:
    """The exact posterior over two unconstrained coordinates, on a grid along its principal axes.

    Parameters
    ----------
    log_joint : LogJoint
        The log joint density, of two coordinates.
    log_evidence : float
        log p(y), by the trapezoidal rule, which converges faster than any power of the step where a smooth density
        falls to nothing at the ends.
    error : float
        Its difference to that of a grid twice as coarse (nats).
    points : ndarray, shape (N, 2)
        Coordinates.
    weights : ndarray, shape (N,)
        Posterior probabilities of the cells about these.
    cell : ndarray, shape (2, 2)
        The sides of a cell, one a column.
    """

    log_joint: LogJoint
    log_evidence: float
    error: float
    points: Array
    weights: Array
    cell: Array

    def expectation(self, function: Callable[[Parameters], Array]) -> Array:
        """Return E[function], entry by entry.

        Parameters
        ----------
        function : callable
            Public parameters with a leading axis to an array with that axis.
        """
        values = np.asarray(function(self.log_joint.constrain(self.points)))
        return np.asarray(np.tensordot(self.weights, values, axes=1))

    def draws(self, size: int, rng: np.random.Generator) -> Parameters:
        """Return independent draws of the public parameters, from the density made linear between grid points."""
        cumulative = self.weights.cumsum()
        chosen = np.searchsorted(cumulative, rng.random(size) * cumulative[-1], side="right")
        steps = rng.random((size, 2)) - rng.random((size, 2))
        return self.log_joint.constrain(self.points[chosen] + steps @ self.cell.T)


def integrate_plane(log_joint: LogJoint) -> PlaneQuadrature:
    """Return the posterior of a model with two free coordinates.

    The grid lies along the axes of the curvature at the mode, and reaches to where prior times likelihood is e⁻⁵⁰ of
    its largest value; it is made finer until the evidence stands still.

    Parameters
    ----------
    log_joint : LogJoint
        The log joint density.

    Raises
    ------
    PointmassError
        If there are other than two coordinates, or the posterior reaches beyond the numbers that parameters can have.

    References
    ----------
    Trefethen and Weideman (2014), The exponentially convergent trapezoidal rule, *SIAM Review* 56.
    """
    if log_joint.size != 2:
        raise PointmassError(f"this quadrature needs two free coordinates, and the model has {log_joint.size}")
    axes = _Axes.at_the_mode(log_joint)
    first, second, top = _range(log_joint, axes)
    before = np.inf
    for size in _SIZES:
        grids = np.linspace(*first, size), np.linspace(*second, size)
        points = axes.points(*grids)
        densities = np.exp(log_joint(points) - top)
        cell = axes.scale * [grids[0][1] - grids[0][0], grids[1][1] - grids[1][0]]
        log_evidence = float(np.log(densities.sum() * abs(np.linalg.det(cell)))) + top
        error, before = abs(log_evidence - before), log_evidence
        if error < _ACCURATE and size >= _FINE:
            break
    return PlaneQuadrature(log_joint, log_evidence, error, points, densities / densities.sum(), cell)


@dataclass(frozen=True, eq=False)
class _Axes:
    """Coordinates centre + scale · u in which the posterior is of order one near its mode."""

    centre: Array
    scale: Array

    @classmethod
    def at_the_mode(cls, log_joint: LogJoint) -> _Axes:
        """Return the axes of the curvature at the highest point of a look from afar."""
        points = cls(np.zeros(2), np.eye(2)).points(_SCAN, _SCAN)
        values = log_joint(points)

        def loss(vector: Array) -> float:
            return -float(log_joint(vector[None])[0])

        start = points[int(values.argmax())]
        mode = minimize(loss, start, method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-10, "maxiter": 2000}).x
        return cls(mode, _spread(log_joint, mode))

    def points(self, first: Array, second: Array) -> Array:
        """Return the coordinates (N, 2) of a grid."""
        grid = np.stack(np.meshgrid(first, second, indexing="ij"), axis=-1).reshape(-1, 2)
        return np.asarray(self.centre + grid @ self.scale.T)


def _spread(log_joint: LogJoint, mode: Array) -> Array:
    """Return a square root of the inverse curvature at the mode, by differences; ones where it is not positive."""
    size = _STEP * np.ones(2)
    for _ in range(3):
        steps = np.diag(size)
        corners = np.array([[a + b, a - b, b - a, -a - b] for a in steps for b in steps]).reshape(-1, 2)
        values = log_joint(mode + corners).reshape(2, 2, 4) @ [1.0, -1.0, -1.0, 1.0]
        curvature = -values / (4.0 * np.outer(size, size))
        own = np.diag(curvature)
        if not (own > 0).all():
            return np.eye(2)
        size = 0.1 / np.sqrt(own)
    try:
        return np.asarray(np.linalg.inv(np.linalg.cholesky(curvature)).T)
    except np.linalg.LinAlgError:
        return np.diag(10.0 * size)


def _range(log_joint: LogJoint, axes: _Axes) -> tuple[tuple[float, float], tuple[float, float], float]:
    """Return where the density is not negligible, and its largest logarithm: a look from afar, then closer ones."""
    grids = [_SCAN, _SCAN]
    for _ in range(_CLOSER):
        points = axes.points(*grids)
        values = log_joint(points).reshape(len(grids[0]), len(grids[1]))
        top = float(values.max())
        reach = np.abs(points[(values > top - _CUT_OFF).ravel()]).max()
        kept = values > top - _NEGLIGIBLE
        ends = [_ends(grid, kept.any(axis=1 - axis)) for axis, grid in enumerate(grids)]
        grids = [np.linspace(*each, _LOOK) for each in ends]
    if reach > FARTHEST:
        raise PointmassError(
            "the posterior reaches beyond the numbers that its parameters can have; give a prior that leaves less at "
            "the boundary"
        )
    return ends[0], ends[1], top


def _ends(grid: Array, kept: Array) -> tuple[float, float]:
    """Return the part of a grid that holds what is kept, with one point beyond on each side."""
    places = np.flatnonzero(kept)
    return float(grid[max(places[0] - 1, 0)]), float(grid[min(places[-1] + 1, len(grid) - 1)])
