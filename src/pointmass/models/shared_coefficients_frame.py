"""Derivatives of the E-step of coefficients that all rows share."""

from __future__ import annotations

import numpy as np

from pointmass.errors import PointmassError
from pointmass.models.base import Beliefs
from pointmass.models.frame import Frame
from pointmass.models.rows import Rows
from pointmass.models.shared_coefficients import NOISE, SUMS, WEIGHTS, SharedCoefficients
from pointmass.models.statistics import Statistics
from pointmass.numerics import Array

__all__ = ["SharedCoefficientsFrame"]


class SharedCoefficientsFrame(Frame):
    """Minus half the sums of squares of the residuals and of each group of weights, which the precisions multiply.

    With the coefficients normal given the data, N(m, S), the covariance of two of these, quadratic forms of the
    coefficients with matrices A, B and gradients a, b at m, is tr(A S B S) / 2 + aᵀ S b / 4.

    Parameters
    ----------
    inference : SharedCoefficients
        The E-step at the belief.
    """

    def __init__(self, inference: SharedCoefficients) -> None:
        self.inference = inference
        self.units = np.ones(1)
        self.units = self.coefficients(inference.beliefs)

    @property
    def size(self) -> int:
        """Return 1 + G."""
        return 1 + len(self.inference.groups.members)

    def coefficients(self, beliefs: Beliefs) -> Array:
        """Return E[τ] and E[λ], in units of those at the belief."""
        expected = [beliefs[name].expected_natural_parameters()["precision"].ravel() for name in (NOISE, WEIGHTS)]
        return np.asarray(np.concatenate(expected) / self.units)

    def totals(self, statistics: Statistics) -> Array:
        """Return minus half of each expected sum of squares."""
        squares = [statistics.parts[name][1].ravel() for name in (NOISE, WEIGHTS)]
        return np.asarray(-0.5 * self.units * np.concatenate(squares))

    def shifted(self, statistics: Statistics, step: Array) -> Statistics:
        """Return the statistics with moved sums of squares."""
        moves = -2.0 * step / self.units
        moved = {
            name: (statistics.parts[name][0], statistics.parts[name][1] + move[None])
            for name, move in ((NOISE, moves[:1]), (WEIGHTS, moves[1:]))
        }
        return Statistics({**statistics.parts, **moved}, statistics.log_normaliser)

    def steps(self, statistics: Statistics) -> Array:
        """Return the size of the totals."""
        return np.abs(self.totals(statistics))

    def numbers_per_row(self, directions: int) -> int:
        """Return 1: a row alone has no derivative."""
        return 1

    def derivative(self, block: Rows, directions: Array) -> Array:
        """Return zeros: all of it comes from what the rows share."""
        return np.zeros_like(directions)

    def shared_derivative(self, statistics: Statistics, directions: Array) -> Array:
        """Return Cov(t, t | data) · direction for directions (B, p)."""
        return np.asarray(directions @ self._covariance(statistics))

    def _covariance(self, statistics: Statistics) -> Array:
        moments, members = statistics.parts[SUMS], self.inference.groups.members
        belief, inner = self.inference.posterior(moments), self.inference.inner(moments)
        mean, spread, gram = belief.mean[0], belief.covariance[0], inner[:-1, :-1]
        turned = gram @ spread
        gradients = np.concatenate([[gram @ mean - inner[:-1, -1]], members * mean]) * self.units[:, None]
        traces = np.empty((self.size, self.size))
        traces[0, 0] = (turned * turned.T).sum()
        traces[0, 1:] = traces[1:, 0] = members @ np.diag(spread @ turned)
        traces[1:, 1:] = members @ spread**2 @ members.T
        return np.asarray(0.5 * traces * np.outer(self.units, self.units) + gradients @ spread @ gradients.T)

    def scores(self, block: Rows) -> Array:
        """Refuse: rows that share latents are not independent."""
        raise PointmassError(
            "the rows are not independent given the precisions, for they share the coefficients, so no row has a score "
            "of its own; use information or bootstrap_parametric"
        )

    def unit_weights(self, block: Rows) -> Array:
        """Refuse, as ``scores`` does."""
        return self.scores(block)
