"""The sufficient statistics of Gaussian components: count, total and scatter about a centre."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pointmass.numerics import Array

__all__ = ["Moments"]


@dataclass(frozen=True, eq=False)
class Moments:
    """Additive statistics of K components, each about a centre of its own.

    Parameters
    ----------
    count : ndarray, shape (K,)
        Σ r, the expected number of rows.
    total : ndarray, shape (K, d)
        Σ r (z − c).
    scatter : ndarray, shape (K, d, d), (K, d) or (K,)
        Σ r (z − c)(z − c)ᵀ, or its diagonal, or its trace, as the covariance structure needs.
    centre : ndarray, shape (K, d)
        c. The origin, unless a component is so tight against its distance from the origin that the difference
        of two large sums would lose digits; then the component's own mean.
    """

    count: Array
    total: Array
    scatter: Array
    centre: Array

    def __add__(self, other: Moments) -> Moments:
        """Return the statistics of both sets of rows together."""
        if self.centre is not other.centre and not np.array_equal(self.centre, other.centre):
            other = other.about(self.centre)
        return Moments(
            self.count + other.count, self.total + other.total, self.scatter + other.scatter, self.centre
        )

    def __mul__(self, factor: float) -> Moments:
        """Return the statistics of rows whose weights are multiplied by ``factor``."""
        return Moments(self.count * factor, self.total * factor, self.scatter * factor, self.centre)

    def about(self, centre: Array) -> Moments:
        """Return the same statistics about another centre."""
        step = self.centre - centre
        moved = self.total + self.count[:, None] * step
        scatter = self.scatter + self._outer(moved, step) + self._outer(step, self.total)
        return Moments(self.count, moved, scatter, centre)

    def _outer(self, left: Array, right: Array) -> Array:
        if self.scatter.ndim == 3:
            return left[:, :, None] * right[:, None, :]
        product = left * right
        return product if self.scatter.ndim == 2 else np.asarray(product.sum(-1))

    def offset_of_mean(self) -> Array:
        """Return the rows' mean minus the centre, shape (K, d); zero for a component without rows."""
        count = self.count[:, None]
        return np.divide(self.total, count, out=np.zeros_like(self.total), where=count > 0)

    def row_means(self) -> Array:
        """Return the mean of each component's rows, shape (K, d)."""
        return self.centre + self.offset_of_mean()

    def central_scatter(self) -> Array:
        """Return the scatter about each component's own mean, shaped as ``scatter``."""
        return self.scatter - self._outer(self.total, self.offset_of_mean())

    def scatter_of(self, difference: Array, weight: Array) -> Array:
        """Return weight · difference differenceᵀ shaped as ``scatter``; weight (K,), difference (K, d)."""
        return self._outer(weight[:, None] * difference, difference)
