"""The data as a sweep sees it: rows with weights and known labels, in blocks that fit the cache."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from pointmass.families.coordinates import Coordinates
from pointmass.numerics import Array

__all__ = ["Rows", "block_size"]

_CACHE_BYTES = 3_145_728

# Neighbours that stay together in a sample of sequences.
_PIECE = 500


@dataclass(frozen=True, eq=False)
class Rows:
    """Validated data.

    Parameters
    ----------
    values : ndarray, shape (n, d)
        Float64 rows, in the units of the data, never changed. Of a conditional model the last column is the target;
        of one that takes missing cells, these are NaN.
    coordinates : Coordinates
        The map from the working coordinates of a sweep to these units.
    weights : ndarray, shape (n,), or None
        Positive weights; None is one each. Rows of one sequence share theirs.
    labels : ndarray of int, shape (n,), or None
        Known components, −1 for unknown.
    lengths : ndarray of int, shape (m,), or None
        Lengths of consecutive sequences; None where rows are independent.
    missing : ndarray of bool, shape (n,), or None
        Steps of a sequence that were not observed: NaN in every column.
    """

    values: Array
    coordinates: Coordinates
    weights: Array | None = None
    labels: Array | None = None
    lengths: Array | None = None
    missing: Array | None = None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def total_weight(self) -> float:
        """Sum of the weights of observed rows: the number of rows that they stand for."""
        observed = self.observed
        return float(len(observed)) if observed.weights is None else float(observed.weights.sum())

    @property
    def n_units(self) -> int:
        """Number of independent units: of rows, or of sequences."""
        return len(self) if self.lengths is None else len(self.lengths)

    @property
    def fully_labelled(self) -> bool:
        """Whether the component of every row is known."""
        return self.labels is not None and bool((self.labels >= 0).all())

    @property
    def has_all_cells(self) -> bool:
        """Whether no cell is missing of the rows that were observed."""
        return not np.isnan(self.observed.values).any()

    @property
    def observed(self) -> Rows:
        """The rows that were observed, in no sequence if any was not."""
        if self.missing is None:
            return self
        return replace(self.take(~self.missing), lengths=None, missing=None)

    @property
    def plain(self) -> Rows:
        """The rows without weights and labels."""
        return replace(self, weights=None, labels=None)

    def in_units(self, log_density: Array) -> Array:
        """Return log densities (..., n) per unit of the data, given those per unit of the working coordinates."""
        volume = self.coordinates.log_determinant
        return np.asarray(log_density - (volume if self.missing is None else volume * ~self.missing))

    def take(self, index: Array | slice) -> Rows:
        """Return some of the rows with their weights and labels; what is left of a sequence stays one."""
        return replace(
            self,
            values=self.values[index],
            weights=None if self.weights is None else self.weights[index],
            labels=None if self.labels is None else self.labels[index],
            lengths=None if self.lengths is None else _lengths_left(self.lengths, index),
            missing=None if self.missing is None else self.missing[index],
        )

    def sample(self, size: int, rng: np.random.Generator) -> Rows:
        """Return about ``size`` rows: of independent ones any, of sequences pieces of neighbours."""
        if len(self) <= size:
            return self
        if self.lengths is None:
            return self.take(np.sort(rng.choice(len(self), size, replace=False)))
        pieces = np.flatnonzero(np.arange(len(self)) % _PIECE == 0)
        chosen = np.sort(rng.choice(pieces, max(1, size // _PIECE), replace=False))
        return self.take(np.concatenate([np.arange(start, min(start + _PIECE, len(self))) for start in chosen]))

    def blocks(self, size: int) -> Iterator[Rows]:
        """Yield consecutive blocks of ``size`` rows, the last one perhaps shorter, or of whole sequences."""
        if len(self) <= size or (self.lengths is not None and len(self.lengths) == 1):
            yield self
            return
        if self.lengths is not None:
            yield from self._whole_sequences(self.lengths, size)
            return
        for start in range(0, len(self), size):
            yield self.take(slice(start, start + size))

    def _whole_sequences(self, lengths: Array, size: int) -> Iterator[Rows]:
        ends = np.cumsum(lengths)
        first, start = 0, 0
        while first < len(lengths):
            last = max(first + 1, int(np.searchsorted(ends, start + size, side="right")))
            block = replace(self, lengths=None).take(slice(start, int(ends[last - 1])))
            yield replace(block, lengths=lengths[first:last])
            first, start = last, int(ends[last - 1])


def _lengths_left(lengths: Array, index: Array | slice) -> Array:
    """Return the lengths of what an index leaves of each sequence, those of nothing left out."""
    sequence = np.repeat(np.arange(len(lengths)), lengths)[index]
    return np.asarray(np.diff(np.flatnonzero(np.concatenate([[True], sequence[1:] != sequence[:-1], [True]]))))


def block_size(numbers_per_row: int) -> int:
    """Return how many rows, with so many float64 numbers each, a core's cache holds."""
    return max(256, _CACHE_BYTES // (8 * numbers_per_row))
