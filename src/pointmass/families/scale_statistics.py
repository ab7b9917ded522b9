"""The sufficient statistics of hidden scales: how many there are, and how far they lie from one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pointmass.numerics import Array

__all__ = ["ScaleStatistics"]

_TINY = np.finfo(float).tiny


@dataclass(frozen=True, eq=False)
class ScaleStatistics:
    """Additive statistics of the scales u of the rows of K components.

    Parameters
    ----------
    count : ndarray, shape (K,)
        Σ r.
    excess : ndarray, shape (K,)
        Σ r ½ (u − 1 − log u), zero where every scale is one.
    """

    count: Array
    excess: Array

    def __add__(self, other: ScaleStatistics) -> ScaleStatistics:
        """Return the statistics of both sets of rows together."""
        return ScaleStatistics(self.count + other.count, self.excess + other.excess)

    def about(self, total: Array, *, shared: bool) -> ScaleStatistics:
        """Return the statistics of scales divided by their mean, ``total`` (K,) being Σ r u; one mean where shared."""
        mean = np.full_like(total, total.sum() / self.count.sum()) if shared else total / np.maximum(self.count, _TINY)
        mean = np.maximum(mean, _TINY)
        return ScaleStatistics(self.count, self.excess + 0.5 * (total / mean - total + self.count * np.log(mean)))

    def __mul__(self, factor: float) -> ScaleStatistics:
        """Return the statistics of rows whose weights are multiplied by ``factor``."""
        return ScaleStatistics(self.count * factor, self.excess * factor)
