"""Waiting times with gamma rates, in PyMC."""

from __future__ import annotations

from typing import Any

from pointmass.estimators.nuts.terms.term import Term, variable

__all__ = ["exponential"]


def exponential(family: Any, prior: Any) -> Term:
    """Return exponential log densities of K components with independent columns."""
    import pymc as pm

    rate = variable(prior, "rate", lambda: pm.Gamma("rate", alpha=prior.shape, beta=prior.rate))

    def log_density(rows: Any) -> Any:
        return pm.logp(pm.Exponential.dist(lam=rate[:, None, :]), rows[None]).sum(-1)

    return Term(log_density)
