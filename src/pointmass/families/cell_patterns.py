"""Rows grouped by which of their cells were observed, and the missing cells of a group given the observed ones."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pointmass.families.moments import Moments
from pointmass.families.structure import Structure
from pointmass.numerics import Array, inverse_from_cholesky, sturdy_cholesky

__all__ = ["Conditional", "Pattern", "patterns_of"]


@dataclass(frozen=True, eq=False)
class Pattern:
    """Rows in which the same columns were observed.

    Parameters
    ----------
    rows : ndarray of int
        Their places.
    seen : ndarray of bool, shape (d,)
        The columns.
    """

    rows: Array
    seen: Array

    @property
    def is_complete(self) -> bool:
        """Whether every column was observed."""
        return bool(self.seen.all())


def patterns_of(values: Array) -> list[Pattern]:
    """Return the patterns of rows (n, d) with NaN where a cell is missing; every row belongs to one.

    Examples
    --------
    >>> [(each.rows, each.seen) for each in patterns_of(np.array([[1.0, np.nan], [2.0, 3.0]]))]
    [(array([1]), array([ True,  True])), (array([0]), array([ True, False]))]
    """
    masks, place = np.unique(np.isnan(values), axis=0, return_inverse=True)
    return [Pattern(np.flatnonzero(place.ravel() == number), ~mask) for number, mask in enumerate(masks)]


class Conditional:
    r"""The missing cells of a pattern given its observed ones: a Gaussian regression for each of K components.

    Under a belief with E[Λ] = P and centre c the best density of the missing cells is

    .. math:: q(x_m \mid k) = N\!\left(c_m - P_{mm}^{-1} P_{mo} (x_o - c_o),\; P_{mm}^{-1}\right)

    For a point it is the exact conditional density.

    Parameters
    ----------
    structure : Structure
        Of the precision.
    centre : ndarray, shape (K, d)
        c.
    precision : ndarray
        P, in the structure's shape.
    seen : ndarray of bool, shape (d,)
        The observed columns.

    References
    ----------
    Little and Rubin (2019), *Statistical Analysis with Missing Data*, section 11.2.
    """

    def __init__(self, structure: Structure, centre: Array, precision: Array, seen: Array) -> None:
        kept, hidden = np.flatnonzero(seen), np.flatnonzero(~seen)
        matrix = structure.matrix(precision, centre.shape[1])
        self.structure, self.centre, self.seen = structure, centre, seen
        self.cells = inverse_from_cholesky(sturdy_cholesky(matrix[:, hidden[:, None], hidden]))
        self.lift = np.zeros((*centre.shape, len(kept)))
        self.lift[:, kept, np.arange(len(kept))] = 1.0
        self.lift[:, hidden] = -self.cells @ matrix[:, hidden[:, None], kept]

    @cached_property
    def covariance(self) -> Array:
        """Covariance of each component's rows given the observed cells (K, d, d): zero where these are."""
        hidden = np.flatnonzero(~self.seen)
        covariance = np.zeros((*self.centre.shape, self.centre.shape[1]))
        covariance[:, hidden[:, None], hidden] = self.cells
        return covariance

    def means(self, observed: Array, component: int) -> Array:
        """Return the expected rows (d, n) of one component, given their observed cells (o, n)."""
        centre = self.centre[component][:, None]
        rows = centre + self.lift[component] @ (observed - centre[self.seen])
        rows[self.seen] = observed
        return np.asarray(rows)

    def drawn(self, observed: Array, component: int, rng: np.random.Generator) -> Array:
        """Return rows (d, n) of one component with their missing cells drawn."""
        rows = self.means(observed, component)
        noise = rng.standard_normal((int((~self.seen).sum()), observed.shape[1]))
        rows[~self.seen] += sturdy_cholesky(self.cells[component]) @ noise
        return rows

    def expected(self, moments: Moments) -> Moments:
        """Return the expected moments of whole rows, given those of their observed cells."""
        about = moments.about(self.centre[:, self.seen])
        count, size = about.count[:, None], about.centre.shape[1]
        total = (self.lift @ about.total[..., None])[..., 0]
        quadratic = self.structure.lifted(about.sums[:, 1 + size :], self.lift)
        quadratic = quadratic + count * self.structure.moments(self.covariance)
        return Moments(np.concatenate([count, total, quadratic], axis=1), self.centre, self.structure)
