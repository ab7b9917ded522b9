"""Statistics of regressions about each component's own line, in units of its own noise."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Self

import numpy as np

from pointmass.families.design_basis import DesignBasis
from pointmass.families.frame import Frame
from pointmass.families.pair_products import PAIRS
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
        self.basis = DesignBasis.plain(*self.line.shape)

    def turned(self, posterior: Belief) -> Self:
        """Return the frame with (1, z) in the basis in which the posterior's precision is diagonal."""
        found = copy(self)
        found.basis = DesignBasis.of(posterior, *self.line.shape)
        return found

    @property
    def leaves_untold(self) -> bool:
        """Whether neither the rows nor the prior tell of some direction of the coefficients."""
        return self.basis.leaves_untold

    def coefficients(self, belief: Belief) -> Array:
        """Return E[η] (K, S) of the log density of what is left of the target."""
        expected = belief.expected_natural_parameters()
        seen = {
            **expected,
            "coefficients": (expected["coefficients"] - self.own) * self.unit[:, None],
            "precision": expected["precision"] / self.unit**2,
        }
        return quadratic_coefficients(self.basis.natural(seen), self.family.fit_intercept)

    def sums(self, statistics: RegressionMoments) -> Array:
        """Return the products about the frame's lines, in its units and its basis."""
        return _mapped(statistics.about(self.line).scaled(self.unit).sums, self.basis.inverse)

    def statistics(self, sums: Array) -> RegressionMoments:
        """Return products about the frame's lines, in working coordinates."""
        return RegressionMoments(_mapped(sums, self.basis.root), self.line).scaled(1.0 / self.unit)

    def features(self, features: Array, component: int) -> Array:
        """Return the products (S, n) of one component's columns, given those of (1, z, w)."""
        p = self.line.shape[1]
        columns = features[: p + 1].copy()
        columns[p] = (columns[p] - self.line[component] @ columns[:p]) * self.unit[component]
        columns[:p] = self.basis.inverse[component] @ columns[:p]
        return pair_products(columns)

    def steps(self, sums: Array) -> Array:
        """Return what the columns weigh, those of the target as much as the rows."""
        rows = sums[:, :1]
        roots = np.sqrt(np.concatenate([self.basis.weights(sums[:, 0]), rows], axis=1))
        return PAIRS.moments(roots[:, :, None] * roots[:, None, :])


def _mapped(sums: Array, left: Array) -> Array:
    """Return products (K, S) with all columns but the target's multiplied by matrices (K, q − 1, q − 1)."""
    q = left.shape[-1] + 1
    whole = np.broadcast_to(np.eye(q), (len(sums), q, q)).copy()
    whole[:, :-1, :-1] = left
    return PAIRS.moments(whole @ PAIRS.scatter(sums, q) @ np.swapaxes(whole, -1, -2))
