"""Statistics of normal rows whose scales are hidden, in the frame in which derivatives are taken."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np
from scipy.special import polygamma

from pointmass.families.degrees_of_freedom import normaliser_excess
from pointmass.families.frame import Frame
from pointmass.families.product_statistics import ProductStatistics
from pointmass.families.scale_kernel import ScaledRows
from pointmass.families.scale_statistics import ScaleStatistics
from pointmass.numerics import Array

if TYPE_CHECKING:
    from pointmass.families.conjugate import Parameters
    from pointmass.families.family import Belief
    from pointmass.families.scaled_family import ScaledFamily

__all__ = ["ScaleFrame"]


class ScaleFrame(Frame):
    """Statistics (1, u t(w), ½ (u − 1 − log u)), with t(w) those of the frame of normal rows."""

    def __init__(self, family: ScaledFamily, belief: Belief, n_columns: int) -> None:
        super().__init__(family, belief, n_columns)
        self.scaled = family
        self.inner = family.normal.frame(cast("Belief", family.location(belief)), n_columns)
        self.kernel = family.identity_kernel(belief, n_columns)

    def turned(self, posterior: Belief) -> Self:
        """Return the frame with that of normal rows turned."""
        found = copy(self)
        found.inner = self.inner.turned(self.scaled.location_posterior(posterior))
        return found

    @property
    def leaves_untold(self) -> bool:
        """The answer of normal rows."""
        return bool(self.inner.leaves_untold)

    def coefficients(self, belief: Belief) -> Array:
        """Return E[η] (K, S)."""
        normal = self.inner.coefficients(cast("Belief", self.scaled.location(belief)))
        kernel = self.scaled.identity_kernel(belief, self.n_columns)
        return joined_coefficients(normal, kernel.constant, {"dof": kernel.dof, "excess": kernel.excess})

    def sums(self, statistics: ProductStatistics) -> Array:
        """Return expected statistics as a matrix (K, S)."""
        moments, scales = statistics.parts
        return np.concatenate([scales.count[:, None], self.inner.sums(moments), scales.excess[:, None]], axis=1)

    def statistics(self, sums: Array) -> ProductStatistics:
        """Return a matrix (K, S) as statistics of rows and of scales."""
        return with_rows(self.inner.statistics(sums[:, 1:-1]), sums)

    def features(self, features: ScaledRows, component: int) -> Array:
        """Return the expected statistics (S, n) of rows for one component."""
        own = self.inner.features(features.features, component)
        scales, excess = (array[component] for array in self.kernel.scales(features))
        return np.concatenate([np.ones((1, own.shape[1])), own * scales, excess[None]])

    def hidden(self, features: ScaledRows, responsibilities: Array, directions: Array) -> Array:
        """Return Σ r Cov(t, t · direction) (B, K, S) under the gamma distributions of the scales."""
        change = np.zeros_like(directions)
        for k in range(directions.shape[1]):
            change[:, k, 1:] = self._answer(features, k, responsibilities[k], directions[:, k])
        return change

    def _answer(self, features: ScaledRows, component: int, weights: Array, directions: Array) -> Array:
        """Return Σ r Cov(t, α u + β log u) (B, S − 1), α and β row by row what a direction multiplies u and log u with.

        For u ~ Gamma(A, B): Var u = A/B², Cov(u, log u) = 1/B, Var log u = ψ'(A).
        """
        own = self.inner.features(features.features, component)
        shape, rates = self.kernel.shape[component], self.kernel.rates(features)[component]
        of_logs = -0.5 * directions[:, -1:]
        of_scales = directions[:, 1:-1] @ own - of_logs
        with_scale = weights * (of_scales * (shape / rates**2) + of_logs / rates)
        with_log = weights * (of_scales / rates + of_logs * polygamma(1, shape))
        excess = 0.5 * (with_scale - with_log).sum(axis=1, keepdims=True)
        return np.concatenate([with_scale @ own.T, excess], axis=1)

    def steps(self, sums: Array) -> Array:
        """Return the steps of normal rows, and the size of what the scales add."""
        rows = sums[:, :1]
        return np.concatenate([rows, self.inner.steps(sums[:, 1:-1]), np.abs(sums[:, -1:])], axis=1)


def joined_coefficients(normal: Array, constant: Array, freedom: Parameters) -> Array:
    """Return what multiplies (1, u t(w), ½ (u − 1 − log u)), given the coefficients of t(w) of normal rows.

    ``constant`` (K,) is the largest log density of a normal row, which no scale multiplies.
    """
    largest = constant + freedom["excess"] + normaliser_excess(freedom["dof"])
    weighted = normal.copy()
    weighted[:, 0] -= constant
    return np.concatenate([largest[:, None], weighted, -freedom["dof"][:, None]], axis=1)


def with_rows(moments: Any, sums: Array) -> ProductStatistics:
    """Return the statistics of which the first column of ``sums`` (K, S) counts rows and the last is of scales."""
    return ProductStatistics((replace(moments, rows=sums[:, 0]), ScaleStatistics(sums[:, 0], sums[:, -1])))
