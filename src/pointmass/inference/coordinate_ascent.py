"""The only loop of the package: sweep, guard, extrapolate, stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from pointmass.errors import PointmassError
from pointmass.inference.acceleration import Accelerator
from pointmass.inference.sweep import Step, Sweep
from pointmass.inference.vectors import pack, unpack
from pointmass.models import Beliefs
from pointmass.numerics import Array

__all__ = ["Ascent", "ascend"]

_LARGEST_ROUNDING = 1e-8

# The first sweeps choose an optimum. To leave that choice to them, nothing is extrapolated until a sweep gains less
# than this for each row (nats): of 200 random starts on iris, extrapolation from the first sweep on led 24 % to
# another optimum, better as often as worse; like this it is 3 %.
_SETTLED = 3e-4


@dataclass
class Ascent:
    """Where an ascent is, and how it got there.

    Attributes
    ----------
    beliefs : dict of str to belief
        The best belief whose objective is known.
    objective : float
        Its objective (nats).
    history : list of float
        Accepted values of the objective, in order.
    seconds : list of float
        When each of them was known, from the first sweep on.
    n_evaluations : int
        Sweeps evaluated, refused ones too.
    converged : bool
        Whether the predicted remaining gain fell below the tolerance.
    rate : float
        Estimated rate of convergence of the plain sweep.
    remaining : float
        Predicted gain still to come (nats); half the squared distance to the optimum in posterior sds.
    lost : bool
        Whether the ascent ended at a belief whose successor cannot be evaluated.
    """

    beliefs: Beliefs
    objective: float = -np.inf
    history: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    n_evaluations: int = 0
    converged: bool = False
    rate: float = 0.0
    remaining: float = np.inf
    lost: bool = False


def ascend(
    sweep: Sweep,
    start: Beliefs,
    accelerator: Accelerator,
    *,
    tol: float,
    max_iter: int,
    rng: np.random.Generator | None = None,
    on_step: Callable[[Ascent], None] | None = None,
) -> Ascent:
    """Repeat the sweep from ``start`` until little is left to gain.

    A proposal that lowers the objective, or is not finite, is refused: the accelerator retreats, in the end to the
    plain image of the last accepted belief, which cannot lower it. If that does by rounding, nothing is left to gain;
    if it does by more, the sweep is wrong and the ascent ends with an error.

    Parameters
    ----------
    sweep : Sweep
        What is repeated.
    start : dict of str to belief
        First belief.
    accelerator : Accelerator
        Extrapolates between sweeps.
    tol : float
        Stop when the predicted remaining gain is at most this (nats); 0 runs ``max_iter`` sweeps.
    max_iter : int
        Largest number of sweeps evaluated.
    rng : numpy.random.Generator, optional
        For drawn assignments and parameters.
    on_step : callable, optional
        Called with the ascent after each sweep.

    Raises
    ------
    PointmassError
        If a plain sweep lowers the objective by more than rounding.
    """
    ascent, began = Ascent(start), time.perf_counter()
    sweep = accelerator.repeated(sweep)
    proposal, plain = start, start
    image, settled = np.zeros(0), False
    while ascent.n_evaluations < max_iter and not ascent.converged:
        step = _evaluate(sweep, proposal, rng)
        ascent.n_evaluations += 1
        if _refused(step, ascent):
            if proposal is plain:
                _end_at_plain(step, ascent, sweep)
                break
            proposal = _belief_at(accelerator.retreat(image), image, plain, sweep)
            continue
        ascent.beliefs, ascent.objective = proposal, step.objective
        ascent.history.append(step.objective)
        ascent.seconds.append(time.perf_counter() - began)
        plain = step.beliefs
        vector, image = _coordinates(proposal, sweep), _coordinates(plain, sweep)
        if not np.isfinite(image).all():
            ascent.lost = True
            break
        settled = settled or _gain(ascent) < _SETTLED * sweep.rows.total_weight
        before = accelerator.spent
        proposal = _belief_at(accelerator.propose(vector, image) if settled else image, image, plain, sweep)
        ascent.n_evaluations += accelerator.spent - before
        ascent.rate = accelerator.rate()
        ascent.remaining = min(accelerator.remaining(), _predicted(ascent))
        ascent.converged = tol > 0 and (_stands_still(vector, image) or ascent.remaining <= _least(ascent, tol))
        if on_step is not None:
            on_step(ascent)
    return ascent


def _evaluate(sweep: Sweep, beliefs: Beliefs, rng: np.random.Generator | None) -> Step:
    """Return the sweep's step; a belief that cannot be evaluated has an objective of NaN."""
    try:
        with np.errstate(all="ignore"):
            return sweep(beliefs, rng)
    except np.linalg.LinAlgError:
        return Step(np.nan, beliefs)


def _coordinates(beliefs: Beliefs, sweep: Sweep) -> Array:
    """Return unconstrained coordinates; NaN where a covariance is not positive definite."""
    try:
        return pack(beliefs, sweep.free_blocks)
    except np.linalg.LinAlgError:
        return np.full(1, np.nan)


def _refused(step: Step, ascent: Ascent) -> bool:
    slack = 1e-13 * (abs(ascent.objective) + 1.0) if ascent.history else 0.0
    return not step.objective >= ascent.objective - slack


def _end_at_plain(step: Step, ascent: Ascent, sweep: Sweep) -> None:
    """Say how an ascent ends whose plain image was refused: lost, at rounding, or by a fault of the sweep."""
    ascent.lost = not np.isfinite(step.objective)
    ascent.converged = not ascent.lost
    fall = ascent.objective - step.objective
    if ascent.converged and fall > _LARGEST_ROUNDING * (abs(ascent.objective) + 1.0) + sweep.rounding(ascent.beliefs):
        raise PointmassError(
            f"internal error, please report it: sweep {ascent.n_evaluations} lowered the objective from "
            f"{ascent.objective!r} to {step.objective!r}, which no sweep can"
        )


def _gain(ascent: Ascent) -> float:
    """Return what the last accepted belief gained."""
    return ascent.history[-1] - ascent.history[-2] if len(ascent.history) > 1 else np.inf


def _belief_at(vector: Array, image: Array, plain: Beliefs, sweep: Sweep) -> Beliefs:
    """Return the belief at unconstrained coordinates; ``plain``, whose coordinates are ``image``, as it is.

    A sweep never leaves a variance below its floor, where objectives may be higher: no extrapolation may either.
    """
    if vector is image or not np.isfinite(vector).all():
        return plain
    try:
        with np.errstate(over="ignore", invalid="ignore"):  # a belief out of range has an objective that is refused
            proposed = unpack(vector, plain, sweep.free_blocks)
            return plain if sweep.model.degenerate_components(proposed).any() else proposed
    except np.linalg.LinAlgError:
        return plain


def _stands_still(vector: Array, image: Array) -> bool:
    """Return whether the sweep's step is rounding."""
    return bool(np.abs(image - vector).max(initial=0.0) <= 1e-13 * (1.0 + np.abs(vector).max(initial=0.0)))


def _predicted(ascent: Ascent) -> float:
    """Return the gain (nats) that the last three gains and the rate of convergence foretell."""
    if len(ascent.history) < 4:
        return np.inf
    rate = min(ascent.rate, 1.0 - 1e-9) ** 2
    return float(np.diff(ascent.history[-4:]).max() / (1.0 - rate))


def _least(ascent: Ascent, tol: float) -> float:
    """Return the gain that is not worth a sweep: the tolerance, or rounding."""
    rate = min(ascent.rate, 1.0 - 1e-9) ** 2
    return max(tol, 1e-14 * abs(ascent.objective) / (1.0 - rate))
