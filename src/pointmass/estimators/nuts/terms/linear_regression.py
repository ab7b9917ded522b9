"""Regressions with normal noise, in PyMC."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pointmass.estimators.nuts.terms.term import Term, variable

__all__ = ["coefficients_and_variances", "free_coefficients", "linear_regression", "lines_and_variances", "lines_of"]


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
    return lines_of(family, coefficients), variance


def lines_of(family: Any, coefficients: Any) -> Callable[[Any], Any]:
    """Return a function from rows (n, d + 1) to the lines (K, n) at their features."""
    intercept = coefficients[:, :1] if family.fit_intercept else 0.0
    slopes = coefficients[:, int(family.fit_intercept) :]
    return lambda rows: intercept + (slopes[:, None, :] * rows[None, :, :-1]).sum(-1)


def coefficients_and_variances(prior: Any) -> tuple[Any, Any]:
    """Return coefficients (K, p) and noise variances (K,), free or known."""
    import pymc as pm
    import pytensor.tensor as pt

    variance = variable(
        prior, "noise_variance", lambda: pm.InverseGamma("noise_variance", alpha=prior.shape, beta=prior.scale)
    )
    deviation = pt.sqrt(variance)[:, None]
    return variable(prior, "coefficients", lambda: free_coefficients(prior, deviation)), variance


def free_coefficients(prior: Any, deviation: Any) -> Any:
    """Return free coefficients (K, p), normal with the prior's precision L Lᵀ in units of a deviation (K, 1).

    The entries of Lᵀ (β − m) are independent normal with that deviation: their density in β has |L| as its constant.
    """
    import pymc as pm

    coefficients = pm.Flat("coefficients", shape=prior.mean.shape)
    turned = ((coefficients - prior.mean)[:, :, None] * prior.factor).sum(1)
    density = pm.logp(pm.Normal.dist(0.0, deviation), turned).sum()
    pivots = np.diagonal(prior.factor, axis1=-2, axis2=-1)
    pm.Potential("coefficients_prior", density + float(np.log(pivots).sum()))
    return coefficients
