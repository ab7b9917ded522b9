"""The data as a sweep sees it: rows with weights and known labels, in blocks that fit the cache."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pointmass.families.coordinates import Coordinates
from pointmass.numerics import Array

__all__ = ["Rows", "block_size"]

_CACHE_BYTES = 3_145_728


@dataclass(frozen=True, eq=False)
class Rows:
    """Validated data.

    Parameters
    ----------
    values : ndarray, shape (n, d)
        Float64 rows, in the units of the data, never changed. Of a conditional model the last column is the target.
    coordinates : Coordinates
        The map from the working coordinates of a sweep to these units.
    weights : ndarray, shape (n,), or None
        Positive weights; None is one each.
    labels : ndarray of int, shape (n,), or None
        Known components, −1 for unknown.
    lengths : tuple of int, or None
        Lengths of consecutive sequences.
    """

    values: Array
    coordinates: Coordinates
    weights: Array | None = None
    labels: Array | None = None
    lengths: tuple[int, ...] | None = None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def total_weight(self) -> float:
        """Sum of the weights: the number of rows that they stand for."""
        return float(len(self.values)) if self.weights is None else float(self.weights.sum())

    @property
    def fully_labelled(self) -> bool:
        """Whether the component of every row is known."""
        return self.labels is not None and bool((self.labels >= 0).all())

    def take(self, index: Array | slice) -> Rows:
        """Return some of the rows with their weights and labels."""
        return replace(
            self,
            values=self.values[index],
            weights=None if self.weights is None else self.weights[index],
            labels=None if self.labels is None else self.labels[index],
        )

    def blocks(self, size: int) -> Iterator[Rows]:
        """Yield consecutive blocks of ``size`` rows, the last one perhaps shorter."""
        if len(self) <= size:
            yield self
            return
        for start in range(0, len(self), size):
            yield self.take(slice(start, start + size))


def block_size(numbers_per_row: int) -> int:
    """Return how many rows, with so many float64 numbers each, a core's cache holds."""
    return max(256, _CACHE_BYTES // (8 * numbers_per_row))
