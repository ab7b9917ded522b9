"""Standard errors of a point from the observed information, by the missing information principle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.special import ndtri

from pointmass.errors import joined
from pointmass.families.conjugate import Parameters
from pointmass.families.point_mass import PointMass
from pointmass.inference.component_features import parameter_kinds
from pointmass.inference.missing_information import UNTOLD
from pointmass.inference.sweep import Sweep
from pointmass.models import Beliefs
from pointmass.numerics import Array, leading
from pointmass.uncertainty.base import Fitted, Uncertainty
from pointmass.uncertainty.linearised import Linearised
from pointmass.uncertainty.links import links_of

__all__ = ["information", "normal_uncertainty"]

# Next to a limit the missing share of the information may be one but for the rounding of derivatives: no digit is left.
_LAST_DIGITS = 1.0 - 1e-8

_SCALES = ("positive", "covariance")
_ALL_MISSING = 1.0 - UNTOLD


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
    beliefs = linearised.jacobian.beliefs
    limits = _limits(fit, beliefs, linearised.jacobian.sweep)
    mixed = any(name not in fit.prior_ for name in limits)  # with others in the coordinates of one block
    lost = mixed and linearised.information.radius > _LAST_DIGITS
    definite = linearised.information.is_definite and not lost
    cut = {name: at for one in fit.model_.sections.values() for name, at in one.edge(fit.estimate_).items()}
    edges = {name: array | limits.get(name, False) | cut.get(name, False) for name, array in edges.items()}
    told = linearised.facts() if definite else {}
    edges = _with_untold(fit, _with_degenerate(fit, beliefs, edges), variances, told)
    definite = definite and not _leaves_untold(told["missing_information"], edges)
    sd = {
        name: np.where(edges[name] | ~np.bool_(definite), np.nan, np.sqrt(np.maximum(array, 0.0)))
        for name, array in variances.items()
    }

    def quantile(probability: Array | float) -> Parameters:
        with np.errstate(all="ignore"):
            return {
                name: links[name].backward(
                    links[name].forward(array)
                    + leading(ndtri(probability), array.ndim) * sd[name] * links[name].slope(array)
                )
                for name, array in fit.estimate_.items()
            }

    reasons = _reasons(fit, edges, definite)
    facts = linearised.facts() if definite else {"spectral_radius": linearised.information.radius}
    diagnostics = {**facts, "accepted": not reasons, "reasons": reasons}
    return Uncertainty(method, sd, level, quantile, None, diagnostics)


def _with_degenerate(fit: Fitted, beliefs: Beliefs, edges: dict[str, Array]) -> dict[str, Array]:
    """Return the boundary marks with every parameter of a collapsed component marked too."""
    degenerate = np.flatnonzero(fit.model_.degenerate_components(beliefs))
    kinds = parameter_kinds(fit.model_.dims, fit.prior_)
    marked = {name: array.copy() for name, array in edges.items()}
    for name, array in marked.items():
        if degenerate.size and kinds[name] in _SCALES:
            array[degenerate if fit.model_.n_components > 1 else ...] = True
    return marked


def _limits(fit: Fitted, beliefs: Beliefs, sweep: Sweep) -> dict[str, Array]:
    """Return which entries of parameters stand next to a limit of their range, of those that have any."""
    working = {name: belief.parameter_mean() for name, belief in beliefs.items()}
    found = fit.model_.at_limit(fit.model_.public(working), sweep.rows, sweep.prior)
    return {name: at for name, at in found.items() if at.any()}


def _with_untold(
    fit: Fitted, edges: dict[str, Array], variances: Parameters, facts: Mapping[str, Any]
) -> dict[str, Array]:
    """Return the boundary marks with scales that ran to an end: nothing is told of them, or a floor holds them."""
    known = {name for b, one in fit.prior_.items() if isinstance(one, PointMass) for name in (b, *one.constraints)}
    kinds = parameter_kinds(fit.model_.dims, fit.prior_)
    scales = {name for name, kind in kinds.items() if kind == "positive"} - known
    missing = facts.get("missing_information", variances)
    return {
        name: array | (variances[name] == 0.0) | (missing[name] > _ALL_MISSING) if name in scales else array
        for name, array in edges.items()
    }


def _leaves_untold(missing: Parameters, edges: Mapping[str, Array]) -> bool:
    """Return whether the data tell nothing of something that is on no boundary, such as a rotation."""
    return any(((missing[name] > _ALL_MISSING) & ~array).any() for name, array in edges.items())


def _reasons(fit: Fitted, edges: Mapping[str, Array], definite: bool) -> list[str]:
    """Return why the standard errors should not be believed, in words."""
    marked = [name for name, array in edges.items() if np.any(array)]
    where = "lies on the boundary of its space" if len(marked) == 1 else "lie on the boundaries of their spaces"
    reasons = [f"{joined(marked)} {where}"] if marked else []
    if not definite:
        reasons.append("the observed information is singular: the data do not tell some direction of the parameters")
    if fit.status_ not in ("converged", "boundary"):
        reasons.append(f"the fit's status is {fit.status_}")
    return reasons
