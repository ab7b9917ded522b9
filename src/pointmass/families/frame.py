"""Coordinates of the sufficient statistics in which derivatives of a sweep are taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pointmass.numerics import Array

if TYPE_CHECKING:
    from pointmass.families.family import Belief, Family

__all__ = ["Frame"]

_LOWEST = -1e300


class Frame:
    """The statistics of K components as a matrix (K, S), and what multiplies them in the log density.

    A family whose statistics cancel far from the origin gives each component a frame of its own, in which one row of
    the component has statistics of about one. A frame is fixed while beliefs move: it is a choice of coordinates.

    Parameters
    ----------
    family : Family
        Whose statistics are meant.
    belief : Belief
        Where the frame is made, in working coordinates.
    n_columns : int
        Number of columns of the data.
    """

    def __init__(self, family: Family, belief: Belief, n_columns: int) -> None:
        self.family = family
        self.n_columns = n_columns

    def turned(self, posterior: Belief) -> Frame:
        """Return the frame whose steps fit the posterior that an update makes of the statistics.

        The same frame, unless a step that suits one statistic would leave the space of another.
        """
        return self

    @property
    def leaves_untold(self) -> bool:
        """Whether neither the rows nor the prior tell of some direction of the parameters."""
        return False

    def coefficients(self, belief: Belief) -> Array:
        """Return E[η] (K, S), which multiplies the statistics in the expected log density; very low for −∞."""
        return np.asarray(np.maximum(self.family.coefficients(belief.expected_natural_parameters()), _LOWEST))

    def sums(self, statistics: Any) -> Array:
        """Return expected statistics as a matrix (K, S)."""
        return np.asarray(statistics)

    def statistics(self, sums: Array) -> Any:
        """Return a matrix (K, S) as the statistics that the family's update takes."""
        return self.family.statistics_of(sums, self.n_columns)

    def features(self, features: Any, component: int) -> Array:
        """Return the expected statistics (S, n) of rows for one component, given the kernel's features."""
        return np.asarray(features)

    def hidden(self, features: Any, responsibilities: Array, directions: Array) -> Array:
        """Return Σ r Cov(t, t · direction) (B, K, S) over what is hidden of the rows beside their components.

        Parameters
        ----------
        features : ndarray, shape (S, n)
            The kernel's features.
        responsibilities : ndarray, shape (K, n)
            Of each component for each row, times the row's weight.
        directions : ndarray, shape (B, K, S)
            What multiplies the statistics.
        """
        return np.zeros((len(directions), 1))

    def prior_derivative(self, prior: Belief, directions: Array) -> Array:
        """Return Cov(t, t · direction) (B, K, S) over what the prior is mixed over, given the belief of the frame."""
        return np.zeros_like(directions)

    def steps(self, sums: Array) -> Array:
        """Return how far each statistic must move for an update to feel it: its own size."""
        return np.abs(sums)
