"""Intervals on labels that nobody chose: components in the order of a parameter, in truth, estimate and draws alike.

Coverage asks whether an interval holds the generating value, so no label may come from that value. Components are
ordered by the first column of the first parameter of the emission; each draw is ordered by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from pointmass.comparison.matched import MatchedFit, MatchedFits
from pointmass.comparison.spread import Spread
from pointmass.inference.relabelling import permute
from pointmass.numerics import Array

__all__ = ["OrderedInterval", "in_order", "ordered_intervals", "ordering_parameter"]

_LATENT = frozenset({"weights", "initial", "transition_matrix"})

type Dims = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, eq=False)
class OrderedInterval:
    """The equal-tailed interval of one fit by one method, its components in order.

    Parameters
    ----------
    fit : MatchedFit
        The fit.
    spread : Spread
        Its uncertainty, in the common order of the comparison.
    lower, upper : dict of str to array
        Bounds, shaped as the estimates.
    """

    fit: MatchedFit
    spread: Spread
    lower: dict[str, Array]
    upper: dict[str, Array]


def ordering_parameter(dims: Dims) -> str | None:
    """Return the parameter that orders the components: the first of the emission's; None without components.

    Examples
    --------
    >>> ordering_parameter({"weights": ("component",), "mean": ("component", "feature")})
    'mean'
    """
    return next((name for name, axes in dims.items() if axes[:1] == ("component",) and name not in _LATENT), None)


def in_order(arrays: Mapping[str, Array], dims: Dims, by: Mapping[str, Array] | None = None) -> dict[str, Array]:
    """Return draws with the components of each in increasing order.

    Parameters
    ----------
    arrays : mapping of str to array
        Parameters, or their bounds, with one leading axis of draws.
    dims : mapping of str to tuple of str
        Axes of each parameter (`Model.dims`).
    by : mapping of str to array, optional
        The parameters that tell the order; ``arrays`` themselves by default.

    Examples
    --------
    >>> dims = {"weights": ("component",), "mean": ("component", "feature")}
    >>> in_order({"weights": np.array([[0.3, 0.7]]), "mean": np.array([[[2.0], [1.0]]])}, dims)["weights"]
    array([[0.7, 0.3]])
    """
    key = ordering_parameter(dims)
    told = arrays if by is None else by
    if key is None or key not in told:
        return {name: np.asarray(array) for name, array in arrays.items()}
    column = np.asarray(told[key])
    order = np.argsort(column.reshape(*column.shape[:2], -1)[:, :, 0], axis=1, kind="stable")
    return {name: permute(np.asarray(array), dims[name], order) for name, array in arrays.items()}


def ordered_intervals(matched: MatchedFits) -> Iterator[OrderedInterval]:
    """Yield the interval of every fit and method: that of the ordered draws, where there are draws."""
    for fit in matched.fits:
        for spread in fit.spreads:
            yield OrderedInterval(fit, spread, *_bounds(fit, spread))


def _bounds(fit: MatchedFit, spread: Spread) -> tuple[dict[str, Array], dict[str, Array]]:
    dims, estimate = fit.fit.model_.dims, fit.estimate
    if spread.draws is None:
        at_estimate = {name: array[None] for name, array in estimate.items()}
        lower, upper = (
            in_order({name: array[None] for name, array in bounds.items()}, dims, at_estimate)
            for bounds in (spread.lower, spread.upper)
        )
        return _first(lower), _first(upper)
    tail = 0.5 * (1.0 - spread.level)
    draws = in_order(spread.draws, dims)
    low, high = (
        {name: np.quantile(array, probability, axis=0) for name, array in draws.items()}
        for probability in (tail, 1.0 - tail)
    )
    return low, high


def _first(arrays: Mapping[str, Array]) -> dict[str, Array]:
    return {name: array[0] for name, array in arrays.items()}
