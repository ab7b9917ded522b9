"""The part of a sweep of rows that are known by their limits: exact ones as they are, the others integrated out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pointmass.families.coordinates import Coordinates
from pointmass.families.kernel import Kernel
from pointmass.families.truncated import Truncated
from pointmass.numerics import Array

if TYPE_CHECKING:
    from pointmass.families.intervals import Intervals

__all__ = ["IntervalKernel", "IntervalRows"]


@dataclass(frozen=True, eq=False)
class IntervalRows:
    """Features of rows (lower, upper).

    Parameters
    ----------
    exact : ndarray of bool, shape (n,)
        Which rows are known exactly.
    features : ndarray, shape (S, m)
        The features of these.
    lower, upper : ndarray
        Limits of the others in working coordinates, infinite where there is none.
    values : ndarray, shape (n,)
        Working coordinates of the exact rows, NaN for the others.
    """

    exact: Array
    features: Array
    lower: Array
    upper: Array
    values: Array

    @property
    def is_open(self) -> Array:
        """Which rows are known by their limits alone (n,)."""
        return ~self.exact


class IntervalKernel(Kernel):
    """Log densities of exact rows, log masses of intervals, and what the statistics are expected to be in these.

    Parameters
    ----------
    family : Intervals
        Whose rows are meant.
    outer, inner : Kernel
        The kernels of exact values: in the data's units, and in working coordinates.
    truncated : Truncated
        The same densities between limits.
    offset : ndarray, shape (K,)
        Log weight of each component.
    coordinates : Coordinates
        Working coordinates of the one variable.
    """

    def __init__(
        self, family: Intervals, outer: Kernel, inner: Kernel, truncated: Truncated, offset: Array, own: Coordinates
    ) -> None:
        super().__init__(family, outer.coefficients, own)
        self.outer, self.inner, self.truncated, self.offset = outer, inner, truncated, offset
        self.rows_of = family

    def features(self, rows: Array) -> IntervalRows:
        """Return what is known of rows (n, 2)."""
        exact = self.rows_of.is_exact(rows)
        lower, upper = self.rows_of.limits(rows[~exact], self.coordinates)
        values = np.full(len(rows), np.nan)
        values[exact] = self.coordinates.transform(rows[exact, :1])[0]
        return IntervalRows(
            exact,
            self.outer.features(rows[exact, :1]),
            lower,
            upper,
            values,
        )

    def product(self, features: Any) -> Array:
        """Return log densities (K, n), masses per working unit like densities."""
        if not isinstance(features, IntervalRows):
            return self.inner.product(features)
        values = np.empty((len(self.coefficients), len(features.exact)))
        values[:, features.exact] = self.outer.product(features.features)
        masses = self.truncated.log_mass(features.lower, features.upper)
        values[:, features.is_open] = masses + self.offset[:, None] + self.rows_of.log_unit(self.coordinates)
        return values

    def statistics(self, features: Any, responsibilities: Array) -> Any:
        """Return expected statistics under responsibilities (K, n)."""
        if not isinstance(features, IntervalRows):
            return self.inner.statistics(features, responsibilities)
        total = self.outer.statistics(features.features, responsibilities[:, features.exact])
        for k in range(len(responsibilities) if features.is_open.any() else 0):
            points, weights = self.truncated.nodes(features.lower, features.upper, k)
            shares = np.zeros((len(responsibilities), points.size))
            shares[k] = (weights * responsibilities[k, features.is_open][:, None]).ravel()
            total = total + self.inner.statistics(self.inner.features(points.reshape(-1, 1)), shares)
        return total

    def filled(self, features: Any, assigned: Array, rng: np.random.Generator | None) -> Any:
        """Return the features (S, n) of rows whose values are drawn between their limits."""
        if rng is None:
            raise ValueError("drawn values need an rng")
        values, labels = features.values.copy(), assigned.argmax(axis=0)[features.is_open]
        values[features.is_open] = self.truncated.draws(features.lower, features.upper, labels, rng)
        return self.inner.features(values[:, None])

    def settle_far_rows(self, features: Any, log_joint: Array) -> Array:
        """Write the log ratios of exact rows far out; return which rows."""
        values = log_joint[:, features.exact]
        far = np.flatnonzero(features.exact)[self.outer.settle_far_rows(features.features, values)]
        log_joint[:, features.exact] = values
        return far
