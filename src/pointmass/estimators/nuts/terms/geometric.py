"""Failures before a success with beta probabilities, in PyMC, which counts the success too."""

from __future__ import annotations

from typing import Any

from pointmass.estimators.nuts.terms.term import Term, variable

__all__ = ["geometric"]


def geometric(family: Any, prior: Any) -> Term:
    """Return geometric log probabilities of K components with independent columns."""
    import pymc as pm

    probability = variable(prior, "probability", lambda: pm.Beta("probability", alpha=prior.a, beta=prior.b))

    def log_density(rows: Any) -> Any:
        return pm.logp(pm.Geometric.dist(p=probability[:, None, :]), rows[None] + 1.0).sum(-1)

    return Term(log_density)
