"""Means of Gaussians whose covariance is known, in PyMC."""

from __future__ import annotations

from typing import Any

import numpy as np

from pointmass.estimators.nuts.terms.normal_inverse_wishart import densities, free_mean, means_and_factors
from pointmass.estimators.nuts.terms.term import Term
from pointmass.families.conjugate import Parameters
from pointmass.families.point_mass import PointMass

__all__ = ["means_and_known_factors", "normal"]


def normal(prior: Any) -> Term:
    """Return multivariate normal densities with known covariances."""
    return densities(*means_and_known_factors(prior))


def means_and_known_factors(prior: Any) -> tuple[Any, Any, Term]:
    """Return means (K, d), the known factors V (K, d, d) of precisions V Vᵀ, and the ways of the means.

    Parameters
    ----------
    prior : Normal or PointMass
        Prior of all components.
    """
    if isinstance(prior, PointMass):
        return means_and_factors(prior)
    covariance = np.asarray(prior.covariance)
    factor = np.linalg.cholesky(np.linalg.inv(covariance))

    def parameters(values: Parameters) -> Parameters:
        mean = values["mean"]
        return {"mean": mean, "covariance": np.broadcast_to(covariance, (*mean.shape[:-2], *covariance.shape))}

    return free_mean(prior, factor), factor, Term(None, parameters, lambda point: {"mean": point["mean"]})
