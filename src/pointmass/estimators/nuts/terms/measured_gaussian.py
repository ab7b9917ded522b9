"""Normal values measured with errors of known size, in PyMC: the true values are integrated out."""

from __future__ import annotations

from typing import Any

from pointmass.estimators.nuts.terms.normal_inverse_gamma import means_and_deviations
from pointmass.estimators.nuts.terms.term import Term

__all__ = ["measured_gaussian"]


def measured_gaussian(family: Any, prior: Any) -> Term:
    """Return normal densities whose variance is the population's and the error's together."""
    import pymc as pm
    import pytensor.tensor as pt

    mean, deviation = means_and_deviations(prior)

    def log_density(rows: Any) -> Any:
        values, errors = rows[:, 0], rows[:, 1]
        return pm.logp(pm.Normal.dist(mean, pt.sqrt(deviation**2 + errors[None] ** 2)), values[None])

    return Term(log_density)
