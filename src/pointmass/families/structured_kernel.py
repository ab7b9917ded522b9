"""The part of a sweep of counts in structured cells: each cell shared among the terms that it hides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pointmass.families.cell_structure import CellStructure
from pointmass.families.completed import Completed
from pointmass.families.coordinates import Coordinates
from pointmass.families.kernel import Kernel
from pointmass.numerics import Array

if TYPE_CHECKING:
    from pointmass.families.structured_multinomial import StructuredMultinomial

__all__ = ["StructuredKernel"]


class StructuredKernel(Kernel):
    r"""Log densities of observed counts, and expected counts of the probabilities behind them.

    With E[log θ] in the place of log θ, a cell has the weight Σ c exp(m · E[log θ]) over its terms, and each of its
    counts comes from a term in proportion to the term's own weight.

    Parameters
    ----------
    family : StructuredMultinomial
        Whose cells are meant.
    logs : ndarray, shape (K, C)
        E[log θ] of K components.
    offset : ndarray, shape (K,)
        Log weight of each component.
    coordinates : Coordinates
        Counts have none but their own.
    """

    def __init__(self, family: StructuredMultinomial, logs: Array, offset: Array, coordinates: Coordinates) -> None:
        self.structure: CellStructure = family.structure
        self.logs = logs
        cells = self.structure.log_cells(logs) - family.log_factors  # these are in the base measure
        super().__init__(family, np.column_stack([offset, cells]), coordinates)

    def features(self, rows: Array) -> Array:
        """Return (1, x) of rows (n, J)."""
        return np.concatenate([np.ones((1, len(rows))), rows.T])

    def statistics(self, features: Any, responsibilities: Array) -> Array:
        """Return the expected number of rows and count of each probability (K, 1 + C)."""
        if isinstance(features, Completed):
            return np.asarray(responsibilities @ features.statistics.T)
        totals = responsibilities @ features.T
        counts = self.structure.shares(self.logs) @ self.structure.powers
        return np.column_stack([totals[:, 0], np.einsum("kj,kjc->kc", totals[:, 1:], counts)])

    def filled(self, features: Any, assigned: Array, rng: np.random.Generator | None) -> Completed:
        """Return counts of the probabilities, each cell divided at random among its terms."""
        if rng is None:
            raise ValueError("drawn counts need an rng")
        shares = self.structure.shares(self.logs)[assigned.argmax(axis=0)]
        counts = np.asarray(np.round(features[1:].T), dtype=np.int64)
        terms = rng.multinomial(counts, shares).sum(axis=1)
        return Completed(np.concatenate([features[:1], (terms @ self.structure.powers).T]))
