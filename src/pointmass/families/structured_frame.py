"""Statistics of counts in structured cells, in which derivatives of a sweep are taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pointmass.families.frame import Frame
from pointmass.numerics import Array

if TYPE_CHECKING:
    from pointmass.families.family import Belief
    from pointmass.families.structured_multinomial import StructuredMultinomial

__all__ = ["StructuredFrame"]


class StructuredFrame(Frame):
    """Expected counts of the probabilities, and their covariance given the cells that were seen."""

    def __init__(self, family: StructuredMultinomial, belief: Belief, n_columns: int) -> None:
        super().__init__(family, belief, n_columns)
        powers = family.structure.powers
        shares = family.structure.shares(belief.expected_natural_parameters()["log_probabilities"])
        self.counts = shares @ powers
        second = np.einsum("kjh,hc,hd->kjcd", shares, powers, powers)
        self.covariances = second - self.counts[..., :, None] * self.counts[..., None, :]

    def features(self, features: Any, component: int) -> Array:
        """Return (1, expected counts) (1 + C, n) of rows for one component."""
        return np.concatenate([features[:1], self.counts[component].T @ features[1:]])

    def hidden(self, features: Any, responsibilities: Array, directions: Array) -> Array:
        """Return Σ r Cov(t, t · direction) (B, K, 1 + C): of each count in a cell, the covariance of its term."""
        totals = responsibilities @ features[1:].T
        covariance = np.einsum("kj,kjcd->kcd", totals, self.covariances)
        change = np.zeros_like(directions)
        change[:, :, 1:] = np.einsum("kcd,bkd->bkc", covariance, directions[:, :, 1:])
        return change
