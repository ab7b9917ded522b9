"""Standard errors of a point from the observed information, by the missing information principle."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.special import ndtri

from pointmass.families.conjugate import Parameters
from pointmass.inference.component_features import parameter_kinds
from pointmass.numerics import Array
from pointmass.uncertainty.base import Fitted, Uncertainty
from pointmass.uncertainty.linearised import Linearised
from pointmass.uncertainty.links import links_of

__all__ = ["information", "normal_uncertainty"]

_SCALES = ("positive", "covariance")


def information(fit: Fitted, level: float, rng: np.random.Generator) -> Uncertainty:
    """Return standard errors from the inverse observed information (of the log posterior, for MAP).

    Observed information is complete information less what the latents hide: Cov = (I − J)⁻¹ I_complete⁻¹, with J the
    sweep's Jacobian. It is what numerical differentiation of the observed-data log likelihood would give, without
    differentiating it.

    Parameters
    ----------
    fit : fitted estimator
        A point at the optimum of a soft sweep.
    level : float
        Probability of the intervals: normal on the scale of the parameter's link (`pointmass.uncertainty.links`).
    rng : numpy.random.Generator
        Not used.

    References
    ----------
    Orchard and Woodbury (1972), *Proceedings of the Sixth Berkeley Symposium* 1; Louis (1982), *JRSS B* 44; Meng and
    Rubin (1991), *JASA* 86.

    Examples
    --------
    >>> from pointmass import MLE, Gaussian
    >>> MLE(Gaussian()).fit([1.0, 2.0, 3.0, 4.0]).uncertainty("information").sd["mean"].round(4)
    array([0.559])
    """
    linearised = Linearised(fit)
    complete, excess = linearised.complete_variances(), linearised.excess_variances()
    variances = {name: array + excess[name] for name, array in complete.items()}
    return normal_uncertainty(fit, "information", level, variances, linearised)


def normal_uncertainty(
    fit: Fitted, method: str, level: float, variances: Parameters, linearised: Linearised
) -> Uncertainty:
    """Return an uncertainty that is normal on the links' scales, with the reasons why it may not be believed.

    A parameter on the boundary of its space has no standard error there: NaN, and its name in ``boundary``.
    """
    links = links_of(fit.model_, fit.prior_, fit.estimate_)
    edges = {name: links[name].on_boundary(array) for name, array in fit.estimate_.items()}
    edges = _with_degenerate(fit, edges)
    definite = linearised.information.is_definite
    sd = {
        name: np.where(edges[name] | ~np.bool_(definite), np.nan, np.sqrt(np.maximum(array, 0.0)))
        for name, array in variances.items()
    }

    def quantile(probability: float) -> Parameters:
        with np.errstate(all="ignore"):
            return {
                name: links[name].backward(
                    links[name].forward(array) + ndtri(probability) * sd[name] * links[name].slope(array)
                )
                for name, array in fit.estimate_.items()
            }

    reasons = _reasons(fit, edges, definite)
    facts = linearised.facts() if definite else {"spectral_radius": linearised.information.radius}
    diagnostics = {**facts, "accepted": not reasons, "reasons": reasons}
    return Uncertainty(method, sd, level, quantile, None, diagnostics)


def _with_degenerate(fit: Fitted, edges: dict[str, Array]) -> dict[str, Array]:
    """Return the boundary marks with every parameter of a collapsed component marked too."""
    degenerate = np.flatnonzero(fit.model_.degenerate_components(fit.sweep_at_fit()[1]))
    kinds = parameter_kinds(fit.model_.dims, fit.prior_)
    marked = {name: array.copy() for name, array in edges.items()}
    for name, array in marked.items():
        if degenerate.size and kinds[name] in _SCALES:
            array[degenerate if fit.model_.has_latent else ...] = True
    return marked


def _reasons(fit: Fitted, edges: Mapping[str, Array], definite: bool) -> list[str]:
    """Return why the standard errors should not be believed, in words."""
    marked = [name for name, array in edges.items() if np.any(array)]
    reasons = [f"{', '.join(marked)} lies on the boundary of its space"] if marked else []
    if not definite:
        reasons.append("the observed information is singular: the data do not tell some direction of the parameters")
    if fit.status_ not in ("converged", "boundary"):
        reasons.append(f"the fit's status is {fit.status_}")
    return reasons
