"""Factor analysis, in PyMC: its own multivariate normal with the factors integrated out."""

from __future__ import annotations

from typing import Any

import numpy as np

from pointmass.estimators.nuts.terms.linear_regression import coefficients_and_variances
from pointmass.estimators.nuts.terms.term import Term

__all__ = ["factor_analysis"]


def factor_analysis(family: Any, prior: Any) -> Term:
    """Return the normal density of rows; each column's coefficients have the prior of a regression's."""
    import pymc as pm
    import pytensor.tensor

    pt: Any = pytensor.tensor
    coefficients, variance = (pt.as_tensor(each) for each in coefficients_and_variances(prior))
    mean, loadings = coefficients[:, 0], coefficients[:, 1:]
    covariance = loadings @ loadings.T + pt.diag(variance * np.ones(len(prior.mean)))  # one for each column, or one

    def log_density(rows: Any) -> Any:
        return pm.logp(pm.MvNormal.dist(mean, cov=covariance), np.asarray(rows.data))[None]

    return Term(log_density)
