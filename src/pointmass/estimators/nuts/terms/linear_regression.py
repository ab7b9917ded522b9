"""Regressions with normal noise, in PyMC."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pointmass.estimators.nuts.terms.term import Term, variable

__all__ = ["coefficients_and_variances", "linear_regression", "lines_and_variances"]


def linear_regression(family: Any, prior: Any) -> Term:
    """Return normal densities of the targets about K lines.

    Parameters
    ----------
    family : LinearRegression
        The family.
    prior : NormalInverseGammaCoefficients or PointMass
        Prior of all components.
    """
    import pymc as pm
    import pytensor.tensor as pt

    lines, variance = lines_and_variances(family, prior)

    def log_density(rows: Any) -> Any:
        return pm.logp(pm.Normal.dist(lines(rows), pt.sqrt(variance)[:, None]), rows[None, :, -1])

    return Term(log_density)


def lines_and_variances(family: Any, prior: Any) -> tuple[Callable[[Any], Any], Any]:
    """Return a function from rows (n, d + 1) to the lines (K, n) at their features, and the noise's variances (K,).

    Parameters
    ----------
    family : LinearRegression
        The family.
    prior : NormalInverseGammaCoefficients or PointMass
        Prior of all components.
    """
    coefficients, variance = coefficients_and_variances(prior)
    intercept = coefficients[:, :1] if family.fit_intercept else 0.0
    slopes = coefficients[:, int(family.fit_intercept) :]
    return lambda rows: intercept + (slopes[:, None, :] * rows[None, :, :-1]).sum(-1), variance


def coefficients_and_variances(prior: Any) -> tuple[Any, Any]:
    """Return coefficients (K, p) and noise variances (K,), free or known.

    With L Lᵀ the prior's precision, the entries of Lᵀ (β − m) are independent normal with the noise's variance: their
    density in β has |L| as its constant.
    """
    import pymc as pm
    import pytensor.tensor as pt

    variance = variable(
        prior, "noise_variance", lambda: pm.InverseGamma("noise_variance", alpha=prior.shape, beta=prior.scale)
    )

    def free_coefficients() -> Any:
        coefficients = pm.Flat("coefficients", shape=prior.mean.shape)
        turned = ((coefficients - prior.mean)[:, :, None] * prior.factor).sum(1)
        density = pm.logp(pm.Normal.dist(0.0, pt.sqrt(variance)[:, None]), turned).sum()
        pivots = np.diagonal(prior.factor, axis1=-2, axis2=-1)
        pm.Potential("coefficients_prior", density + float(np.log(pivots).sum()))
        return coefficients

    return variable(prior, "coefficients", free_coefficients), variance
