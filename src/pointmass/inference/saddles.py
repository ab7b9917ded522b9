"""Fixed points of a sweep that are no maxima: how they are recognised, and left."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pointmass.inference.coordinate_ascent import Ascent
from pointmass.inference.jacobian import Jacobian
from pointmass.inference.missing_information import MissingInformation
from pointmass.inference.sweep import Sweep
from pointmass.models import Beliefs
from pointmass.numerics import Array

__all__ = ["is_saddle", "leave_saddles"]

_ABOVE_ONE = 1e-4
_PUSHES = (1.0, 0.1, 0.01)
_MOST_DEPARTURES = 3
_LARGEST = 300
_RESOLVED = 1e-5  # of the largest move: rounding, ε over the square of this, is told from an eigenvalue above one


def leave_saddles(sweep: Sweep, ascent: Ascent, again: Callable[[Beliefs], Ascent], tol: float) -> Ascent:
    """Return the ascent, gone on from each saddle at which it stood still.

    A sweep stands still at a saddle for ever, although it would run away from any point beside it. The belief is
    pushed along the eigenvector of the sweep's Jacobian whose eigenvalue exceeds one, both ways, by one standard
    deviation under complete data or less, and the ascent goes on from the better side.

    Parameters
    ----------
    sweep : Sweep
        The sweep, with soft assignments.
    ascent : Ascent
        A converged ascent.
    again : callable
        Ascends from a belief.
    tol : float
        What a departure must gain (nats).
    """
    for _ in range(_MOST_DEPARTURES):
        departed = _departed(sweep, ascent, tol)
        if departed is None:
            break
        further = again(departed)
        if not further.objective > ascent.objective + tol:
            break
        further.n_evaluations += ascent.n_evaluations
        later = [place for place, value in enumerate(further.history) if value > ascent.objective]
        further.seconds = [*ascent.seconds, *(ascent.seconds[-1] + further.seconds[place] for place in later)]
        further.history = [*ascent.history, *(further.history[place] for place in later)]
        ascent = further
    return ascent


def is_saddle(sweep: Sweep, beliefs: Beliefs) -> bool:
    """Return whether a fixed point is no maximum: some direction has more than all its information missing."""
    return _steepest(Jacobian(sweep, beliefs))[0] > 1.0 + _ABOVE_ONE


def _departed(sweep: Sweep, ascent: Ascent, tol: float) -> Beliefs | None:
    """Return a belief beside a saddle with a higher objective; None where there is no saddle, or no such belief."""
    jacobian = Jacobian(sweep, ascent.beliefs)
    eigenvalue, direction = _steepest(jacobian)
    if not eigenvalue > 1.0 + _ABOVE_ONE:
        return None
    for push in _PUSHES:
        sides = [jacobian.updated(sign * push * direction) for sign in (1.0, -1.0)]
        objectives = [_objective(sweep, side) for side in sides]
        if max(objectives) > ascent.objective + tol:
            return sides[int(np.argmax(objectives))]
    return None


def _steepest(jacobian: Jacobian) -> tuple[float, Array]:
    """Return the Jacobian's largest eigenvalue, and the move of the statistics by one sd of the complete data."""
    try:
        if jacobian.frame.size <= _LARGEST:
            info = MissingInformation.of(jacobian)
            # Where statistics are singular, as those of collinear features, the update has no derivative to judge by.
            direction = info.steepest()
            resolved = np.abs(direction).max(initial=0.0) > _RESOLVED * np.sqrt(jacobian.steps.max(initial=0.0))
            return (info.radius if info.has_derivative and resolved else 0.0), direction
        value, vector = jacobian.dominant()
        size = np.abs(np.divide(vector, np.sqrt(jacobian.steps), out=np.zeros_like(vector), where=jacobian.steps > 0))
        return value, vector / max(float(size.max()), np.finfo(float).tiny)
    except np.linalg.LinAlgError:
        return 0.0, np.zeros(jacobian.frame.size)


def _objective(sweep: Sweep, beliefs: Beliefs) -> float:
    try:
        with np.errstate(all="ignore"):
            objective = sweep(beliefs).objective
    except np.linalg.LinAlgError:
        return -np.inf
    return objective if np.isfinite(objective) else -np.inf
