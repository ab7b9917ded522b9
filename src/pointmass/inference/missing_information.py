"""How much of the information about the parameters the latent variables hide, direction by direction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from pointmass.inference.jacobian import Jacobian
from pointmass.numerics import Array

__all__ = ["UNTOLD", "MissingInformation"]

_RANK = 1e-9
_INDEFINITE = 1e-3

UNTOLD = 1e-6
"""A direction of which no larger share is told is one that the likelihood leaves as it is, such as a rotation."""

_UNTOLD_DIRECTION = (
    "of some direction of the parameters, such as that of collinear features, the prior alone tells anything, and too "
    "little beside what the data tell of the others: give it a firmer prior"
)


@dataclass(frozen=True, eq=False)
class MissingInformation:
    """The sweep's Jacobian in directions that the complete data tell independently and equally well.

    With V = ∂c/∂s = A Aᵀ and G = ∂s/∂c, the matrix F = Aᵀ G A has the eigenvalues of the sweep's Jacobian G V: the
    fraction of information that is missing in each of its directions, which is also the plain sweep's rate of
    convergence there. For any function g of the parameters, W = ∂g/∂s A⁺ᵀ carries covariances: W Wᵀ is what g would
    have with complete data, W (I − F)⁻¹ Wᵀ what it has. For a point these are inverse informations (Orchard and
    Woodbury 1972); for a posterior the difference of the two is what mean field leaves out (Giordano, Broderick and
    Jordan 2018).

    Parameters
    ----------
    factor : ndarray, shape (p, r)
        A.
    inverse : ndarray, shape (r, p)
        Its pseudoinverse A⁺.
    fractions : ndarray, shape (r,)
        Eigenvalues of F, ascending.
    directions : ndarray, shape (r, r)
        Its eigenvectors, one a column.
    is_smooth : bool
        Whether V is positive semidefinite, as the derivative of an update is that has one.
    leaves_untold : bool
        Whether neither the data nor the prior tell of some direction, in which an update has no derivative.
    """

    factor: Array
    inverse: Array
    fractions: Array
    directions: Array
    is_smooth: bool = True
    leaves_untold: bool = False

    @classmethod
    def of(cls, jacobian: Jacobian) -> MissingInformation:
        """Return the missing information of a sweep at a belief."""
        scale = np.sqrt(jacobian.steps)
        standard = jacobian.coefficient_response * np.outer(scale, scale)
        values, vectors = np.linalg.eigh(np.where(np.isfinite(standard), standard, 0.0))
        kept = values > _RANK * max(values[-1], 0.0)
        roots = np.sqrt(values[kept])
        unscale = np.divide(1.0, scale, out=np.zeros_like(scale), where=scale > 0)
        factor = unscale[:, None] * vectors[:, kept] * roots
        inverse = (vectors[:, kept] / roots).T * scale
        fractions, directions = np.linalg.eigh(factor.T @ jacobian.latent_covariance @ factor)
        smooth = bool(values[0] > -_INDEFINITE * values[-1])
        return cls(factor, inverse, fractions, directions, smooth, jacobian.frame.leaves_untold)

    @property
    def radius(self) -> float:
        """The largest fraction: the plain sweep's rate of convergence; above one at a saddle."""
        return float(self.fractions.max(initial=0.0))

    @property
    def is_definite(self) -> bool:
        """Whether the belief is a proper optimum, so that covariances exist."""
        return self.has_derivative and self.radius < 1.0 - 1e-12

    @property
    def has_derivative(self) -> bool:
        """Whether the update has one, in every direction."""
        return self.is_smooth and not self.leaves_untold

    @property
    def failing(self) -> str:
        """Why not all is told, in words."""
        if self.leaves_untold:
            return _UNTOLD_DIRECTION
        return (
            f"the linear response is not positive definite (spectral radius {self.radius:.3g}): the fit is no proper "
            "optimum"
        )

    @property
    def tells_all(self) -> bool:
        """Whether the data or the prior tell something of every direction."""
        return not self.leaves_untold and self.radius < 1.0 - UNTOLD

    def without(self, dropped: Array) -> MissingInformation:
        """Return the same without some of the directions ``dropped`` (r,), bool."""
        return replace(self, fractions=self.fractions[~dropped], directions=self.directions[:, ~dropped])

    def loadings(self, response: Array) -> Array:
        """Return W (size, r) of a function whose response to the statistics is ``response`` (size, p)."""
        return np.asarray(response @ self.inverse.T)

    def complete(self, loadings: Array) -> Array:
        """Return the covariance W Wᵀ under complete data."""
        return np.asarray(loadings @ loadings.T)

    def excess(self, loadings: Array) -> Array:
        """Return the covariance W ((I − F)⁻¹ − I) Wᵀ that the latents add."""
        turned = loadings @ self.directions
        return np.asarray((turned * (self.fractions / (1.0 - self.fractions))) @ turned.T)

    @cached_property
    def amplification(self) -> Array:
        """(I − F)⁻¹ (r, r)."""
        return np.asarray((self.directions / (1.0 - self.fractions)) @ self.directions.T)

    def steepest(self) -> Array:
        """Return the move of the statistics (p,) along the direction with the largest fraction."""
        return np.asarray(self.inverse.T @ self.directions[:, -1])
