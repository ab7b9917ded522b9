"""The spread of a point over data sets like the one at hand: fit again, from where the fit stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from pointmass.families.conjugate import Parameters
from pointmass.inference.acceleration import Anderson
from pointmass.inference.component_features import features_of, parameter_kinds
from pointmass.inference.coordinate_ascent import ascend
from pointmass.inference.progress import Progress
from pointmass.inference.relabelling import Reference, Relabelled, relabel
from pointmass.inference.sweep import Sweep
from pointmass.models import Beliefs
from pointmass.numerics import Array
from pointmass.uncertainty.base import Fitted, Uncertainty, unknown_quantile
from pointmass.uncertainty.resampling import Resampling, bayesian, nonparametric, parametric, with_new_latents

__all__ = ["bootstrap", "bootstrap_bayesian", "bootstrap_parametric"]

_REPLICATES = 1000
_TOLERANCE = 1e-5
_LARGEST_SWEEPS = 2000
_EMPTY = 1e-10
_LARGEST_SHARE_LOST = 0.05


def bootstrap(fit: Fitted, level: float, rng: np.random.Generator) -> Uncertainty:
    """Return the spread of the estimate over data sets whose rows are drawn again from these, with replacement.

    1,000 replicates. Each one starts at the fit, keeps the fit's prior, and follows the sweep to its optimum; its
    components are relabelled to the fit's. A replicate with a component that collapsed or emptied, one that did not
    converge, and one whose labels are not clear are counted in ``diagnostics`` and left out of every summary; where
    they are more than 5 % the result is not accepted. Intervals are percentiles, so they stay in the parameters'
    space. Rows (or sequences) must be independent: those that share latents are refused.

    Parameters
    ----------
    fit : fitted estimator
        A point at the optimum of a soft sweep.
    level : float
        Probability of the intervals.
    rng : numpy.random.Generator
        Draws the replicates.

    References
    ----------
    Efron and Tibshirani (1993), *An Introduction to the Bootstrap*, chapters 6 and 13; for mixtures O'Hagan, Murphy,
    Scrucca and Gormley (2019), *Computational Statistics* 34.

    Examples
    --------
    >>> from pointmass import MLE, Gaussian
    >>> found = MLE(Gaussian()).fit([1.0, 2.0, 3.0, 4.0, 6.0, 8.0]).uncertainty("bootstrap", rng=0)
    >>> found.diagnostics["replicates"], found.diagnostics["kept"]
    (1000, 1000)
    """
    return _bootstrap("bootstrap", nonparametric, fit, level, rng)


def bootstrap_parametric(fit: Fitted, level: float, rng: np.random.Generator) -> Uncertainty:
    """Return the spread of the estimate over data sets drawn from the fitted model; see `bootstrap`.

    Latents that all rows share, such as effects of groups, are drawn anew for every replicate; theirs are errors of
    prediction (Laird and Louis 1987, *JASA* 82).
    """
    return _bootstrap("bootstrap_parametric", parametric, fit, level, rng)


def bootstrap_bayesian(fit: Fitted, level: float, rng: np.random.Generator) -> Uncertainty:
    """Return the spread of the estimate over data sets whose rows have exponential weights; see `bootstrap`.

    No row is ever left out, so fewer replicates degenerate (Rubin 1981, *Annals of Statistics* 9).
    """
    return _bootstrap("bootstrap_bayesian", bayesian, fit, level, rng)


def _bootstrap(method: str, resampling: Resampling, fit: Any, level: float, rng: np.random.Generator) -> Uncertainty:
    sweep, start = fit.sweep_at_fit()
    ends: Counter[str] = Counter()
    found: list[Parameters] = []
    progress = Progress(method)
    for number, own in enumerate(rng.spawn(_REPLICATES), 1):
        truth = with_new_latents(fit.model_, fit.estimate_, sweep.rows, own)
        again = resampling(fit.model_, truth, sweep.rows, own)
        end, parameters = _replicate(replace(sweep, rows=again), start, fit, own)
        ends[end] += 1
        found += [_about_fit(parameters, truth, fit)] if end == "kept" else []
        progress.say(f"replicate {number} of {_REPLICATES}")
    progress.close()
    relabelled = _relabelled(fit, sweep, found)
    clear = ~relabelled.near_boundary
    draws = {name: array[clear] for name, array in relabelled.draws.items()}
    ends.update({"ambiguous": int((~clear).sum()), "kept": -int((~clear).sum())})
    return _summary(method, fit, level, draws, ends)


def _replicate(sweep: Sweep, start: Beliefs, fit: Any, rng: np.random.Generator) -> tuple[str, Parameters]:
    """Return what became of one replicate, and its estimate in public parameters."""
    tol = _TOLERANCE * min(1.0, sweep.rows.total_weight / len(sweep.rows))
    ascent = ascend(sweep, start, Anderson(), tol=tol, max_iter=_LARGEST_SWEEPS, rng=rng)
    if ascent.lost or not ascent.history or fit.model_.degenerate_components(ascent.beliefs).any():
        return "degenerate", {}
    every = sweep.with_latents(ascent.beliefs)
    native = {name: belief.mapped(sweep.rows.coordinates).parameter_mean() for name, belief in every.items()}
    public = fit.model_.public(native)
    if (np.asarray(public.get("weights", 1.0)) <= _EMPTY).any():
        return "empty", {}
    return "kept" if ascent.converged else "not_converged", public


def _about_fit(parameters: Parameters, truth: Parameters, fit: Any) -> Parameters:
    """Return a replicate's estimate; of what its rows shared, the fit's own with the replicate's error of prediction.

    Latents that all rows share were drawn anew, and the replicate says nothing of the fit's but how far off it is.
    """
    missed = {name: fit.estimate_[name] + truth[name] - parameters[name] for name in fit.model_.latent_blocks}
    return {**parameters, **missed}


def _relabelled(fit: Any, sweep: Sweep, found: list[Parameters]) -> Relabelled:
    """Return the replicates on the labels of the fit, each coordinate in units of its spread over the replicates."""
    draws = {
        name: np.array([each[name] for each in found]).reshape(-1, *array.shape)
        for name, array in fit.estimate_.items()
    }
    groups = fit.model_.interchangeable(fit.prior_, sweep.rows.labels)
    if len(found) < 2 or len(np.unique(groups)) == len(groups):
        return Relabelled(draws, np.tile(np.arange(len(groups)), (len(found), 1)), np.zeros(len(found), dtype=bool))
    dims = fit.model_.dims
    kinds = parameter_kinds(dims, fit.prior_)
    centre = features_of({name: array[None] for name, array in fit.estimate_.items()}, dims, kinds)[0]
    return relabel(draws, Reference(dims, kinds, groups, centre, _units(features_of(draws, dims, kinds))))


def _units(features: Array) -> Array:
    """Return one unit a coordinate: the median absolute deviation, which exchanged labels hardly move."""
    deviation = np.median(np.abs(features - np.median(features, axis=0)), axis=0)
    precision = np.divide(1.0, deviation**2, out=np.zeros_like(deviation), where=deviation > 0).mean(axis=0)
    return np.asarray(np.divide(1.0, np.sqrt(precision), out=np.full_like(precision, np.inf), where=precision > 0))


def _summary(method: str, fit: Any, level: float, draws: Parameters, ends: Mapping[str, int]) -> Uncertainty:
    enough = ends["kept"] > 1

    def quantile(probability: Array | float) -> Parameters:
        return {name: np.quantile(array, probability, axis=0) for name, array in draws.items()}

    sd = {
        name: array.std(axis=0, ddof=1) if enough else np.full(array.shape[1:], np.nan) for name, array in draws.items()
    }
    counts = {name: int(ends[name]) for name in ("kept", "degenerate", "empty", "not_converged", "ambiguous")}
    reasons = _reasons(fit, counts)
    diagnostics = {"replicates": _REPLICATES, **counts, "accepted": not reasons, "reasons": reasons}
    return Uncertainty(method, sd, level, quantile if enough else unknown_quantile(sd), draws, diagnostics)


_WORDS = {
    "degenerate": "have a component that collapsed",
    "empty": "have a component without rows",
    "not_converged": "did not converge",
    "ambiguous": "have components that cannot be told apart",
}


def _reasons(fit: Any, counts: Mapping[str, int]) -> list[str]:
    reasons = []
    if sum(counts[name] for name in _WORDS) > _LARGEST_SHARE_LOST * _REPLICATES:
        lost = [f"{counts[name]} {words}" for name, words in _WORDS.items() if counts[name]]
        reasons.append(f"of {_REPLICATES} replicates {', '.join(lost)}, and are left out")
    if fit.status_ != "converged":
        reasons.append(f"the fit's status is {fit.status_}")
    return reasons
