"""The part of a sweep of Gaussian rows with missing cells: one Gaussian of the observed columns a pattern."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, reduce
from operator import add
from typing import TYPE_CHECKING, Any

import numpy as np

from pointmass.families.cell_patterns import Conditional, Pattern, patterns_of
from pointmass.families.coordinates import Coordinates
from pointmass.families.gaussian_kernel import GaussianKernel
from pointmass.families.moments import Moments
from pointmass.numerics import Array

if TYPE_CHECKING:
    from pointmass.families.conjugate import Parameters
    from pointmass.families.gaussian import Gaussian

__all__ = ["IncompleteKernel", "IncompleteRows"]


@dataclass(frozen=True, eq=False)
class IncompleteRows:
    """Features of rows with missing cells.

    Parameters
    ----------
    size : int
        Number of rows n.
    parts : list of (Pattern, ndarray)
        The patterns, and the features of their observed cells; those rows that have none are in no pattern.
    """

    size: int
    parts: list[tuple[Pattern, Array]]

    def cells(self, part: int) -> Array:
        """Return the observed cells (o, n) of one part, in working coordinates."""
        pattern, features = self.parts[part]
        return features[1 : 1 + int(pattern.seen.sum())]


class IncompleteKernel(GaussianKernel):
    r"""Log densities and expected moments of K components, missing cells integrated out.

    Where E[log p(x | k)] is const − ½ (x − c)ᵀ P (x − c), the integral of its exponential over the missing cells is a
    Gaussian kernel of the observed ones with precision P_oo − P_om P_mm⁻¹ P_mo, and const gains
    (|m|/2) log 2π − ½ log|P_mm|. A row of which nothing was observed says nothing: its density is one.

    Log densities are per working unit of all columns, whichever are missing: the change to the data's units is then
    one number for all rows.
    """

    def __init__(self, family: Gaussian, expected: Parameters, offset: Array, coordinates: Coordinates) -> None:
        super().__init__(family, expected, offset, coordinates)
        self.expected, self.offset = expected, offset
        self._kernels: dict[bytes, GaussianKernel] = {}

    def features(self, rows: Array) -> Any:
        """Return features as a Gaussian has them, (S, n), or `IncompleteRows` where a cell is missing."""
        if not np.isnan(rows).any():
            return super().features(rows)
        parts = [
            (pattern, self._observed(pattern.seen).features(rows[np.ix_(pattern.rows, pattern.seen)]))
            for pattern in patterns_of(rows)
            if pattern.seen.any()
        ]
        return IncompleteRows(len(rows), parts)

    def product(self, features: Any) -> Array:
        """Return log densities (K, n) of the observed cells."""
        if not isinstance(features, IncompleteRows):
            return super().product(features)
        nothing = self.offset + self.coordinates.log_determinant
        values = np.repeat(nothing[:, None], features.size, axis=1)
        for pattern, own in features.parts:
            values[:, pattern.rows] = self._observed(pattern.seen).product(own)
        return values

    def statistics(self, features: Any, responsibilities: Array) -> Moments:
        """Return expected moments under responsibilities (K, n), the missing cells' covariance included."""
        if not isinstance(features, IncompleteRows):
            return super().statistics(features, responsibilities)
        nothing = Moments(np.zeros_like(self.coefficients), self.origin, self.structure)
        return reduce(add, (self._moments(*part, responsibilities) for part in features.parts), nothing)

    def _moments(self, pattern: Pattern, features: Array, responsibilities: Array) -> Moments:
        moments = self._observed(pattern.seen).statistics(features, responsibilities[:, pattern.rows])
        return moments if pattern.is_complete else self._conditional(pattern).expected(moments)

    def filled(self, features: Any, assigned: Array, rng: np.random.Generator | None) -> Any:
        """Return the features (S, n) of rows whose missing cells are drawn given the component assigned (K, n)."""
        if not isinstance(features, IncompleteRows):
            return features
        if rng is None:
            raise ValueError("drawn cells need an rng")
        d = self.centre.shape[1]
        filled = np.empty((self.coefficients.shape[1], features.size))
        filled[0], labels = 1.0, assigned.argmax(axis=0)
        for pattern, observed in self._all_parts(features):
            conditional = self._conditional(pattern)
            for k in np.unique(labels[pattern.rows]):
                own = labels[pattern.rows] == k
                filled[1 : d + 1, pattern.rows[own]] = conditional.drawn(observed[:, own], k, rng)
        self.structure.features(filled[1 : d + 1], filled[d + 1 :])
        return filled

    def _all_parts(self, features: IncompleteRows) -> list[tuple[Pattern, Array]]:
        """Return every pattern with its observed cells (o, n), that of rows without any too."""
        parts = [(pattern, features.cells(number)) for number, (pattern, _) in enumerate(features.parts)]
        empty = np.ones(features.size, dtype=bool)
        for pattern, _ in parts:
            empty[pattern.rows] = False
        nothing = Pattern(np.flatnonzero(empty), np.zeros(self.centre.shape[1], dtype=bool))
        return [*parts, (nothing, np.empty((0, len(nothing.rows))))]

    def settle_far_rows(self, features: Any, log_joint: Array) -> Array:
        """Write the log ratios of the components for rows far out, pattern by pattern; return which rows."""
        if not isinstance(features, IncompleteRows):
            return super().settle_far_rows(features, log_joint)
        found = [np.zeros(0, dtype=np.intp)]
        for pattern, own in features.parts:
            values = log_joint[:, pattern.rows]
            found.append(pattern.rows[self._observed(pattern.seen).settle_far_rows(own, values)])
            log_joint[:, pattern.rows] = values
        return np.sort(np.concatenate(found))

    def _conditional(self, pattern: Pattern) -> Conditional:
        return Conditional(self.structure, self.centre, self.precision, pattern.seen)

    def _observed(self, seen: Array) -> GaussianKernel:
        """Return the kernel of some columns, the others integrated out."""
        key = seen.tobytes()
        if key not in self._kernels:
            whole = (self.expected, self.coordinates, self.offset)
            expected, coordinates, offset = whole if seen.all() else self._marginal(seen)
            self._kernels[key] = GaussianKernel(self.family, expected, offset, coordinates)  # type: ignore[arg-type]
        return self._kernels[key]

    def _marginal(self, seen: Array) -> tuple[Parameters, Coordinates, Array]:
        """Return what some columns are expected to be, their coordinates, and the offset of their log density."""
        expected, coordinates = self._by_column
        precision, rest = self.structure.marginal(expected["precision"], seen)
        own = coordinates.of(np.flatnonzero(seen).tolist())
        marginal = {
            **expected,
            "centre": expected["centre"][:, seen],
            "precision": precision,
            "log_determinant": expected["log_determinant"] - rest,
        }
        return marginal, own, self.offset + self.coordinates.log_determinant - own.log_determinant

    @cached_property
    def _by_column(self) -> tuple[Parameters, Coordinates]:
        """What is expected in coordinates that mix no columns: a missing cell has no whitened ones."""
        scale = self.coordinates.scale
        if scale.ndim < 2:
            return self.expected, self.coordinates
        units = np.sqrt((scale**2).sum(1))
        mixing = np.linalg.inv(scale) * units
        expected = {
            **self.expected,
            "centre": self.expected["centre"] @ scale.T / units,
            "precision": mixing.T @ self.expected["precision"] @ mixing,
            "log_determinant": self.expected["log_determinant"] + 2.0 * np.linalg.slogdet(mixing)[1],
        }
        return expected, Coordinates(self.coordinates.shift, units)
