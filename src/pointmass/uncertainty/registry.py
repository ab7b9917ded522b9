"""Which uncertainty methods exist, which of them a fit has, and which is its best."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from pointmass.errors import PointmassError
from pointmass.uncertainty.base import Fitted, Method, Uncertainty, check_level, refused
from pointmass.uncertainty.bootstrap import bootstrap, bootstrap_bayesian, bootstrap_parametric
from pointmass.uncertainty.draws import draws
from pointmass.uncertainty.importance import importance
from pointmass.uncertainty.information import information
from pointmass.uncertainty.linear_response import linear_response
from pointmass.uncertainty.mean_field import mean_field
from pointmass.uncertainty.sandwich import sandwich

__all__ = ["UNCERTAINTIES", "Entry", "available", "quick", "unasked", "uncertainty_of"]

# Densities of one component for one row that a default may evaluate: some seconds. More must be asked for by name.
_LARGEST_DEFAULT = 1e9
_EVALUATIONS = 10_000


@dataclass(frozen=True)
class Entry:
    """One method, and which fits have it.

    Parameters
    ----------
    kind : str
        ``point``, ``posterior`` or ``draws``.
    method : callable
        The method.
    needs_optimum : bool
        Whether it asks for the sweep, at whose fixed point the fit stands, and so for the data.
    is_quick : bool
        Whether it costs little beside a fit, so that comparisons show it without being asked.
    is_default : bool
        Whether it may be chosen as the best that a fit has.
    """

    kind: str
    method: Method
    needs_optimum: bool = True
    is_quick: bool = True
    is_default: bool = True


# Within a kind, the best first.
UNCERTAINTIES: dict[str, Entry] = {
    "information": Entry("point", information),
    "sandwich": Entry("point", sandwich, is_quick=False, is_default=False),
    "bootstrap": Entry("point", bootstrap, is_quick=False, is_default=False),
    "bootstrap_parametric": Entry("point", bootstrap_parametric, is_quick=False, is_default=False),
    "bootstrap_bayesian": Entry("point", bootstrap_bayesian, is_quick=False, is_default=False),
    "importance": Entry("posterior", importance, is_quick=False),
    "linear_response": Entry("posterior", linear_response),
    "mean_field": Entry("posterior", mean_field, needs_optimum=False),
    "draws": Entry("draws", draws, needs_optimum=False),
}


def available(fit: Fitted) -> tuple[str, ...]:
    """Return the names of the methods that ``fit`` has, the best first."""
    kept = {name for name, entry in UNCERTAINTIES.items() if entry.kind == fit.kind and _applies(entry, fit)}
    return tuple(name for name in UNCERTAINTIES if name in kept | set(fit.stored_uncertainty_))


def quick(fit: Fitted) -> tuple[str, ...]:
    """Return the names of the methods that a comparison shows unasked: what is stored, or costs little."""
    stored = fit.stored_uncertainty_
    return tuple(name for name in available(fit) if name in stored or (not stored and _is_shown(name, fit)))


def _is_shown(name: str, fit: Fitted) -> bool:
    return UNCERTAINTIES[name].is_quick and not _corrects_nothing(UNCERTAINTIES[name], fit)


def _corrects_nothing(entry: Entry, fit: Fitted) -> bool:
    """Return whether a method only repeats what the posterior says: where that is exact."""
    return entry.kind == "posterior" and entry.needs_optimum and fit.is_exact


def _applies(entry: Entry, fit: Fitted) -> bool:
    return fit.has_optimum or not entry.needs_optimum


def uncertainty_of(fit: Fitted, method: str | None, level: float, rng: np.random.Generator) -> Uncertainty:
    """Return the uncertainty of ``fit`` by ``method``, or by the best that its own diagnostics accept.

    Where none is accepted the best comes back with its reasons.

    Raises
    ------
    PointmassError
        If the fit has no such method, with the ones that it has.
    """
    level = check_level(level)
    names = available(fit)
    if not names:
        raise PointmassError(f"{fit.method_name} gives a point and no interval here; {_remedy(fit)}")
    if method is None:
        return _best(fit, level, rng, unasked(fit))
    if method not in names:
        raise PointmassError(f"{fit.method_name} has no uncertainty method {method!r}; it has {', '.join(names)}")
    return _computed(fit, method, level, rng)


def _remedy(fit: Fitted) -> str:
    """Return why a fit stands at no fixed point of a smooth sweep, or what to fit instead."""
    try:
        fit.sweep_at_fit()
    except PointmassError as error:
        return str(error)
    return "fit VB, Gibbs or NUTS for one"


def unasked(fit: Fitted) -> tuple[str, ...]:
    """Return the names of the methods that may be chosen as the best without being asked for, the best first."""
    return tuple(name for name in available(fit) if _is_default(UNCERTAINTIES[name], fit))


def _is_default(entry: Entry, fit: Fitted) -> bool:
    """Return whether a method may be chosen unasked: it corrects something, and costs seconds at most."""
    if not entry.is_default or _corrects_nothing(entry, fit):
        return False
    if entry.is_quick or not fit.has_optimum:
        return True
    rows = fit.sweep_at_fit()[0].rows
    return _EVALUATIONS * len(rows) * fit.model_.n_components <= _LARGEST_DEFAULT


def _computed(fit: Fitted, method: str, level: float, rng: np.random.Generator) -> Uncertainty:
    entry, stored = UNCERTAINTIES[method], fit.stored_uncertainty_.get(method)
    if stored is not None and not _applies(entry, fit):
        return stored.at(level)
    started = time.perf_counter()
    try:
        found = entry.method(fit, level, rng)
    except np.linalg.LinAlgError:
        found = refused(method, fit.estimate_, level, ["rounding leaves no covariance in some direction"])
    return replace(found, elapsed=time.perf_counter() - started if stored is None else stored.elapsed)


def _best(fit: Fitted, level: float, rng: np.random.Generator, names: tuple[str, ...]) -> Uncertainty:
    found = []
    for name in names:
        one = _computed(fit, name, level, rng)
        if one.diagnostics.get("accepted", True):
            return one
        found.append(one)
    return found[0]
