"""Gaussian statistics about each component's own mean, in units of its own spread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pointmass.families.coordinates import Coordinates
from pointmass.families.covariance import structure_of
from pointmass.families.frame import Frame
from pointmass.families.gaussian_kernel import GaussianKernel
from pointmass.families.moments import Moments
from pointmass.numerics import Array

if TYPE_CHECKING:
    from pointmass.families.family import Belief
    from pointmass.families.gaussian import Gaussian

__all__ = ["GaussianFrame"]


class GaussianFrame(Frame):
    """Statistics (1, w, quadratic features of w) of w = L⁻¹ (z − m), with Σ = L Lᵀ at the belief of the frame."""

    family: Gaussian

    def __init__(self, family: Gaussian, belief: Belief, n_columns: int) -> None:
        super().__init__(family, belief, n_columns)
        expected = belief.expected_natural_parameters()
        self.precision = np.asarray(expected["precision"])
        self.structure = structure_of(self.precision.ndim)
        self.centre = expected["centre"]
        self.inverse = self.structure.root(self.precision)
        self.root = self.structure.inverse(self.inverse)

    def coefficients(self, belief: Belief) -> Array:
        """Return E[η] (K, S) of the log density of w."""
        expected = belief.expected_natural_parameters()
        seen = {
            **expected,
            "centre": self.structure.move(self.inverse, expected["centre"] - self.centre),
            "precision": self.structure.congruent(self.root, expected["precision"]),
        }
        k, d = self.centre.shape
        return GaussianKernel(self.family, seen, np.zeros(k), Coordinates.identity(d)).coefficients

    def sums(self, statistics: Moments) -> Array:
        """Return moments about the frame's centres, in its units."""
        return self._scaled(statistics.about(self.centre).sums, self.inverse)

    def statistics(self, sums: Array) -> Moments:
        """Return moments about the frame's centres, in working coordinates."""
        return Moments(self._scaled(sums, self.root), self.centre, self.structure)

    def _scaled(self, sums: Array, factor: Array) -> Array:
        stop = self.n_columns + 1
        linear = self.structure.move(factor, sums[:, 1:stop])
        return np.concatenate([sums[:, :1], linear, self.structure.move_sums(factor, sums[:, stop:])], axis=1)

    def features(self, features: Any, component: int) -> Array:
        """Return the features (S, n) of w, given those of z."""
        stop = self.n_columns + 1
        own: Array = np.empty_like(features)
        own[0] = 1.0
        centred = features[1:stop] - self.centre[component][:, None]
        own[1:stop] = self.structure.move_rows(self.inverse[component], centred)
        self.structure.features(own[1:stop], own[stop:])
        return own

    def steps(self, sums: Array) -> Array:
        """Return the number of rows of each component: a row's own statistics are about one."""
        return np.repeat(sums[:, :1], sums.shape[1], axis=1)
