"""Waiting times known exactly or by limits, with gamma rates, in PyMC."""

from __future__ import annotations

from typing import Any

from pointmass.estimators.nuts.terms.limits import between_limits
from pointmass.estimators.nuts.terms.term import Term, variable

__all__ = ["censored_exponential"]


def censored_exponential(family: Any, prior: Any) -> Term:
    """Return densities of exact times and probabilities of the others; no time is a variable."""
    import pymc as pm

    rate = variable(prior, "rate", lambda: pm.Gamma("rate", alpha=prior.shape, beta=prior.rate))
    times = pm.Exponential.dist(lam=rate)

    def log_density(rows: Any) -> Any:
        return between_limits(
            rows,
            lambda values: pm.logp(times, values[None]),
            lambda values: pm.logcdf(times, values[None]),
            lambda values: -rate * values[None],
        )

    return Term(log_density)
