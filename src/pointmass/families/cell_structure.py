"""Cells whose probabilities are sums of monomials in a few probabilities: what a table of counts hides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from pointmass.errors import PointmassError
from pointmass.numerics import Array

__all__ = ["STRUCTURES", "CellStructure"]

STRUCTURES: dict[str, tuple[tuple[tuple[float, ...], ...], ...]] = {
    "hardy_weinberg": (((1.0, 2, 0),), ((2.0, 1, 1),), ((1.0, 0, 2),)),
    "linkage": (((0.5, 0, 0), (0.25, 1, 0)), ((0.25, 0, 1),), ((0.25, 0, 1),), ((0.25, 1, 0),)),
    "blood_groups": (
        ((1.0, 2, 0, 0), (2.0, 1, 0, 1)),
        ((1.0, 0, 2, 0), (2.0, 0, 1, 1)),
        ((2.0, 1, 1, 0),),
        ((1.0, 0, 0, 2),),
    ),
}
"""Structures by name, cell by cell: terms (coefficient, power of each probability)."""

# Of probabilities that sum to one, the cells' must, whatever they are: as polynomials, so at random points too.
_PLACES, _ROUNDING = 20, 1e-9


@dataclass(frozen=True, eq=False)
class CellStructure:
    r"""The map of C probabilities to those of J observed cells, each the sum of its hidden terms.

    .. math:: p_j(\theta) = \sum_{h \in j} c_h \prod_c \theta_c^{m_{hc}}

    Parameters
    ----------
    coefficients : ndarray, shape (H,)
        c, of every term.
    powers : ndarray, shape (H, C)
        m: how often each probability enters a term.
    member : ndarray, shape (J, H)
        One where a term belongs to a cell, zero elsewhere.
    """

    coefficients: Array
    powers: Array
    member: Array

    @classmethod
    def of(cls, owner: str, cells: Any) -> CellStructure:
        """Return the structure of this name, or of cells given term by term.

        Raises
        ------
        PointmassError
            If there is no such name, or the cells are no probabilities.
        """
        if isinstance(cells, str) and cells not in STRUCTURES:
            raise PointmassError(
                f"{owner}: cells must be one of {', '.join(STRUCTURES)}, or terms (coefficient, powers) of each cell, "
                f"got {cells!r}",
                path=("cells",),
            )
        built = _from_terms(owner, STRUCTURES[cells] if isinstance(cells, str) else cells)
        theta = np.random.default_rng(0).dirichlet(np.ones(built.powers.shape[1]), _PLACES)
        sums = np.exp(built.log_cells(np.log(theta))).sum(-1)
        if np.abs(sums - 1.0).max() > _ROUNDING:
            worst = float(sums[np.abs(sums - 1.0).argmax()])
            raise PointmassError(
                f"{owner}: the cells' probabilities must sum to 1 whatever the parameters are; at one place they sum "
                f"to {worst:g}",
                path=("cells",),
            )
        return built

    @property
    def n_cells(self) -> int:
        """J."""
        return len(self.member)

    @property
    def n_probabilities(self) -> int:
        """C."""
        return int(self.powers.shape[1])

    @cached_property
    def is_hiding(self) -> Array:
        """Whether a cell (J,) does not tell how often each probability was met."""
        counts = [self.powers[own > 0] for own in self.member]
        return np.array([bool((each != each[0]).any()) for each in counts])

    def log_terms(self, logs: Array) -> Array:
        """Return the log of each term (..., H), given logs (..., C) of the probabilities, −∞ for zero."""
        with np.errstate(invalid="ignore"):
            products = np.where(self.powers > 0, self.powers * logs[..., None, :], 0.0)
        return np.asarray(np.log(self.coefficients) + products.sum(-1))

    def log_cells(self, logs: Array) -> Array:
        """Return the log of each cell's sum (..., J), given logs (..., C) of the probabilities."""
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(np.exp(self.log_terms(logs)) @ self.member.T))

    def shares(self, logs: Array) -> Array:
        """Return the probability (..., J, H) of each term given its cell; that of others is zero.

        The terms of a cell that cannot occur share it evenly.
        """
        terms = np.exp(self.log_terms(logs))[..., None, :] * self.member
        totals = terms.sum(-1, keepdims=True)
        evenly = self.member / self.member.sum(-1, keepdims=True)
        return np.where(totals > 0, np.divide(terms, totals, out=np.zeros_like(terms), where=totals > 0), evenly)


def _from_terms(owner: str, cells: Any) -> CellStructure:
    """Return the structure of cells given as sequences of terms (coefficient, powers)."""
    try:
        flat = [np.array(term, dtype=float) for cell in cells for term in cell]
        sizes = [len(cell) for cell in cells]
        table = np.array(flat)
        usable = table.ndim == 2 and table.shape[1] >= 3 and min(sizes) >= 1
    except (TypeError, ValueError):
        usable = False
    if not usable:
        raise PointmassError(
            f"{owner}: each cell needs terms, each term a coefficient and the power of every probability (two at "
            f"least), got {cells!r}",
            path=("cells",),
        )
    return CellStructure(*_checked(owner, table), _membership(sizes))


def _checked(owner: str, table: Array) -> tuple[Array, Array]:
    """Return coefficients and powers, refusing what makes no probability."""
    coefficients, powers = table[:, 0], table[:, 1:]
    if not (np.isfinite(coefficients) & (coefficients > 0)).all():
        raise PointmassError(f"{owner}: coefficients of terms must be positive numbers", path=("cells",))
    if (powers < 0).any() or (powers != np.floor(powers)).any():
        raise PointmassError(f"{owner}: powers of probabilities must be whole numbers from 0", path=("cells",))
    return coefficients, powers


def _membership(sizes: Sequence[int]) -> Array:
    return np.asarray(np.repeat(np.arange(len(sizes)), sizes) == np.arange(len(sizes))[:, None], dtype=float)
