"""Statistics of binary regressions, in the frame in which derivatives are taken."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from pointmass.families.augmented_kernel import AugmentedRows
from pointmass.families.coordinates import Coordinates
from pointmass.families.design_basis import DesignBasis
from pointmass.families.frame import Frame
from pointmass.families.pair_products import PAIRS
from pointmass.numerics import Array

if TYPE_CHECKING:
    from pointmass.families.binary_regression import BinaryRegression
    from pointmass.families.family import Belief

__all__ = ["AugmentedFrame"]


class AugmentedFrame(Frame):
    """Statistics (1, ω times pairs, κ times design) of rows, expected over their hidden variables."""

    family: BinaryRegression

    def __init__(self, family: BinaryRegression, belief: Belief, n_columns: int) -> None:
        super().__init__(family, belief, n_columns)
        own = belief.expected_natural_parameters()["coefficients"]
        self.kernel = family.kernel(belief, np.zeros(len(own)), Coordinates.identity(n_columns))
        self.basis = DesignBasis.plain(*own.shape)

    def turned(self, posterior: Belief) -> Self:
        """Return the frame in the basis in which the posterior's precision is diagonal."""
        found = copy(self)
        found.basis = DesignBasis.of(posterior, *self.basis.root.shape[:2])
        return found

    @property
    def leaves_untold(self) -> bool:
        """Whether neither the rows nor the prior tell of some direction of the coefficients."""
        return self.basis.leaves_untold

    def coefficients(self, belief: Belief) -> Array:
        """Return E[η] (K, S) of the basis."""
        return self.family.coefficients(self.basis.natural(belief.expected_natural_parameters()))

    def sums(self, statistics: Array) -> Array:
        """Return expected statistics (K, S) of the basis."""
        return _mapped(statistics, self.basis.inverse)

    def statistics(self, sums: Array) -> Array:
        """Return statistics of the basis as those of the design."""
        return _mapped(sums, self.basis.root)

    def _rows(self, features: AugmentedRows, component: int) -> AugmentedRows:
        """Return the rows with one component's columns."""
        return AugmentedRows.with_design(self.basis.inverse[component] @ features.design, features.sign)

    def features(self, features: AugmentedRows, component: int) -> Array:
        """Return the expected statistics (S, n) of rows for one component."""
        precisions, responses = self.kernel.expected(features)
        return self._rows(features, component).statistics(precisions[component], responses[component])

    def hidden(self, features: AugmentedRows, responsibilities: Array, directions: Array) -> Array:
        """Return Σ r Cov(t, t · direction) (B, K, S): one hidden variable multiplies known numbers of the row."""
        known = 1 + len(features.pairs)
        response = self.kernel.augmentation.hides_response
        moved = slice(known, None) if response else slice(1, known)
        weights = responsibilities * self.kernel.hidden_variance(features)
        change = np.zeros_like(directions)
        for k, weight in enumerate(weights):
            rows = self._rows(features, k)
            own = rows.design if response else rows.pairs
            change[:, k, moved] = (weight * (directions[:, k, moved] @ own)) @ own.T
        return change

    def steps(self, sums: Array) -> Array:
        """Return the number of rows, and what the columns weigh: a precision stays positive definite."""
        weights = self.basis.weights(sums[:, 0])
        roots = np.sqrt(weights)
        return np.concatenate([sums[:, :1], PAIRS.moments(roots[:, :, None] * roots[:, None, :]), weights], axis=1)


def _mapped(sums: Array, left: Array) -> Array:
    """Return statistics (K, S) of columns that are multiplied by matrices (K, p, p)."""
    p = left.shape[-1]
    gram = left @ PAIRS.scatter(sums[:, 1:-p], p) @ np.swapaxes(left, -1, -2)
    linear: Any = (left @ sums[:, -p:, None])[..., 0]
    return np.concatenate([sums[:, :1], PAIRS.moments(gram), linear], axis=1)
