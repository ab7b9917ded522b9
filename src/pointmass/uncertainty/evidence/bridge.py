"""Bridge sampling: the normalising constant of a density from draws of it and of a proposal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from pointmass.errors import PointmassError
from pointmass.numerics import Array

__all__ = ["Bridge", "bridge_sampling"]

_FREEDOM = 8
_LARGEST_ITERATIONS = 1000
_TOLERANCE = 1e-10


@dataclass(frozen=True)
class Bridge:
    """What bridge sampling found.

    Parameters
    ----------
    log_constant : float
        Log of the integral of the unnormalised density.
    mc_error : float
        Its Monte Carlo standard error (nats), autocorrelation of the draws included.
    effective_draws : float
        How many independent draws the bridge's own function of the draws is worth.
    """

    log_constant: float
    mc_error: float
    effective_draws: float


def bridge_sampling(draws: Array, log_density: Callable[[Array], Array], rng: np.random.Generator) -> Bridge:
    """Return the log of the integral of an unnormalised density, from draws of it.

    The first half of every chain gives the location and the covariance of a Student-t proposal with 8 degrees of
    freedom, the second half meets draws of the proposal in the optimal bridge, whose fixed point is iterated; the
    draws count by their effective number. The proposal is fitted to draws that are not used again, so the estimate is
    consistent however badly it fits.

    Parameters
    ----------
    draws : ndarray, shape (chains, draws, D)
        Draws of the density, in unconstrained coordinates.
    log_density : callable
        Coordinates (S, D) to the log of the unnormalised density (S,); −∞ outside its support.
    rng : numpy.random.Generator
        Draws the proposal's.

    Raises
    ------
    PointmassError
        If there are too few draws to fit a proposal.

    References
    ----------
    Meng and Wong (1996), *Statistica Sinica* 6, equations 4.1 and 4.2; Frühwirth-Schnatter (2004), *Econometrics
    Journal* 7, for the error; Gronau et al. (2017), *Journal of Mathematical Psychology* 81, for effective numbers.

    Examples
    --------
    A normal density without its constant, √(2π) = exp(0.919):

    >>> import numpy as np
    >>> from pointmass.uncertainty.evidence import bridge_sampling
    >>> draws = np.random.default_rng(0).normal(size=(4, 2000, 1))
    >>> found = bridge_sampling(draws, lambda x: -0.5 * x[:, 0] ** 2, np.random.default_rng(1))
    >>> bool(abs(found.log_constant - 0.919) < 4 * found.mc_error)
    True
    """
    half = draws.shape[1] // 2
    proposal = _proposal(draws[:, :half].reshape(-1, draws.shape[2]))
    kept = draws[:, half : 2 * half]
    flat = kept.reshape(-1, draws.shape[2])
    proposed = np.asarray(proposal.rvs(size=len(flat), random_state=rng)).reshape(flat.shape)
    ratios = log_density(flat) - proposal.logpdf(flat)
    other = log_density(proposed) - proposal.logpdf(proposed)
    effective = _effective(ratios.reshape(kept.shape[:2]), len(flat))
    log_constant = _fixed_point(ratios, other, effective)
    return _judged(log_constant, ratios.reshape(kept.shape[:2]), other, effective)


def _proposal(draws: Array) -> Any:
    size, d = draws.shape
    if size < 5 * (d + 1):
        raise PointmassError(
            f"bridge sampling fits {d} coordinates to {size} draws; {5 * (d + 1)} are needed: ask for more draws"
        )
    covariance = np.atleast_2d(np.cov(draws.T)) * (_FREEDOM - 2.0) / _FREEDOM
    return stats.multivariate_t(draws.mean(axis=0), covariance, df=_FREEDOM)


def _effective(values: Array, largest: int) -> float:
    """Return the effective number of draws (chains, draws) of one quantity."""
    import arviz_stats.base

    module: Any = arviz_stats.base
    with np.errstate(all="ignore"):
        found = float(module.array_stats.ess(values, chain_axis=0, draw_axis=1, method="mean"))
    return min(found, float(largest)) if np.isfinite(found) else float(largest)


def _fixed_point(ratios: Array, other: Array, effective: float) -> float:
    """Return log r with r = mean over the proposal of q / (s₁ q + s₂ r g) over the mean over the target of its like."""
    share = effective / (effective + len(other))
    log_share, log_rest = np.log(share), np.log1p(-share)
    log_r = float(np.median(ratios))
    for _ in range(_LARGEST_ITERATIONS):
        top = _log_mean(other - np.logaddexp(log_share + other, log_rest + log_r))
        bottom = _log_mean(-np.logaddexp(log_share + ratios, log_rest + log_r))
        following = top - bottom
        if abs(following - log_r) <= _TOLERANCE * (1.0 + abs(log_r)):
            return following
        log_r = following
    return log_r


def _log_mean(logs: Array) -> float:
    return float(np.logaddexp.reduce(logs) - np.log(len(logs)))


def _judged(log_r: float, ratios: Array, other: Array, effective: float) -> Bridge:
    """Return the result with its relative error: variance over squared mean of both averages, by effective numbers."""
    share = effective / (effective + len(other))
    log_share, log_rest = np.log(share), np.log1p(-share)
    of_target = np.exp(other - log_r - np.logaddexp(log_share + other - log_r, log_rest))
    of_proposal = np.exp(-np.logaddexp(log_share + ratios - log_r, log_rest))
    own = _effective(of_proposal, ratios.size)
    squared = of_target.var() / (of_target.mean() ** 2 * len(other))
    squared += of_proposal.var() / (of_proposal.mean() ** 2 * own)
    return Bridge(log_r, float(np.sqrt(squared)), own)
