"""Newton's method on the fixed point of a sweep, with the sweep's own Jacobian."""

from __future__ import annotations

import numpy as np
from scipy.sparse.linalg import LinearOperator, gmres

from pointmass.inference.acceleration import Anderson
from pointmass.inference.jacobian import Jacobian
from pointmass.inference.missing_information import MissingInformation
from pointmass.inference.sweep import Sweep
from pointmass.inference.vectors import pack, unpack
from pointmass.models import Beliefs
from pointmass.numerics import Array

__all__ = ["Newton"]

_PRODUCTS = 30


class Newton:
    """Statistics at which the sweep would stand still to first order, and the belief that they make.

    Where a direction's fraction of missing information λ exceeds one the sweep runs away from a saddle, and the
    solution would lead back to it: the factor is 1 / |1 − λ|. A Jacobian too large to be held is solved with by
    products alone. Far from the optimum the step may be refused; Anderson's steps then take over, for twice as long
    after each refusal.

    Parameters
    ----------
    sweep : Sweep
        The sweep that is repeated.
    like : dict of str to belief
        A belief of the kind that the vectors stand for.

    References
    ----------
    Jamshidian and Jennrich (1997), *JRSS B* 59; Louis (1982), *JRSS B* 44, section 4.
    """

    def __init__(self, sweep: Sweep, like: Beliefs) -> None:
        self.sweep, self.like = sweep, like
        self.spent = 0
        self._rate, self._remaining = 0.0, np.inf
        self._anderson = Anderson()
        self._pause, self._resting, self._leads = 1, 0, False

    def repeated(self, sweep: Sweep) -> Sweep:
        """Return the sweep itself."""
        return sweep

    def propose(self, vector: Array, image: Array) -> Array:
        """Return the vector of the belief that Newton's step makes; Anderson's after a refusal."""
        other = self._anderson.propose(vector, image)
        self._leads = self._resting == 0
        if self._leads:
            proposed = self._newton(vector, image)
            if not np.array_equal(proposed, vector):
                return proposed
            self.retreat(image)  # the statistics that the step makes have no mode: the point was kept
            self._leads = False
        self._resting -= 1
        self._rate, self._remaining = self._anderson.rate(), np.inf
        return other

    def _newton(self, vector: Array, image: Array) -> Array:
        jacobian = Jacobian(self.sweep, self._beliefs(vector))
        frame = jacobian.frame
        change = frame.coefficients(self._beliefs(image)) - frame.coefficients(jacobian.beliefs)
        step = self._dense(jacobian, change) if jacobian.is_dense else self._by_products(jacobian, change)
        with np.errstate(all="ignore"):
            return pack(jacobian.updated(step), self.sweep.free_blocks)

    def _beliefs(self, vector: Array) -> Beliefs:
        return unpack(vector, self.like, self.sweep.free_blocks)

    def _dense(self, jacobian: Jacobian, change: Array) -> Array:
        """Return (I − G V)⁻¹ G · change, with G = ∂s/∂c and V = ∂c/∂s = A Aᵀ."""
        info = MissingInformation.of(jacobian)
        self.spent += len(info.fractions)
        self._rate = info.radius
        away = info.directions.T @ (info.inverse @ change)
        factors = 1.0 / np.maximum(np.abs(1.0 - info.fractions), np.finfo(float).eps)
        self._remaining = 0.5 * float(away**2 @ factors)
        first = jacobian.latent_covariance @ change
        inside = (info.directions * factors) @ (info.directions.T @ (info.factor.T @ first))
        return np.asarray(first + jacobian.latent_covariance @ (info.factor @ inside))

    def _by_products(self, jacobian: Jacobian, change: Array) -> Array:
        first = jacobian.latent_product(change[None])[0]
        scale = np.where(jacobian.steps > 0, np.sqrt(jacobian.steps), 1.0)
        size = len(first)

        def residual(vector: Array) -> Array:
            self.spent += 1
            return vector - jacobian.product(vector * scale) / scale

        solved = gmres(
            LinearOperator((size, size), matvec=residual), first / scale, rtol=1e-4, maxiter=1, restart=_PRODUCTS
        )[0]
        return np.asarray(solved * scale)

    def retreat(self, image: Array) -> Array:
        """Return the image, and rest; what Anderson proposed is taken back as Anderson does."""
        if not self._leads:
            return self._anderson.retreat(image)
        self._resting, self._pause = self._pause, 2 * self._pause
        return image

    def rate(self) -> float:
        """Return the largest fraction of missing information."""
        return self._rate

    def remaining(self) -> float:
        """Return the gain (nats) still to come from the last accepted vector, to second order."""
        return self._remaining
