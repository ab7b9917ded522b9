"""Statistics of a product of families in the frame that each part gives its own."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from pointmass.families.expected import Expected
from pointmass.families.frame import Frame
from pointmass.families.product_kernel import split_rows
from pointmass.families.product_prior import parts_of, split_expected
from pointmass.families.product_statistics import ProductStatistics
from pointmass.numerics import Array

if TYPE_CHECKING:
    from pointmass.families.family import Belief
    from pointmass.families.product import Product

__all__ = ["ProductFrame"]


class ProductFrame(Frame):
    """The frames of the parts, their statistics side by side."""

    family: Product

    def __init__(self, family: Product, belief: Belief, n_columns: int) -> None:
        super().__init__(family, belief, n_columns)
        own = _parts(family, belief)
        self.frames = {part.name: part.family.frame(own[part.name], len(part.columns)) for part in family.parts}
        self.sizes = family.sizes

    def turned(self, posterior: Belief) -> Self:
        """Return the frame with those of the parts turned."""
        own = parts_of(posterior)
        found = copy(self)
        found.frames = {name: frame.turned(own[name]) for name, frame in self.frames.items()}
        return found

    @property
    def leaves_untold(self) -> bool:
        """Whether some part leaves anything untold."""
        return any(frame.leaves_untold for frame in self.frames.values())

    def coefficients(self, belief: Belief) -> Array:
        """Return those of the parts side by side, shape (K, S)."""
        own = _parts(self.family, belief)
        return np.concatenate([frame.coefficients(own[name]) for name, frame in self.frames.items()], axis=1)

    def sums(self, statistics: ProductStatistics) -> Array:
        """Return the expected statistics of the parts side by side, shape (K, S)."""
        pairs = zip(self.frames.values(), statistics.parts, strict=True)
        return np.concatenate([frame.sums(own) for frame, own in pairs], axis=1)

    def statistics(self, sums: Array) -> ProductStatistics:
        """Return a matrix (K, S) as the statistics of the parts."""
        pairs = zip(self.frames.values(), self._columns(sums), strict=True)
        return ProductStatistics(tuple(frame.statistics(own) for frame, own in pairs))

    def features(self, features: Array, component: int) -> Array:
        """Return the statistics (S, n) of rows for one component, given the kernel's features (S, n)."""
        pairs = zip(self.frames.values(), split_rows(features, self.sizes), strict=True)
        return np.concatenate([frame.features(own, component) for frame, own in pairs])

    def steps(self, sums: Array) -> Array:
        """Return the parts' steps side by side."""
        pairs = zip(self.frames.values(), self._columns(sums), strict=True)
        return np.concatenate([frame.steps(own) for frame, own in pairs], axis=1)

    def _columns(self, matrix: Array) -> list[Any]:
        return np.split(matrix, np.cumsum(self.sizes)[:-1], axis=1)


def _parts(family: Product, belief: Belief) -> dict[str, Any]:
    """Return of each part what its frame asks of a belief: the expected natural parameters."""
    expected = belief.expected_natural_parameters()
    return {part.name: Expected(split_expected(expected, part.name)) for part in family.parts}
