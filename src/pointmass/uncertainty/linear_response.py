"""The covariance that mean field leaves out, from the answer of the variational optimum to a small push."""

from __future__ import annotations

import numpy as np

from pointmass.families.conjugate import Parameters
from pointmass.numerics import Array
from pointmass.uncertainty.base import Fitted, Uncertainty
from pointmass.uncertainty.linearised import Linearised
from pointmass.uncertainty.links import Link, links_of
from pointmass.uncertainty.mean_field import mean_field
from pointmass.uncertainty.response_draws import ResponseDraws

__all__ = ["linear_response"]

_NOT_USED = "; its standard deviations are not used"


def linear_response(fit: Fitted, level: float, rng: np.random.Generator) -> Uncertainty:
    """Return Cov(g) = Cov_q(g, g) + Cov_q(g, t) (I − J)⁻¹ J V⁻¹ Cov_q(t, g), exact where nothing is latent.

    Intervals are the mean-field quantiles, stretched about the median by the ratio of the two standard deviations on
    the scale of the parameter's link, which keeps their shape and the parameter's space.

    Parameters
    ----------
    fit : fitted estimator
        A posterior at the optimum of a soft sweep.
    level : float
        Probability of the intervals.
    rng : numpy.random.Generator
        Draws of the mean-field posterior.

    References
    ----------
    Giordano, Broderick and Jordan (2015), *NeurIPS* 28; (2018), *JMLR* 19.

    Examples
    --------
    >>> from pointmass import VB, Gaussian, NormalInverseGamma
    >>> prior = NormalInverseGamma(mean=0.0, kappa=1.0, shape=2.0, scale=2.0)
    >>> fit = VB(Gaussian(prior=prior)).fit([1.0, 2.0, 3.0])
    >>> fit.uncertainty("linear_response").sd == fit.uncertainty("mean_field").sd
    True
    """
    linearised = Linearised(fit)
    narrow = mean_field(fit, level, rng)
    definite = linearised.information.tells_all
    excess, complete = linearised.excess_variances(), linearised.complete_variances()
    if not definite:
        excess = {name: np.full_like(array, np.nan) for name, array in excess.items()}
    sd = {name: np.sqrt(array**2 + excess[name]) for name, array in narrow.sd.items()}
    ratios = {name: _ratio(narrow.sd[name], complete[name], excess[name]) for name in sd}
    links = links_of(fit.model_, fit.prior_, fit.estimate_)

    def quantile(probability: Array | float) -> Parameters:
        middle, outer = narrow.quantile(0.5), narrow.quantile(probability)
        with np.errstate(all="ignore"):
            return {name: _stretched(middle[name], outer[name], ratios[name], links[name]) for name in sd}

    reasons = [] if definite else [linearised.information.failing + _NOT_USED]
    reasons += [] if fit.status_ == "converged" else [f"the fit's status is {fit.status_}"]
    facts = linearised.facts() if definite else {"spectral_radius": linearised.information.radius}
    diagnostics = {**facts, "accepted": not reasons, "reasons": reasons, "exact": narrow.diagnostics["exact"]}
    draws = _draws(linearised, rng) if definite else None
    return Uncertainty("linear_response", sd, level, quantile, draws, diagnostics)


def _draws(linearised: Linearised, rng: np.random.Generator) -> Parameters:
    corrected = ResponseDraws(linearised, rng).corrected()
    return linearised.fit.model_.with_latent_draws(corrected, linearised.jacobian.sweep.rows, rng)


def _ratio(sd: Array, complete: Array, excess: Array) -> Array:
    """Return by how much an sd grows; where it does not exist, by how much its part that is linear in t does."""
    variance = np.where(np.isfinite(sd), sd**2, complete)
    return np.asarray(np.sqrt(1.0 + np.divide(excess, variance, out=np.zeros_like(excess), where=variance > 0)))


def _stretched(middle: Array, outer: Array, ratio: Array, link: Link) -> Array:
    """Return a quantile moved away from the median by ``ratio`` on the link's scale."""
    centre = link.forward(middle)
    moved = link.backward(centre + ratio * (link.forward(outer) - centre))
    return np.where(ratio == 1.0, outer, moved)
