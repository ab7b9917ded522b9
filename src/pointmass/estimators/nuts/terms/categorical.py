"""Categories with Dirichlet probabilities, in PyMC."""

from __future__ import annotations

from typing import Any

from pointmass.estimators.nuts.terms.term import Term, variable

__all__ = ["categorical"]


def categorical(family: Any, prior: Any) -> Term:
    """Return log probabilities of one column of codes."""
    import pymc as pm

    probabilities = variable(prior, "probabilities", lambda: pm.Dirichlet("probabilities", a=prior.concentration))

    def log_density(rows: Any) -> Any:
        return pm.logp(pm.Categorical.dist(p=probabilities[:, None, :]), rows[None, :, 0].astype("int64"))

    return Term(log_density)
