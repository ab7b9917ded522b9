"""Normal values known exactly or by limits, in PyMC."""

from __future__ import annotations

from typing import Any

from pointmass.estimators.nuts.terms.limits import between_limits
from pointmass.estimators.nuts.terms.normal_inverse_gamma import means_and_deviations
from pointmass.estimators.nuts.terms.term import Term

__all__ = ["censored_gaussian"]


def censored_gaussian(family: Any, prior: Any) -> Term:
    """Return densities of exact values and probabilities of the others; no value is a variable."""
    import pymc as pm

    mean, deviation = means_and_deviations(prior)
    values_of, mirrored = pm.Normal.dist(mean, deviation), pm.Normal.dist(-mean, deviation)

    def log_density(rows: Any) -> Any:
        return between_limits(
            rows,
            lambda values: pm.logp(values_of, values[None]),
            lambda values: pm.logcdf(values_of, values[None]),
            lambda values: pm.logcdf(mirrored, -values[None]),
        )

    return Term(log_density)
