"""Means and variances with a normal-inverse-gamma prior, in PyMC."""

from __future__ import annotations

from typing import Any

import numpy as np

from pointmass.estimators.nuts.terms.term import Term, variable

__all__ = ["means_and_deviations", "normal_inverse_gamma"]


def normal_inverse_gamma(prior: Any) -> Term:
    """Return normal densities whose columns are independent: diagonal and spherical covariances.

    Parameters
    ----------
    prior : NormalInverseGamma or PointMass
        Prior of all components, variances of shape (K, d) or (K,).
    """
    import pymc as pm

    mean, deviation = means_and_deviations(prior)

    def log_density(rows: Any) -> Any:
        return pm.logp(pm.Normal.dist(mean[:, None, :], deviation[:, None, :]), rows[None]).sum(-1)

    return Term(log_density)


def means_and_deviations(prior: Any) -> tuple[Any, Any]:
    """Return means (K, d) and standard deviations (K, d), or (K, 1) where the columns share one."""
    import pymc as pm
    import pytensor.tensor as pt

    def each(array: Any) -> Any:
        return array if array.ndim == 2 else array[:, None]

    variance = variable(prior, "variance", lambda: pm.InverseGamma("variance", alpha=prior.shape, beta=prior.scale))

    def free_mean() -> Any:
        deviation = pt.sqrt(each(variance) / each(np.asarray(prior.kappa)))
        return pm.Normal("mean", mu=prior.mean, sigma=deviation, shape=prior.mean.shape)

    return variable(prior, "mean", free_mean), pt.sqrt(each(variance))
