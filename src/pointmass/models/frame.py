"""What a derivative of a sweep asks of a model: its expected statistics as one vector, and how they answer."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from pointmass.models.rows import Rows
from pointmass.models.statistics import Statistics
from pointmass.numerics import Array

__all__ = ["Frame"]


class Frame(Protocol):
    """Coordinates of a model's expected statistics at one belief, p numbers, and their derivatives there.

    The E-step is a map of the coefficients c = E[η], which multiply the statistics in the expected log density, to
    the expected statistics s. Its derivative ∂s/∂c is the covariance of the statistics under the latents' posterior
    (Louis 1982): symmetric, positive semidefinite, and additive over independent units.
    """

    @property
    def size(self) -> int:
        """Return p, how many statistics there are."""

    def turned(self, posteriors: Any) -> Frame:
        """Return the frame whose steps fit the posterior of each block that an update makes of the statistics."""
        return self

    @property
    def leaves_untold(self) -> bool:
        """Return whether neither the rows nor the prior tell of some direction of the parameters."""
        return False

    def coefficients(self, beliefs: Any) -> Array:
        """Return c (p,) under ``beliefs``."""

    def coefficients_at(self, points: Any) -> Array:
        """Return c (S, p) at point masses whose parameters have a leading axis of S points."""
        size = len(next(iter(next(iter(points.values())).parameters.values())))
        each = ({name: point.taken(s) for name, point in points.items()} for s in range(size))
        return np.stack([self.coefficients(beliefs) for beliefs in each])

    def totals(self, statistics: Statistics) -> Array:
        """Return s (p,)."""

    def shifted(self, statistics: Statistics, step: Array) -> Statistics:
        """Return the statistics whose vector is s + step."""

    def steps(self, statistics: Statistics) -> Array:
        """Return how far each of s must move for an update to feel it (p,)."""

    def numbers_per_row(self, directions: int) -> int:
        """Return how many float64 numbers the derivative in so many directions holds for each row."""

    def derivative(self, block: Rows, directions: Array) -> Array:
        """Return ∂s/∂c · direction of a block of rows, for directions (B, p): shape (B, p)."""

    def shared_derivative(self, statistics: Statistics, directions: Array) -> Array:
        """Return what latents that the rows share add to the derivative over all rows: shape (B, p).

        ``statistics`` are those of all rows.
        """
        return np.zeros_like(directions)

    def prior_derivative(self, prior: Any, directions: Array) -> Array:
        """Return what precisions and the like, which a prior is mixed over, add to the derivative: shape (B, p).

        They are inferred as latents that all rows share, and their statistics multiply the same coefficients.
        """
        return np.zeros_like(directions)

    def scores(self, block: Rows) -> Array:
        """Return the expected statistics of each independent unit of a block, shape (units, p), unweighted."""

    def unit_weights(self, block: Rows) -> Array:
        """Return the weight of each independent unit of a block (units,)."""
