"""A product of families' part of a sweep: each part's own kernel on its own columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from pointmass.families.coordinates import Coordinates
from pointmass.families.expected import Expected
from pointmass.families.kernel import Kernel
from pointmass.families.product_prior import split_expected
from pointmass.families.product_statistics import ProductStatistics
from pointmass.numerics import Array

if TYPE_CHECKING:
    from pointmass.families.conjugate import Parameters
    from pointmass.families.family import Belief
    from pointmass.families.product import Product

__all__ = ["ProductKernel", "split_rows"]


def split_rows(features: Array, sizes: list[int]) -> list[Any]:
    """Return the rows of a matrix in consecutive groups of these sizes."""
    return np.split(features, np.cumsum(sizes)[:-1])


class ProductKernel(Kernel):
    """The kernels of the parts: log densities add up, statistics stand side by side.

    Parameters
    ----------
    family : Product
        Whose parts are meant.
    expected : dict of str to ndarray
        Expected natural parameters of all parts.
    offset : ndarray, shape (K,)
        What the first part adds to its log densities.
    coordinates : Coordinates
        Working coordinates of all columns.
    """

    def __init__(self, family: Product, expected: Parameters, offset: Array, coordinates: Coordinates) -> None:
        self.places = [part.place for part in family.parts]
        self.kernels = [
            part.family.kernel(
                cast("Belief", Expected(split_expected(expected, part.name))),
                np.zeros_like(offset) if number else offset,
                coordinates.of(part.columns),
            )
            for number, part in enumerate(family.parts)
        ]
        self.sizes = [kernel.coefficients.shape[1] for kernel in self.kernels]
        super().__init__(family, np.concatenate([kernel.coefficients for kernel in self.kernels], axis=1), coordinates)

    def features(self, rows: Array) -> Array:
        """Return the statistics of each part one below the other, shape (S, n)."""
        pairs = zip(self.kernels, self.places, strict=True)
        return np.concatenate([kernel.features(rows[:, place]) for kernel, place in pairs])

    def log_density(self, features: Array, rows: Array) -> Array:
        """Return the sums of the parts' log densities, shape (K, n)."""
        trios = zip(self.kernels, split_rows(features, self.sizes), self.places, strict=True)
        total, *others = [kernel.log_density(own, rows[:, place]) for kernel, own, place in trios]
        for more in others:
            total += more
        return total

    def product(self, features: Array) -> Array:
        """Return the sums of the parts' η · t, shape (K, n)."""
        pairs = zip(self.kernels, split_rows(features, self.sizes), strict=True)
        return np.asarray(sum(kernel.product(own) for kernel, own in pairs))

    def statistics(self, features: Array, responsibilities: Array) -> ProductStatistics:
        """Return the parts' statistics under responsibilities (K, n)."""
        pairs = zip(self.kernels, split_rows(features, self.sizes), strict=True)
        return ProductStatistics(tuple(kernel.statistics(own, responsibilities) for kernel, own in pairs))

    def settle_far_rows(self, features: Array, log_joint: Array) -> Array:
        """Write the log ratios of rows that are far out in any part: of that part, plus the others' densities."""
        own = split_rows(features, self.sizes)
        ratios = [np.empty_like(log_joint) for _ in own]
        settled = [kernel.settle_far_rows(*each) for kernel, *each in zip(self.kernels, own, ratios, strict=True)]
        far = np.unique(np.concatenate(settled))
        if far.size:
            log_joint[:, far] = sum(
                np.where(np.isin(far, of_part), ratio[:, far], kernel.product(part[:, far]))
                for kernel, part, ratio, of_part in zip(self.kernels, own, ratios, settled, strict=True)
            )
        return far
