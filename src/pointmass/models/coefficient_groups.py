"""Which coefficients of a regression share a precision of their prior."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pointmass.families.conjugate import Parameters
from pointmass.numerics import Array

__all__ = ["RELEVANCES", "CoefficientGroups"]

RELEVANCES = ("common", "each")
"""One precision for all weights, or one for each feature."""

_INTERCEPT_PRECISION = 0.01


@dataclass(frozen=True, eq=False)
class CoefficientGroups:
    """The groups of weights with a common prior precision, beside an intercept whose own is fixed.

    Parameters
    ----------
    members : ndarray, shape (G, p)
        One where a coefficient belongs to a group; the intercept, which comes first, belongs to none.
    """

    members: Array

    @classmethod
    def of(cls, relevance: str, n_features: int, intercept: bool) -> CoefficientGroups:
        """Return the groups of a relevance, for so many features."""
        each = {"common": np.ones((1, n_features)), "each": np.eye(n_features)}[relevance]
        return cls(np.concatenate([np.zeros((len(each), int(intercept))), each], axis=1))

    @property
    def sizes(self) -> Array:
        """How many coefficients each group has (G,)."""
        return np.asarray(self.members.sum(axis=1))

    def summed(self, squares: Array) -> Array:
        """Return the sum (G,) over each group of one number a coefficient (p,)."""
        return np.asarray(self.members @ squares)

    def of_each(self, expected: Parameters) -> dict[str, Array]:
        """Return E[λ] and E[log λ] of each coefficient (p,) from those of each group (1, G), the intercept's fixed."""
        known = {"precision": _INTERCEPT_PRECISION, "log_precision": np.log(_INTERCEPT_PRECISION)}
        alone = 1.0 - self.members.sum(axis=0)
        return {name: np.asarray(array[0] @ self.members + known[name] * alone) for name, array in expected.items()}
