"""One family's part of a sweep over a block of rows: two matrix products."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pointmass.families.coordinates import Coordinates
from pointmass.numerics import Array

if TYPE_CHECKING:
    from pointmass.families.family import Family

__all__ = ["Kernel"]


class Kernel:
    """Log densities η · t and expected statistics r · tᵀ of K components, prepared once a sweep.

    Parameters
    ----------
    family : Family
        Whose statistics are taken.
    coefficients : ndarray, shape (K, S)
        η, the weight of each statistic, any log weight of the component in the first column.
    coordinates : Coordinates
        Working coordinates of the rows.
    """

    def __init__(self, family: Family, coefficients: Array, coordinates: Coordinates) -> None:
        self.family = family
        self.coefficients = coefficients
        self.coordinates = coordinates

    def features(self, rows: Array) -> Any:
        """Return t (S, n) of rows (n, d) given in the data's units, or what stands for it where cells are missing."""
        return self.family.sufficient_statistics(self.coordinates.transform(rows))

    def log_density(self, features: Any, rows: Array) -> Array:
        """Return log densities (K, n), component after component along contiguous memory."""
        values = self.product(features)
        base = self.family.log_base_measure(rows.T)
        if base is not None:
            values += base
        return values

    def product(self, features: Any) -> Array:
        """Return η · t (K, n), log densities but for what all components have in common.

        A coefficient of −∞, the log of a zero, counts only where its statistic is positive.
        """
        impossible = np.isneginf(self.coefficients)
        if not impossible.any():
            return np.asarray(self.coefficients @ features)
        values: Array = np.where(impossible, 0.0, self.coefficients) @ features
        values[impossible.astype(float) @ features > 0] = -np.inf
        return values

    def statistics(self, features: Any, responsibilities: Array) -> Any:
        """Return expected statistics (K, S) under responsibilities (K, n)."""
        return responsibilities @ features.T

    def filled(self, features: Any, assigned: Array, rng: np.random.Generator | None) -> Any:
        """Return the features of rows whose missing cells, if any, are drawn given the component assigned (K, n)."""
        return features

    def settle_far_rows(self, features: Any, log_joint: Array) -> Array:
        """Give rows so far out that their log densities blur log ratios instead, in place; return which rows.

        A family whose log densities do not grow without bound has no such rows.
        """
        return np.zeros(0, dtype=np.intp)
