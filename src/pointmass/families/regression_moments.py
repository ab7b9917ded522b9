"""The sufficient statistics of regressions: products of the design and the target, or of what is left of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from pointmass.families.pair_products import PAIRS
from pointmass.numerics import Array

__all__ = ["RegressionMoments"]


@dataclass(frozen=True, eq=False)
class RegressionMoments:
    """Additive statistics of K regressions, each about coefficients of its own.

    Parameters
    ----------
    sums : ndarray, shape (K, S)
        Σ r c_i c_j for i ≤ j of c = (1, z, w − (1, z) · centre).
    centre : ndarray, shape (K, q − 1)
        Coefficients of (1, z). Zero, unless the target lies so close to a component's line that the squared distance
        would be a difference of large sums; then that line's.
    rows : ndarray, shape (K,), optional
        Σ r where r in ``sums`` is multiplied by hidden scales of the rows; None where it is not, and is the count.
    """

    sums: Array
    centre: Array
    rows: Array | None = None

    def __add__(self, other: RegressionMoments) -> RegressionMoments:
        """Return the statistics of both sets of rows together."""
        if self.centre is not other.centre and not np.array_equal(self.centre, other.centre):
            other = other.about(self.centre)
        rows = None if self.rows is None else self.rows + other.n_rows
        return replace(self, sums=self.sums + other.sums, rows=rows)

    def __mul__(self, factor: float) -> RegressionMoments:
        """Return the statistics of rows whose weights are multiplied by ``factor``."""
        return replace(self, sums=self.sums * factor, rows=None if self.rows is None else self.rows * factor)

    @cached_property
    def gram(self) -> Array:
        """Σ r c cᵀ, shape (K, q, q)."""
        return PAIRS.scatter(self.sums, self.centre.shape[1] + 1)

    @property
    def count(self) -> Array:
        """Σ r, what the rows weigh, shape (K,)."""
        return self.sums[:, 0]

    @property
    def n_rows(self) -> Array:
        """The expected number of rows, shape (K,)."""
        return self.count if self.rows is None else self.rows

    def about(self, centre: Array) -> RegressionMoments:
        """Return the same statistics about other coefficients."""
        return self._turned((self.centre - centre)[:, None, :], np.ones(len(centre)), centre)

    def scaled(self, unit: Array) -> RegressionMoments:
        """Return the statistics with what is left of the target times ``unit`` (K,)."""
        return self._turned(np.zeros((len(unit), 1, self.centre.shape[1])), unit, self.centre)

    def _turned(self, row: Array, corner: Array, centre: Array) -> RegressionMoments:
        """Return the statistics of (1, z, row · (1, z) + corner · target)."""
        k, q = self.gram.shape[:2]
        map_ = np.broadcast_to(np.eye(q), (k, q, q)).copy()
        map_[:, -1:, :-1] = row
        map_[:, -1, -1] = corner
        turned = map_ @ self.gram @ np.swapaxes(map_, -1, -2)
        return replace(self, sums=PAIRS.moments(turned), centre=centre)
