"""Columns of a design, each less what those before it tell: the coordinates of its coefficients for derivatives."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from pointmass.families.conjugate import Parameters
from pointmass.families.point_mass import PointMass
from pointmass.numerics import Array

__all__ = ["DesignBasis"]

_UNTOLD = 1e-5  # of the largest pivot: beside the others, neither the rows nor the prior tell of the column


@dataclass(frozen=True, eq=False)
class DesignBasis:
    r"""Bases of K designs in which a posterior's precision :math:`R D R^T` of the coefficients is the diagonal D.

    A precision must stay positive definite where it is moved, and what the rows leave to the prior may be a
    millionth of the rest: collinear features. In these coordinates each column is moved by its own measure.

    Parameters
    ----------
    root : ndarray, shape (K, p, p)
        R, unit lower triangular: a constant column stays as it is. The columns are R times those of the basis.
    squares : ndarray, shape (K, p), or None
        D; zero where neither the rows nor the prior tell anything. None where no precision is known.
    """

    root: Array
    squares: Array | None = None

    @classmethod
    def plain(cls, n_components: int, size: int) -> Self:
        """Return the columns as they are."""
        return cls(np.broadcast_to(np.eye(size), (n_components, size, size)))

    @classmethod
    def of(cls, posterior: Any, n_components: int, size: int) -> Self:
        """Return the basis of a posterior of the last of ``size`` columns; a constant before them stays as it is."""
        if isinstance(posterior, PointMass):
            return cls.plain(n_components, size)
        p = posterior.factor.shape[-1]
        factor = np.broadcast_to(np.eye(size), (n_components, size, size)).copy()
        factor[:, size - p :, size - p :] = posterior.factor
        pivots = np.diagonal(factor, axis1=-2, axis2=-1)
        told = pivots > _UNTOLD * pivots.max(axis=-1, keepdims=True)
        root = np.where(told[:, None, :], factor / np.where(told, pivots, 1.0)[:, None, :], np.eye(size))
        return cls(root, np.where(told, pivots, 0.0) ** 2)

    @cached_property
    def inverse(self) -> Array:
        """R⁻¹ (K, p, p)."""
        return np.linalg.inv(self.root)

    @property
    def leaves_untold(self) -> bool:
        """Whether neither the rows nor the prior tell of some column."""
        return self.squares is not None and not bool(self.squares.all())

    def weights(self, rows: Array) -> Array:
        """Return what each column weighs (K, p); an untold one, which no other step would move, as many as ``rows``."""
        if self.squares is None:
            return np.broadcast_to(rows[:, None], self.root.shape[:2])
        return np.where(self.squares > 0.0, self.squares, rows[:, None])

    def line(self, coefficients: Array) -> Array:
        """Return coefficients (K, p) of the basis."""
        return (coefficients[:, None, :] @ self.root)[:, 0]

    def natural(self, expected: Parameters) -> Parameters:
        """Return natural parameters whose coefficients and spread are those of the basis, the last columns' alone."""
        p = expected["coefficients"].shape[-1]
        root = self.root[:, -p:, -p:]
        turned = np.swapaxes(root, -1, -2)
        spread = turned @ expected["spread"] @ root
        return {**expected, "coefficients": (turned @ expected["coefficients"][..., None])[..., 0], "spread": spread}
