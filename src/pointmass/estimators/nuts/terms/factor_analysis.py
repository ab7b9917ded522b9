"""Factor analysis, in PyMC: its own multivariate normal with the factors integrated out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pointmass.estimators.nuts.terms.linear_regression import coefficients_and_variances
from pointmass.estimators.nuts.terms.term import Term, form_of, variable
from pointmass.families.factor_coefficients import FactorCoefficients
from pointmass.families.relevant_coefficients import RelevantCoefficients

__all__ = ["factor_analysis"]


def factor_analysis(family: Any, prior: Any) -> Term:
    """Return the normal density of rows; each column's coefficients have the prior of a regression's."""
    import pymc as pm
    import pytensor.tensor

    pt: Any = pytensor.tensor
    coefficients, variance = (pt.as_tensor(each) for each in form_of(_FORMS, prior)(prior))
    mean, loadings = coefficients[:, 0], coefficients[:, 1:]
    covariance = loadings @ loadings.T + pt.diag(variance * pt.ones_like(mean))  # one for each column, or one

    def log_density(rows: Any) -> Any:
        return pm.logp(pm.MvNormal.dist(mean, cov=covariance), np.asarray(rows.data))[None]

    return Term(log_density)


def _relevant(prior: Any) -> tuple[Any, Any]:
    """Return coefficients (d, p) and noise variances; in units of the noise each factor's loadings are Student-t."""
    import pymc as pm
    import pytensor.tensor as pt

    variance = variable(
        prior, "noise_variance", lambda: pm.InverseGamma("noise_variance", alpha=prior.shape, beta=prior.scale)
    )
    coefficients = pm.Flat("coefficients", shape=prior.mean.shape)
    deviation = pt.sqrt(variance) * np.ones(len(prior.mean))
    means = pm.Normal.dist(prior.mean[:, 0], deviation / prior.factor[:, 0, 0])
    shape, rate = prior.relevance[0]
    signals = pm.MvStudentT.dist(
        nu=2.0 * shape, mu=np.zeros(len(prior.mean)), scale=np.eye(len(prior.mean)) * rate / shape
    )
    loadings = (coefficients[:, 1:] / deviation[:, None]).T
    density = pm.logp(means, coefficients[:, 0]).sum() + pm.logp(signals, loadings).sum()
    pm.Potential("coefficients_prior", density - len(prior.relevance) * pt.log(deviation).sum())
    return coefficients, variance


# The narrower class first: a prior of precisions is one of coefficients too.
_FORMS: dict[type, Callable[[Any], tuple[Any, Any]]] = {
    RelevantCoefficients: _relevant,
    FactorCoefficients: coefficients_and_variances,
}
