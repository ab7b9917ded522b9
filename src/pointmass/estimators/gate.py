"""The gate that draws pass before they may judge other methods: convergence and precision, entry by entry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from pointmass.families.conjugate import Parameters
from pointmass.models import Beliefs, Model
from pointmass.numerics import Array

__all__ = ["LEAST_CHAINS", "LEAST_ESS", "assess", "free_entries"]

LARGEST_RHAT = 1.01
LEAST_ESS = 400.0
LEAST_CHAINS = 4


def free_entries(model: Model, prior: Beliefs, rng: np.random.Generator) -> dict[str, Array]:
    """Return which entries of each public parameter are free: neither fixed nor copies of others.

    Two draws from the prior tell: structural zeros and blocks held known are the same in both, and the two halves
    of a symmetric matrix, or a covariance shared by components, are equal in each.

    Parameters
    ----------
    model : Model
        The model.
    prior : dict of str to belief
        A proper prior, in the data's units.
    rng : numpy.random.Generator
        Source of the two draws.

    Returns
    -------
    dict of str to ndarray of bool
        Shaped as the parameters.
    """
    pairs = model.public({name: belief.parameter_draws(2, rng) for name, belief in prior.items()})
    return {name: _first_of_equals(pair) for name, pair in pairs.items()}


def _first_of_equals(pair: Array) -> Array:
    columns = pair.reshape(2, -1)
    first = np.zeros(columns.shape[1], dtype=bool)
    first[np.unique(columns, axis=1, return_index=True)[1]] = True
    return np.asarray((first & (columns[0] != columns[1])).reshape(pair.shape[1:]))


def assess(draws: Parameters, free: Mapping[str, Array], divergences: int | None = None) -> dict[str, Any]:
    """Return what the draws say of themselves, and whether they may be called a reference.

    Parameters
    ----------
    draws : dict of str to ndarray
        Relabelled public parameters, shape (chains, draws, ...).
    free : dict of str to ndarray of bool
        The entries that count (`free_entries`).
    divergences : int, optional
        Divergent transitions, for samplers that have them.

    Returns
    -------
    dict
        ``reliable``, ``reasons`` (a sentence for each criterion that failed), ``max_rhat`` (rank-normalised split
        R-hat, the larger of bulk and folded), ``min_ess_bulk``, ``min_ess_tail``, ``divergences``.

    References
    ----------
    Vehtari, Gelman, Simpson, Carpenter and Bürkner (2021), *Rank-normalization, folding, and localization*.
    """
    import arviz_stats.base

    module: Any = arviz_stats.base
    statistics = module.array_stats
    names = [f"{name}[{', '.join(map(str, place))}]" for name, mask in free.items() for place in np.argwhere(mask)]
    entries = np.concatenate([draws[name][:, :, mask] for name, mask in free.items()], axis=2)
    axes = {"chain_axis": 0, "draw_axis": 1}
    with np.errstate(all="ignore"):
        rhat = np.atleast_1d(statistics.rhat(entries, **axes))
        bulk = np.atleast_1d(statistics.ess(entries, method="bulk", **axes))
        tail = np.atleast_1d(statistics.ess(entries, method="tail", prob=(0.05, 0.95), **axes))
    reasons = _failures("split R-hat", names, rhat, rhat < LARGEST_RHAT, "the bound is 1.01")
    reasons += _failures("bulk ESS", names, -bulk, bulk > LEAST_ESS, "more than 400 are needed")
    reasons += _failures("tail ESS", names, -tail, tail > LEAST_ESS, "more than 400 are needed")
    if divergences:
        reasons.append(f"{divergences} divergent transition{'s' if divergences > 1 else ''}")
    if len(entries) < LEAST_CHAINS:
        reasons.append(f"{len(entries)} chain{'s' if len(entries) > 1 else ''}: R-hat compares at least 4")
    return {
        "reliable": not reasons,
        "reasons": reasons,
        "max_rhat": float(rhat.max()),
        "min_ess_bulk": float(bulk.min()),
        "min_ess_tail": float(tail.min()),
        "divergences": divergences,
    }


def _failures(what: str, names: list[str], badness: Array, passed: Array, bound: str) -> list[str]:
    """Return one sentence on the worst entry that did not pass; a value that is not a number is the worst."""
    if passed.all():
        return []
    worst = int(np.where(np.isnan(badness), np.inf, badness).argmax())
    value = f"{abs(badness[worst]):.4g}" if what.endswith("hat") else f"{abs(badness[worst]):.0f}"
    others = int((~passed).sum()) - 1
    more = f", and {others} more {'entry fails' if others == 1 else 'entries fail'}" if others else ""
    return [f"{what} of {names[worst]} is {value}; {bound}{more}"]
