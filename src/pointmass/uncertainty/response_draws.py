"""Draws of a mean-field posterior in unconstrained coordinates, stretched to the covariance of linear response."""

from __future__ import annotations

import numpy as np

from pointmass.families.conjugate import Parameters
from pointmass.families.point_mass import PointMass, conjugate_of
from pointmass.inference.log_joint import LogJoint
from pointmass.models import Beliefs
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

    Attributes
    ----------
    log_joint : LogJoint
        The posterior's density of the same coordinates.
    public : dict of str to ndarray
        The mean-field draws as public parameters, with a leading axis.
    narrow, wide : ndarray, shape (S, D)
        The draws in unconstrained coordinates, and the same moved.
    """

    def __init__(self, linearised: Linearised, rng: np.random.Generator) -> None:
        jacobian, info = linearised.jacobian, linearised.information
        sweep, model = jacobian.sweep, jacobian.sweep.model
        size = max(_LEAST_DRAWS, _DRAWS_A_DIRECTION * len(info.fractions))
        drawn = {name: belief.parameter_draws(size, rng) for name, belief in jacobian.beliefs.items()}
        self.log_joint = LogJoint(model, sweep.rows, sweep.prior)
        self.public = model.public(
            {
                name: conjugate_of(belief).mapped_parameters(drawn[name], sweep.rows.coordinates)
                for name, belief in jacobian.beliefs.items()
            }
        )
        self.narrow = self.log_joint.unconstrain(self.public)
        coefficients = np.array([jacobian.frame.coefficients(point) for point in _points(jacobian.beliefs, drawn)])
        standard = (coefficients - jacobian.frame.coefficients(jacobian.beliefs)) @ info.inverse.T
        loadings = np.linalg.lstsq(standard, self.narrow - self.narrow.mean(axis=0), rcond=None)[0]
        stretch = (info.directions * ((1.0 - info.fractions) ** -0.5 - 1.0)) @ info.directions.T
        self.wide = np.asarray(self.narrow + standard @ stretch @ loadings)

    def corrected(self) -> Parameters:
        """Return the moved draws as public parameters."""
        return self.log_joint.constrain(self.wide)


def _points(beliefs: Beliefs, drawn: dict[str, Parameters]) -> list[Beliefs]:
    """Return draws of all blocks, each as point masses."""
    size = max(len(array) for parameters in drawn.values() for array in parameters.values())

    def point(s: int) -> Beliefs:
        return {
            name: belief if isinstance(belief, PointMass) else belief.at({k: v[s] for k, v in drawn[name].items()})
            for name, belief in beliefs.items()
        }

    return [point(s) for s in range(size)]
