"""Statistics of regressions about each component's own line, in units of its own noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pointmass.families.frame import Frame
from pointmass.families.regression_kernel import quadratic_coefficients
from pointmass.families.regression_moments import RegressionMoments
from pointmass.numerics import Array, pair_products

if TYPE_CHECKING:
    from pointmass.families.family import Belief
    from pointmass.families.linear_regression import LinearRegression

__all__ = ["RegressionFrame"]


class RegressionFrame(Frame):
    """Products of each pair of (1, z, (w − line) / noise), line and noise those of the belief of the frame."""

    family: LinearRegression

    def __init__(self, family: LinearRegression, belief: Belief, n_columns: int) -> None:
        super().__init__(family, belief, n_columns)
        expected = belief.expected_natural_parameters()
        self.own = expected["coefficients"]
        self.unit = np.sqrt(expected["precision"])
        first = np.zeros((len(self.own), n_columns - self.own.shape[1]))
        self.line = np.concatenate([first, self.own], axis=1)

    def coefficients(self, belief: Belief) -> Array:
        """Return E[η] (K, S) of the log density of what is left of the target."""
        expected = belief.expected_natural_parameters()
        seen = {
            **expected,
            "coefficients": (expected["coefficients"] - self.own) * self.unit[:, None],
            "precision": expected["precision"] / self.unit**2,
        }
        return quadratic_coefficients(seen, self.family.fit_intercept)

    def sums(self, statistics: RegressionMoments) -> Array:
        """Return the products about the frame's lines, in its units."""
        return statistics.about(self.line).scaled(self.unit).sums

    def statistics(self, sums: Array) -> RegressionMoments:
        """Return products about the frame's lines, in working coordinates."""
        return RegressionMoments(sums, self.line).scaled(1.0 / self.unit)

    def features(self, features: Array, component: int) -> Array:
        """Return the products (S, n) of one component's columns, given those of (1, z, w)."""
        p = self.line.shape[1]
        columns = features[: p + 1].copy()
        columns[p] = (columns[p] - self.line[component] @ columns[:p]) * self.unit[component]
        return pair_products(columns)

    def steps(self, sums: Array) -> Array:
        """Return the number of rows of each component: a row's own statistics are about one."""
        return np.repeat(sums[:, :1], sums.shape[1], axis=1)
