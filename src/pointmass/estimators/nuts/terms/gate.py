"""Gates in PyMC: normal contrasts of the components' logits."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.linalg import helmert

from pointmass.estimators.nuts.terms.summed_out import summed_out
from pointmass.estimators.nuts.terms.term import Term
from pointmass.families.conjugate import Parameters
from pointmass.families.point_mass import PointMass
from pointmass.latents import Gate
from pointmass.models import Beliefs, Rows

__all__ = ["gate"]


def gate(latent: Gate, priors: Beliefs) -> Term:
    """Return the likelihood of rows with K components whose probabilities depend on the features.

    Rows that sum to zero with K independent normal rows before their mean was taken have K − 1 orthonormal contrasts
    that are independent normal with the same precision.
    """
    import pymc as pm
    import pytensor.tensor as pt

    prior: Any = priors["gate"]
    k = latent.n_components
    if isinstance(prior, PointMass):
        logits = np.asarray(prior.parameters["logits"])
    elif k == 1:
        logits = np.zeros_like(prior.mean)
    else:
        basis = helmert(k)
        shape = (k - 1, prior.mean.shape[1])
        contrasts = pm.MvNormal("gate_contrasts", mu=basis @ prior.mean, tau=prior.precision, shape=shape)
        logits = (basis.T[:, :, None] * contrasts[None]).sum(1)

    def total(log_density: Any, rows: Rows) -> Any:
        tensor: Any = pt
        design = np.vstack([np.ones(len(rows)), rows.coordinates.transform(rows.values)[:-1]])
        scores = (tensor.as_tensor(logits)[:, :, None] * design[None]).sum(1)
        return summed_out(scores - tensor.logsumexp(scores, axis=0, keepdims=True), k)(log_density, rows)

    return Term(total, lambda values: _logits(values, k, prior), lambda point: _contrasts(point, k))


def _logits(values: Parameters, k: int, prior: Any) -> Parameters:
    if k == 1:
        leading = next(iter(values.values())).shape[:2]
        return {"logits": np.zeros((*leading, *prior.mean.shape))}
    return {"logits": helmert(k).T @ values["gate_contrasts"]}


def _contrasts(point: Parameters, k: int) -> Parameters:
    return {} if k == 1 else {"gate_contrasts": helmert(k) @ point["logits"]}
