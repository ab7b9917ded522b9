"""Independent memberships, in PyMC: weights with a Dirichlet or stick-breaking prior."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from pointmass.estimators.nuts.terms.summed_out import summed_out
from pointmass.estimators.nuts.terms.term import Term, variable
from pointmass.families.conjugate import Parameters
from pointmass.families.dirichlet import Dirichlet
from pointmass.families.generalised_dirichlet import GeneralisedDirichlet
from pointmass.latents import Membership
from pointmass.models import Beliefs

__all__ = ["membership"]


def membership(latent: Membership, priors: Beliefs) -> Term:
    """Return the likelihood of rows with K components; the weight of a single one is known."""
    import pymc as pm
    import pytensor.tensor as pt

    prior = priors["weights"]

    def free() -> Any:
        return pm.Dirichlet("weights", a=cast(Dirichlet, prior).concentration)

    if latent.n_components == 1:
        return Term(summed_out(np.zeros(1), 1), parameters=_whole, values=lambda point: {})
    if isinstance(prior, GeneralisedDirichlet):
        tensor: Any = pt
        sticks = pm.Beta("sticks", alpha=prior.a[:-1], beta=prior.b[:-1])
        left = tensor.concatenate([np.zeros(1), tensor.cumsum(tensor.log1p(-sticks))])
        log_weights = tensor.concatenate([tensor.log(sticks), np.zeros(1)]) + left
        return Term(summed_out(log_weights, latent.n_components), _weights, _sticks)
    weights = variable(prior, "weights", free)
    if isinstance(weights, np.ndarray):
        with np.errstate(divide="ignore"):
            return Term(summed_out(np.log(weights), latent.n_components))
    return Term(summed_out(pt.log(weights), latent.n_components))


def _weights(values: Parameters) -> Parameters:
    sticks = values["sticks"]
    one = np.ones((*sticks.shape[:-1], 1))
    left = np.concatenate([one, np.cumprod(1.0 - sticks, axis=-1)], axis=-1)
    return {"weights": np.concatenate([sticks, one], axis=-1) * left}


def _sticks(point: Parameters) -> Parameters:
    left = np.cumsum(point["weights"][::-1])[::-1]
    return {"sticks": point["weights"][:-1] / left[:-1]}


def _whole(values: Parameters) -> Parameters:
    leading = next(iter(values.values())).shape[:2]
    return {"weights": np.ones((*leading, 1))}
