"""Independent memberships, in PyMC: weights with a Dirichlet prior."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from pointmass.estimators.nuts.terms.term import Term, variable
from pointmass.families.conjugate import Parameters
from pointmass.families.dirichlet import Dirichlet
from pointmass.latents import Membership
from pointmass.models import Beliefs

__all__ = ["membership"]


def membership(latent: Membership, priors: Beliefs) -> Term:
    """Return the log weights of K components; the weight of a single one is known."""
    import pymc as pm
    import pytensor.tensor as pt

    prior = priors["weights"]

    def free() -> Any:
        return pm.Dirichlet("weights", a=cast(Dirichlet, prior).concentration)

    if latent.n_components == 1:
        return Term(np.zeros(1), parameters=_whole, values=lambda point: {})
    weights = variable(prior, "weights", free)
    if isinstance(weights, np.ndarray):
        with np.errstate(divide="ignore"):
            return Term(np.log(weights))
    return Term(pt.log(weights))


def _whole(values: Parameters) -> Parameters:
    leading = next(iter(values.values())).shape[:2]
    return {"weights": np.ones((*leading, 1))}
