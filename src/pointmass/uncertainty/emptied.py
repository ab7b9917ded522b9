"""The part of a posterior in which a component has lost its rows: what no proposal about an optimum reaches."""

from __future__ import annotations

import numpy as np

from pointmass.inference.initialisation import responsibilities_of
from pointmass.inference.proposals import Believed
from pointmass.inference.sweep import Sweep
from pointmass.models import Beliefs
from pointmass.numerics import Array

__all__ = ["emptied_proposal"]

_SWEEPS = 10
_NEGLIGIBLE = 20.0


def emptied_proposal(sweep: Sweep, beliefs: Beliefs) -> Believed | None:
    """Return the beliefs that the rows leave when the component that matters least has none.

    What such a component believes is its prior, with the prior's tails, far wider than any spread about the optimum:
    where components overlap and rows are few, much of a posterior's variance lies there.

    Parameters
    ----------
    sweep : Sweep
        A sweep of a posterior.
    beliefs : dict of str to belief
        Its optimum, in working coordinates.

    Returns
    -------
    Believed or None
        None where there are no components to empty, where that part of the posterior weighs nothing (its bound is 20
        nats or more below the optimum's), and where the coordinates are a section through a symmetry, on which a
        belief that lacks the symmetry has no density.
    """
    candidates = [_without(sweep, beliefs, k) for k in _removable(sweep)]
    if not candidates:
        return None
    bounds = [sweep(candidate).objective for candidate in candidates]
    best = int(np.nanargmax(bounds)) if np.isfinite(bounds).any() else -1
    if best < 0 or bounds[best] < sweep(beliefs).objective - _NEGLIGIBLE:
        return None
    return Believed(sweep.model, sweep.rows, candidates[best])


def _removable(sweep: Sweep) -> list[int]:
    """Return the components that no row is known to come from, if another one is left."""
    if sweep.model.sections:
        return []
    labels = sweep.rows.labels
    named = set() if labels is None else set(labels.tolist())
    every = range(sweep.model.n_components) if sweep.model.n_components > 1 else ()
    return [k for k in every if k not in named]


def _without(sweep: Sweep, beliefs: Beliefs, k: int) -> Beliefs:
    """Return the beliefs after some sweeps in which the other components share the rows."""
    for _ in range(_SWEEPS):
        responsibilities, _normalisers = responsibilities_of(sweep.model, beliefs, sweep.rows)
        shared = _shared_by_others(responsibilities, k)
        beliefs = sweep.update(sweep.model.collect(shared, sweep.rows, beliefs), beliefs)
    return beliefs


def _shared_by_others(responsibilities: Array, k: int) -> Array:
    """Return responsibilities (K, n) without component k; a row that it holds alone is shared evenly."""
    left = responsibilities.copy()
    left[k] = 0.0
    total = left.sum(axis=0)
    lost = total < 1e-12
    left[:, lost] = (np.arange(len(left)) != k)[:, None] / (len(left) - 1)
    left[:, ~lost] /= total[~lost]
    return left
