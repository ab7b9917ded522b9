"""Counts of categories with Dirichlet probabilities, in PyMC."""

from __future__ import annotations

from typing import Any

from pointmass.estimators.nuts.terms.term import Term, variable

__all__ = ["multinomial"]


def multinomial(family: Any, prior: Any) -> Term:
    """Return log probabilities of rows of counts, given their totals."""
    import pymc as pm

    probabilities = variable(prior, "probabilities", lambda: pm.Dirichlet("probabilities", a=prior.concentration))

    def log_density(rows: Any) -> Any:
        totals = rows.sum(-1).astype("int64")
        return pm.logp(pm.Multinomial.dist(n=totals[None], p=probabilities[:, None, :]), rows[None])

    return Term(log_density)
