"""Gaussian statistics of rows with missing cells, in the frame in which derivatives are taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pointmass.families.cell_patterns import Conditional
from pointmass.families.gaussian_frame import GaussianFrame
from pointmass.families.incomplete_kernel import IncompleteRows
from pointmass.numerics import Array

if TYPE_CHECKING:
    from pointmass.families.cell_patterns import Pattern
    from pointmass.families.family import Belief
    from pointmass.families.gaussian import Gaussian

__all__ = ["IncompleteFrame"]


class IncompleteFrame(GaussianFrame):
    """Expected statistics of w = L⁻¹ (z − m), and their covariance under what the missing cells may be."""

    def __init__(self, family: Gaussian, belief: Belief, n_columns: int) -> None:
        super().__init__(family, belief, n_columns)
        self._conditionals: dict[bytes, Conditional] = {}

    def _conditional(self, pattern: Pattern) -> Conditional:
        key = pattern.seen.tobytes()
        if key not in self._conditionals:
            self._conditionals[key] = Conditional(self.structure, self.centre, self.precision, pattern.seen)
        return self._conditionals[key]

    def _covariance(self, pattern: Pattern, component: int) -> Array:
        """Return the covariance (d, d) of w given the observed cells."""
        d = self.n_columns
        factor = np.asarray(self.structure.matrix(self.inverse, d)[component])
        return np.asarray(factor @ self._conditional(pattern).covariance[component] @ factor.T)

    def features(self, features: Any, component: int) -> Array:
        """Return the expected features (S, n) of w; zeros for a row of which nothing was observed."""
        if not isinstance(features, IncompleteRows):
            return super().features(features, component)
        d = self.n_columns
        own = np.zeros((1 + d + self.structure.size(d), features.size))
        for number, (pattern, _) in enumerate(features.parts):
            part = np.empty((len(own), len(pattern.rows)))
            part[1 : d + 1] = self._conditional(pattern).means(features.cells(number), component)
            part = super().features(part, component)
            part[d + 1 :] += self.structure.moments(self._covariance(pattern, component)[None])[0][:, None]
            own[:, pattern.rows] = part
        return own

    def hidden(self, features: Any, responsibilities: Array, directions: Array) -> Array:
        """Return Σ r Cov(t, t · direction) (B, K, S) under what the missing cells may be."""
        if not isinstance(features, IncompleteRows):
            return super().hidden(features, responsibilities, directions)
        change = np.zeros_like(directions)
        for k in range(directions.shape[1]):
            rows = self.features(features, k)[1 : self.n_columns + 1]
            for pattern, _ in features.parts:
                weights = responsibilities[k, pattern.rows]
                own = self._covariance(pattern, k)
                change[:, k] += self._answer(own, rows[:, pattern.rows], weights, directions[:, k])
        return change

    def _answer(self, covariance: Array, means: Array, weights: Array, directions: Array) -> Array:
        """Return Σ r Cov(t, g) (B, S) for g = b·w + wᵀ G w, w ~ N(mean, C) row by row.

        With v = C (b + 2 G mean): Cov(w, g) = v and Cov(w wᵀ, g) = v meanᵀ + mean vᵀ + 2 C G C.
        """
        stop = self.n_columns + 1
        linear, form = directions[:, 1:stop], self.structure.quadratic_form(directions[:, stop:], self.n_columns)
        total, second = means @ weights, (means * weights) @ means.T
        count = weights.sum()
        first = (count * linear + 2.0 * form @ total) @ covariance
        across = covariance @ (linear[:, :, None] * total + 2.0 * form @ second)
        products = across + np.swapaxes(across, -1, -2) + 2.0 * count * covariance @ form @ covariance
        return np.concatenate([np.zeros((len(linear), 1)), first, self.structure.moments(products)], axis=1)
