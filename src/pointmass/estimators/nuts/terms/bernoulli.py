"""Zeros and ones with beta probabilities, in PyMC."""

from __future__ import annotations

from typing import Any

from pointmass.estimators.nuts.terms.term import Term, variable

__all__ = ["bernoulli"]


def bernoulli(family: Any, prior: Any) -> Term:
    """Return Bernoulli log probabilities of K components with independent columns."""
    import pymc as pm

    probability = variable(prior, "probability", lambda: pm.Beta("probability", alpha=prior.a, beta=prior.b))

    def log_density(rows: Any) -> Any:
        return pm.logp(pm.Bernoulli.dist(p=probability[:, None, :]), rows[None]).sum(-1)

    return Term(log_density)
