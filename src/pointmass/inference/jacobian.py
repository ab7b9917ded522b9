"""The derivative of one sweep at a belief, in coordinates of the expected statistics.

A sweep is two maps in turn: coefficients to expected statistics (infer), and statistics to the coefficients of the
next belief (update, project). The first has the exact derivative that the model gives, the covariance of the
statistics under the latents' posterior; the second is a smooth function of few numbers, independent of the number of
rows, whose derivative is taken numerically to eleven digits.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np
from scipy.sparse.linalg import ArpackError, LinearOperator, eigs

from pointmass.inference.differences import STENCIL, STEP
from pointmass.inference.parallel import sum_blocks
from pointmass.inference.sweep import Sweep
from pointmass.models import Beliefs, Rows, Statistics
from pointmass.numerics import Array, symmetrise

__all__ = ["LARGEST_DENSE", "Jacobian"]

LARGEST_DENSE = 3000
"""Statistics up to which the Jacobian is held as a matrix; beyond, only its products with vectors are taken."""

_LARGEST_BATCH = 64


class Jacobian:
    """The derivative of a sweep's two maps at one belief.

    Parameters
    ----------
    sweep : Sweep
        A sweep with soft assignments that projects to the mode or to the posterior itself.
    beliefs : dict of str to belief
        Where the derivative is taken.

    References
    ----------
    Louis (1982), *JRSS B* 44, for the E-step; Dempster, Laird and Rubin (1977), *JRSS B* 39, section 3, for the rate.
    """

    def __init__(self, sweep: Sweep, beliefs: Beliefs) -> None:
        self.sweep, self.beliefs = sweep, beliefs
        self.statistics = sweep.infer(beliefs)
        plain = sweep.model.frame(beliefs, sweep.rows.coordinates)
        self.frame = plain.turned(sweep.posteriors(self.statistics, beliefs))
        self.totals = self.frame.totals(self.statistics)
        self.steps = self.frame.steps(self.statistics)

    # -- the E-step -------------------------------------------------------------------------------------------

    def latent_product(self, directions: Array) -> Array:
        """Return ∂s/∂c · direction over all rows, for directions (B, p)."""

        def one(block: Rows, own: np.random.Generator | None) -> Array:
            return self.frame.derivative(block, directions)

        of_rows = sum_blocks(one, self.sweep.rows, self.frame.numbers_per_row(len(directions)))
        shared = self.frame.shared_derivative(self.statistics, directions)
        return np.asarray(of_rows + shared + self.frame.prior_derivative(self.sweep.prior, directions))

    @cached_property
    def latent_covariance(self) -> Array:
        """∂s/∂c (p, p), the covariance of the complete-data statistics given the data."""
        identity = np.eye(self.frame.size)
        batches = [identity[start : start + _LARGEST_BATCH] for start in range(0, self.frame.size, _LARGEST_BATCH)]
        matrix = np.concatenate([self.latent_product(batch) for batch in batches])
        return symmetrise(matrix)

    def scores(self) -> Array:
        """Return Σ w E[t] E[t]ᵀ (p, p) over independent units, E[t] a unit's expected statistics."""

        def one(block: Rows, own: np.random.Generator | None) -> Array:
            units = self.frame.scores(block)
            return (units * self.frame.unit_weights(block)[:, None]).T @ units

        return sum_blocks(one, self.sweep.rows, self.frame.numbers_per_row(1) + 2 * self.frame.size)

    # -- the update -------------------------------------------------------------------------------------------

    def updated(self, step: Array) -> Beliefs:
        """Return the belief that the sweep makes of the statistics moved by ``step`` (p,)."""
        statistics: Statistics = self.frame.shifted(self.statistics, step)
        return self.sweep.update(statistics, self.beliefs)

    def response(self, function: Callable[[Beliefs], Array]) -> Array:
        """Return the derivative (size, p) of a function of the next belief by the statistics."""
        columns = [self._slope(function, axis) for axis in range(self.frame.size)]
        return np.stack(columns, axis=1)

    def _slope(self, function: Callable[[Beliefs], Array], axis: int) -> Array:
        direction = np.zeros(self.frame.size)
        direction[axis] = self.steps[axis]
        slope = self.directional(function, direction)
        return np.asarray(slope / self.steps[axis]) if self.steps[axis] > 0 else slope

    def directional(self, function: Callable[[Beliefs], Array], direction: Array) -> Array:
        """Return the derivative of a function of the next belief along a direction of about the statistics' size."""
        with np.errstate(all="ignore"):
            values = [weight * np.ravel(function(self.updated(STEP * move * direction))) for move, weight in STENCIL]
        return np.asarray(sum(values) / STEP)

    @cached_property
    def coefficient_response(self) -> Array:
        """∂c/∂s (p, p): the covariance of the coefficients under a posterior; symmetric for points too."""
        matrix = self.response(self.frame.coefficients)
        return symmetrise(matrix)

    # -- both -------------------------------------------------------------------------------------------------

    @property
    def is_dense(self) -> bool:
        """Whether the Jacobian is small enough to be held as a matrix."""
        return self.frame.size <= LARGEST_DENSE

    def product(self, vector: Array) -> Array:
        """Return J · vector (p,) without forming J: one pass over the rows and four updates."""
        largest = np.abs(np.divide(vector, self.steps, out=np.zeros_like(vector), where=self.steps > 0)).max(initial=0)
        if largest == 0:
            return np.zeros_like(vector)
        change = self.directional(self.frame.coefficients, vector / largest) * largest
        return np.asarray(self.latent_product(change[None])[0])

    def dominant(self, tolerance: float = 1e-3) -> tuple[float, Array]:
        """Return J's largest eigenvalue and its eigenvector (p,) by products alone.

        Raises
        ------
        numpy.linalg.LinAlgError
            If the iteration does not settle.
        """
        size = self.frame.size
        start = np.random.default_rng(0).standard_normal(size) * self.steps
        try:
            values, vectors = eigs(LinearOperator((size, size), matvec=self.product), k=1, v0=start, tol=tolerance)
        except ArpackError as error:
            raise np.linalg.LinAlgError(str(error)) from error
        return float(values[0].real), np.asarray(vectors[:, 0].real)
