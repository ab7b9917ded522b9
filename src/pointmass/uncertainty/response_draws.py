"""Draws of a mean-field posterior in unconstrained coordinates, stretched to the covariance of linear response."""

from __future__ import annotations

import numpy as np

from pointmass.families.conjugate import Parameters
from pointmass.families.point_mass import PointMass
from pointmass.inference.vectors import pack, unpack
from pointmass.models import Beliefs
from pointmass.numerics import Array
from pointmass.uncertainty.linearised import Linearised

__all__ = ["ResponseDraws"]

_LEAST_DRAWS = 1000
_DRAWS_A_DIRECTION = 8


class ResponseDraws:
    """Draws u of the unconstrained parameters under mean field, and where linear response moves them.

    With a = A⁺ (c(θ) − E[c]), whose covariance under the belief is the identity, and the regression u ≈ W a, the move
    u + W ((I − F)^(−1/2) − I) a gives draws the covariance Cov_q(u) + W ((I − F)⁻¹ − I) Wᵀ, and keeps their shape.

    Parameters
    ----------
    linearised : Linearised
        A posterior's sweep at its optimum; its linear response must be positive definite.
    rng : numpy.random.Generator
        Source of the draws.
    """

    def __init__(self, linearised: Linearised, rng: np.random.Generator) -> None:
        self.linearised = linearised
        jacobian, info = linearised.jacobian, linearised.information
        self.blocks = jacobian.sweep.free_blocks
        size = max(_LEAST_DRAWS, _DRAWS_A_DIRECTION * len(info.fractions))
        points = _points(jacobian.beliefs, size, rng)
        self.like = points[0]
        self.narrow = np.array([pack(point, self.blocks) for point in points])
        coefficients = np.array([jacobian.frame.coefficients(point) for point in points])
        standard = (coefficients - jacobian.frame.coefficients(jacobian.beliefs)) @ info.inverse.T
        self.centre = self.narrow.mean(axis=0)
        loadings = np.linalg.lstsq(standard, self.narrow - self.centre, rcond=None)[0]
        stretch = (info.directions * ((1.0 - info.fractions) ** -0.5 - 1.0)) @ info.directions.T
        self.wide = self.narrow + standard @ stretch @ loadings

    def public(self, vectors: Array) -> Parameters:
        """Return vectors of unconstrained coordinates (S, D) as public parameters with a leading axis."""
        fit = self.linearised.fit
        found = []
        for vector in vectors:
            beliefs = unpack(vector, self.like, self.blocks)
            found.append({name: belief.mapped(fit.coordinates_).parameter_mean() for name, belief in beliefs.items()})
        stacked = {
            block: {key: np.stack([one[block][key] for one in found]) for key in values}
            for block, values in found[0].items()
        }
        return fit.model_.public(stacked)


def _points(beliefs: Beliefs, size: int, rng: np.random.Generator) -> list[Beliefs]:
    """Return draws of all blocks as point masses."""
    drawn = {name: belief.parameter_draws(size, rng) for name, belief in beliefs.items()}
    return [
        {
            name: belief
            if isinstance(belief, PointMass)
            else belief.at({key: array[s] for key, array in drawn[name].items()})
            for name, belief in beliefs.items()
        }
        for s in range(size)
    ]
