"""Statistics of rows known by their limits, in the frame in which derivatives are taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pointmass.families.frame import Frame
from pointmass.families.interval_kernel import IntervalKernel, IntervalRows
from pointmass.numerics import Array

if TYPE_CHECKING:
    from pointmass.families.family import Belief

__all__ = ["IntervalFrame"]


class IntervalFrame(Frame):
    """Expected statistics of exact values, and their covariance between the limits of the others.

    Parameters
    ----------
    frame : Frame
        That of exact values.
    kernel : IntervalKernel
        At the same belief, in working coordinates.
    """

    def __init__(self, frame: Frame, kernel: IntervalKernel) -> None:
        self.frame, self.kernel = frame, kernel

    def coefficients(self, belief: Belief) -> Array:
        """Return those of exact values."""
        return self.frame.coefficients(belief)

    def sums(self, statistics: Any) -> Array:
        """Return those of exact values."""
        return self.frame.sums(statistics)

    def statistics(self, sums: Array) -> Any:
        """Return those of exact values."""
        return self.frame.statistics(sums)

    def steps(self, sums: Array) -> Array:
        """Return those of exact values."""
        return self.frame.steps(sums)

    def _between(self, features: IntervalRows, component: int) -> tuple[Array, Array]:
        """Return statistics (S, n, Q) at nodes between the limits, and the nodes' weights (n, Q)."""
        points, weights = self.kernel.truncated.nodes(features.lower, features.upper, component)
        own = self.frame.features(self.kernel.inner.features(points.reshape(-1, 1)), component)
        return own.reshape(len(own), *points.shape), weights

    def features(self, features: Any, component: int) -> Array:
        """Return the expected statistics (S, n) of rows for one component."""
        exact = self.frame.features(features.features, component)
        own = np.empty((len(exact), len(features.exact)))
        own[:, features.exact] = exact
        statistics, weights = self._between(features, component)
        own[:, features.is_open] = (statistics * weights).sum(-1)
        return own

    def hidden(self, features: Any, responsibilities: Array, directions: Array) -> Array:
        """Return Σ r Cov(t, t · direction) (B, K, S) between the limits."""
        change = np.zeros_like(directions)
        for k in range(len(responsibilities)):
            statistics, weights = self._between(features, k)
            centred = statistics - (statistics * weights).sum(-1, keepdims=True)
            shares = weights * responsibilities[k, features.is_open][:, None]
            moves = np.tensordot(directions[:, k], centred, axes=1)
            change[:, k] = np.einsum("bnq,snq->bs", moves * shares, centred)
        return change
