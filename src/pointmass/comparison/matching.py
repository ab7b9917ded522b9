"""Which component of one fit is which of another: labels mean nothing, so they are matched first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from pointmass.numerics import Array

__all__ = ["SQUARE", "Match", "assign", "parameter_cost", "permute_components", "responsibility_cost"]

SQUARE = frozenset({"transition_matrix"})
"""Parameters whose last two axes are both components (rows = from, columns = to)."""

_TIE = 1e-9  # relative; differences in cost below this are rounding
_NOISE_FLOOR = 1e-3  # of the squared spread between components: no parameter is trusted beyond 3 % of it


@dataclass(frozen=True)
class Match:
    """How the components of a fit are to be reordered so that they are those of another one.

    Parameters
    ----------
    order : tuple of int
        ``order[k]`` is the fit's component that is component ``k`` of the other.
    distance : float
        0 for a relabelled copy. By responsibilities: the share of probability that rows would have to move
        (mean total variation); by parameters: the root mean square difference in units of the spread between
        components.
    tied : tuple of int
        Components (of the other fit) that could be exchanged at no cost: their labels are arbitrary.
    basis : str
        ``"responsibilities"``, ``"parameters"`` or ``"none"`` (nothing to match).
    """

    order: tuple[int, ...] = ()
    distance: float = 0.0
    tied: tuple[int, ...] = ()
    basis: str = "none"


def assign(cost: Array, basis: str, distance: Array | None = None) -> Match:
    """Return the assignment of least total cost (Hungarian method; Kuhn 1955), its ties named.

    Parameters
    ----------
    cost : (K, K) array
        ``cost[k, j]``: how badly component ``j`` of the fit serves as component ``k`` of the other.
    basis : str
        What the cost was computed from.
    distance : (K, K) array, optional
        What `Match.distance` sums, where that is not the cost itself.

    Examples
    --------
    >>> assign(np.array([[0.9, 0.1], [0.2, 0.8]]), "responsibilities").order
    (1, 0)
    """
    rows, order = linear_sum_assignment(cost)
    total = float(cost[rows, order].sum())
    scale = _TIE * (1.0 + float(np.abs(cost).max(initial=0.0)))
    tied = tuple(int(k) for k in rows if _second_best(cost, int(k), int(order[k])) - total <= scale)
    shown = float((cost if distance is None else distance)[rows, order].sum())
    return Match(tuple(int(j) for j in order), shown, tied, basis)


def _second_best(cost: Array, row: int, column: int) -> float:
    """Return the least total cost when ``row`` may not go to ``column`` (infinite for one component)."""
    if len(cost) == 1:
        return np.inf
    forbidden = cost.copy()
    forbidden[row, column] = 1.0 + len(cost) * (1.0 + float(np.abs(cost).max()))
    rows, order = linear_sum_assignment(forbidden)
    return float(forbidden[rows, order].sum())


def responsibility_cost(target: Array, other: Array) -> Array:
    """Return the (K, K) mean distance between two fits' responsibilities (n, K) on the same rows.

    The sum over matched pairs is the mean total variation distance between the two assignments of a row.
    """
    return np.stack([0.5 * np.abs(column[:, None] - other).mean(axis=0) for column in target.T])


def parameter_cost(target: Mapping[str, Array], other: Mapping[str, Array]) -> tuple[Array, Array]:
    """Return (cost, distance) between components from the parameters that both fits have.

    Each parameter's squared differences are in units of its spread between components, and its weight is
    one over the difference that even its own best matching leaves: what separates the components well
    counts, what does not is noise.
    """
    shared = [name for name in target if name in other and name not in SQUARE]
    costs = [_squared_differences(target[name], other[name]) for name in shared]
    n_components = len(next(iter(target.values())))
    zero = np.zeros((n_components, n_components))
    weighted = [cost / (_best_mean(cost) + _NOISE_FLOOR) for cost in costs]
    distance = sum(costs, zero) / max(len(costs) * n_components, 1)
    return sum(weighted, zero), distance


def _squared_differences(target: Array, other: Array) -> Array:
    a, b = (np.asarray(x, dtype=float).reshape(len(x), -1) for x in (target, other))
    spread = np.concatenate([a, b]).std(axis=0)
    used = spread > 0
    if not used.any():
        return np.zeros((len(a), len(b)))
    gaps = (a[:, None, used] - b[None, :, used]) / spread[used]
    return np.asarray(np.square(gaps).mean(axis=-1))


def _best_mean(cost: Array) -> float:
    rows, order = linear_sum_assignment(cost)
    return float(cost[rows, order].mean())


def permute_components(arrays: Mapping[str, Array], order: tuple[int, ...], leading: int = 0) -> dict[str, Array]:
    """Return the arrays with their component axis reordered, both axes of a transition matrix.

    Parameters
    ----------
    arrays : mapping of str to array
        Parameters, their standard deviations, bounds or draws.
    order : tuple of int
        `Match.order`; an empty one leaves everything as it is.
    leading : int
        How many axes (of draws) come before the component axis.

    Examples
    --------
    >>> permute_components({"weights": np.array([0.3, 0.7])}, (1, 0))
    {'weights': array([0.7, 0.3])}
    """
    if not order:
        return {name: np.asarray(array) for name, array in arrays.items()}
    return {name: _permute(name, np.asarray(array), list(order), leading) for name, array in arrays.items()}


def _permute(name: str, array: Array, order: list[int], leading: int) -> Array:
    permuted = np.take(array, order, axis=leading)
    return np.take(permuted, order, axis=leading + 1) if name in SQUARE else permuted
