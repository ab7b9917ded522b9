"""The sufficient statistics of Gaussian components: count, total and scatter about a centre."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from pointmass.families.structure import Structure
from pointmass.numerics import Array

__all__ = ["Moments"]


@dataclass(frozen=True, eq=False)
class Moments:
    """Additive statistics of K components, each about a centre of its own.

    Parameters
    ----------
    sums : ndarray, shape (K, S)
        Σ r (1, z − c, quadratic features of z − c), each pair of columns once.
    centre : ndarray, shape (K, d)
        c. The origin, unless a component is so tight against its distance from the origin that the difference
        of two large sums would lose digits; then the component's own mean.
    structure : Structure
        What the quadratic features are.
    rows : ndarray, shape (K,), optional
        Σ r where r in ``sums`` is multiplied by hidden scales of the rows; None where it is not, and is the count.
    """

    sums: Array
    centre: Array
    structure: Structure
    rows: Array | None = None

    def __add__(self, other: Moments) -> Moments:
        """Return the statistics of both sets of rows together."""
        if self.centre is not other.centre and not np.array_equal(self.centre, other.centre):
            other = other.about(self.centre)
        rows = None if self.rows is None else self.rows + other.n_rows
        return replace(self, sums=self.sums + other.sums, rows=rows)

    def __mul__(self, factor: float) -> Moments:
        """Return the statistics of rows whose weights are multiplied by ``factor``."""
        return replace(self, sums=self.sums * factor, rows=None if self.rows is None else self.rows * factor)

    @cached_property
    def count(self) -> Array:
        """Σ r, what the rows weigh, shape (K,)."""
        return self.sums[:, 0]

    @property
    def n_rows(self) -> Array:
        """The expected number of rows, shape (K,)."""
        return self.count if self.rows is None else self.rows

    @cached_property
    def total(self) -> Array:
        """Σ r (z − c), shape (K, d)."""
        return self.sums[:, 1 : self.centre.shape[1] + 1]

    @cached_property
    def scatter(self) -> Array:
        """Σ r (z − c)(z − c)ᵀ, shape (K, d, d), or its diagonal (K, d), or its trace (K,)."""
        d = self.centre.shape[1]
        return self.structure.scatter(self.sums[:, d + 1 :], d)

    def about(self, centre: Array) -> Moments:
        """Return the same statistics about another centre."""
        step = self.centre - centre
        moved = self.total + self.count[:, None] * step
        products = 0.5 * (self.structure.cross(moved, step) + self.structure.cross(self.total, step))
        sums = np.concatenate([self.count[:, None], moved, self.sums[:, centre.shape[1] + 1 :] + products], axis=1)
        return replace(self, sums=sums, centre=centre)

    @cached_property
    def offset_of_mean(self) -> Array:
        """The rows' mean minus the centre, shape (K, d); zero for a component without rows."""
        count = self.count[:, None]
        return np.divide(self.total, count, out=np.zeros_like(self.total), where=count > 0)

    def row_means(self) -> Array:
        """Return the mean of each component's rows, shape (K, d)."""
        return self.centre + self.offset_of_mean

    def central_scatter(self) -> Array:
        """Return the scatter about each component's own mean, shaped as ``scatter``."""
        return self.scatter - self.structure.outer(self.offset_of_mean, self.count)

    def scatter_of(self, difference: Array, weight: Array) -> Array:
        """Return weight · difference differenceᵀ shaped as ``scatter``; weight (K,), difference (K, d)."""
        return self.structure.outer(difference, weight)
