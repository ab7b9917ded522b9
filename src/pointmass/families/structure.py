"""A covariance's structure: which quadratic features of a row it needs, and how a precision weighs them."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from pointmass.numerics import Array

__all__ = ["Structure"]


class Structure(ABC):
    """Quadratic features of rows and the arrays that go with them.

    A precision, a scatter or a covariance has the structure's own shape: (K, d, d), (K, d) or (K,).
    """

    @abstractmethod
    def size(self, d: int) -> int:
        """Return the number of quadratic features of a row with ``d`` columns."""

    @abstractmethod
    def features(self, rows: Array, out: Array) -> None:
        """Write the quadratic features of rows (d, n) to ``out`` (size, n)."""

    @abstractmethod
    def moments(self, second: Array) -> Array:
        """Return the expected quadratic features (K, size) from second moments E[z zᵀ] (K, d, d)."""

    @abstractmethod
    def coefficients(self, precision: Array) -> Array:
        """Return the weights (K, size) with which the features give −½ zᵀ Λ z."""

    @abstractmethod
    def scatter(self, sums: Array, d: int) -> Array:
        """Return the scatter of K components from summed features (K, size)."""

    @abstractmethod
    def times(self, precision: Array, points: Array) -> Array:
        """Return Λ · points, shape (K, d)."""

    @abstractmethod
    def distances(self, precision: Array, rows: Array) -> Array:
        """Return rowᵀ Λ row for rows (d, n) under one component's precision, shape (n,)."""

    @abstractmethod
    def outer(self, points: Array, weights: Array) -> Array:
        """Return weight · point pointᵀ in the structure's shape; points (K, d), weights (K,)."""

    @abstractmethod
    def cross(self, left: Array, right: Array) -> Array:
        """Return the quadratic features of left rightᵀ + right leftᵀ, shape (K, size)."""

    # -- some of the columns only ------------------------------------------------------------------------------

    @abstractmethod
    def matrix(self, precision: Array, d: int) -> Array:
        """Return a precision, or a covariance, as matrices (K, d, d)."""

    @abstractmethod
    def marginal(self, precision: Array, seen: Array) -> tuple[Array, Array]:
        """Return the precision of the columns ``seen``, the others integrated out, and log|Λ| (K,) of those."""

    @abstractmethod
    def quadratic_form(self, coefficients: Array, d: int) -> Array:
        """Return the symmetric G (B, d, d) with zᵀ G z = coefficients (B, size) · features of z."""

    @abstractmethod
    def lifted(self, sums: Array, lift: Array) -> Array:
        """Return summed quadratic features (K, size) of T · rows from those of rows, for maps T (K, d, o)."""

    # -- changes of units, one linear map F for each component, shaped as a precision -------------------------

    def root(self, precision: Array) -> Array:
        """Return the F with Λ = Fᵀ F, which makes rows of the component standard."""
        return np.asarray(np.sqrt(precision))

    def inverse(self, factor: Array) -> Array:
        """Return F⁻¹."""
        return np.asarray(1.0 / factor)

    @abstractmethod
    def move(self, factor: Array, points: Array) -> Array:
        """Return F · points, shape (K, d)."""

    @abstractmethod
    def move_rows(self, factor: Array, rows: Array) -> Array:
        """Return F · rows for rows (d, n) and the F of one component."""

    def move_sums(self, factor: Array, sums: Array) -> Array:
        """Return summed quadratic features (K, size) of F · rows from those of rows."""
        return np.asarray(sums * (factor**2).reshape(sums.shape))

    def congruent(self, factor: Array, precision: Array) -> Array:
        """Return Fᵀ Λ F."""
        return np.asarray(precision * factor**2)
