"""Derivatives of the E-step of effects of groups."""

from __future__ import annotations

import numpy as np

from pointmass.errors import PointmassError
from pointmass.families.regression_kernel import quadratic_coefficients
from pointmass.families.regression_moments import RegressionMoments
from pointmass.models.base import Beliefs
from pointmass.models.frame import Frame
from pointmass.models.group_effects import GROUP_VARIANCE, OBSERVATION, SUMS, GroupEffects
from pointmass.models.rows import Rows
from pointmass.models.statistics import Statistics
from pointmass.numerics import Array

__all__ = ["GroupEffectsFrame"]


class GroupEffectsFrame(Frame):
    """Products of each pair of (1, what an effect leaves of a target), and minus half the squares of the effects.

    Each is A b² + B b + constant in the independent normal effects b, mean m and variance v:
    Cov = 2 A A′ v² + (2 A m + B)(2 A′ m + B′) v, summed over groups.

    Parameters
    ----------
    inference : GroupEffects
        The E-step at the belief.
    """

    size = 4

    def __init__(self, inference: GroupEffects) -> None:
        self.inference = inference
        self.unit = float(inference.weight["precision"])

    def coefficients(self, beliefs: Beliefs) -> Array:
        """Return what multiplies the products, and the precision of effects in units of that at the belief."""
        own = quadratic_coefficients(beliefs[OBSERVATION].expected_natural_parameters(), fit_intercept=True)
        precision = beliefs[GROUP_VARIANCE].expected_natural_parameters()["precision"]
        return np.append(own, np.ravel(precision) / self.unit)

    def totals(self, statistics: Statistics) -> Array:
        """Return the expected products, and minus half the expected squares."""
        squares = np.ravel(statistics.parts[GROUP_VARIANCE][1])
        return np.append(statistics.parts[OBSERVATION].sums, -0.5 * self.unit * squares)

    def shifted(self, statistics: Statistics, step: Array) -> Statistics:
        """Return the statistics moved by ``step``."""
        moments, (count, squares) = (statistics.parts[name] for name in (OBSERVATION, GROUP_VARIANCE))
        parts = {
            **statistics.parts,
            OBSERVATION: RegressionMoments(moments.sums + step[:-1], moments.centre),
            GROUP_VARIANCE: (count, squares - 2.0 * step[-1] / self.unit),
        }
        return Statistics(parts, statistics.log_normaliser)

    def steps(self, statistics: Statistics) -> Array:
        """Return the size of the totals; a sum of what is left is as large as so many deviations of the noise."""
        count, _, squares, of_effects = self.totals(statistics)
        return np.array([count, np.sqrt(count * squares), squares, abs(of_effects)])

    def numbers_per_row(self, directions: int) -> int:
        """Return 1: a row alone has no derivative."""
        return 1

    def derivative(self, block: Rows, directions: Array) -> Array:
        """Return zeros: all of it comes from what the rows share."""
        return np.zeros_like(directions)

    def shared_derivative(self, statistics: Statistics, directions: Array) -> Array:
        """Return Cov(t, t | data) · direction for directions (B, 4)."""
        sums = statistics.parts[SUMS]
        mean, variance = self.inference.moments(sums)
        count, total, _ = sums.T
        nothing = np.zeros_like(count)
        square = np.stack([nothing, nothing, count, np.full_like(count, -0.5 * self.unit)])
        linear = np.stack([nothing, -count, -2.0 * total, nothing]) + 2.0 * square * mean
        covariance = 2.0 * (square * variance**2) @ square.T + (linear * variance) @ linear.T
        return np.asarray(directions @ covariance)

    def scores(self, block: Rows) -> Array:
        """Refuse: rows that share an effect are not independent."""
        raise PointmassError(
            "the rows of a group are not independent, for they share its effect, so no row has a score of its own; use "
            "information or bootstrap_parametric"
        )

    def unit_weights(self, block: Rows) -> Array:
        """Refuse, as ``scores`` does."""
        return self.scores(block)
