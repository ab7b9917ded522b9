"""Which uncertainty methods exist, which of them a fit has, and which is its best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pointmass.errors import PointmassError
from pointmass.uncertainty.base import Fitted, Method, Uncertainty, check_level
from pointmass.uncertainty.draws import draws
from pointmass.uncertainty.mean_field import mean_field

__all__ = ["UNCERTAINTIES", "Entry", "available", "uncertainty_of"]


@dataclass(frozen=True)
class Entry:
    """One method and the kind of fit (``point``, ``posterior``, ``draws``) that has it."""

    kind: str
    method: Method


# Within a kind, the best first.
UNCERTAINTIES: dict[str, Entry] = {
    "mean_field": Entry("posterior", mean_field),
    "draws": Entry("draws", draws),
}


def available(fit: Fitted) -> tuple[str, ...]:
    """Return the names of the methods that ``fit`` has, the best first."""
    return tuple(name for name, entry in UNCERTAINTIES.items() if entry.kind == fit.kind)


def uncertainty_of(fit: Fitted, method: str | None, level: float, rng: np.random.Generator) -> Uncertainty:
    """Return the uncertainty of ``fit`` by ``method``, or by the best that it has.

    Raises
    ------
    PointmassError
        If the fit has no such method, with the ones that it has.
    """
    level = check_level(level)
    names = available(fit)
    if not names:
        raise PointmassError(f"{fit.method_name} gives a point and no interval; fit VB, Gibbs or NUTS for one")
    if method is not None and method not in names:
        raise PointmassError(f"{fit.method_name} has no uncertainty method {method!r}; it has {', '.join(names)}")
    return UNCERTAINTIES[method or names[0]].method(fit, level, rng)
