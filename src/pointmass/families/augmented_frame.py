"""Statistics of binary regressions, in the frame in which derivatives are taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pointmass.families.augmented_kernel import AugmentedRows
from pointmass.families.coordinates import Coordinates
from pointmass.families.frame import Frame
from pointmass.families.point_mass import PointMass
from pointmass.numerics import Array

if TYPE_CHECKING:
    from pointmass.families.binary_regression import BinaryRegression
    from pointmass.families.family import Belief

__all__ = ["AugmentedFrame"]

_SHARE, _NOTHING = 0.1, 1e-6


class AugmentedFrame(Frame):
    """Statistics (1, ω times pairs, κ times design) of rows, expected over their hidden variables."""

    family: BinaryRegression

    def __init__(self, family: BinaryRegression, belief: Belief, n_columns: int) -> None:
        super().__init__(family, belief, n_columns)
        self.is_point = isinstance(belief, PointMass)
        self.own = belief.expected_natural_parameters()["coefficients"]
        self.kernel = family.kernel(belief, np.zeros(len(self.own)), Coordinates.identity(n_columns))

    def features(self, features: AugmentedRows, component: int) -> Array:
        """Return the expected statistics (S, n) of rows for one component."""
        precisions, responses = self.kernel.expected(features)
        return features.statistics(precisions[component], responses[component])

    def hidden(self, features: AugmentedRows, responsibilities: Array, directions: Array) -> Array:
        """Return Σ r Cov(t, t · direction) (B, K, S): one hidden variable multiplies known numbers of the row."""
        known = 1 + len(features.pairs)
        response = self.kernel.augmentation.hides_response
        moved, own = (slice(known, None), features.design) if response else (slice(1, known), features.pairs)
        weights = responsibilities * self.kernel.hidden_variance(features)
        change = np.zeros_like(directions)
        for k, weight in enumerate(weights):
            change[:, k, moved] = (weight * (directions[:, k, moved] @ own)) @ own.T
        return change

    def steps(self, sums: Array) -> Array:
        """Return the number of rows, which responses are about; for products, a share of what their columns weigh.

        The precision that an update inverts must stay positive definite where probabilities are steep and few rows
        weigh anything.
        """
        p = self.own.shape[-1]
        i, j = np.triu_indices(p)
        weighed = np.sqrt(np.maximum(sums[:, 1:-p][:, i == j], 0.0))
        if self.is_point:  # a column without values leaves its coefficient untold, which no step would not notice
            weighed = np.where(weighed > _NOTHING * np.sqrt(sums[:, :1]), weighed, np.sqrt(sums[:, :1]))
        steps = np.repeat(sums[:, :1], sums.shape[1], axis=1)
        steps[:, 1:-p] = _SHARE * weighed[:, i] * weighed[:, j]
        return steps
